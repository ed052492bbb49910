import type { Clock } from '../../sdk/clock.ts';
import type { FlowView, Flows } from '../../sdk/flow.ts';
import type { LinkInfo } from '../../sdk/link.ts';
import type { Counter, Packet } from '../../sdk/packet.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { delta32, DST, EPOCH, ETHER, FLAGS, fold16, INSPECT, INSPECT_BY, LOCAL, MTU, NAT_BY, NEIGHBOUR, OUT, PORTS, REWRITE, SRC, SUM_L3, SUM_L4, UNREACHABLE, WORDS } from './action.ts';
import { Candidate, Decision, type Deciders, type Explain } from './deciders.ts';
import { hasKey, isIcmpError, portsOf } from './key.ts';
import type { NeighbourTable } from './neighbours.ts';
import { FlowTable } from './table.ts';
import { S, tcpNext, timeoutOf } from './tcp-state.ts';
import { view } from './view.ts';

/** Answers of `classify` that are not a tuple. */
export const DROPPED = -1;
/** For the router itself, without a flow (broadcasts, errors about the router's own packets). */
export const FLOWLESS = -2;
/** An ICMP error about a flow, or a refusal of our own: the forwarder finds its way. */
export const RELATED = -3;

/** Flows looked at per breath when their time has come; the rest waits for the next breath. */
const EXPIRE_PER_BREATH = 512;

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
  readonly #neighbours: NeighbourTable;
  readonly #host: FlowHost;
  readonly #clock: Clock;
  readonly #start: number;
  #epoch = 1;
  /** Why flows were decided again last; shown by `trace` and lists. */
  epochWhy = 'start';
  /** Second of the present breath on the table's own clock. */
  #second = 0;
  #nowMs = 0;
  readonly #candidate = new Candidate();
  readonly #back = new Candidate();
  readonly #decision = new Decision();
  readonly #way = new Decision();
  readonly #full: Counter;
  readonly #stray: Counter;
  readonly #noKey: Counter;
  readonly #taken: Counter;
  readonly #unreachable: Counter;
  readonly #cutCounter: Counter;
  #epochs = 0;

  constructor(opts: { max: number; seed: number; clock: Clock; deciders: Deciders; neighbours: NeighbourTable; host: FlowHost }) {
    this.table = new FlowTable(opts.max, opts.seed);
    this.deciders = opts.deciders;
    this.#neighbours = opts.neighbours;
    this.#host = opts.host;
    this.#clock = opts.clock;
    this.#start = opts.clock.now();
    const counter = opts.host.counter;
    this.#full = counter('flow: table full');
    this.#stray = counter('flow: tcp segment without a connection');
    this.#noKey = counter('flow: icmp message of a type that is not forwarded');
    this.#taken = counter('flow: the way back belongs to another flow');
    this.#unreachable = counter('flow: no way back');
    this.#cutCounter = counter('flow: cut by a new decision');
  }

  get size(): number { return this.table.size; }
  get max(): number { return this.table.max; }
  get epoch(): number { return this.#epoch; }
  /** How many decisions were made again because of an epoch. */
  get redecided(): number { return this.#epochs; }

  /** Once per breath: reads nothing but its argument afterwards. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#second = Math.max(0, Math.floor((nowMs - this.#start) / 1000));
  }

  /** Ends what has run out of time. */
  expire(): void {
    const table = this.table;
    table.wheel.turn(this.#second, EXPIRE_PER_BREATH, flow => {
      const due = table.seen[flow]! + table.timeout[flow]!;
      if (due > this.#second) return due;
      this.#end(flow);
      return -1;
    });
  }

  /** The flow of a packet whose headers are checked: its tuple, or DROPPED (p is marked), FLOWLESS or RELATED. */
  classify(p: Packet, tell?: Explain): number {
    const { buf, l3, l4, proto } = p;
    if (proto === 1 && isIcmpError(buf, l4)) return RELATED;
    const table = this.table;
    const t = table.find(
      (buf[l3 + 12]! << 24 | buf[l3 + 13]! << 16 | buf[l3 + 14]! << 8 | buf[l3 + 15]!),
      (buf[l3 + 16]! << 24 | buf[l3 + 17]! << 16 | buf[l3 + 18]! << 8 | buf[l3 + 19]!),
      portsOf(buf, l4, proto), proto);
    if (t < 0) return this.#first(p, tell);
    const flow = t >> 1;
    if (proto === 6) {
      const flags = buf[l4 + 13]! & (tcp.SYN | tcp.FIN | tcp.RST | tcp.ACK);
      const state = table.state[flow]!;
      if (state !== S.Established || (flags & ~tcp.ACK) !== 0) {
        if ((t & 1) === 1 && (flags & (tcp.SYN | tcp.ACK)) === tcp.SYN && (state === S.Close || state === S.TimeWait)) {
          this.cut(flow, 'the other side opened it anew');
          return this.#first(p, tell);
        }
        this.#become(flow, tcpNext(state, flags, t & 1));
      }
    } else if ((t & 1) === 1 && table.state[flow] === S.New) this.#become(flow, S.Assured);
    if (table.actions[t * WORDS + EPOCH] !== this.#epoch && !this.#again(flow, p, tell)) return DROPPED;
    table.seen[flow] = this.#second;
    table.packets[t]!++;
    table.bytes[t]! += p.off + p.len - l3;
    if ((table.actions[t * WORDS + FLAGS]! & UNREACHABLE) !== 0) { p.verdict = 1; p.reason = this.#unreachable; return DROPPED; }
    return t;
  }

  /** Whether a packet that was kept for a while still belongs to the flow it was given. */
  owns(p: Packet): boolean {
    if (this.table.alive[p.tuple >> 1] !== 1) return false;
    return p.translated || this.table.find(ipv4.src(p.buf, p.l3), ipv4.dst(p.buf, p.l3), portsOf(p.buf, p.l4, p.proto), p.proto) === p.tuple;
  }

  #become(flow: number, state: number): void {
    const table = this.table;
    if (table.state[flow] === state) return;
    table.state[flow] = state;
    const proto = table.keys[flow * 8 + 3]!;
    table.timeout[flow] = timeoutOf(proto, state);
    table.wheel.put(flow, this.#second + table.timeout[flow]!);
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
    c.previous = undefined; c.now = this.#nowMs;
    return c;
  }

  #first(p: Packet, tell?: Explain): number {
    if (!hasKey(p)) return this.#drop(p, this.#noKey);
    // A reset of our own that answers no flow refuses something: it must not become a connection (nor catch the next one).
    if (p.local && p.proto === 6 && (p.buf[p.l4 + 13]! & tcp.RST) !== 0) return RELATED;
    const c = this.candidate(p);
    const d = this.#decision;
    // A connection begins with SYN and nothing else (RFC 9293 §3.5); anything else belongs to one we do not know. For the router
    // itself it goes on: somebody there answers it with a reset.
    if (p.proto === 6 && !p.local && (p.buf[p.l4 + 13]! & (tcp.SYN | tcp.ACK | tcp.RST | tcp.FIN)) !== tcp.SYN) {
      c.toDst = c.dst;
      if (!this.deciders.route(c, d) || !d.self) return this.#drop(p, this.#stray);
    }
    if (!this.deciders.run(c, d, tell)) return this.#drop(p, d.drop!, d.reject);
    if (d.self && d.source !== d.dst) return FLOWLESS; // broadcast or multicast
    const table = this.table;
    const flow = table.allocate();
    if (flow < 0) return this.#drop(p, this.#full);
    const t = flow * 2;
    const back = d.sport | d.dport << 16;
    if (!table.insert(t, c.src, c.dst, (c.sport << 16 | c.dport) >>> 0, c.proto)
      || !table.insert(t + 1, d.dst, d.src, back >>> 0, c.proto)) {
      table.remove(t);
      table.release(flow);
      return this.#drop(p, this.#taken);
    }
    table.born[flow] = table.seen[flow] = this.#second;
    table.inLink[flow] = c.inLink;
    table.local[flow] = c.local ? 1 : 0;
    table.state[flow] = p.proto === 6 ? ((p.buf[p.l4 + 13]! & tcp.SYN) !== 0 ? S.SynSent : S.Established) : S.New;
    table.timeout[flow] = timeoutOf(p.proto, table.state[flow]!);
    table.wheel.put(flow, this.#second + table.timeout[flow]!);
    this.#fill(flow, c, d);
    table.packets[t] = 1;
    table.bytes[t] = p.off + p.len - p.l3;
    tell?.('inspect', 'flow', `flow ${flow} is new`);
    return t;
  }

  /** Decides a flow again after an epoch change. False: it may not go on; the packet is marked. */
  #again(flow: number, p: Packet, tell?: Explain): boolean {
    const table = this.table;
    const d = this.#decision;
    const a = table.actions;
    const k = flow * 8;
    const at = flow * 2 * WORDS;
    // While a guarding plugin is away nothing is decided; what was decided stays.
    if (this.deciders.failClosed.length > 0) return true;
    this.#epochs++;
    const c = this.#candidate;
    c.packet = p;
    c.src = table.keys[k]!; c.dst = table.keys[k + 1]!;
    c.sport = table.keys[k + 2]! >>> 16; c.dport = table.keys[k + 2]! & 0xffff;
    c.proto = table.keys[k + 3]!; c.inLink = table.inLink[flow]!; c.local = table.local[flow] === 1; c.now = this.#nowMs;
    const backPorts = table.keys[k + 6]!;
    c.previous = { snatSrc: table.keys[k + 5]!, snatSport: backPorts & 0xffff, toDst: table.keys[k + 4]!, toDport: backPorts >>> 16, outLink: a[at + OUT]! };
    const natBy = a[at + NAT_BY]!;
    if (!this.deciders.run(c, d, tell)) {
      this.cut(flow, 'no longer allowed');
      this.#drop(p, d.drop ?? this.#cutCounter, d.reject);
      return false;
    }
    const ports = (d.dport << 16 | d.sport) >>> 0;
    if (d.dst !== table.keys[k + 4] || d.src !== table.keys[k + 5] || ports !== backPorts) {
      if (natBy !== 0) this.#tellEnded(natBy, flow);
      a[at + NAT_BY] = 0; // told; the new decision's is written below
      table.remove(flow * 2 + 1);
      if (!table.insert(flow * 2 + 1, d.dst, d.src, ports, c.proto)) {
        this.cut(flow, 'its new way back belongs to another flow');
        this.#drop(p, this.#taken);
        return false;
      }
    }
    this.#fill(flow, c, d);
    return true;
  }

  /** Freezes a decision into both directions' actions. */
  #fill(flow: number, c: Candidate, d: Decision): void {
    const natBy = d.dnatBy | d.snatBy << 16;
    const inspect = d.inspectBy !== 0 ? INSPECT : 0;
    const there = (c.sport << 16 | c.dport) >>> 0;
    const thereNew = (d.sport << 16 | d.dport) >>> 0;
    const back = (d.dport << 16 | d.sport) >>> 0;
    const backNew = (c.dport << 16 | c.sport) >>> 0;
    this.#write(flow * 2, c.proto, c.src, c.dst, there, d.src, d.dst, thereNew, d.self, d.outLink, d.nextHop, inspect, natBy, d.inspectBy);

    // The way back: to the router itself, or by the routes to whoever sent the first packet.
    let self = c.local;
    let link = -1;
    let via = 0;
    if (!c.local) {
      const w = this.#way;
      const b = this.#back;
      b.packet = c.packet; b.proto = c.proto; b.local = d.self; b.inLink = d.outLink; b.now = c.now;
      b.src = d.dst; b.dst = b.toDst = c.src; b.sport = d.dport; b.dport = b.toDport = c.sport;
      b.outLink = -1; b.toSelf = false; b.previous = undefined;
      if (this.deciders.route(b, w)) { self = w.self; link = w.outLink; via = w.nextHop; }
    }
    this.#write(flow * 2 + 1, c.proto, d.dst, d.src, back, c.dst, c.src, backNew, self, link, via, inspect, natBy, d.inspectBy);
  }

  #write(tuple: number, proto: number, src: number, dst: number, ports: number, newSrc: number, newDst: number, newPorts: number,
    self: boolean, link: number, via: number, inspect: number, natBy: number, inspectBy: number): void {
    const a = this.table.actions;
    const at = tuple * WORDS;
    const out = self ? undefined : this.#host.link(link);
    let flags = inspect;
    if (self) flags |= LOCAL;
    else if (!out) flags |= UNREACHABLE;
    else if (out.framing === 'ether') flags |= ETHER;
    if (src !== newSrc || dst !== newDst || ports !== newPorts) flags |= REWRITE;
    const addresses = fold16(delta32(src, newSrc) + delta32(dst, newDst));
    const numbers = fold16(delta32(ports, newPorts));
    a[at + FLAGS] = flags;
    a[at + SRC] = newSrc;
    a[at + DST] = newDst;
    a[at + PORTS] = newPorts;
    a[at + OUT] = link;
    a[at + NEIGHBOUR] = out && out.framing === 'ether' ? this.#neighbours.index(link, via) : -1;
    if ((flags & ETHER) !== 0 && a[at + NEIGHBOUR]! < 0) a[at + FLAGS] = flags | UNREACHABLE;
    a[at + SUM_L3] = addresses;
    a[at + SUM_L4] = proto === 1 ? numbers : fold16(addresses + numbers);
    a[at + MTU] = out?.mtu ?? 65_535;
    a[at + EPOCH] = this.#epoch;
    a[at + NAT_BY] = natBy;
    a[at + INSPECT_BY] = inspectBy;
  }

  taken(src: number, sport: number, dst: number, dport: number, proto: number): boolean {
    return this.table.find(src, dst, (sport << 16 | dport) >>> 0, proto) >= 0;
  }

  view(flow: number): FlowView { return view(this.table, flow, this.#second, this.#start, this.deciders); }

  list(filter?: (f: FlowView) => boolean, most = Number.POSITIVE_INFINITY): FlowView[] {
    const found: FlowView[] = [];
    for (let flow = 0; flow < this.table.extent && found.length < most; flow++) {
      if (this.table.alive[flow] === 0) continue;
      const v = this.view(flow);
      if (!filter || filter(v)) found.push(v);
    }
    return found;
  }

  cut(id: number, _why: string): void {
    if (this.table.alive[id] === 1) this.#end(id);
  }

  cutWhere(filter: (f: FlowView) => boolean, why: string): number {
    const doomed = this.list(filter);
    for (const f of doomed) this.cut(f.id, why);
    return doomed.length;
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
      if (this.table.alive[flow] === 0) continue;
      const by = this.table.actions[flow * 2 * WORDS + NAT_BY]!;
      if (gone.has(by & 0xffff) || gone.has(by >>> 16)) { this.#end(flow); n++; }
    }
    return n;
  }

  #end(flow: number): void {
    const table = this.table;
    const natBy = table.actions[flow * 2 * WORDS + NAT_BY]!;
    if (natBy !== 0) this.#tellEnded(natBy, flow);
    table.remove(flow * 2);
    table.remove(flow * 2 + 1);
    table.release(flow);
  }

  #tellEnded(natBy: number, flow: number): void {
    for (const id of natBy & 0xffff ? [natBy & 0xffff, natBy >>> 16] : [natBy >>> 16]) {
      const spec = id === 0 ? undefined : this.deciders.byId(id);
      if (spec?.ended) this.deciders.fenced(spec, () => spec.ended?.(this.view(flow)));
    }
  }
}
