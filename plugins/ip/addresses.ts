import { maskOf } from '../../sdk/wire/address.ts';
import type { AddressSpec } from './contract.ts';

interface Held { readonly spec: AddressSpec; holders: number }

/** What kind of destination an address is, seen from this router. */
export type Kind = 'own' | 'limited-broadcast' | 'directed-broadcast' | 'multicast' | 'martian' | 'unicast';

/** The router's own addresses. */
export class AddressTable {
  readonly #byIp = new Map<number, Held>();

  /** True when it is new. Throws when another link has it. */
  add(spec: AddressSpec): boolean {
    const known = this.#byIp.get(spec.ip);
    if (!known) {
      this.#byIp.set(spec.ip, { spec, holders: 1 });
      return true;
    }
    if (known.spec.link !== spec.link) throw new Error(`the address is in use by ${known.spec.name} already`);
    known.holders++;
    return false;
  }

  /** The spec when nobody holds it any more. */
  remove(ip: number): AddressSpec | undefined {
    const known = this.#byIp.get(ip);
    if (!known || --known.holders > 0) return undefined;
    this.#byIp.delete(ip);
    return known.spec;
  }

  list(): readonly AddressSpec[] { return [...this.#byIp.values()].map((h) => h.spec); }

  ownedBy(ip: number): AddressSpec | undefined { return this.#byIp.get(ip)?.spec; }

  onLink(link: number): readonly AddressSpec[] { return this.list().filter((a) => a.link === link); }

  /** The own address on this link whose subnet has `ip`: the one with the longest prefix. */
  inSubnet(link: number, ip: number): AddressSpec | undefined {
    let best: AddressSpec | undefined;
    for (const { spec } of this.#byIp.values()) {
      if (spec.link === link && contains(spec, ip) && (!best || spec.bits > best.bits)) best = spec;
    }
    return best;
  }

  /** The own address, on any link, whose subnet has `ip`. */
  subnetOf(ip: number): AddressSpec | undefined {
    let best: AddressSpec | undefined;
    for (const { spec } of this.#byIp.values()) if (contains(spec, ip) && (!best || spec.bits > best.bits)) best = spec;
    return best;
  }

  /** Own address to speak from on a link towards `ip`; 0 when the link has none. */
  source(link: number, ip: number): number {
    return (this.inSubnet(link, ip) ?? this.onLink(link)[0])?.ip ?? 0;
  }

  kind(ip: number): Kind {
    if (this.#byIp.has(ip)) return 'own';
    if (ip === 0xffffffff) return 'limited-broadcast';
    const top = ip >>> 24;
    if (top >= 224 && top < 240) return 'multicast';
    if (top === 0 || top === 127 || top >= 240) return 'martian';
    for (const { spec } of this.#byIp.values()) if (broadcastOf(spec) === ip) return 'directed-broadcast';
    return 'unicast';
  }
}

export const contains = (a: { readonly ip: number; readonly bits: number }, ip: number): boolean =>
  ((a.ip ^ ip) & maskOf(a.bits)) === 0;

/** The directed broadcast address of a subnet; undefined for /31 (RFC 3021) and /32, which have none. */
export const broadcastOf = (a: { readonly ip: number; readonly bits: number }): number | undefined =>
  a.bits > 30 ? undefined : (a.ip | ~maskOf(a.bits)) >>> 0;
