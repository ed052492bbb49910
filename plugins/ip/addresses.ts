import { maskOf } from '../../sdk/wire/address.ts';
import type { AddressSpec } from './contract.ts';

interface Held { readonly spec: AddressSpec; holders: number }

/** What kind of destination an address is, seen from this router. */
export type Kind = 'own' | 'limited-broadcast' | 'directed-broadcast' | 'multicast' | 'martian' | 'unicast';

/** The router's own addresses. */
export class AddressTable {
  /** By address, as a signed number: small integers are cheap keys. */
  readonly #byIp = new Map<number, Held>();
  #list: readonly AddressSpec[] = [];
  /** Directed broadcast addresses of the own subnets, signed as well. */
  #broadcasts: ReadonlySet<number> = new Set();

  /** True when it is new. Throws when another link has it. */
  add(spec: AddressSpec): boolean {
    const known = this.#byIp.get(spec.ip | 0);
    if (!known) {
      this.#byIp.set(spec.ip | 0, { spec, holders: 1 });
      this.#changed();
      return true;
    }
    if (known.spec.link !== spec.link) throw new Error(`the address is in use by ${known.spec.name} already`);
    known.holders++;
    return false;
  }

  /** The spec when nobody holds it any more. */
  remove(ip: number): AddressSpec | undefined {
    const known = this.#byIp.get(ip | 0);
    if (!known || --known.holders > 0) return undefined;
    this.#byIp.delete(ip | 0);
    this.#changed();
    return known.spec;
  }

  list(): readonly AddressSpec[] { return this.#list; }

  ownedBy(ip: number): AddressSpec | undefined { return this.#byIp.get(ip | 0)?.spec; }

  onLink(link: number): readonly AddressSpec[] { return this.#list.filter((a) => a.link === link); }

  /** The own address on this link whose subnet has `ip`: the one with the longest prefix. */
  inSubnet(link: number, ip: number): AddressSpec | undefined {
    let best: AddressSpec | undefined;
    for (const spec of this.#list) {
      if (spec.link === link && contains(spec, ip) && (!best || spec.bits > best.bits)) best = spec;
    }
    return best;
  }

  /** The own address, on any link, whose subnet has `ip`. */
  subnetOf(ip: number): AddressSpec | undefined {
    let best: AddressSpec | undefined;
    for (const spec of this.#list) if (contains(spec, ip) && (!best || spec.bits > best.bits)) best = spec;
    return best;
  }

  /** Own address to speak from on a link towards `ip`; 0 when the link has none. */
  source(link: number, ip: number): number {
    return (this.inSubnet(link, ip) ?? this.onLink(link)[0])?.ip ?? 0;
  }

  kind(ip: number): Kind {
    if (this.#byIp.has(ip | 0)) return 'own';
    if (ip === 0xffffffff) return 'limited-broadcast';
    const top = ip >>> 24;
    if (top >= 224 && top < 240) return 'multicast';
    if (top === 0 || top === 127 || top >= 240) return 'martian';
    return this.#broadcasts.has(ip | 0) ? 'directed-broadcast' : 'unicast';
  }

  #changed(): void {
    this.#list = [...this.#byIp.values()].map((h) => h.spec);
    this.#broadcasts = new Set(this.#list.flatMap((spec) => broadcastOf(spec) ?? []).map((ip) => ip | 0));
  }
}

export const contains = (a: { readonly ip: number; readonly bits: number }, ip: number): boolean =>
  ((a.ip ^ ip) & maskOf(a.bits)) === 0;

/** The directed broadcast address of a subnet; undefined for /31 (RFC 3021) and /32, which have none. */
export const broadcastOf = (a: { readonly ip: number; readonly bits: number }): number | undefined =>
  a.bits > 30 ? undefined : (a.ip | ~maskOf(a.bits)) >>> 0;
