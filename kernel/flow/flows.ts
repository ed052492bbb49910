import type { Clock } from '../../sdk/clock.ts';
import type { FlowTimeouts, FlowView, Flows, FlowWatcher, TcpTracking } from '../../sdk/flow.ts';
import type { LinkInfo } from '../../sdk/link.ts';
import type { Counter, Packet } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { EPOCH, FLAGS, linkOf, OUT, RECORDED, SEEN, UNREACHABLE, WORDS } from './action.ts';
import { Candidate, Decision, type Deciders, type Explain } from './deciders.ts';
import { Freezer } from './freeze.ts';
import { hasKey, isIcmpError, isOneWay, isQueryReply, isSameQuery, portsOf } from './key.ts';
import { Lives } from './lives.ts';
import type { NeighbourTable } from './neighbours.ts';
import { ALIVE, ASKED, ASYMMETRIC, BORN, BY, CLOSED, dnatOf, FLOW, HALF_OPEN, LOCAL_BIT, snatOf, TCP, TIMEOUT } from './record.ts';
import { FlowTable } from './table.ts';
import { Kind, kindOf, S, tcpNext, tcpOneSided } from './tcp-state.ts';
import { begin, follow } from './tcp-window.ts';
import { Tracking } from './tracking.ts';
import { view } from './view.ts';

/** Answers of `classify` that are not a tuple. */
const DROPPED = -1;
/** For the router itself, without a flow (broadcasts, errors about the router's own packets). */
export const FLOWLESS = -2;
/** An ICMP error about a flow, or a refusal of our own: the forwarder finds its way. */
export const RELATED = -3;

/**
 * Flows looked at per breath when their time has come; the rest waits for the next breath. Before code is compiled a flow's end takes
 * ten times as long, so the clock is looked at too, after so many flows: a breath may spend so long on it (ms).
 */
const EXPIRE_PER_BREATH = 256;
const EXPIRE_AT_ONCE = 16;
const EXPIRE_MS = 0.25;
/** A tunnel's direction that has carried so many packets is one, although nothing answers it. */
const ONE_WAY_PACKETS = 3;
const OPENING = tcp.SYN | tcp.FIN | tcp.RST | tcp.ACK;

export interface FlowHost {
  counter(name: string): Counter;
  link(id: number): LinkInfo | undefined;
  /** A flow was refused with `reject`: answer the sender. */
  refuse(p: Packet, code: number): void;
}

/** Finds or makes the flow of each packet: the slow path that decides, and the table the fast path executes from. */
export class FlowCore implements Flows {
  readonly table: FlowTable;
  readonly deciders: Deciders;
  readonly #host: FlowHost;
  readonly #clock: Clock;
  readonly #start: number;
  readonly #freezer: Freezer;
  readonly #tracking: Tracking;
  readonly #lives: Lives;
  #epoch = 1;
  /** Why flows were decided again last; shown by `trace` and lists. */
  epochWhy = 'start';
  /** Second of the present breath on the table's own clock. */
  #second = 0;
  #nowMs = 0;
  readonly #candidate = new Candidate();
  readonly #decision = new Decision();
  readonly #why: Record<'full' | 'evicted' | 'stray' | 'noKey' | 'taken' | 'unreachable' | 'cut' | 'ended' | 'otherQuery' | 'unasked', Counter>;
  #epochs = 0;

  constructor(opts: { max: number; seed: number; clock: Clock; deciders: Deciders; neighbours: NeighbourTable; host: FlowHost }) {
    const { deciders, host } = opts;
    const { counter } = host;
    this.table = new FlowTable(opts.max, opts.seed);
    this.deciders = deciders;
    this.#host = host;
    this.#clock = opts.clock;
    this.#start = opts.clock.now();
    this.#freezer = new Freezer(this.table, deciders, opts.neighbours, id => host.link(id));
    this.#tracking = new Tracking(counter, () => this.bumpEpoch('TCP is followed otherwise'));
    this.#lives = new Lives({ table: this.table, deciders, seed: opts.seed, view: flow => this.view(flow), retimed: () => this.bumpEpoch('timeouts of flows changed') });
    this.#why = {
      full: counter('flow: table full'), evicted: counter('flow: half-open or closed flow gave way to a new one'), stray: counter('flow: tcp segment without a connection'),
      noKey: counter('flow: icmp message of a type that is not forwarded'), taken: counter('flow: the way back belongs to another flow'), otherQuery: counter('flow: icmp message of another kind than its flow'), unasked: counter('flow: icmp answer to nothing'),
      unreachable: counter('flow: no way back'), cut: counter('flow: cut by a new decision'), ended: counter('flow: ended as it began'),
    };
  }

  get size(): number { return this.table.size; }
  get max(): number { return this.table.max; }
  get halfOpen(): number { return this.#lives.half.size; }
  get timeouts(): FlowTimeouts { return this.#lives.timeouts.values; }
  get epoch(): number { return this.#epoch; }
  /** How many decisions were made again because of an epoch. */
  get redecided(): number { return this.#epochs; }

  /** Whether TCP is followed by its sequence numbers. */
  get followsWindows(): boolean { return this.#tracking.window; }

  halfOpenTo(toDst: number): number { return this.#lives.half.countTo(toDst); }
  watch(watcher: FlowWatcher): Disposable { return this.#lives.watchers.add(watcher); }
  setTimeouts(change: Partial<FlowTimeouts>): Disposable { return this.#lives.timeouts.set(change); }
  trackTcp(how: TcpTracking): Disposable { return this.#tracking.set(how); }

  /** Once per breath: reads nothing but its argument afterwards. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#second = this.#lives.second = Math.max(0, Math.floor((nowMs - this.#start) / 1000));
  }

  /** Ends what has run out of time, so many flows at most. False: there are more. */
  expire(): boolean {
    if (this.table.wheel.turn(this.#second, EXPIRE_AT_ONCE, this.#look)) return true;
    const end = this.#clock.now() + EXPIRE_MS;
    for (let n = EXPIRE_AT_ONCE; n < EXPIRE_PER_BREATH && this.#clock.now() < end; n += EXPIRE_AT_ONCE) {
      if (this.table.wheel.turn(this.#second, EXPIRE_AT_ONCE, this.#look)) return true;
    }
    return false;
  }

  readonly #look = (flow: number): number => {
    const due = this.table.seen(flow) + this.table.records[flow * FLOW + TIMEOUT]!;
    if (due > this.#second) return due;
    const state = this.table.state(flow);
    this.#lives.end(flow, state === S.Close ? 'reset' : state === S.TimeWait ? 'closed' : 'expired');
    return -1;
  };

  /** The flow of a packet whose headers are checked; `guess` is what Lookup says, or -1: its tuple, or DROPPED (p is marked), FLOWLESS or RELATED. */
  classify(p: Packet, guess: number, tell?: Explain): number {
    const { buf, l3, l4, proto } = p;
    if (proto === 1 && isIcmpError(buf, l4)) return RELATED;
    const table = this.table;
    const src = buf[l3 + 12]! << 24 | buf[l3 + 13]! << 16 | buf[l3 + 14]! << 8 | buf[l3 + 15]!;
    const dst = buf[l3 + 16]! << 24 | buf[l3 + 17]! << 16 | buf[l3 + 18]! << 8 | buf[l3 + 19]!;
    const ports = portsOf(buf, l4, proto);
    const t = table.has(guess, src, dst, ports, proto) ? guess : table.find(src, dst, ports, proto);
    if (t < 0) return this.#first(p, tell);
    const flow = t >> 1;
    const k = t * WORDS;
    const { tuples } = table;
    if (proto === 1 && !isSameQuery(buf, l4, table.records[flow * FLOW + ASKED]!, (t & 1) === 1)) return this.#drop(p, this.#why.otherQuery);
    if ((tuples[k + FLAGS]! & RECORDED) === 0) { /* by far the most */ } else if (proto === 6) {
      const bits = table.bits(flow);
      const flags = buf[l4 + 13]!;
      const state = table.state(flow);
      let next = state;
      if ((bits & CLOSED) !== 0 && (flags & OPENING) === tcp.SYN) {
        this.cut(flow, 'opened anew');
        return this.#first(p, tell);
      }
      if ((bits & ASYMMETRIC) !== 0) next = tcpOneSided(state, flags);
      else if (this.#tracking.window) {
        next = follow(table.records, flow * FLOW + TCP, state, t & 1, buf, l4, p.off + p.len);
        if (next < 0) return this.#drop(p, this.#tracking.refused(next));
      } else if (state !== S.Established || (flags & OPENING) !== tcp.ACK) next = tcpNext(state, flags, t & 1);
      if (next !== state || (bits & HALF_OPEN) !== 0) this.#lives.become(flow, state, next, t & 1);
    } else if (((t & 1) === 1 || (isOneWay(proto) && table.counts[t * 8 + 6]! >= ONE_WAY_PACKETS))) this.#lives.answered(flow, S.Assured);
    if (tuples[k + EPOCH] !== this.#epoch && !this.#again(flow, p, tell)) return DROPPED;
    tuples[k + SEEN] = this.#second;
    table.counts[t * 8 + 6]!++;
    table.counts[t * 8 + 7]! += p.off + p.len - l3;
    if ((tuples[k + FLAGS]! & UNREACHABLE) !== 0) return this.#drop(p, this.#why.unreachable);
    return t;
  }

  /** Whether a packet that was kept for a while still belongs to the flow it was given. */
  owns(p: Packet): boolean {
    if (!this.table.alive(p.tuple >> 1)) return false;
    return p.translated || this.table.find(ipv4.src(p.buf, p.l3), ipv4.dst(p.buf, p.l3), portsOf(p.buf, p.l4, p.proto), p.proto) === p.tuple;
  }

  #drop(p: Packet, why: Counter, reject?: number): number {
    p.verdict = 1;
    p.reason = why;
    if (reject !== undefined) this.#host.refuse(p, reject);
    return DROPPED;
  }

  /** Loads the candidate from a packet. */
  candidate(p: Packet): Candidate {
    const c = this.#candidate;
    const ports = portsOf(p.buf, p.l4, p.proto);
    c.packet = p;
    c.src = ipv4.src(p.buf, p.l3); c.dst = ipv4.dst(p.buf, p.l3);
    c.sport = ports >>> 16; c.dport = ports & 0xffff;
    c.proto = p.proto; c.inLink = p.inLink; c.local = p.local;
    c.asked = p.proto === 1 ? p.buf[p.l4]! << 8 | p.buf[p.l4 + 1]! : 0;
    c.previous = undefined; c.now = this.#nowMs;
    return c;
  }

  #first(p: Packet, tell?: Explain): number {
    if (!hasKey(p)) return this.#drop(p, this.#why.noKey);
    const flags = p.proto === 6 ? p.buf[p.l4 + 13]! : 0;
    // A reset of our own that answers no flow refuses something: it must not become a connection (nor catch the next one).
    if (p.local && (flags & tcp.RST) !== 0) return RELATED;
    const c = this.candidate(p);
    const d = this.#decision;
    // A connection begins with SYN and nothing else (RFC 9293 §3.5); anything else belongs to one we do not know. For the router
    // itself it goes on: somebody there answers it with a reset. So it is with an ICMP answer that nobody has asked for.
    if (!p.local && (p.proto === 6 ? (flags & OPENING) !== tcp.SYN : p.proto === 1 && isQueryReply(p.buf[p.l4]!))) {
      c.toDst = c.dst; c.toDport = c.dport;
      if (!this.deciders.route(c, d)) return this.#drop(p, this.#why.stray);
      c.outLink = d.outLink; c.nextHop = d.nextHop; c.outAddress = d.source; c.toSelf = d.self;
      if (!d.self && ((flags & tcp.RST) !== 0 || !this.#tracking.pickup(c))) return this.#drop(p, p.proto === 6 ? this.#why.stray : this.#why.unasked);
    }
    // Not after the decision, which may cost a mapping.
    if (this.table.size >= this.table.max && this.#lives.mayGo() < 0) return this.#drop(p, this.#why.full);
    if (!this.deciders.run(c, d, tell)) return this.#drop(p, d.drop!, d.reject);
    if (d.self && d.source !== d.dst) return FLOWLESS; // broadcast or multicast
    const flow = this.#enter(p, c, d, flags);
    if (flow < 0) return DROPPED;
    tell?.('inspect', 'flow', `flow ${flow} is new`);
    return flow * 2;
  }

  /** Makes the flow that was decided. Below 0: the packet is marked. */
  #enter(p: Packet, c: Candidate, d: Decision, flags: number): number {
    const table = this.table;
    let flow = table.allocate();
    if (flow < 0) {
      const victim = this.#lives.mayGo();
      if (victim < 0) return this.#drop(p, this.#why.full);
      this.#why.evicted.n++;
      this.#lives.end(victim, 'the table is full');
      flow = table.allocate();
    }
    const t = flow * 2;
    if (!table.insert(t, c.src, c.dst, c.sport << 16 | c.dport, c.proto) || !table.insert(t + 1, d.dst, d.src, d.dport << 16 | d.sport, c.proto)) {
      table.remove(t);
      table.release(flow);
      return this.#drop(p, this.#why.taken);
    }
    const r = flow * FLOW;
    const { records } = table;
    if (c.proto === 1) records[r + ASKED] = c.asked;
    records[r + BORN] = table.tuples[t * WORDS + SEEN] = table.tuples[(t + 1) * WORDS + SEEN] = this.#second;
    table.setInLink(flow, c.inLink);
    let bits = ALIVE | HALF_OPEN | (c.local ? LOCAL_BIT : 0);
    table.setBits(flow, bits);
    this.#freezer.freeze(flow, c, d, this.#epoch);
    table.counts[t * 8 + 6] = 1;
    table.counts[t * 8 + 7] = p.off + p.len - p.l3;
    let asymmetric = false;
    if (c.proto === 6) {
      table.setState(flow, kindOf(flags) === Kind.Syn ? S.SynSent : tcpNext(S.Established, flags, 0));
      asymmetric = this.#tracking.asymmetric(c);
      if (asymmetric) {
        bits |= ASYMMETRIC;
        table.setState(flow, tcpOneSided(S.New, flags));
      } else if (this.#tracking.window) begin(records, r + TCP, p.buf, p.l4, p.off + p.len);
    }
    table.setBits(flow, bits);
    this.#lives.begin(flow);
    this.#lives.watchers.begun(flow, c);
    // Whoever was told may have ended it.
    if (!table.alive(flow)) return this.#drop(p, this.#why.ended);
    if (asymmetric) this.#lives.answered(flow, table.state(flow)); // the answer goes another way
    return flow;
  }

  cutOldestHalfOpen(why: string, toDst?: number): boolean {
    const flow = toDst === undefined ? this.#lives.half.oldest : this.#lives.half.oldestTo(toDst);
    if (flow >= 0) this.#lives.end(flow, why);
    return flow >= 0;
  }

  /** Decides a flow again after an epoch change. False: it may not go on; the packet is marked. */
  #again(flow: number, p: Packet, tell?: Explain): boolean {
    const table = this.table;
    const d = this.#decision;
    const { records, tuples } = table;
    const k = flow * 2 * WORDS;
    const r = k + WORDS;
    // While a guarding plugin is away nothing is decided; what was decided stays.
    if (this.deciders.failClosed.length > 0) return true;
    this.#epochs++;
    const c = this.#candidate;
    c.packet = p;
    c.src = tuples[k]! >>> 0; c.dst = tuples[k + 1]! >>> 0;
    c.sport = tuples[k + 2]! >>> 16; c.dport = tuples[k + 2]! & 0xffff;
    c.proto = tuples[k + 3]!; c.inLink = table.inLink(flow); c.local = (table.bits(flow) & LOCAL_BIT) !== 0; c.now = this.#nowMs;
    c.asked = c.proto === 1 ? records[flow * FLOW + ASKED]! : 0;
    const backPorts = tuples[r + 2]!;
    c.previous = { snatSrc: tuples[r + 1]! >>> 0, snatSport: backPorts & 0xffff, toDst: tuples[r]! >>> 0, toDport: backPorts >>> 16, outLink: linkOf(tuples[k + OUT]!) };
    const allowed = this.deciders.run(c, d, tell);
    if (!table.alive(flow)) { this.#drop(p, this.#why.ended); return false; } // a decider cut it
    if (!allowed) {
      this.cut(flow, 'no longer allowed');
      this.#drop(p, d.drop ?? this.#why.cut, d.reject);
      return false;
    }
    const ports = d.dport << 16 | d.sport;
    if ((d.dst | 0) !== tuples[r] || (d.src | 0) !== tuples[r + 1] || ports !== backPorts) {
      this.#lives.tellDeciders(flow);
      records[flow * FLOW + BY] = 0; // told; the new decision's is written below
      const half = (table.bits(flow) & HALF_OPEN) !== 0;
      if (half) this.#lives.half.remove(flow, c.proto === 6 ? tuples[r]! : undefined);
      table.remove(flow * 2 + 1);
      const free = table.insert(flow * 2 + 1, d.dst, d.src, ports, c.proto);
      if (half) this.#lives.half.add(flow, c.proto === 6 ? tuples[r]! : undefined);
      if (!free) {
        this.cut(flow, 'its new way back belongs to another flow');
        this.#drop(p, this.#why.taken);
        return false;
      }
    }
    this.#freezer.freeze(flow, c, d, this.#epoch);
    if (c.proto === 6) {
      const asymmetric = this.#tracking.asymmetric(c);
      table.setBits(flow, table.bits(flow) & ~ASYMMETRIC | (asymmetric ? ASYMMETRIC : 0));
      if (asymmetric && (table.bits(flow) & HALF_OPEN) !== 0) this.#lives.answered(flow, table.state(flow));
    }
    this.#lives.age(flow);
    return true;
  }

  taken(src: number, sport: number, dst: number, dport: number, proto: number): boolean {
    return this.table.find(src, dst, sport << 16 | dport, proto) >= 0;
  }

  view(id: number): FlowView | undefined { return this.table.alive(id) ? view(this.table, id, this.#second, this.#start, this.deciders) : undefined; }

  list(filter?: (f: FlowView) => boolean, most = Number.POSITIVE_INFINITY): FlowView[] {
    const found: FlowView[] = [];
    for (let flow = 0; flow < this.table.extent && found.length < most; flow++) {
      const v = this.view(flow);
      if (v && (!filter || filter(v))) found.push(v);
    }
    return found;
  }

  cut(id: number, why: string): void {
    if (this.table.alive(id)) this.#lives.end(id, why);
  }

  cutWhere(filter: (f: FlowView) => boolean, why: string): number {
    let n = 0;
    for (let flow = 0; flow < this.table.extent; flow++) {
      const v = this.view(flow);
      if (!v || !filter(v)) continue;
      this.cut(flow, why);
      n++;
    }
    return n;
  }

  bumpEpoch(why: string): void {
    this.#epoch = this.#epoch >= 0x7fff_fff0 ? 1 : this.#epoch + 1;
    this.epochWhy = why;
  }

  /** Ends the flows of deciders that left for good. */
  cutGone(): number {
    const gone = this.deciders.takeGone();
    if (gone.size === 0) return 0;
    let n = 0;
    for (let flow = 0; flow < this.table.extent; flow++) {
      if (!this.table.alive(flow)) continue;
      const by = this.table.records[flow * FLOW + BY]!;
      if (gone.has(dnatOf(by)) || gone.has(snatOf(by))) { this.#lives.end(flow, 'its translator has gone'); n++; }
    }
    return n;
  }
}
