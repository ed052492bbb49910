import type { AddressSpec } from '../ip/contract.ts';
import type { UplinkState } from '../wan/contract.ts';
import type { Zone } from './contract.ts';

/** The zones of the original. They can be named in rules whether a link is in them or not. */
export const STANDARD_ZONES = ['LAN', 'WAN', 'CELL', 'DMZ', 'WLAN', 'VPN'] as const;
/** Zones through which strangers come. */
export const OUTSIDE: ReadonlySet<string> = new Set(['WAN', 'CELL']);

export interface ZoneSources {
  readonly addresses: readonly AddressSpec[];
  readonly uplinks: readonly Pick<UplinkState, 'zone' | 'link'>[];
  readonly contributed: readonly Zone[];
}

/**
 * Which zone a link is in, as a number: 0 is none. A contributed zone has its links for itself; otherwise the first address of a
 * link says, and an uplink that waits for its address is outside already.
 */
export class Zones {
  /** Names by number; '' is no zone. Numbers stay for the life of this object. */
  readonly names: string[] = ['', ...STANDARD_ZONES];
  #byLink = new Int32Array(64);

  /** The number of a link's zone. */
  of(link: number): number { return link >= 0 && link < this.#byLink.length ? this.#byLink[link]! : 0; }

  nameOf(link: number): string { return this.names[this.of(link)]!; }

  /** The number of a name; new ones get the next. */
  number(name: string): number {
    const at = this.names.indexOf(name);
    return at >= 0 ? at : this.names.push(name) - 1;
  }

  linksOf(name: string): readonly number[] {
    const zone = this.names.indexOf(name);
    const links: number[] = [];
    if (zone > 0) this.#byLink.forEach((z, link) => { if (z === zone) links.push(link); });
    return links;
  }

  /** Works everything out anew. True when a link is in another zone than before. */
  update(from: ZoneSources): boolean {
    const wanted = new Map<number, string>();
    for (const u of from.uplinks) if (u.link >= 0) wanted.set(u.link, u.zone);
    const addressed = new Set<number>();
    for (const a of from.addresses) {
      if (addressed.has(a.link)) continue;
      addressed.add(a.link);
      wanted.set(a.link, a.zone);
    }
    for (const z of from.contributed) {
      this.number(z.name);
      for (const link of z.links()) wanted.set(link, z.name);
    }
    const next = new Int32Array(Math.max(64, ...[...wanted.keys()].map((l) => l + 1)));
    for (const [link, name] of wanted) next[link] = this.number(name);
    const before = this.#byLink;
    this.#byLink = next;
    for (let i = 0; i < Math.max(before.length, next.length); i++) if ((before[i] ?? 0) !== (next[i] ?? 0)) return true;
    return false;
  }
}
