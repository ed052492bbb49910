import type { Pinhole, PinholeSource } from '../firewall/contract.ts';
import { format4 } from '../../sdk/wire/address.ts';
import type { EspClients } from './esp.ts';
import type { DynamicMappings } from './mappings.ts';
import type { Plan } from './plan.ts';
import type { PptpCalls } from './pptp-calls.ts';
import type { Translator } from './translator.ts';

const UDP = 17;
const GRE = 47;
const ESP = 50;

/**
 * What the firewall should let in because NAT was asked to: port mappings made while running, triggered ports, the other half
 * of PPTP and IPsec sessions, and ports that the chosen filtering opens. Port forwards of the settings are not among them: they
 * need a rule, as the original's do.
 */
export class NatPinholes implements PinholeSource {
  readonly name = 'nat';
  readonly #plan: () => Plan;
  readonly #dynamics: DynamicMappings;
  readonly #nat: Translator;
  readonly #calls: PptpCalls;
  readonly #esp: EspClients;
  readonly #now: () => number;

  constructor(parts: { plan: () => Plan; dynamics: DynamicMappings; nat: Translator; calls: PptpCalls; esp: EspClients; now: () => number }) {
    this.#plan = parts.plan;
    this.#dynamics = parts.dynamics;
    this.#nat = parts.nat;
    this.#calls = parts.calls;
    this.#esp = parts.esp;
    this.#now = parts.now;
  }

  allows(src: number, dst: number, dport: number, proto: number): boolean {
    if (proto === GRE) return this.#calls.has(src, dst, dport);
    if (proto === ESP) return this.#esp.knows(src, dst);
    if (proto !== 6 && proto !== 17) return false;
    if (this.#dynamics.allows(src, dst, dport, proto)) return true;
    const now = this.#now();
    for (const u of this.#plan().uplinks) {
      if (u.triggers.rows.length > 0 && u.triggers.receiver(dport, now) === dst) return true;
      const filtering = proto === UDP && this.#plan().open.has(dport) ? 'none' : u.config.filtering;
      if (filtering === 'address-and-port') continue;
      const port = this.#nat.pool(u.ip, proto)?.lookup(dst, dport) ?? -1;
      if (port >= 0 && (filtering === 'none' || this.#nat.hasContact(u.ip, port, src, proto))) return true;
    }
    return false;
  }

  list(): readonly Pinhole[] {
    const now = this.#now();
    const out: Pinhole[] = this.#dynamics.list().filter(m => m.pinhole !== false).map(m => ({ src: m.remote, dst: m.intIp, dport: m.intPort, proto: m.proto, why: m.why }));
    for (const u of this.#plan().uplinks) {
      for (const t of u.triggers.rows) {
        if (t.host === 0 || now >= t.until) continue;
        for (const proto of [6, 17]) out.push({ src: 0, dst: t.host, dport: t.inFirst, proto, why: `port trigger ${t.row.name}: ${t.inFirst}-${t.inLast} to ${format4(t.host)}` });
      }
    }
    for (const c of this.#calls.list()) out.push({ src: c.remote, dst: c.host, dport: c.id, proto: GRE, why: `pptp call of ${format4(c.host)}` });
    return out;
  }
}
