import { performance } from 'node:perf_hooks';
import type { Link } from '../sdk/link.ts';
import { Batch, BATCH } from '../sdk/packet.ts';
import { parse4 } from '../sdk/wire/address.ts';
import * as ethernet from '../sdk/wire/ethernet.ts';
import * as ipv4 from '../sdk/wire/ipv4.ts';
import * as udp from '../sdk/wire/udp.ts';
import { LinkRegistry } from '../kernel/links/registry.ts';
import { emptyStats } from '../kernel/links/stats.ts';
import { Engine } from '../kernel/packet/engine.ts';
import { packetsOver, STRIDE } from '../kernel/packet/pool.ts';
import { RealClock } from '../kernel/clock.ts';
import { median } from './median.ts';

const ip = (t: string) => parse4(t)!;

/** A link without end: every rx is a full batch of 60-octet frames, the flow chosen by `next`. tx forgets. */
class Source implements Link {
  readonly name: string;
  readonly kind = 'memory'; readonly framing = 'ether'; readonly mtu = 1500; readonly up = true; readonly fd = -1;
  readonly offload = { csum: false, gso: false };
  readonly mac = Uint8Array.of(2, 0, 0, 0, 1, 1);
  readonly stats = emptyStats();
  left = 0;
  next = (): number => 0;
  readonly #ring = packetsOver({ buf: new Uint8Array(BATCH * STRIDE), address: 0 }, BATCH);
  readonly #template: Uint8Array;

  constructor(name: string) {
    this.name = name;
    for (const p of this.#ring) p.borrowed = true;
    const f = new Uint8Array(60);
    ethernet.write(f, 0, this.mac, Uint8Array.of(2, 0, 0, 0, 9, 9), ethernet.TYPE_IPV4);
    ipv4.write(f, 14, { src: ip('192.168.1.33'), dst: ip('203.0.113.10'), proto: 17, totalLen: 46 });
    udp.write(f, 34, 5000, 53, 26);
    udp.setChecksum(f, 34, 0x1234); // not zero, so that it is translated; nobody here verifies it
    this.#template = f;
  }

  rx(into: Batch): number {
    let n = 0;
    while (this.left > 0 && !into.full) {
      const p = this.#ring[n]!;
      p.off = p.base + 192;
      p.len = 60;
      const { buf, off } = p;
      for (let i = 0; i < 60; i++) buf[off + i] = this.#template[i]!;
      const flow = this.next();
      buf[off + 34] = flow >>> 8 & 0xff; buf[off + 35] = flow & 0xff;
      p.needsCsum = false; p.gsoType = 0;
      into.push(p);
      this.left--; n++;
    }
    return n;
  }
  tx(): void {}
  close(): void {}
}

/** One engine with a route table of two and many-to-one NAT, as small deciders: what the engine itself costs. */
export function benchRoad(maxFlows: number): { engine: Engine; source: Source; run(packets: number, next: () => number): number } {
  const clock = new RealClock();
  const links = new LinkRegistry({ emit() {} }, clock);
  const log = { debug() {}, info() {}, warn() {}, error(f: object, m: string) { throw new Error(m + JSON.stringify(f)); } };
  const engine = new Engine({ clock, log, links, wake() {}, maxFlows, errors: () => undefined, random: Math.random });
  const source = new Source('lan');
  const lanId = links.open('lan', () => source).id;
  const wanId = links.open('wan', () => new Source('wan')).id;
  engine.linkChanged(lanId); engine.linkChanged(wanId);
  const wanIp = ip('198.51.100.2');
  engine.deciders.add({ slot: 'route', name: 'bench.route', decide: f => f.toDst >>> 24 === 192 ? { link: lanId, via: f.toDst, source: 1 } : { link: wanId, via: ip('198.51.100.1'), source: wanIp } }, 'bench');
  engine.deciders.add({ slot: 'snat', name: 'bench.snat', decide: f => ({ src: wanIp, sport: f.sport }) }, 'bench');
  engine.neighbours.set(wanId, ip('198.51.100.1'), Uint8Array.of(2, 0, 0, 0, 0, 1));
  engine.neighbours.set(lanId, ip('192.168.1.33'), Uint8Array.of(2, 0, 0, 0, 0, 2));
  return { engine, source, run(packets, next) {
    source.left = packets;
    source.next = next;
    const t = performance.now();
    while (source.left > 0) engine.breathe();
    const spent = performance.now() - t;
    const lost = engine.counters.list();
    if (lost.length > 0) throw new Error(`the bench dropped packets: ${lost.map(c => `${c.name} ${c.n}`).join(', ')}`);
    return spent * 1e6 / packets;
  } };
}

/** ns per packet: what the frame source alone costs, established flows (1; 10,000 at random), and new flows. */
export function benchEngine(runs = 7): Record<string, number> {
  const of = (make: () => number) => { make(); return Math.round(median(Array.from({ length: runs }, make))); };
  const source = new Source('alone');
  const batch = new Batch();
  const alone = of(() => {
    source.left = 1_000_000;
    const t = performance.now();
    while (source.left > 0) { batch.clear(); source.rx(batch); }
    return (performance.now() - t);
  });
  const b = benchRoad(100_000);
  const one = of(() => b.run(1_000_000, () => 7));
  let seed = 1;
  const random = () => { seed = Math.imul(seed, 1664525) + 1013904223 | 0; return (seed >>> 8) % 10_000; };
  const many = of(() => b.run(1_000_000, random));
  let fresh = 0;
  const made = of(() => { const c = benchRoad(60_000); fresh = 0; return c.run(50_000, () => fresh++); });
  return { 'frame source alone': alone, 'established, 1 flow': one, 'established, 10,000 flows at random': many, 'new flow': made };
}
