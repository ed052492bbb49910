import type { PacketErrors } from '../../sdk/errors.ts';
import type { Link, Links } from '../../sdk/link.ts';
import { Batch, type Counter, type Packet } from '../../sdk/packet.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import { fragment } from '../../sdk/wire/fragment.ts';
import { finishChecksum } from '../../sdk/wire/gso.ts';
import { FLAGS, INSPECT, LOCAL, mtuOf, neighbourOf, OUT, WORDS } from '../flow/action.ts';
import { Decision } from '../flow/deciders.ts';
import { Done, execute, rewrite } from '../flow/execute.ts';
import { type FlowCore, FLOWLESS, RELATED } from '../flow/flows.ts';
import type { NeighbourTable } from '../flow/neighbours.ts';
import { relate } from '../flow/related.ts';
import { Egress } from './egress.ts';
import { explainExecution } from './explain.ts';
import type { Pipelines } from './pipeline.ts';
import type { PacketPool } from './pool.ts';
import { summary, type Tracer } from './tracer.ts';

const LINKS_MOST = 4096;

export interface Road {
  readonly flows: FlowCore;
  readonly neighbours: NeighbourTable;
  readonly pipelines: Pipelines;
  readonly pool: PacketPool;
  readonly tracer: Tracer;
  readonly links: Links & { readonly opened: readonly (Link | undefined)[]; fail(id: number, why: string): void };
  counter(name: string): Counter;
  errors(): PacketErrors | undefined;
}

/** The road behind the flow stage: every packet there knows its flow, and goes to the router itself, through the forward stages, or straight to the executor and out. */
export class Forwarder {
  readonly #r: Road;
  readonly #egress: Egress;
  /** Own MAC of each link, 6 octets at id * 6. */
  readonly #macs = new Uint8Array(LINKS_MOST * 6);
  readonly #input = new Batch();
  readonly #forward = new Batch();
  readonly #out = new Batch();
  readonly #way = new Decision();
  readonly #why: Record<'ttl' | 'big' | 'neighbour' | 'failed' | 'short' | 'checksum' | 'unrelated' | 'redirect' | 'stale' | 'unreachable' | 'window' | 'road' | 'noRoute', Counter>;
  /** Made once: a closure in #execute would cost every packet its context. */
  readonly #nameOf = (id: number): string => this.#name(id);
  /** Time of the present breath, ms. */
  set now(ms: number) { this.#r.neighbours.now = ms; }

  constructor(road: Road) {
    this.#r = road;
    const { counter } = road;
    this.#egress = new Egress(road.links.opened, road.pool, counter, (id, error) => road.links.fail(id, error instanceof Error ? error.message : String(error)));
    this.#why = {
      ttl: counter('forward: ttl exceeded'), big: counter('forward: too big and not to be fragmented'),
      neighbour: counter('forward: too many wait for a next hop'), failed: counter('forward: next hop does not answer'),
      short: counter('icmp error: quotes too little'), checksum: counter('icmp error: wrong checksum'), unrelated: counter('icmp error: about no flow of ours'), redirect: counter('icmp error: redirects are not forwarded'), stale: counter('icmp error: about a flow that is to be decided again'), unreachable: counter('icmp error: no way back'),
      window: counter('icmp error: quotes a TCP segment that is not on its way'), road: counter('icmp error: not from where its packet went'),
      noRoute: counter('output: no route'),
    };
  }

  /** A link came or changed: its MAC goes into every frame. */
  linkChanged(id: number): void {
    const link = this.#r.links.byId(id);
    if (link && id < LINKS_MOST) this.#macs.set(link.mac.subarray(0, 6), id * 6);
  }

  /** The breath's end. */
  flush(): void { this.#egress.flush(); }

  /** After prerouting (or output): to the router itself, through the forward stages, or straight to the executor. */
  dispatch(batch: Batch): void {
    const [input, forward, out] = [this.#input, this.#forward, this.#out];
    const actions = this.#r.flows.table.tuples;
    input.clear(); forward.clear(); out.clear();
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      if (p.tuple === RELATED && !this.#relate(p)) continue;
      if (p.tuple === FLOWLESS) { input.push(p); continue; }
      if (p.tuple < 0) { this.#toNeighbour(p, out); continue; }
      const flags = actions[p.tuple * WORDS + FLAGS]!;
      if ((flags & LOCAL) !== 0) {
        if (!p.translated) rewrite(p, p.tuple, this.#r.flows.table);
        input.push(p);
      } else if ((flags & INSPECT) !== 0) forward.push(p);
      else this.#execute(p, out);
    }
    batch.clear();
    if (input.n > 0) this.#r.pipelines.run('input', input);
    if (forward.n > 0) {
      this.#r.pipelines.run('forward', forward);
      for (let i = 0; i < forward.n; i++) this.#execute(forward.at(i), out);
    }
    this.#leave(out);
  }

  /** Frames that are complete, for one link. */
  transmit(batch: Batch, link: number): void {
    for (let i = 0; i < batch.n; i++) batch.at(i).outLink = link;
    this.#leave(batch);
  }

  /** The last hooks, and off to the links. */
  #leave(out: Batch): void {
    if (out.n === 0) return;
    this.#r.pipelines.run('postrouting', out);
    this.#r.pipelines.run('egress', out);
    for (let i = 0; i < out.n; i++) {
      const p = out.at(i);
      if (p.trace !== 0) this.#r.tracer.end(p, `out on ${this.#name(p.outLink)}  ${summary(p)}`);
      this.#egress.send(p);
    }
    out.clear();
  }

  #execute(p: Packet, out: Batch): void {
    const { table } = this.#r.flows;
    const before = p.trace !== 0 ? explainExecution(p, table, this.#nameOf) : '';
    switch (execute(p, p.tuple, table, this.#r.neighbours, this.#macs)) {
      case Done.Sent:
        if (p.trace !== 0) this.#r.tracer.note(p, 'execute', 'kernel.executor', before);
        if (out.full) this.#leave(out); // fragments took the room
        out.push(p);
        return;
      case Done.TtlExceeded:
        this.#r.errors()?.ttlExceeded(p);
        return this.#die(p, this.#why.ttl);
      case Done.TooBig:
        this.#r.errors()?.fragNeeded(p, mtuOf(table.tuples[p.tuple * WORDS + FLAGS]!));
        return this.#die(p, this.#why.big);
      case Done.NoNeighbour:
        if (p.trace !== 0) this.#r.tracer.note(p, 'execute', 'kernel.executor', 'waits until the next hop is known');
        if (!this.#r.neighbours.wait(neighbourOf(table.tuples[p.tuple * WORDS + OUT]!), p)) return this.#die(p, this.#why.neighbour);
        if (!p.borrowed) this.#r.pool.free(p);
        return;
      case Done.Fragment:
        return this.#fragment(p, out);
    }
  }

  /** RFC 791: too big for the out link, and DF is not set. */
  #fragment(p: Packet, out: Batch): void {
    const mtu = mtuOf(this.#r.flows.table.tuples[p.tuple * WORDS + FLAGS]!);
    if (execute(p, p.tuple, this.#r.flows.table, this.#r.neighbours, this.#macs, false) !== Done.Sent) return this.#die(p, this.#why.neighbour);
    finishChecksum(p);
    const outLink = p.outLink;
    if (p.trace !== 0) this.#r.tracer.note(p, 'execute', 'kernel.executor', `cut into fragments of at most ${mtu} octets`);
    const pieces: Packet[] = [];
    const n = fragment(p, mtu, () => this.#r.pool.take(), piece => { piece.outLink = outLink; piece.etherType = ethernet.TYPE_IPV4; piece.proto = p.proto; pieces.push(piece); });
    if (n <= 0) {
      for (const piece of pieces) this.#r.pool.free(piece);
      return this.#die(p, this.#why.big);
    }
    for (const piece of pieces) {
      if (out.full) this.#leave(out);
      out.push(piece);
    }
    this.#r.tracer.end(p, `out on ${this.#name(outLink)} in ${n} fragments`);
    this.#r.pool.free(p);
  }

  /** An ICMP error: translated, then sent like an answer of the flow it speaks about. False: it is dealt with. */
  #relate(p: Packet): boolean {
    if (p.local) { // our own errors belong to no flow: only routed
      const c = this.#r.flows.candidate(p);
      c.toDst = c.dst;
      if (!this.#r.flows.deciders.route(c, this.#way)) { this.#die(p, this.#why.noRoute); return false; }
      if (this.#way.self) { p.tuple = FLOWLESS; return true; }
      const link = this.#r.links.byId(this.#way.outLink);
      p.tuple = -1;
      p.outLink = this.#way.outLink;
      p.neighbour = link?.framing === 'ether' ? this.#r.neighbours.index(this.#way.outLink, this.#way.nextHop) : -1;
      return true;
    }
    const about = relate(p, this.#r.flows.table, this.#r.flows.followsWindows, this.#r.flows.epoch, this.#why);
    if (typeof about !== 'number') { this.#die(p, about); return false; }
    if (p.trace !== 0) this.#r.tracer.note(p, '  related', 'kernel.flow', `about flow ${about >> 1}; now ${summary(p)}`);
    p.tuple = about;
    p.translated = true;
    return true;
  }

  /** A packet without a flow whose way is known: p.outLink and p.neighbour. */
  #toNeighbour(p: Packet, out: Batch): void {
    const link = this.#r.links.byId(p.outLink);
    if (!link) return this.#die(p, this.#why.noRoute);
    if (link.framing === 'ether') {
      const n = p.neighbour;
      if (n < 0) return this.#die(p, this.#why.neighbour);
      if (this.#r.neighbours.known[n] === 0) {
        if (!this.#r.neighbours.wait(n, p)) return this.#die(p, this.#why.neighbour);
        if (!p.borrowed) this.#r.pool.free(p);
        return;
      }
      p.off = p.l3 - ethernet.HEADER;
      p.len = p.len + ethernet.HEADER;
      this.#writeHeader(p, n, p.outLink);
      p.outLink = this.#r.neighbours.port[n]!;
    }
    if (out.full) this.#leave(out);
    out.push(p);
  }

  #writeHeader(p: Packet, neighbour: number, link: number): void {
    p.buf.set(this.#r.neighbours.mac.subarray(neighbour * 6, neighbour * 6 + 6), p.off);
    p.buf.set(this.#macs.subarray(link * 6, link * 6 + 6), p.off + 6);
    ethernet.setEtherType(p.buf, p.off, ethernet.TYPE_IPV4);
  }

  /** The next hop of a packet that waited does not answer (RFC 1812 §5.2.7.1: host unreachable). */
  unresolved(p: Packet): void {
    if (p.tuple >= 0 && !p.local) this.#r.errors()?.unreachable(p, 1);
    this.#die(p, this.#why.failed);
  }

  /** Outside a stage: count, tell the trace, free. */
  #die(p: Packet, why: Counter): void {
    why.n++;
    if (p.trace !== 0) this.#r.tracer.end(p, `dropped: ${why.name}`);
    this.#r.pool.free(p);
  }

  #name(id: number): string { return this.#r.links.byId(id)?.name ?? 'nowhere'; }
}
