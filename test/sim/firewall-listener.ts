import * as arp from '../../sdk/wire/arp.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import type { HostName, WireName } from '../../lab/topology.ts';
import type { Bed } from './bed.ts';
import { home, type Reference, ROUTER, SIDES, type Side, type Tuple } from './firewall-model.ts';
import type { Sent } from './firewall-strangers.ts';
import { ether, hostMac, ip, routerMac, send } from './frames.ts';

export interface Heard { readonly side: Side; readonly packet: Uint8Array }
/** Why a packet could be heard: it began something, belongs to something, is an error about something, refuses something, or is the router's own. */
export type Reason = 'fresh' | 'answer' | 'error' | 'refusal' | 'own';

const PLACES: Readonly<Record<Side, { readonly host: HostName; readonly wire: WireName }>> = { LAN: { host: 'lan1', wire: 'port1' }, DMZ: { host: 'dmz1', wire: 'port3' }, WAN: { host: 'inet1', wire: 'wan' } };
const OWN = new Set(Object.values(ROUTER).map(ip));
/** Answers of ICMP, and what they answer. */
const ASKED: Readonly<Record<number, number>> = { 0: 8, 14: 13, 16: 15, 18: 17 };
const isError = (type: number): boolean => [3, 4, 5, 11, 12].includes(type);

interface Read extends Tuple { readonly type: number; readonly flags: number; readonly seq: number; readonly ack: number; readonly length: number }
/** `ends`: of what was heard, by direction. */
interface Connection { agreed: boolean; over: boolean; readonly ends: Map<string, number> }
/** Two windows without scaling. */
const WINDOWS = 2 * 65_536;
const FIRSTS = 8;
interface Open { readonly from: Side; readonly to: Side; readonly tuple: Tuple }

const key = (t: Pick<Tuple, 'src' | 'dst' | 'proto' | 'sport' | 'dport'>): string => `${t.src} ${t.dst} ${t.proto} ${t.sport} ${t.dport}`;
const turned = <T extends Tuple>(t: T): T => ({ ...t, src: t.dst, dst: t.src, sport: t.dport, dport: t.sport });
/** Whether b, less than half of all numbers away, is beyond a. */
const after = (b: number, a: number): boolean => (b - a | 0) > 0;
const endOf = (r: Read): number => r.seq + r.length + (r.flags & (tcp.SYN | tcp.FIN) ? 1 : 0) | 0;

/** A packet as rules see it. */
function read(p: Uint8Array, l3 = 0): Read {
  const l4 = l3 + ipv4.headerLen(p, l3);
  const proto = ipv4.protocol(p, l3);
  const u16 = (at: number): number => (p[at] ?? 0) << 8 | (p[at + 1] ?? 0);
  const u32 = (at: number): number => (u16(at) << 16 | u16(at + 2)) >>> 0;
  const [sport, dport] = proto === 6 || proto === 17 || proto === 33 || proto === 132 ? [u16(l4), u16(l4 + 2)] : proto === 1 ? [0, u16(l4)] : [0, 0];
  return { src: ipv4.src(p, l3), dst: ipv4.dst(p, l3), proto, sport, dport, type: p[l4] ?? 0, flags: proto === 6 ? p[l4 + 13] ?? 0 : 0, seq: u32(l4 + 4), ack: u32(l4 + 8), length: p.length - l4 - ((p[l4 + 12] ?? 0) >> 4) * 4 };
}
/** Tunnels whose directions have numbers of their own: PPTP's GRE, ESP. Nothing of them answers anything. */
function isOneWay(p: Uint8Array, proto: number): boolean {
  const l4 = ipv4.headerLen(p, 0);
  return proto === 50 || proto === 47 && (p[l4 + 1]! & 7) === 1 && (p[l4 + 6]! | p[l4 + 7]!) !== 0;
}
/** What names an ICMP question and its answer. */
const query = (r: Tuple, id: number, type: number): string => `${r.src} ${r.dst} icmp ${id} ${type}`;
const idOf = (p: Uint8Array, l3 = 0): number => icmp.id(p, l3 + ipv4.headerLen(p, l3));

/**
 * Sends from all sides and hears what arrives there: hosts that answer nothing but ARP, and that for anybody. Remembers what may
 * have begun by the rules, and says of each packet that is heard whether it could be; throws when it could not.
 */
export class Listener {
  readonly #b: Bed;
  #reference: Reference | undefined;
  #heard: Heard[] = [];
  readonly #open = new Map<string, Open>();
  /** First fragments by datagram, the last few of each, also from before `forget`: with the rest of it, which may come later, it is whole. */
  readonly #firsts = new Map<string, Uint8Array[]>();
  /** TCP connections of which something was heard, under the keys of both directions. */
  readonly #connections = new Map<string, Connection>();
  /** Where segments end that cannot be heard, for their time to live runs out at the router: they may count in a connection all the same. */
  readonly #unheard = new Map<string, number>();

  constructor(b: Bed) {
    this.#b = b;
    for (const side of SIDES) {
      const { host, wire } = PLACES[side];
      const mine = hostMac(host);
      b.lab.stacks.get(host)!.take = (frame) => {
        if (ethernet.etherType(frame, 0) === ethernet.TYPE_IPV4) this.#heard.push({ side, packet: frame.slice(14, 14 + ipv4.totalLen(frame, 14)) });
        else if (ethernet.etherType(frame, 0) === ethernet.TYPE_ARP && arp.op(frame, 14) === arp.OP_REQUEST && !OWN.has(arp.tpa(frame, 14))) {
          const body = new Uint8Array(46);
          arp.write(body, 0, { op: arp.OP_REPLY, sha: mine, spa: arp.tpa(frame, 14), tha: frame.slice(6, 12), tpa: arp.spa(frame, 14) });
          send(b, wire, ether(frame.slice(6, 12), mine, ethernet.TYPE_ARP, body));
        }
      };
    }
    b.lab.stacks.get('lan2')!.take = () => { /* it is not asked */ };
  }

  /** From now on these rules; what they no longer allow has ended. */
  judgeBy(reference: Reference): void {
    this.#reference = reference;
    for (const [k, o] of this.#open) if (reference.verdict(o.from, o.to, o.tuple) !== 'permit') this.#open.delete(k);
  }

  /** Every flow was cut. */
  forget(): void {
    this.#open.clear();
    this.#connections.clear();
    this.#unheard.clear();
    this.#heard = [];
  }

  take(): Heard[] { return this.#heard.splice(0); }

  /** On the wire of a side; it arrives when time goes on. */
  put({ side, packet: p }: Sent): void {
    const { host, wire } = PLACES[side];
    send(this.#b, wire, ether(routerMac(this.#b, host), hostMac(host), ethernet.TYPE_IPV4, p));
  }

  /** The same, remembering what it may begin. */
  send(sent: Sent): void {
    const { side, packet: p } = sent;
    this.put(sent);
    if (ipv4.ttl(p, 0) <= 1 && ipv4.protocol(p, 0) === 6 && ipv4.fragmentOffset(p, 0) === 0) {
      const r = read(p);
      const [end, known] = [endOf(r), this.#unheard.get(key(r))];
      if (known === undefined || after(end, known)) this.#unheard.set(key(r), end);
    }
    const datagram = `${ipv4.src(p, 0)} ${ipv4.dst(p, 0)} ${ipv4.protocol(p, 0)} ${ipv4.id(p, 0)}`;
    if (ipv4.fragmentOffset(p, 0) > 0) {
      for (const first of this.#firsts.get(datagram) ?? []) this.#mayBegin(side, first);
      return;
    }
    if (ipv4.moreFragments(p, 0)) this.#firsts.set(datagram, [...this.#firsts.get(datagram) ?? [], p].slice(-FIRSTS));
    this.#mayBegin(side, p);
  }

  #mayBegin(side: Side, p: Uint8Array): void {
    const r = read(p);
    const to = home(r.dst);
    if (to === undefined || home(r.src) !== side || this.#ask(side, to, r) !== 'permit') return;
    // A connection begins with a SYN; that of a fragment may be in another one.
    if (r.proto === 6 && !ipv4.moreFragments(p, 0) && (r.flags & (tcp.SYN | tcp.ACK)) !== tcp.SYN) return;
    this.#open.set(r.proto === 1 ? query(r, idOf(p), r.type) : key(r), { from: side, to, tuple: r });
  }

  #ask(from: Side, to: Side, t: Tuple): string {
    if (!this.#reference) throw new Error('there are no rules');
    return this.#reference.verdict(from, to, t);
  }

  judge(h: Heard): Reason {
    const r = read(h.packet);
    const wrong = (why: string): never => { throw new Error(`${why}: heard on ${h.side}: ${JSON.stringify(r)} ${Buffer.from(h.packet).toString('hex')}`); };
    if (OWN.has(r.src)) return this.#own(h, r) ? 'own' : wrong('the router answered where it must not');
    const from = home(r.src);
    if (from === undefined) return wrong('nobody may be that sender');
    if (home(r.dst) !== h.side || (r.dst & 255) === 255) return wrong('it does not belong here');
    if (ipv4.fragmentOffset(h.packet, 0) > 0 || ipv4.moreFragments(h.packet, 0)) return wrong('a fragment');
    if (r.proto === 1 && isError(r.type)) return this.#isAboutSomething(h.packet) ? 'error' : wrong('an error about nothing that is there');
    // Of what was sent from here, or of the flow that this was an answer of, which is no longer allowed.
    if (r.proto === 6 && (r.flags & tcp.RST) !== 0 && (this.#ask(h.side, from, turned(r)) === 'reject' || this.#ask(from, h.side, r) === 'reject')) return 'refusal';
    const permitted = this.#ask(from, h.side, r) === 'permit';
    const answers = r.proto === 1 ? this.#open.has(query({ ...r, src: r.dst, dst: r.src }, idOf(h.packet), ASKED[r.type] ?? -1)) : !isOneWay(h.packet, r.proto) && this.#open.has(key(turned(r)));
    // What had been permitted, and still is, may go on.
    if (!permitted && !answers) return wrong('no rule allows it, and it answers nothing');
    if (r.proto === 6) {
      const why = this.#follows(r);
      if (why !== undefined) return wrong(why);
    }
    return permitted ? 'fresh' : 'answer';
  }

  /** A TCP segment belongs to a connection that has begun; once that is agreed on, its numbers are near those of the other side. */
  #follows(r: Read): string | undefined {
    const [mine, theirs] = [key(r), key(turned(r))];
    const kind = r.flags & (tcp.SYN | tcp.ACK | tcp.RST | tcp.FIN);
    const way = this.#connections.get(mine);
    if (way === undefined && kind !== tcp.SYN) return this.#open.has(mine) || this.#open.has(theirs) ? undefined : 'no SYN came before it';
    const end = endOf(r);
    if (way === undefined) {
      const c: Connection = { agreed: false, over: false, ends: new Map([[mine, end]]) };
      this.#connections.set(mine, c).set(theirs, c);
      return undefined;
    }
    // A second SYN, a reset, an end: from there on only the state decides, which is not looked into here.
    if (kind === (tcp.SYN | tcp.ACK) && !way.agreed && !way.ends.has(mine) && r.ack === (way.ends.get(theirs)! >>> 0)) way.agreed = true;
    else if (kind !== tcp.ACK) way.over = true;
    else if (way.agreed && !way.over) {
      const sent = way.ends.get(theirs)!;
      const unheard = this.#unheard.get(theirs);
      if (after(r.ack, sent) && (unheard === undefined || after(r.ack, unheard))) return `it acknowledges ${r.ack}, and only ${sent >>> 0} was sent`;
      if (after(r.seq, way.ends.get(mine)! + WINDOWS)) return `it is numbered ${r.seq}, far beyond ${way.ends.get(mine)! >>> 0}`;
    }
    const known = way.ends.get(mine);
    if (known === undefined || after(end, known)) way.ends.set(mine, end);
    return undefined;
  }

  /** It quotes a packet that could be sent from here, to whom it has not gone by another way. */
  #isAboutSomething(p: Uint8Array): boolean {
    const l4 = ipv4.headerLen(p, 0);
    const at = icmp.inner(p, l4, p.length);
    if (at === undefined) return false;
    const q = read(p, at);
    if (q.src !== ipv4.dst(p, 0)) return false;
    if (q.proto === 1) return [query(q, idOf(p, at), q.type), query({ ...q, src: q.dst, dst: q.src }, idOf(p, at), ASKED[q.type] ?? -1)].some((k) => this.#open.has(k));
    return this.#open.has(key(q)) || this.#open.has(key(turned(q)));
  }

  /** A segment of the router's is the answer to one that may come to it, or the refusal of it; messages and services are not asked here. */
  #own(h: Heard, r: Read): boolean {
    return r.proto !== 6 || this.#ask(h.side, h.side, turned(r)) !== 'drop';
  }
}
