import { performance } from 'node:perf_hooks';
import * as ethernet from '../sdk/wire/ethernet.ts';
import * as ipv4 from '../sdk/wire/ipv4.ts';
import * as tcp from '../sdk/wire/tcp.ts';
import { VirtualClock } from '../kernel/clock.ts';
import { Batch } from '../sdk/packet.ts';
import { median } from './median.ts';
import { type EngineRoad, engineRoad } from './road.ts';
import { address, CLIENT, SERVER, Source } from './source.ts';

/** What a million flows cost; the program of its own that measures it prints this as JSON. */
export interface FlowTableFigures {
  readonly flows: number;
  /** ns per new flow in the bare engine, first touch of the memory included. */
  readonly newNs: number;
  /** MiB resident with an empty table for so many, and octets that each flow then adds. */
  readonly emptyMiB: number;
  readonly octetsPerFlow: number;
  /** ns per packet of an established flow at random, without the frame source, of few flows and of all of them; medians of pairs. */
  readonly fewNs: number;
  readonly manyNs: number;
  readonly ratio: number;
  /**
   * When all of them end in the same second: ms of the longest breath, and of the middle one. Of wall and CPU time the smaller one: the first counts
   * when another program had the processor, the second when V8's threads worked beside.
   */
  readonly longestMs: number;
  readonly usualMs: number;
  readonly breaths: number;
  /** ns per packet that following TCP by its windows adds. */
  readonly windowNs: number;
}

const FLOWS = 1_000_000;
const FEW = 10_000;
const PACKETS = 2_000_000;
const RUNS = 5;
const UDP_TIMEOUT_S = 121;

function atRandom(among: number): () => number {
  let seed = 1;
  return () => {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0;
    return (seed >>> 8) * among / 0x100_0000 | 0;
  };
}

function sourceAlone(next: () => number): number {
  const source = new Source('alone', 9);
  const batch = new Batch();
  source.left = PACKETS;
  source.next = next;
  const begin = performance.now();
  while (source.left > 0) { batch.clear(); source.rx(batch); }
  return (performance.now() - begin) * 1e6 / PACKETS;
}

/** A clock that goes on by itself and can be put forward: a breath that ends flows looks at the time. */
class ForwardClock extends VirtualClock {
  override now(): number { return super.now() + performance.now(); }
}

const rss = (): number => { globalThis.gc?.(); return process.memoryUsage.rss(); };

function segment(from: Source, src: number, dst: number, ports: number, fields: { seq: number; ack?: number; flags: number }): Uint8Array {
  const f = new Uint8Array(60);
  ethernet.write(f, 0, from.mac, Uint8Array.of(2, 0, 0, 0, 9, 9), ethernet.TYPE_IPV4);
  ipv4.write(f, 14, { src, dst, proto: 6, totalLen: 46 });
  tcp.write(f, 34, { sport: ports >>> 16, dport: ports & 0xffff, window: 8000, ...fields });
  return f;
}

/** One TCP connection, followed or not: ns per segment. */
function connection(road: EngineRoad, packets: number, window: boolean): number {
  const { engine, source, sink } = road;
  const tracked = engine.flows.trackTcp({ window, pickup: () => false, asymmetric: () => false });
  const port = window ? 5001 : 5000;
  const wan = engine.flows.list(undefined, 1)[0]!.reply.dst;
  const send = (link: Source, frame: Uint8Array, n: number) => { link.frame = frame; link.left = n; while (link.left > 0) engine.breathe(); link.frame = undefined; };
  const there = (seq: number, flags: number, ack = 0) => segment(source, address(CLIENT), address(SERVER), port << 16 | 80, { seq, ack, flags });
  if (engine.flows.list(f => f.original.sport === port && f.original.proto === 6, 1).length === 0) {
    send(source, there(1, tcp.SYN), 1);
    send(sink, segment(sink, address(SERVER), wan, 80 << 16 | port, { seq: 1, ack: 2, flags: tcp.SYN | tcp.ACK }), 1);
  }
  const data = there(2, tcp.ACK, 2);
  send(source, data, 64);
  const begin = performance.now();
  send(source, data, packets);
  const ns = (performance.now() - begin) * 1e6 / packets;
  void tracked.dispose();
  return ns;
}

async function measure(): Promise<FlowTableFigures> {
  // Whatever V8 grows by itself, it has grown by then.
  const warm = engineRoad(FEW, new ForwardClock());
  for (let i = 0; i <= RUNS; i++) {
    warm.run(100_000, atRandom(FEW));
    warm.empty();
  }
  warm.run(100_000, atRandom(FEW));
  const windowNs: number[] = [];
  for (let i = 0; i <= RUNS; i++) {
    const [off, on] = [connection(warm, PACKETS / 2, false), connection(warm, PACKETS / 2, true)];
    if (i > 0) windowNs.push(on - off);
  }
  const clock = new ForwardClock();
  const before = rss();
  const road = engineRoad(FLOWS, clock);
  const empty = rss();
  let flow = 0;
  const newNs = road.run(FLOWS, () => flow++);
  const full = rss();
  const few: number[] = [];
  const many: number[] = [];
  for (let i = 0; i <= RUNS; i++) {
    const a = road.run(PACKETS, atRandom(FEW)) - sourceAlone(atRandom(FEW));
    const b = road.run(PACKETS, atRandom(FLOWS)) - sourceAlone(atRandom(FLOWS));
    if (i > 0) { few.push(a); many.push(b); }
  }
  clock.advance(UDP_TIMEOUT_S * 1000);
  const breaths: number[] = [];
  while (road.engine.flows.size > 0) {
    const begin = performance.now();
    const cpu = process.cpuUsage();
    road.engine.breathe();
    const wall = performance.now() - begin;
    const { user, system } = process.cpuUsage(cpu);
    breaths.push(Math.min(wall, (user + system) / 1000));
  }
  breaths.sort((a, b) => b - a);
  return {
    flows: FLOWS, newNs, emptyMiB: (empty - before) / 2 ** 20, octetsPerFlow: (full - empty) / FLOWS, fewNs: median(few), manyNs: median(many), ratio: median(many.map((m, i) => m / few[i]!)),
    longestMs: breaths[0]!, usualMs: median(breaths), breaths: breaths.length, windowNs: median(windowNs),
  };
}

if (process.argv[1]?.endsWith('flow-table.js')) process.stdout.write(`${JSON.stringify(await measure())}\n`);
