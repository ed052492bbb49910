import type { FlowKey, FlowView, NewFlow } from '../../sdk/index.ts';
import { Contacts } from './contacts.ts';
import { PortPool, type PortRules } from './ports.ts';

/** How often another port is tried when an answer to the first one would reach a flow of the router itself. */
const ATTEMPTS = 16;

/** Says whether a packet with this key would already belong to a flow; Flows.taken. */
export type Taken = (src: number, sport: number, dst: number, dport: number, proto: number) => boolean;

/** Refusals of `map`. */
export const NO_PORT = -1;
export const TOO_MANY = -2;

/** The ports of one outside address: TCP, UDP, and the identifiers of ICMP queries in the place of ports. */
class Books {
  tcp: PortPool | undefined;
  udp: PortPool | undefined;
  icmp: PortPool | undefined;
  /** Who was sent to, where the filtering asks for it. */
  contacts: Contacts | undefined;
  readonly #rules: () => AddressRules;
  readonly #random: () => number;

  constructor(rules: () => AddressRules, random: () => number) {
    this.#rules = rules;
    this.#random = random;
  }

  get mappings(): number { return (this.tcp?.mappings ?? 0) + (this.udp?.mappings ?? 0) + (this.icmp?.mappings ?? 0); }

  /** The pool of a protocol, if anything was ever mapped in it. */
  peek(proto: number): PortPool | undefined {
    return proto === 17 ? this.udp : proto === 6 ? this.tcp : proto === 1 ? this.icmp : undefined;
  }

  /** Undefined: a protocol whose flows are not told apart by a port. */
  pool(proto: number): PortPool | undefined {
    switch (proto) {
      case 6: return this.tcp ??= new PortPool(this.#rules().tcp, this.#random);
      case 17: return this.udp ??= new PortPool(this.#rules().udp, this.#random);
      case 1: return this.icmp ??= new PortPool(this.#rules().icmp, this.#random);
      default: return undefined;
    }
  }

  renew(): void {
    const rules = this.#rules();
    if (this.tcp) this.tcp.rules = rules.tcp;
    if (this.udp) this.udp.rules = rules.udp;
    if (this.icmp) this.icmp.rules = rules.icmp;
  }
}

export interface AddressRules { readonly tcp: PortRules; readonly udp: PortRules; readonly icmp: PortRules }

/**
 * Which external port a flow of an internal host gets, and how many sessions each host has. Endpoint-independent mapping
 * (RFC 4787 REQ-1). The flows are the state: every count here follows from the flow table and can be rebuilt from it.
 */
export class Translator {
  /** By outside address, as a signed number: small integers are cheap keys. */
  readonly #books = new Map<number, Books>();
  #lastKey = 0;
  #last: Books | undefined;
  readonly #sessions = new Map<number, number>();
  /** The newest mapping: the flow it is for may still be refused, for the table may be full. Settled with the next one. */
  readonly #newest = { pending: false, address: 0, src: 0, sport: 0, dst: 0, dport: 0, port: 0, proto: 0 };
  readonly #taken: Taken;
  readonly #random: () => number;
  readonly #rulesOf: (address: number) => AddressRules;
  maxPerHost: number;
  /** A host began its first session, or ended its last one. */
  readonly #idle: ((host: number, idle: boolean) => void) | undefined;

  constructor(opts: { taken: Taken; random: () => number; rules: (address: number) => AddressRules; maxPerHost: number; idle?: (host: number, idle: boolean) => void }) {
    this.#taken = opts.taken;
    this.#random = opts.random;
    this.#rulesOf = opts.rules;
    this.maxPerHost = opts.maxPerHost;
    this.#idle = opts.idle;
  }

  /** Sessions of an internal host (address as in FlowKey). */
  sessions(host: number): number { return this.#sessions.get(host | 0) ?? 0; }
  /** Hosts with sessions. */
  get hosts(): number { return this.#sessions.size; }

  /** Mapped endpoints of all pools. */
  get mappings(): number {
    let n = 0;
    for (const books of this.#books.values()) n += books.mappings;
    return n;
  }

  /** The pool of an address and protocol; undefined while nothing was mapped there. */
  pool(address: number, proto: number): PortPool | undefined { return this.#books.get(address | 0)?.peek(proto); }

  /**
   * The external port on `address` for a new flow from src:sport to dst:dport (after DNAT), and counts the flow. `wanted`: a port
   * that is forwarded to this very endpoint. NO_PORT or TOO_MANY refuse. Protocols without ports keep `sport`, as long as
   * no second host talks to the same remote end.
   */
  map(address: number, src: number, sport: number, dst: number, dport: number, proto: number, wanted = -1): number {
    this.#settle();
    const sessions = this.#sessions.get(src | 0) ?? 0;
    if (sessions >= this.maxPerHost) return TOO_MANY;
    const pool = this.#booksOf(address).pool(proto);
    if (pool === undefined) return this.#keep(address, src, sport, dst, dport, proto, sessions);
    let port = pool.lookup(src, sport);
    if (port < 0) port = wanted > 0 && !pool.held(wanted) ? wanted : pool.pick(src, sport);
    for (let n = 0; port >= 0 && this.#taken(dst, dport, address, port, proto); n++) {
      if (n === ATTEMPTS) return NO_PORT;
      port = pool.any(sport & 1);
    }
    if (port < 0 || !pool.hold(src, sport, port)) return NO_PORT;
    return this.#note(address, src, sport, dst, dport, port, proto, sessions);
  }

  /** A flow whose port stays what it is (one-to-one): counted, refused when its answers would reach another flow. */
  keep(address: number, src: number, sport: number, dst: number, dport: number, proto: number): number {
    this.#settle();
    const sessions = this.#sessions.get(src | 0) ?? 0;
    return sessions >= this.maxPerHost ? TOO_MANY : this.#keep(address, src, sport, dst, dport, proto, sessions);
  }

  #keep(address: number, src: number, sport: number, dst: number, dport: number, proto: number, sessions: number): number {
    if (this.#taken(dst, dport, address, sport, proto)) return NO_PORT;
    return this.#note(address, src, sport, dst, dport, sport, proto, sessions);
  }

  #note(address: number, src: number, sport: number, dst: number, dport: number, port: number, proto: number, sessions: number): number {
    this.#sessions.set(src | 0, sessions + 1);
    if (sessions === 0) this.#idle?.(src, false);
    this.#booksOf(address).contacts?.add(port, dst, proto);
    const n = this.#newest;
    n.pending = true;
    n.address = address; n.src = src; n.sport = sport; n.dst = dst; n.dport = dport; n.port = port; n.proto = proto;
    return port;
  }

  /** A flow was made. What the newest mapping gave it; undefined: it was not for this flow. The object is reused. */
  confirm(flow: NewFlow): { readonly address: number; readonly port: number } | undefined {
    const n = this.#newest;
    // The newest may be of a flow that was decided again, or that was not made.
    if (!n.pending || n.src !== flow.src || n.sport !== flow.sport || n.dst !== flow.toDst || n.dport !== flow.toDport || n.proto !== flow.proto) return undefined;
    n.pending = false;
    return n;
  }

  /** A decision need not become a flow (a stray TCP segment, a full table), and nobody tells: then its mapping goes back. */
  #settle(): void {
    const n = this.#newest;
    if (!n.pending) return;
    n.pending = false;
    if (!this.#taken(n.dst, n.dport, n.address, n.port, n.proto)) this.#unmap(n.address, n.src, n.sport, n.dst, n.port, n.proto);
  }

  /** Whether the endpoint holds this external port, so that a flow that is decided again may keep it. */
  holds(address: number, src: number, sport: number, port: number, proto: number): boolean {
    const pool = this.#books.get(address | 0)?.peek(proto);
    return pool === undefined ? port === sport : port === sport && !pool.held(port) || pool.owns(src, sport, port);
  }

  /** A translated flow that exists already, for instance from before a reload. `pooled`: its address is shared. */
  adopt(flow: FlowView, pooled = true): void {
    const { src, sport, proto } = flow.original;
    const books = this.#booksOf(flow.reply.dst);
    if (pooled) books.pool(proto)?.hold(src, sport, flow.reply.dport);
    books.contacts?.add(flow.reply.dport, flow.reply.src, proto);
    const sessions = this.#sessions.get(src | 0) ?? 0;
    if (sessions === 0) this.#idle?.(src, false);
    this.#sessions.set(src | 0, sessions + 1);
  }

  /** A translated flow is over. */
  release(original: FlowKey, reply: FlowKey): void {
    const n = this.#newest;
    if (n.pending && n.port === reply.dport && n.address === reply.dst && n.dst === reply.src && n.dport === reply.sport && n.proto === original.proto) n.pending = false;
    this.#unmap(reply.dst, original.src, original.sport, reply.src, reply.dport, original.proto);
  }

  #unmap(address: number, src: number, sport: number, dst: number, port: number, proto: number): void {
    const left = (this.#sessions.get(src | 0) ?? 0) - 1;
    if (left > 0) this.#sessions.set(src | 0, left);
    else if (this.#sessions.delete(src | 0)) this.#idle?.(src, true);
    const books = this.#books.get(address | 0);
    if (books === undefined) return;
    books.contacts?.remove(port, dst, proto);
    books.peek(proto)?.release(src, sport, port);
  }

  /** A flow from outside reached an endpoint through this port: the mapping stays as long as it lives. */
  hold(address: number, ip: number, port: number, external: number, proto: number): boolean {
    return this.#booksOf(address).pool(proto)?.hold(ip, port, external) ?? true;
  }
  unhold(address: number, ip: number, port: number, external: number, proto: number): void {
    this.#books.get(address | 0)?.peek(proto)?.release(ip, port, external);
  }

  /** Whether whoever has this port has sent to that remote address (filtering by address). */
  hasContact(address: number, port: number, remote: number, proto: number): boolean {
    return this.#books.get(address | 0)?.contacts?.has(port, remote, proto) ?? false;
  }

  /** From now on remembers who was sent to from this address, beginning with these flows; or stops. */
  trackContacts(address: number, on: boolean, flows: () => readonly FlowView[]): void {
    if (!on) {
      const books = this.#books.get(address | 0);
      if (books) books.contacts = undefined;
      return;
    }
    const books = this.#booksOf(address);
    if (books.contacts) return;
    books.contacts = new Contacts();
    for (const f of flows()) if (f.reply.dst === address) books.contacts.add(f.reply.dport, f.reply.src, f.original.proto);
  }

  /** The rules of some addresses changed. Ports that are in use stay in use. */
  rulesChanged(): void {
    for (const books of this.#books.values()) books.renew();
  }

  /** Drops the books of addresses that are not the router's any more and have no flows left. */
  retire(addresses: ReadonlySet<number>): void {
    for (const [key, books] of this.#books) {
      if (books.mappings === 0 && !addresses.has(key >>> 0)) this.#books.delete(key);
    }
    this.#last = undefined;
  }

  #booksOf(address: number): Books {
    const key = address | 0;
    if (this.#lastKey === key && this.#last !== undefined) return this.#last;
    let books = this.#books.get(key);
    if (books === undefined) {
      books = new Books(() => this.#rulesOf(address), this.#random);
      this.#books.set(key, books);
    }
    this.#lastKey = key;
    this.#last = books;
    return books;
  }
}
