import type { MappingHandle, PortMapping, PortMappings } from './contract.ts';
import type { Plan } from './plan.ts';
import { FIRST_PORT } from './ports.ts';
import type { Translator } from './translator.ts';

/** How many other ports are tried for one that cannot be had. */
const TRIES = 64;

/** The mappings of one uplink, by transport and external port. */
export interface Dynamics { readonly tcp: Map<number, PortMapping>; readonly udp: Map<number, PortMapping> }
const tableOf = (d: Dynamics, proto: number): Map<number, PortMapping> => (proto === 6 ? d.tcp : d.udp);

interface Held { readonly mapping: PortMapping; /** The outside address whose port is held; 0: none now. */ address: number }

/** Port mappings made while running. They hold their port like a flow does, so that nobody else gets it. */
export class DynamicMappings implements PortMappings {
  readonly #byUplink = new Map<string, Dynamics>();
  readonly #held = new Map<PortMapping, Held>();
  /** Mappings that lead to an inside endpoint: what the firewall asks about each new flow. */
  readonly #inside = new Map<number, PortMapping[]>();
  readonly #plan: () => Plan;
  readonly #nat: Translator;
  readonly #random: () => number;
  readonly #gone: (m: PortMapping, address: number) => void;

  /** `gone`: a mapping ended; flows through it must be cut. */
  constructor(plan: () => Plan, nat: Translator, random: () => number, gone: (m: PortMapping, address: number) => void) {
    this.#plan = plan;
    this.#nat = nat;
    this.#random = random;
    this.#gone = gone;
  }

  of(uplink: string): Dynamics {
    let d = this.#byUplink.get(uplink);
    if (!d) {
      d = { tcp: new Map(), udp: new Map() };
      this.#byUplink.set(uplink, d);
    }
    return d;
  }

  refuses(uplink: string, proto: number, extPort: number): string | undefined {
    if (proto !== 6 && proto !== 17) return `protocol ${proto} has no ports`;
    if (!Number.isInteger(extPort) || extPort < 1 || extPort > 65535) return `${extPort} is no port`;
    const u = this.#plan().named(uplink);
    if (!u) return `there is no uplink ${uplink} with NAT`;
    if (extPort < FIRST_PORT) return `port ${extPort} is below ${FIRST_PORT}`;
    if (this.#plan().settings.reservedPorts.includes(extPort)) return `port ${extPort} is reserved for the router`;
    const forward = u.forwards.find(proto, extPort);
    if (forward) return `port ${extPort} is forwarded by rule ${forward.rule}`;
    return tableOf(u.dynamics, proto).has(extPort) ? `port ${extPort} is in use` : undefined;
  }

  suggest(uplink: string, proto: number, wanted: number): number {
    const pool = this.#nat.pool(this.#plan().named(uplink)?.ip ?? 0, proto);
    const good = (port: number): boolean => this.refuses(uplink, proto, port) === undefined && (port === wanted || !pool?.held(port));
    if (good(wanted) && !pool?.held(wanted)) return wanted;
    for (let n = 0; n < TRIES; n++) {
      const port = (FIRST_PORT + Math.floor(this.#random() * (65536 - FIRST_PORT)) & ~1) + (wanted & 1);
      if (port !== wanted && good(port)) return port;
    }
    return 0;
  }

  outside(uplink: string, proto: number, intIp: number, intPort: number): number {
    return Math.max(0, this.#nat.pool(this.#plan().named(uplink)?.ip ?? 0, proto)?.lookup(intIp, intPort) ?? 0);
  }

  add(mapping: PortMapping): MappingHandle {
    const why = this.refuses(mapping.uplink, mapping.proto, mapping.extPort);
    if (why) throw new Error(why);
    const address = this.#plan().named(mapping.uplink)!.ip;
    // Somebody else's flows have the port now.
    if (address !== 0 && !this.#hold(mapping, address)) throw new Error(`port ${mapping.extPort} is in use`);
    const held: Held = { mapping, address };
    this.#held.set(mapping, held);
    tableOf(this.of(mapping.uplink), mapping.proto).set(mapping.extPort, mapping);
    const key = insideKey(mapping.intIp, mapping.intPort);
    this.#inside.set(key, [...this.#inside.get(key) ?? [], mapping]);
    return { dispose: () => this.#remove(held, true), release: () => this.#remove(held, false) };
  }

  list(): readonly PortMapping[] { return [...this.#held.keys()]; }

  /** Whether a mapping lets this flow in; addresses after DNAT. O(1). */
  allows(src: number, dst: number, dport: number, proto: number): boolean {
    const found = this.#inside.get(insideKey(dst, dport));
    if (!found) return false;
    return found.some(m => m.pinhole !== false && m.proto === proto && (m.remote === 0 || m.remote === src));
  }

  /** Uplinks got other addresses: the ports of the new ones are held from now on, where nobody has them. */
  moved(): void {
    for (const h of this.#held.values()) {
      const address = this.#plan().named(h.mapping.uplink)?.ip ?? 0;
      if (address === h.address || address === 0) continue;
      this.#release(h);
      h.address = this.#hold(h.mapping, address) ? address : 0;
    }
  }

  #hold(m: PortMapping, address: number): boolean {
    return this.#nat.hold(address, m.intIp, m.intPort, m.extPort, m.proto);
  }

  #release(h: Held): void {
    const { mapping: m, address } = h;
    if (address !== 0) this.#nat.unhold(address, m.intIp, m.intPort, m.extPort, m.proto);
    h.address = 0;
  }

  #remove(h: Held, cut: boolean): void {
    const m = h.mapping;
    if (!this.#held.delete(m)) return;
    const address = h.address;
    this.#release(h);
    tableOf(this.of(m.uplink), m.proto).delete(m.extPort);
    const key = insideKey(m.intIp, m.intPort);
    const left = (this.#inside.get(key) ?? []).filter(o => o !== m);
    if (left.length > 0) this.#inside.set(key, left);
    else this.#inside.delete(key);
    if (cut) this.#gone(m, address);
  }
}

const insideKey = (ip: number, port: number): number => ip * 65536 + port;
