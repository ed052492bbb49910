/** Ports below this belong to the router's own services and are never handed out. */
export const FIRST_PORT = 1024;
const HALF = 32768;

/**
 * The external ports of one address and one transport. Who holds a port and how many flows use it; which are free, by
 * parity, so that taking any free one is O(1) however full the pool is.
 *
 * An internal endpoint is one number: address * 65536 + port. While any flow of an endpoint lives, all its flows get the same
 * external port (endpoint-independent mapping, RFC 4787 REQ-1), and no second endpoint gets that port (REQ-3: no
 * overloading).
 */
export class PortPool {
  /** Flows per external port; 0: free or reserved. */
  readonly #refs = new Uint32Array(65536);
  /** The endpoint a port is mapped to, where refs > 0. */
  readonly #owner = new Float64Array(65536);
  /** The external port an endpoint's next flow gets. */
  readonly #mapped = new Map<number, number>();
  /** Free ports of each parity, in no order, and where each port is in its list (index + 1; 0: not free). */
  readonly #free: readonly [Uint16Array, Uint16Array] = [new Uint16Array(HALF), new Uint16Array(HALF)];
  readonly #count: [number, number] = [0, 0];
  readonly #place = new Uint16Array(65536);
  readonly #reserved: ReadonlySet<number>;
  readonly #random: () => number;

  /** `reserved`: ports above 1023 that the router's own services use. `random` in [0, 1). */
  constructor(reserved: readonly number[], random: () => number) {
    this.#random = random;
    this.#reserved = new Set(reserved);
    for (let port = FIRST_PORT; port < 65536; port++) if (!this.#reserved.has(port)) this.#give(port);
  }

  /** Endpoints with a mapping. */
  get mappings(): number { return this.#mapped.size; }
  get free(): number { return this.#count[0] + this.#count[1]; }

  /** The external port the endpoint has now, or -1. */
  lookup(endpoint: number): number { return this.#mapped.get(endpoint) ?? -1; }

  /** The endpoint a port is mapped to, or -1. */
  owner(port: number): number { return this.#refs[port]! > 0 ? this.#owner[port]! : -1; }

  isFree(port: number): boolean { return this.#place[port] !== 0; }

  /**
   * A free port for an endpoint's own `port`: that one when it is free, else any of the same parity (RFC 4787 REQ-4: RTP
   * and RTCP come in pairs), else of the other; -1 when there is none. Holds nothing yet: `hold` does.
   */
  pick(port: number): number {
    return this.#place[port] !== 0 ? port : this.any(port & 1);
  }

  /** Any free port, of this parity where there is one; a random one, so that strangers cannot guess it (RFC 6056 §3.3.1). */
  any(parity: number): number {
    const half = this.#count[parity as 0 | 1] > 0 ? parity : parity ^ 1;
    const count = this.#count[half as 0 | 1];
    return count === 0 ? -1 : this.#free[half as 0 | 1][Math.floor(this.#random() * count)]!;
  }

  /**
   * One more flow of the endpoint uses the port. False when another endpoint has it. The first port an endpoint holds is the
   * one its further flows get.
   */
  hold(endpoint: number, port: number): boolean {
    if (this.#refs[port]! > 0) {
      if (this.#owner[port] !== endpoint) return false;
    } else {
      this.#take(port);
      this.#owner[port] = endpoint;
      if (!this.#mapped.has(endpoint)) this.#mapped.set(endpoint, port);
    }
    this.#refs[port]!++;
    return true;
  }

  /** One flow of the endpoint fewer; with the last one the port is free again. Ignores ports the endpoint does not hold. */
  release(endpoint: number, port: number): void {
    if (this.#refs[port] === 0 || this.#owner[port] !== endpoint) return;
    if (--this.#refs[port]! > 0) return;
    if (this.#mapped.get(endpoint) === port) this.#mapped.delete(endpoint);
    if (port >= FIRST_PORT && !this.#reserved.has(port)) this.#give(port);
  }

  #give(port: number): void {
    const half = (port & 1) as 0 | 1;
    const at = this.#count[half]++;
    this.#free[half][at] = port;
    this.#place[port] = at + 1;
  }

  /** Takes a port out of its free list; the last of the list moves into the gap. */
  #take(port: number): void {
    const at = this.#place[port]! - 1;
    if (at < 0) return;
    const half = (port & 1) as 0 | 1;
    const last = this.#free[half][--this.#count[half]]!;
    this.#free[half][at] = last;
    this.#place[last] = at + 1;
    this.#place[port] = 0;
  }
}
