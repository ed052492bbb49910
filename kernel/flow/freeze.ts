import type { LinkInfo } from '../../sdk/link.ts';
import { delta32, DST, EPOCH, ETHER, FLAGS, fold16, INSPECT, LOCAL, OUT, PORTS, RECORDED, REWRITE, SRC, SUMS, UNREACHABLE, wayOf, WORDS } from './action.ts';
import { Candidate, Decision, type Deciders } from './deciders.ts';
import type { NeighbourTable } from './neighbours.ts';
import { BY, byWord, FLOW, HALF_OPEN } from './record.ts';
import type { FlowTable } from './table.ts';

/** Freezes decisions: what the deciders said becomes a FlowAction for each direction. */
export class Freezer {
  readonly #table: FlowTable;
  readonly #deciders: Deciders;
  readonly #neighbours: NeighbourTable;
  readonly #link: (id: number) => LinkInfo | undefined;
  readonly #back = new Candidate();
  readonly #way = new Decision();

  constructor(table: FlowTable, deciders: Deciders, neighbours: NeighbourTable, link: (id: number) => LinkInfo | undefined) {
    this.#table = table;
    this.#deciders = deciders;
    this.#neighbours = neighbours;
    this.#link = link;
  }

  freeze(flow: number, c: Candidate, d: Decision, epoch: number): void {
    this.#table.records[flow * FLOW + BY] = byWord(d.dnatBy, d.snatBy, d.inspectBy);
    const inspect = d.inspectBy !== 0 ? INSPECT : 0;
    const there = c.sport << 16 | c.dport;
    const thereNew = d.sport << 16 | d.dport;
    const back = d.dport << 16 | d.sport;
    const backNew = c.dport << 16 | c.sport;
    this.#write(flow * 2, c.proto, c.src, c.dst, there, d.src, d.dst, thereNew, d.self, d.outLink, d.nextHop, inspect, epoch);

    // The way back: to the router itself, or by the routes to whoever sent the first packet.
    let self = c.local;
    let link = -1;
    let via = 0;
    if (!c.local) {
      const w = this.#way;
      const b = this.#back;
      b.packet = c.packet; b.proto = c.proto; b.local = d.self; b.inLink = d.outLink; b.now = c.now;
      b.src = d.dst; b.dst = b.toDst = c.src; b.sport = d.dport; b.dport = b.toDport = c.sport;
      b.outLink = -1; b.toSelf = false; b.previous = undefined; b.cameBy = c.inLink;
      if (this.#deciders.route(b, w)) { self = w.self; link = w.outLink; via = w.nextHop; }
    }
    this.#write(flow * 2 + 1, c.proto, d.dst, d.src, back, c.dst, c.src, backNew, self, link, via, inspect, epoch);
  }

  #write(tuple: number, proto: number, src: number, dst: number, ports: number, newSrc: number, newDst: number, newPorts: number,
    self: boolean, link: number, via: number, inspect: number, epoch: number): void {
    const a = this.#table.tuples;
    const at = tuple * WORDS;
    const out = self ? undefined : this.#link(link);
    const neighbour = out && out.framing === 'ether' ? this.#neighbours.index(link, via) : -1;
    let flags = inspect;
    if (self) flags |= LOCAL;
    else if (!out) flags |= UNREACHABLE;
    else if (out.framing === 'ether') flags |= neighbour < 0 ? ETHER | UNREACHABLE : ETHER;
    if (proto === 6 || (this.#table.bits(tuple >> 1) & HALF_OPEN) !== 0) flags |= RECORDED;
    if (src !== newSrc || dst !== newDst || ports !== newPorts) flags |= REWRITE;
    const addresses = fold16(delta32(src, newSrc) + delta32(dst, newDst));
    const numbers = fold16(delta32(ports, newPorts));
    a[at + FLAGS] = flags | Math.min(out?.mtu ?? 0xffff, 0xffff) << 16;
    a[at + SRC] = newSrc;
    a[at + DST] = newDst;
    a[at + PORTS] = newPorts;
    a[at + OUT] = wayOf(link, neighbour);
    a[at + SUMS] = addresses | (proto === 1 ? numbers : fold16(addresses + numbers)) << 16;
    a[at + EPOCH] = epoch;
  }
}
