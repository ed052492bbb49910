/** Hosts whose sessions are counted at once; a power of two. Beyond it hosts are not counted, and so not limited. */
export const HOSTS_MOST = 32_768;
const NOBODY = -1;
/** So far from its place a host may stand. */
const PROBES = 16;

/**
 * How many sessions each host has, by the source of a flow's first packet. Eight octets for each place of a host and four for each flow; nothing is
 * allocated while counting, except that the table of flows grows.
 */
export class SessionCounts {
  readonly #host = new Uint32Array(HOSTS_MOST);
  readonly #count = new Uint32Array(HOSTS_MOST);
  /** Flow id → place of its host. */
  #ofFlow = new Int32Array(1024).fill(NOBODY);

  of(host: number): number {
    const at = this.#find(host >>> 0);
    return at < 0 ? 0 : this.#count[at]!;
  }

  begun(flow: number, host: number): void {
    this.ended(flow);
    const at = this.#find(host >>> 0, true);
    if (at < 0) return;
    if (flow >= this.#ofFlow.length) this.#grow(flow);
    this.#host[at] = host;
    this.#count[at]!++;
    this.#ofFlow[flow] = at;
  }

  ended(flow: number): void {
    const at = this.#ofFlow[flow] ?? NOBODY;
    if (at === NOBODY) return;
    this.#ofFlow[flow] = NOBODY;
    this.#count[at]!--;
  }

  /** The place of a host; with `free` the first free one where it has none; -1: no place. A place whose count is 0 is free, but not the end of a search. */
  #find(host: number, free = false): number {
    const first = Math.imul(host, 0x9e3779b1) >>> 17;
    let empty = -1;
    for (let i = 0; i < PROBES; i++) {
      const at = first + i & HOSTS_MOST - 1;
      if (this.#count[at] === 0) {
        if (empty < 0) empty = at;
      } else if (this.#host[at] === host) return at;
    }
    return free ? empty : -1;
  }

  #grow(flow: number): void {
    const next = new Int32Array(Math.max(flow + 1, this.#ofFlow.length * 2)).fill(NOBODY);
    next.set(this.#ofFlow);
    this.#ofFlow = next;
  }
}
