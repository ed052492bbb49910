/** Ports below this belong to the router's own services and are never handed out. */
export const FIRST_PORT = 1024;
const PORTS = 65536;
const HALF = PORTS / 2;
/** Twice as many places as ports, so that probe chains stay short. */
const PLACES = 2 * PORTS;
/** How often a random port is drawn before one without a free neighbour is taken. */
const PAIR_DRAWS = 4;

/** What ports may be handed out. */
export interface PortRules {
  /** The range, both ends included. */
  readonly first: number;
  readonly last: number;
  /** 1: never handed out (own services, forwarded ports), by port. */
  readonly blocked: Uint8Array;
}

/**
 * The external ports of one address and one transport. Who holds a port and how many flows use it; which are free, by
 * parity, so that taking any free one is O(1) however full the pool is.
 *
 * While any flow of an internal endpoint (address and port) lives, all its flows get the same external port
 * (endpoint-independent mapping, RFC 4787 REQ-1), and no second endpoint gets that port (REQ-3: no overloading). Everything
 * stands in typed arrays: a million flows behind a pool cost it nothing, and a new flow makes no object.
 */
export class PortPool {
  /** Flows per external port; 0: nobody's. */
  readonly #refs = new Uint32Array(PORTS);
  /** The endpoint a port is mapped to, where refs > 0. */
  readonly #ownerIp = new Uint32Array(PORTS);
  readonly #ownerPort = new Uint16Array(PORTS);
  /** Open addressing: the external port of an endpoint's mapping; 0: empty. */
  readonly #index = new Uint16Array(PLACES);
  /** Free ports of each parity, in no order, and where each port is in its list (index + 1; 0: not free). */
  readonly #free: readonly [Uint16Array, Uint16Array] = [new Uint16Array(HALF), new Uint16Array(HALF)];
  readonly #count: [number, number] = [0, 0];
  readonly #place = new Uint16Array(PORTS);
  readonly #random: () => number;
  readonly #seed: number;
  #rules: PortRules;
  /** Endpoints with a mapping. */
  mappings = 0;

  /** `random` in [0, 1). */
  constructor(rules: PortRules, random: () => number) {
    this.#random = random;
    this.#seed = Math.floor(random() * 0x1_0000_0000) | 0;
    this.#rules = rules;
    this.rules = rules;
  }

  /** Ports in use stay in use; they are not given out again when they are not allowed any more. */
  set rules(rules: PortRules) {
    this.#rules = rules;
    this.#count[0] = this.#count[1] = 0;
    this.#place.fill(0);
    for (let port = 1; port < PORTS; port++) if (this.#allowed(port) && this.#refs[port] === 0) this.#give(port);
  }

  get free(): number { return this.#count[0] + this.#count[1]; }

  /** The external port the endpoint has now, or -1. */
  lookup(ip: number, port: number): number {
    const at = this.#find(ip >>> 0, port);
    return this.#index[at] === 0 ? -1 : this.#index[at]!;
  }

  /** Somebody holds the port. */
  held(port: number): boolean { return this.#refs[port]! > 0; }
  /** Whether this endpoint holds the port. */
  owns(ip: number, port: number, external: number): boolean {
    return this.#refs[external]! > 0 && this.#ownerIp[external] === ip >>> 0 && this.#ownerPort[external] === port;
  }
  /** The endpoint of a port that is held. */
  ownerIp(port: number): number { return this.#ownerIp[port]!; }
  ownerPort(port: number): number { return this.#ownerPort[port]!; }

  isFree(port: number): boolean { return this.#place[port] !== 0; }

  /**
   * A free port for an endpoint: its own when that is free; else the neighbour of the one its even or odd companion has
   * (RTP and RTCP stay next to each other); else any of the same parity (RFC 4787 REQ-4), else of the other; -1 when there is
   * none. Holds nothing yet: `hold` does.
   */
  pick(ip: number, port: number): number {
    if (this.#place[port] !== 0) return port;
    const companion = this.lookup(ip, port ^ 1);
    if (companion >= 0 && ((companion ^ port) & 1) === 1 && this.#place[companion ^ 1] !== 0) return companion ^ 1;
    const parity = port & 1;
    for (let n = 0; n < PAIR_DRAWS; n++) {
      const drawn = this.any(parity);
      if (drawn < 0 || this.#place[drawn ^ 1] !== 0) return drawn;
    }
    return this.any(parity);
  }

  /** Any free port, of this parity where there is one; a random one, so that strangers cannot guess it (RFC 6056 §3.3.1). */
  any(parity: number): number {
    const half = this.#count[parity as 0 | 1] > 0 ? parity : parity ^ 1;
    const count = this.#count[half as 0 | 1];
    return count === 0 ? -1 : this.#free[half as 0 | 1][Math.floor(this.#random() * count)]!;
  }

  /**
   * One more flow of the endpoint uses the external port. False when another endpoint has it. The first port an endpoint holds
   * is the one its further flows get.
   */
  hold(ip: number, port: number, external: number): boolean {
    if (external === 0) return false;
    if (this.#refs[external]! > 0) {
      if (!this.owns(ip, port, external)) return false;
    } else {
      this.#take(external);
      this.#ownerIp[external] = ip;
      this.#ownerPort[external] = port;
      const at = this.#find(ip >>> 0, port);
      if (this.#index[at] === 0) {
        this.#index[at] = external;
        this.mappings++;
      }
    }
    this.#refs[external]!++;
    return true;
  }

  /** One flow of the endpoint fewer; with the last one the port is free again. Ignores ports the endpoint does not hold. */
  release(ip: number, port: number, external: number): void {
    if (!this.owns(ip, port, external)) return;
    if (--this.#refs[external]! > 0) return;
    const at = this.#find(ip >>> 0, port);
    if (this.#index[at] === external) this.#empty(at);
    if (this.#allowed(external)) this.#give(external);
  }

  #allowed(port: number): boolean {
    const r = this.#rules;
    return port >= r.first && port <= r.last && r.blocked[port] === 0;
  }

  #home(ip: number, port: number): number {
    let h = Math.imul(ip ^ this.#seed, 0x9e3779b1);
    h = Math.imul((h ^ (h >>> 15)) + port | 0, 0x85ebca6b);
    return (h ^ (h >>> 13)) & (PLACES - 1);
  }

  /** Where the endpoint's mapping stands, or the empty place where it would. */
  #find(ip: number, port: number): number {
    for (let at = this.#home(ip, port); ; at = (at + 1) & (PLACES - 1)) {
      const external = this.#index[at]!;
      if (external === 0 || (this.#ownerIp[external] === ip && this.#ownerPort[external] === port)) return at;
    }
  }

  /** Closes the gap: whoever stands behind it and could not be found across it moves into it. */
  #empty(hole: number): void {
    this.mappings--;
    for (let at = (hole + 1) & (PLACES - 1); this.#index[at] !== 0; at = (at + 1) & (PLACES - 1)) {
      const external = this.#index[at]!;
      const home = this.#home(this.#ownerIp[external]!, this.#ownerPort[external]!);
      if (((at - home) & (PLACES - 1)) >= ((at - hole) & (PLACES - 1))) {
        this.#index[hole] = external;
        hole = at;
      }
    }
    this.#index[hole] = 0;
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
