import type { FlowKey, FlowView } from '../../sdk/index.ts';
import { PortPool } from './ports.ts';

/** IP protocols whose flows are told apart by a port, or by the ICMP echo identifier in the place of one. */
const ported = (proto: number): boolean => proto === 6 || proto === 17 || proto === 1;

const endpointOf = (ip: number, port: number): number => ip * 65536 + port;

/** How often another port is tried when an answer to the first one would reach a flow of the router itself. */
const ATTEMPTS = 16;

/** Says whether a packet with this key would already belong to a flow; Flows.taken. */
export type Taken = (src: number, sport: number, dst: number, dport: number, proto: number) => boolean;

/** Refusals of `map`. */
export const NO_PORT = -1;
export const TOO_MANY = -2;

/**
 * Many-to-one translation: which external port a flow of an internal host gets. Endpoint-independent mapping (RFC 4787
 * REQ-1); who may answer is left to the flow table, which knows exact remote endpoints only: port-restricted, as the original.
 */
export class Translator {
  readonly #pools = new Map<number, PortPool>();
  readonly #sessions = new Map<number, number>();
  /** The newest mapping: the flow it is for may still be refused, for the table may be full. Settled with the next one. */
  readonly #newest = { pending: false, address: 0, src: 0, sport: 0, dst: 0, dport: 0, port: 0, proto: 0 };
  readonly #taken: Taken;
  readonly #random: () => number;
  #reserved: readonly number[];
  maxPerHost: number;

  constructor(opts: { taken: Taken; random: () => number; reserved: readonly number[]; maxPerHost: number }) {
    this.#taken = opts.taken;
    this.#random = opts.random;
    this.#reserved = opts.reserved;
    this.maxPerHost = opts.maxPerHost;
  }

  /** Ports that are in use now stay in use; they are not given out again. Pools made before keep what they had. */
  set reserved(ports: readonly number[]) { this.#reserved = ports; }

  /** Sessions of an internal host (address as in FlowKey). */
  sessions(host: number): number { return this.#sessions.get(host) ?? 0; }

  /** Mapped endpoints of all pools. */
  get mappings(): number {
    let n = 0;
    for (const pool of this.#pools.values()) n += pool.mappings;
    return n;
  }

  /**
   * The external port on `address` for a new flow from src:sport to dst:dport (after DNAT), and counts the flow. NO_PORT or
   * TOO_MANY refuse. Protocols without ports get 0 as long as no second host talks to the same remote address.
   */
  map(address: number, src: number, sport: number, dst: number, dport: number, proto: number): number {
    this.#settle();
    const sessions = this.#sessions.get(src) ?? 0;
    if (sessions >= this.maxPerHost) return TOO_MANY;
    if (!ported(proto)) {
      if (this.#taken(dst, dport, address, sport, proto)) return NO_PORT;
      return this.#note(address, src, sport, dst, dport, sport, proto, sessions + 1);
    }
    const pool = this.#pool(address, proto);
    const endpoint = endpointOf(src, sport);
    const mapped = pool.lookup(endpoint);
    let port = mapped >= 0 ? mapped : pool.pick(sport);
    for (let n = 0; port >= 0 && this.#taken(dst, dport, address, port, proto); n++) {
      if (n === ATTEMPTS) return NO_PORT;
      port = pool.any(sport & 1);
    }
    if (port < 0 || !pool.hold(endpoint, port)) return NO_PORT;
    return this.#note(address, src, sport, dst, dport, port, proto, sessions + 1);
  }

  #note(address: number, src: number, sport: number, dst: number, dport: number, port: number, proto: number, sessions: number): number {
    this.#sessions.set(src, sessions);
    const n = this.#newest;
    n.pending = true;
    n.address = address; n.src = src; n.sport = sport; n.dst = dst; n.dport = dport; n.port = port; n.proto = proto;
    return port;
  }

  /** A decision need not become a flow (a stray TCP segment, a full table), and nobody tells: then its mapping goes back. */
  #settle(): void {
    const n = this.#newest;
    if (!n.pending) return;
    n.pending = false;
    if (!this.#taken(n.dst, n.dport, n.address, n.port, n.proto)) this.#unmap(n.address, n.src, n.sport, n.port, n.proto);
  }

  /** Whether the endpoint holds this external port, so that a flow that is decided again may keep it. */
  holds(address: number, src: number, sport: number, port: number, proto: number): boolean {
    if (!ported(proto)) return port === sport;
    return this.#pools.get(poolKey(address, proto))?.owner(port) === endpointOf(src, sport);
  }

  /** A translated flow that exists already, for instance from before a reload. */
  adopt(flow: FlowView): void {
    const { src, sport, proto } = flow.original;
    if (ported(proto)) this.#pool(flow.reply.dst, proto).hold(endpointOf(src, sport), flow.reply.dport);
    this.#sessions.set(src, (this.#sessions.get(src) ?? 0) + 1);
  }

  /** A translated flow is over. */
  release(original: FlowKey, reply: FlowKey): void {
    const n = this.#newest;
    if (n.pending && n.port === reply.dport && n.address === reply.dst && n.dst === reply.src && n.dport === reply.sport && n.proto === original.proto) n.pending = false;
    this.#unmap(reply.dst, original.src, original.sport, reply.dport, original.proto);
  }

  #unmap(address: number, src: number, sport: number, port: number, proto: number): void {
    const left = (this.#sessions.get(src) ?? 0) - 1;
    if (left > 0) this.#sessions.set(src, left);
    else this.#sessions.delete(src);
    if (ported(proto)) this.#pools.get(poolKey(address, proto))?.release(endpointOf(src, sport), port);
  }

  /** Drops the books of addresses that are not the router's any more and have no flows left. */
  retire(addresses: readonly number[]): void {
    for (const [key, pool] of this.#pools) {
      if (pool.mappings === 0 && !addresses.includes(Math.floor(key / 256))) this.#pools.delete(key);
    }
  }

  #pool(address: number, proto: number): PortPool {
    const key = poolKey(address, proto);
    let pool = this.#pools.get(key);
    if (!pool) {
      pool = new PortPool(this.#reserved, this.#random);
      this.#pools.set(key, pool);
    }
    return pool;
  }
}

const poolKey = (address: number, proto: number): number => address * 256 + proto;
