import type { PortMapping, PortMappings } from '../../../../plugins/nat/contract.ts';
import { Book, type BookRules, type Wish } from '../../../../plugins/upnp/book.ts';
import { Permissions } from '../../../../plugins/upnp/permissions.ts';
import { ruleSettings } from '../../../../plugins/upnp/settings.ts';
import { parse4 } from '../../../../sdk/wire/address.ts';

export const ip = (text: string): number => parse4(text)!;
export const HOST = ip('192.168.1.33');
export const OTHER = ip('192.168.1.34');
export const OUTSIDE = ip('198.51.100.2');

/** NAT as mappings see it: a port is had by one; `forwarded` ones by nobody. */
export class FakeNat implements PortMappings {
  readonly held = new Set<PortMapping>();
  forwarded: number[] = [];
  #next = 40_000;
  refuses(_uplink: string, proto: number, extPort: number): string | undefined {
    if (this.forwarded.includes(extPort)) return `port ${extPort} is forwarded by rule 1`;
    return [...this.held].some(m => m.proto === proto && m.extPort === extPort) ? `port ${extPort} is in use` : undefined;
  }
  suggest(uplink: string, proto: number, wanted: number): number { return this.refuses(uplink, proto, wanted) === undefined && wanted >= 1024 ? wanted : this.#next++; }
  /** Outside ports of flows, by inside port. */
  flows = new Map<number, number>();
  outside(_uplink: string, proto: number, intIp: number, intPort: number): number {
    return [...this.held].find(m => m.proto === proto && m.intIp === intIp && m.intPort === intPort)?.extPort ?? this.flows.get(intPort) ?? 0;
  }
  add(mapping: PortMapping) {
    const why = this.refuses(mapping.uplink, mapping.proto, mapping.extPort);
    if (why) throw new Error(why);
    this.held.add(mapping);
    const end = () => { this.held.delete(mapping); };
    return { dispose: end, release: end };
  }
  list(): readonly PortMapping[] { return [...this.held]; }
}

export const rules = (more: Partial<Omit<BookRules, 'permissions'>> & { permissions?: readonly object[] } = {}): BookRules => ({
  configure: true, firewall: true, others: false, mostPerHost: 3, most: 5, ...more, permissions: new Permissions((more.permissions ?? []).map(r => ruleSettings.parse(r))),
});

export function rig(more: Parameters<typeof rules>[0] = {}) {
  const nat = new FakeNat();
  const log: string[] = [];
  const book = new Book(rules(more), { ports: nat, inside: a => a >>> 8 === HOST >>> 8, changed: () => {}, log: (e, what) => { log.push(`${e.extPort} ${what}`); } });
  book.settle('wan');
  return { nat, book, log };
}

export const wish = (more: Partial<Wish> = {}): Wish =>
  ({ via: 'igd', by: HOST, proto: 6, intIp: HOST, intPort: 80, extPort: 8000, remote: 0, description: 'x', nonce: '', otherwise: false, lifetime: 100, ...more });
