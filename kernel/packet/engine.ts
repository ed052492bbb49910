import { type Attack, Attacks } from '../../sdk/attacks.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { PacketErrors } from '../../sdk/errors.ts';
import type { Logger } from '../../sdk/log.ts';
import { Batch, BATCH, type Counter, type Packet, Verdict } from '../../sdk/packet.ts';
import type { Packets, StageSpec } from '../../sdk/plugin.ts';
import type { Disposable } from '../../sdk/scope.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { Decision, Deciders, type Explain } from '../flow/deciders.ts';
import { FlowCore, FLOWLESS, RELATED } from '../flow/flows.ts';
import { Lookup } from '../flow/lookup.ts';
import { NeighbourTable } from '../flow/neighbours.ts';
import type { LinkRegistry } from '../links/registry.ts';
import { Counters } from './counters.ts';
import { Forwarder } from './forwarder.ts';
import { Pipelines, settle } from './pipeline.ts';
import { PacketPool } from './pool.ts';
import { sanity } from './sanity.ts';
import { deliverStage, UdpSockets } from './sockets.ts';
import { Tracer } from './tracer.ts';

/** Packets made outside a breath (timers, protocols) that may wait for the next one. */
const PENDING_MOST = 1024;
/** Rounds over what the router itself made during one breath; what comes after waits for the next. */
const ROUNDS = 4;
/** A swap of plugins may stop the breath for this long; then traffic goes on without waiting for it. */
const HOLD_MS = 100;

const Kind = { Output: 0, Transmit: 1, Inject: 2, Again: 3 } as const;
interface Pending { readonly kind: number; readonly p: Packet; readonly link: number }

export interface EngineOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly links: LinkRegistry;
  readonly maxFlows: number;
  readonly random: () => number;
  readonly pool?: PacketPool;
  /** Who answers senders (the plugin `ip`), when there is one. */
  readonly errors: () => PacketErrors | undefined;
  /** A stage, decider or socket threw; told at most once a second for each. True: it is kept with its plugin, and logged there. */
  readonly fault?: (owner: string, place: string, error: unknown) => boolean;
  /** A packet was dropped that is part of an attack. */
  readonly attack?: (attack: Attack) => void;
  /** Runs `breathe` soon: there is work. */
  readonly wake: () => void;
}

/** The engine: reads batches from the links, runs them through the hooks, and lets flows and executor do the rest. One breath at a time. */
export class Engine {
  readonly counters = new Counters();
  readonly pool: PacketPool;
  readonly pipelines: Pipelines;
  readonly deciders: Deciders;
  readonly flows: FlowCore;
  readonly neighbours: NeighbourTable;
  readonly sockets: UdpSockets;
  readonly tracer: Tracer;
  readonly packets: Packets;
  /** What the sanity stage says of one packet. */
  readonly #check: (p: Packet) => Counter | undefined;
  readonly #forwarder: Forwarder;
  readonly #lookup: Lookup;
  readonly #o: EngineOptions;
  readonly #rx = new Batch();
  readonly #made = new Batch();
  #pending: Pending[] = [];
  #held = 0;
  /** Swaps under way; longer than #held when one takes too long. */
  #swaps = 0;
  /** Deciders came or went since the last breath. */
  #decidersChanged = false;
  #breaths = 0;
  readonly #why: Record<'runt' | 'full' | 'ended' | 'fragment', Counter>;
  readonly #faults = new Map<string, number>();
  readonly #way = new Decision();

  constructor(o: EngineOptions) {
    this.#o = o;
    const counter = (name: string): Counter => this.counters.take(name);
    this.pool = o.pool ?? new PacketPool();
    this.tracer = new Tracer(o.clock);
    this.neighbours = new NeighbourTable(o.clock, this.pool);
    this.neighbours.onResolved = ps => { for (const p of ps) this.#later(Kind.Again, p, p.outLink); };
    this.neighbours.onFailed = ps => { for (const p of ps) this.#forwarder.unresolved(p); };
    this.neighbours.reused = () => this.flows.bumpEpoch('a neighbour entry was reused');
    this.deciders = new Deciders(counter, (name, owner, error) => this.#fault(name, owner, error));
    this.deciders.changed = () => { this.#decidersChanged = true; this.flows.bumpEpoch('deciders changed'); o.wake(); };
    this.flows = new FlowCore({
      max: o.maxFlows, seed: Math.floor(o.random() * 0x1_0000_0000), clock: o.clock, deciders: this.deciders, neighbours: this.neighbours,
      host: { counter, link: id => o.links.byId(id), refuse: (p, code) => this.#refuse(p, code) },
    });
    this.#lookup = new Lookup(this.flows.table);
    this.pipelines = new Pipelines({
      counter: name => this.counters.take(name),
      fault: (stage, owner, error) => this.#fault(stage, owner, error),
      gone: p => this.#gone(p),
      trace: (p, slot, stage, says) => this.tracer.note(p, slot, stage, says),
      changed: () => o.wake(),
    });
    this.#forwarder = new Forwarder({
      flows: this.flows, neighbours: this.neighbours, pipelines: this.pipelines, pool: this.pool, tracer: this.tracer, links: o.links, counter, errors: o.errors,
    });
    this.#why = {
      runt: counter('ingress: frame shorter than its header'), full: counter('engine: too many packets of its own wait'),
      ended: counter('forward: flow ended while the packet waited'), fragment: counter('forward: fragment without reassembly'),
    };
    this.packets = {
      take: () => this.pool.take(), free: p => this.pool.free(p),
      output: p => this.#later(Kind.Output, p, -1), transmit: (p, link) => this.#later(Kind.Transmit, p, link), inject: (p, link) => this.#later(Kind.Inject, p, link),
    };
    this.sockets = new UdpSockets({
      counter, take: () => this.pool.take(), free: p => this.pool.free(p), output: this.packets.output, transmit: this.packets.transmit,
      link: id => o.links.byId(id), sourceFor: dst => this.#sourceFor(dst), fault: (what, owner, error) => this.#fault(what, owner, error), random: o.random,
    });
    const check = sanity(counter, new Attacks(o.clock, attack => o.attack?.(attack)));
    this.#check = check.check;
    this.pipelines.add(check, 'kernel');
    this.pipelines.add(this.#flowStage(), 'kernel');
    this.pipelines.add(deliverStage(this.sockets, counter, p => this.#nobody(p)), 'kernel');
  }

  get breaths(): number { return this.#breaths; }
  get held(): boolean { return this.#held > 0; }

  /**
   * Stops the breath while plugins are swapped: packets wait in the links' own queues and nothing is lost. After HOLD_MS traffic goes
   * on all the same; what the swap changes for flows is drawn up when the hold is given back.
   */
  hold(why: string): Disposable {
    this.#held++;
    this.#swaps++;
    let breathing = false;
    const breatheAgain = () => {
      if (breathing) return;
      breathing = true;
      this.#held--;
      this.#o.wake();
    };
    const timer = this.#o.clock.after(HOLD_MS, () => {
      this.#o.log.warn({ why }, `traffic goes on: this took longer than ${HOLD_MS} ms`);
      breatheAgain();
    });
    let open = true;
    return { dispose: () => {
      if (!open) return;
      open = false;
      void timer.dispose();
      if (--this.#swaps === 0) {
        this.flows.cutGone();
        this.flows.bumpEpoch(why);
      }
      breatheAgain();
    } };
  }

  /** One turn over all links. True: there was work, so another one may be worth it. */
  breathe(): boolean {
    if (this.#held > 0) return false;
    this.#breaths++;
    const now = this.#o.clock.now();
    this.#forwarder.now = now;
    this.flows.tick(now);
    this.pipelines.compile();
    if (this.#decidersChanged && this.#swaps === 0) {
      this.#decidersChanged = false;
      this.flows.cutGone();
    }
    // Before anything is received: a late packet must not find, and so revive, a flow whose time is over.
    // What is left of it makes another breath worth it.
    let worked = !this.flows.expire();
    const opened = this.#o.links.opened;
    for (let id = 0; id < opened.length; id++) {
      const link = opened[id];
      if (!link) continue;
      const batch = this.#rx;
      batch.clear();
      let n = 0;
      try {
        n = link.rx(batch);
      } catch (error) {
        this.#o.links.fail(id, error instanceof Error ? error.message : String(error));
        continue;
      }
      if (n === 0) continue;
      worked = true;
      this.#receive(batch, id, link.framing === 'ip');
    }
    for (let round = 0; round < ROUNDS && this.#pending.length > 0; round++) {
      worked = true;
      this.#drain();
    }
    this.#forwarder.flush();
    if (this.#pending.length > 0) this.#o.wake();
    return worked;
  }

  /** Frames that a link (or a plugin, in its name) brought. */
  #receive(batch: Batch, id: number, bare: boolean): void {
    const header = bare ? 0 : ethernet.HEADER;
    const tracing = this.tracer.active;
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      p.inLink = p.port = id;
      p.outLink = p.neighbour = p.tuple = -1;
      p.mark = p.trace = p.l4 = 0;
      p.local = p.translated = false;
      p.verdict = Verdict.Pass;
      p.reason = undefined;
      p.l3 = p.off + header;
      if (p.len < header + 1) { batch.drop(p, this.#why.runt); continue; }
      p.etherType = bare ? ethernet.TYPE_IPV4 : p.buf[p.off + 12]! << 8 | p.buf[p.off + 13]!;
      if (tracing) this.tracer.consider(p, this.#name(id));
    }
    settle(batch, { slot: 'ingress.tap', name: 'kernel.ingress' }, this.#settling);
    this.pipelines.run('ingress', batch);
    this.pipelines.run('prerouting', batch);
    this.#forwarder.dispatch(batch);
  }

  readonly #settling = {
    counter: (name: string) => this.counters.take(name), fault: () => {}, changed: () => {},
    gone: (p: Packet) => this.#gone(p), trace: () => {},
  };

  /** prerouting.flow: every packet finds its flow, or makes one. */
  #flowStage(): StageSpec {
    return {
      slot: 'prerouting.flow', name: 'kernel.flow',
      process: batch => {
        const tracing = this.tracer.active;
        this.#lookup.run(batch);
        const { guesses } = this.#lookup;
        const { released } = this.flows.table;
        for (let i = 0; i < batch.n; i++) this.#classify(batch.at(i), guesses[i]!, tracing);
        if (this.flows.table.released !== released) this.#disown(batch);
      },
      trace: p => p.tuple >= 0 ? `flow ${p.tuple >> 1}, ${p.tuple & 1 ? 'answer' : 'original'} direction`
        : p.tuple === RELATED ? 'an ICMP error: looked up by what it quotes' : p.tuple === FLOWLESS ? 'for the router itself, no flow' : '',
    };
  }

  #classify(p: Packet, guess: number, tracing: boolean): void {
    if (p.l4 === 0) { p.verdict = Verdict.Drop; p.reason = this.#why.fragment; return; }
    p.tuple = this.flows.classify(p, guess, tracing && p.trace !== 0 ? this.#explain(p) : undefined);
    if (tracing && p.trace === 0 && p.tuple >= 0) this.tracer.considerFlow(p, this.flows.table, p.tuple, this.#name(p.inLink));
  }

  #explain(p: Packet): Explain {
    return (slot, by, says) => this.tracer.note(p, `  ${slot}`, by, says);
  }

  /** The registry tells of a link that came or changed. */
  linkChanged(id: number): void { this.#forwarder.linkChanged(id); }

  #later(kind: number, p: Packet, link: number): void {
    if (this.#pending.length >= PENDING_MOST) {
      this.#why.full.n++;
      this.pool.free(p);
      return;
    }
    this.#pending.push({ kind, p, link });
    if (this.#pending.length === 1) this.#o.wake();
  }

  /** What the router itself made since. Grouped into batches of one kind and link. */
  #drain(): void {
    const work = this.#pending;
    this.#pending = [];
    const batch = this.#made;
    for (let i = 0; i < work.length;) {
      const { kind, link } = work[i]!;
      batch.clear();
      while (i < work.length && batch.n < BATCH && work[i]!.kind === kind && work[i]!.link === link) batch.push(work[i++]!.p);
      if (kind === Kind.Output) this.#output(batch);
      else if (kind === Kind.Inject) this.#receive(batch, link, this.#o.links.byId(link)?.framing === 'ip');
      else if (kind === Kind.Again) this.#again(batch);
      else this.#forwarder.transmit(batch, link);
    }
  }

  /** Packets whose next hop became known. Their flow may have ended while they waited. */
  #again(batch: Batch): void {
    this.#disown(batch);
    settle(batch, { slot: 'prerouting.flow', name: 'kernel.flow' }, this.#settling);
    this.#forwarder.dispatch(batch);
  }

  /** Drops what was given a flow that has ended since: its number may be another one's by now, and lead somewhere else. */
  #disown(batch: Batch): void {
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      if (p.verdict === Verdict.Pass && p.tuple >= 0 && !this.flows.owns(p)) batch.drop(p, this.#why.ended);
    }
  }

  /** IPv4 packets from the router's own protocols. */
  #output(batch: Batch): void {
    const tracing = this.tracer.active;
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      p.l3 = p.off;
      p.etherType = ethernet.TYPE_IPV4;
      p.verdict = Verdict.Pass;
      p.local = true;
      p.tuple = p.inLink = -1;
      const wrong = this.#check(p);
      if (wrong) { batch.drop(p, wrong); continue; }
      if (tracing) this.tracer.consider(p, 'the router itself');
    }
    settle(batch, { slot: 'output.policy', name: 'kernel.output' }, this.#settling);
    this.pipelines.run('output', batch);
    const { released } = this.flows.table;
    for (let i = 0; i < batch.n; i++) this.#classify(batch.at(i), -1, tracing);
    if (this.flows.table.released !== released) this.#disown(batch);
    settle(batch, { slot: 'output.policy', name: 'kernel.flow' }, this.#settling);
    this.#forwarder.dispatch(batch);
  }

  #sourceFor(dst: number): number {
    const c = this.flows.candidate(NOTHING);
    c.src = 0; c.dst = c.toDst = dst; c.local = true;
    return this.deciders.route(c, this.#way) ? this.#way.source : 0;
  }

  #refuse(p: Packet, code: number): void {
    const errors = this.#o.errors();
    if (p.proto === ipv4.PROTO_TCP) errors?.tcpReset(p); else errors?.unreachable(p, code);
  }

  /** A packet for the router that no protocol took (RFC 1122 §3.2.2.1). */
  #nobody(p: Packet): void {
    const code = p.proto === ipv4.PROTO_UDP ? 3 : 2;
    if (p.proto !== ipv4.PROTO_ICMP && p.tuple >= 0) this.#refuse(p, code);
  }

  #gone(p: Packet): void {
    if (p.trace !== 0) this.tracer.end(p, p.verdict === Verdict.Drop ? `dropped: ${p.reason?.name ?? 'no reason given'}` : 'taken by the router');
    this.pool.free(p);
  }

  /** Reported once per second and place, however often it happens. */
  #fault(what: string, owner: string, error: unknown): void {
    const last = this.#faults.get(what);
    const now = this.#o.clock.now();
    if (last !== undefined && now - last < 1000) return;
    this.#faults.set(what, now);
    if (this.#o.fault?.(owner, what, error)) return;
    this.#o.log.error({ plugin: owner, place: what, error: error instanceof Error ? error.stack ?? error.message : String(error) }, `${owner}: ${what} failed; its packets were dropped`);
  }

  #name(id: number): string { return this.#o.links.byId(id)?.name ?? 'nowhere'; }
}

const NOTHING = { buf: new Uint8Array(64), l3: 0, l4: 32, proto: 0, inLink: -1, local: true } as unknown as Packet;
