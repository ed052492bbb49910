import { Kind, type Message } from './ike-message.ts';

/** Flows that share a port outside; more get ports of their own there. */
const MOST_FLOWS = 1024;
/** Cookies of one flow: what is newer than these takes the place of the oldest, and whoever still uses that one says it again. */
const MOST_COOKIES = 8;
/** SPIs of one flow and direction. One that was in use lately is not pushed out by others: they may be made up. */
const MOST_SPIS = 16;
const IN_USE_MS = 60_000;

/** A flow of a host from port 500 (or 4500) to a peer. Outside it has that very port; the flow table knows it by another one, `alias`. Addresses as in FlowKey. */
export interface IkeFlow {
  readonly address: number;
  readonly alias: number;
  readonly remote: number;
  readonly rport: number;
  readonly port: number;
  readonly host: number;
  /** Initiator cookies it has used, oldest first. */
  readonly cookies: string[];
  /** SPIs that the host sends with, oldest first, and those that the peer does. */
  readonly ours: number[];
  readonly theirs: { readonly spi: number; at: number }[];
  /** The host has begun to send with a new SPI since the peer did: the peer's new one is waited for. */
  pending: boolean;
  since: number;
  /** Not 0: it has made new keys with the peer (the greater, the later) and used no new cookie since: one that nobody knows may be its. */
  rekeyed: number;
}
type Key = Pick<IkeFlow, 'address' | 'alias' | 'remote' | 'rport' | 'port' | 'host'>;

/** Who speaks with one port of one peer from one port of one outside address. */
export interface Peer {
  readonly address: number;
  readonly remote: number;
  readonly rport: number;
  readonly port: number;
  readonly flows: Map<number, IkeFlow>;
  readonly cookies: Map<string, IkeFlow>;
  readonly spis: Map<number, { readonly flow: IkeFlow; readonly use: { at: number } }>;
  /** The cookie that was guessed about last, and `rekeyed` of the flow it was given to. */
  guessed: string;
  below: number;
}

/**
 * Hosts that speak IKE with the same peer from the same outside port: told apart by the cookie of whoever began (RFC 2408 §2.5.3), which
 * a host's own packets teach us, and for ESP in UDP by its SPI, which the peer has chosen under encryption and which is guessed as
 * esp.ts does. No clock and no packets here.
 */
export class IkeHosts {
  /** By remote address, as a signed number. */
  readonly #peers = new Map<number, Peer[]>();
  readonly #clash: (flow: IkeFlow, owner: IkeFlow, cookie: string) => void;
  #turn = 0;
  /** Flows of which a clash was told: once, however many packets and cookies of others come. */
  readonly #told = new WeakSet<IkeFlow>();
  size = 0;

  /** `clash`: a host uses a cookie that another one has with the same peer. That one keeps it. */
  constructor(clash: (flow: IkeFlow, owner: IkeFlow, cookie: string) => void) { this.#clash = clash; }

  /** A flow that shall have `port` outside. False: there are too many, or it has that port by itself. */
  begin(key: Key): boolean {
    if (key.alias === key.port) return false;
    if (this.leaving(key.address, key.alias, key.remote, key.rport)) return true;
    return this.#enter({ ...key, cookies: [], ours: [], theirs: [], pending: false, since: 0, rekeyed: 0 });
  }

  /** One that was there before a reload, with all it has learned. */
  restore(flow: IkeFlow): void {
    if (!this.#enter({ ...flow, cookies: [...flow.cookies], ours: [...flow.ours], theirs: flow.theirs.map(t => ({ ...t })) })) return;
    const peer = this.peer(flow.address, flow.remote, flow.rport, flow.port)!;
    const own = peer.flows.get(flow.alias)!;
    this.#turn = Math.max(this.#turn, own.rekeyed);
    for (const cookie of own.cookies) if (!peer.cookies.has(cookie)) peer.cookies.set(cookie, own);
    for (const use of own.theirs) if (!peer.spis.has(use.spi)) peer.spis.set(use.spi, { flow: own, use });
  }

  #enter(flow: IkeFlow): boolean {
    if (this.size >= MOST_FLOWS) return false;
    const { address, remote, rport, port } = flow;
    let peer = this.peer(address, remote, rport, port);
    if (!peer) {
      peer = { address, remote, rport, port, flows: new Map(), cookies: new Map(), spis: new Map(), guessed: '', below: 0 };
      const there = this.#peers.get(remote | 0);
      if (there) there.push(peer);
      else this.#peers.set(remote | 0, [peer]);
    }
    peer.flows.set(flow.alias, flow);
    this.size++;
    return true;
  }

  /** A flow is over; one that is not here is ignored. */
  end(address: number, alias: number, remote: number, rport: number): void {
    const peers = this.#peers.get(remote | 0);
    const peer = peers?.find(p => p.address === address && p.rport === rport && p.flows.has(alias));
    if (!peers || !peer) return;
    const flow = peer.flows.get(alias)!;
    peer.flows.delete(alias);
    for (const cookie of flow.cookies) if (peer.cookies.get(cookie) === flow) peer.cookies.delete(cookie);
    for (const { spi } of flow.theirs) if (peer.spis.get(spi)?.flow === flow) peer.spis.delete(spi);
    this.size--;
    if (peer.flows.size > 0) return;
    peers.splice(peers.indexOf(peer), 1);
    if (peers.length === 0) this.#peers.delete(remote | 0);
  }

  /** Only these ports are still shared; flows on others go on as any flow does, by the port they have in the flow table. */
  keep(shared: (port: number) => boolean): void {
    for (const f of this.list()) if (!shared(f.port)) this.end(f.address, f.alias, f.remote, f.rport);
  }

  list(): IkeFlow[] { return [...this.#peers.values()].flat().flatMap(p => [...p.flows.values()]); }

  peer(address: number, remote: number, rport: number, port: number): Peer | undefined {
    const peers = this.#peers.get(remote | 0);
    if (peers === undefined) return undefined;
    for (let i = 0; i < peers.length; i++) {
      const p = peers[i]!;
      if (p.address === address && p.rport === rport && p.port === port) return p;
    }
    return undefined;
  }

  /** The flow of a packet that goes out as the flow table has written it. */
  leaving(address: number, alias: number, remote: number, rport: number): IkeFlow | undefined {
    const peers = this.#peers.get(remote | 0);
    if (peers === undefined) return undefined;
    for (let i = 0; i < peers.length; i++) {
      const p = peers[i]!;
      const flow = p.address === address && p.rport === rport ? p.flows.get(alias) : undefined;
      if (flow !== undefined) return flow;
    }
    return undefined;
  }

  /** What a host says teaches whose answers are. `now` in ms. */
  said(flow: IkeFlow, m: Message, now: number): void {
    if (m.kind === Kind.Esp) {
      if (flow.ours.includes(m.spi)) return;
      flow.ours.push(m.spi);
      if (flow.ours.length > MOST_SPIS) flow.ours.shift();
      flow.pending = true;
      flow.since = now;
      return;
    }
    if (m.kind !== Kind.Ike || m.notice) return;
    const peer = this.peer(flow.address, flow.remote, flow.rport, flow.port)!;
    const owner = peer.cookies.get(m.cookie);
    if (owner === flow) {
      if (m.rekeys) flow.rekeyed = ++this.#turn;
      return;
    }
    if (owner !== undefined) {
      if (!this.#told.has(flow)) this.#clash(flow, owner, m.cookie);
      this.#told.add(flow);
      return;
    }
    peer.cookies.set(m.cookie, flow);
    flow.cookies.push(m.cookie);
    flow.rekeyed = m.rekeys ? ++this.#turn : 0;
    if (flow.cookies.length > MOST_COOKIES) peer.cookies.delete(flow.cookies.shift()!);
  }

  /** Whose a packet from the peer is, by what was learned; undefined: it carries nothing that is known. */
  known(peer: Peer, m: Message, now: number): IkeFlow | undefined {
    if (m.kind === Kind.Esp) {
      const found = peer.spis.get(m.spi);
      if (found) found.use.at = now;
      return found?.flow;
    }
    const flow = m.kind === Kind.Ike ? peer.cookies.get(m.cookie) : undefined;
    if (flow && m.rekeys) flow.rekeyed = ++this.#turn;
    return flow;
  }

  /**
   * Whose a packet probably is that nothing is known of: who is alone with the peer; for an SPI who began to send with a new one last
   * and has had no answer; for a cookie of IKEv2 who made new keys last, and when the peer says it again, who did before that one: the host
   * whose it is will answer with it, and then it is known. Undefined: it cannot be told.
   */
  likely(peer: Peer, m: Message, now: number): IkeFlow | undefined {
    const only = peer.flows.size === 1 ? peer.flows.values().next().value : undefined;
    if (m.kind === Kind.Esp) {
      let newest: IkeFlow | undefined;
      for (const f of peer.flows.values()) if (f.pending && (newest === undefined || f.since >= newest.since)) newest = f;
      const flow = newest ?? only;
      if (flow) this.#learn(peer, flow, m.spi, now);
      return flow;
    }
    if (only || m.kind !== Kind.Ike || m.first) return only;
    const last = peer.guessed === m.cookie ? latest(peer, peer.below) : undefined;
    const flow = last ?? latest(peer, Number.POSITIVE_INFINITY);
    peer.guessed = m.cookie;
    peer.below = flow?.rekeyed ?? 0;
    return flow;
  }

  /** Whose packet an ICMP error quotes. */
  quoted(peer: Peer, m: Message): IkeFlow | undefined {
    if (m.kind === Kind.Ike) return peer.cookies.get(m.cookie);
    for (const f of peer.flows.values()) if (peer.flows.size === 1 || (m.kind === Kind.Esp && f.ours.includes(m.spi))) return f;
    return undefined;
  }

  #learn(peer: Peer, flow: IkeFlow, spi: number, now: number): void {
    flow.pending = false;
    if (flow.theirs.length >= MOST_SPIS) {
      const oldest = flow.theirs.reduce((a, b) => b.at < a.at ? b : a);
      if (now - oldest.at < IN_USE_MS) return;
      flow.theirs.splice(flow.theirs.indexOf(oldest), 1);
      peer.spis.delete(oldest.spi);
    }
    const use = { spi, at: now };
    flow.theirs.push(use);
    peer.spis.set(spi, { flow, use });
  }
}

/** Who made new keys last, of those that did before `below`. */
function latest(peer: Peer, below: number): IkeFlow | undefined {
  let found: IkeFlow | undefined;
  for (const f of peer.flows.values()) if (f.rekeyed > (found?.rekeyed ?? 0) && f.rekeyed < below) found = f;
  return found;
}
