import { maskOf } from '../../sdk/wire/address.ts';
import type { RouteSpec } from './contract.ts';

/**
 * Longest prefix match: one hash map per prefix length in use, asked from the longest to the shortest. At most 33
 * look-ups, in practice a handful, for ten routes as for ten thousand.
 */
export class RouteTable {
  /** By network, as a signed number: small integers are cheap keys. */
  readonly #byLength: (Map<number, RouteSpec[]> | undefined)[] = new Array<undefined>(33).fill(undefined);
  /** Prefix lengths in use, longest first. */
  #lengths: number[] = [];
  readonly #all = new Set<RouteSpec>();

  get size(): number { return this.#all.size; }

  /** Oldest first. */
  list(): readonly RouteSpec[] { return [...this.#all]; }

  /** Host bits of dest are cleared. Returns the route as kept, for `remove`. */
  add(spec: RouteSpec): RouteSpec {
    const route: RouteSpec = { ...spec, dest: (spec.dest & maskOf(spec.bits)) >>> 0 };
    let map = this.#byLength[route.bits];
    if (!map) {
      map = new Map();
      this.#byLength[route.bits] = map;
      this.#lengths = [...this.#lengths, route.bits].sort((a, b) => b - a);
    }
    const same = map.get(route.dest | 0) ?? [];
    // Lower metric first; among equals the older one stays in front.
    const at = same.findIndex((r) => r.metric > route.metric);
    same.splice(at < 0 ? same.length : at, 0, route);
    map.set(route.dest | 0, same);
    this.#all.add(route);
    return route;
  }

  /** The very route that `add` returned; false when it is gone already. */
  remove(route: RouteSpec): boolean {
    if (!this.#all.delete(route)) return false;
    const map = this.#byLength[route.bits];
    const left = map?.get(route.dest | 0)?.filter((r) => r !== route) ?? [];
    if (left.length) map?.set(route.dest | 0, left);
    else map?.delete(route.dest | 0);
    if (map?.size === 0) {
      this.#byLength[route.bits] = undefined;
      this.#lengths = this.#lengths.filter((bits) => bits !== route.bits);
    }
    return true;
  }

  /** Whether this link is a way back to a sender: among the routes of the longest prefix that has it, whatever their metrics (RFC 3704 §2.3). */
  feasible(link: number, src: number): boolean {
    for (const bits of this.#lengths) {
      const same = this.#byLength[bits]!.get(src & maskOf(bits));
      if (same !== undefined) return same.some((r) => r.link === link);
    }
    return false;
  }

  lookup(dst: number, usable: (link: number) => boolean): RouteSpec | undefined {
    const lengths = this.#lengths;
    for (let i = 0; i < lengths.length; i++) {
      const bits = lengths[i]!;
      const same = this.#byLength[bits]!.get(dst & maskOf(bits));
      if (same === undefined) continue;
      for (let k = 0; k < same.length; k++) if (usable(same[k]!.link)) return same[k];
    }
    return undefined;
  }
}
