import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TraceRecord } from '../../kernel/packet/tracer.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { kib, liveOctets } from '../house/heap.ts';
import { seeded } from '../../sdk/testing/random.ts';
import { type Bed, bed, own } from './bed.ts';
import { arpFrame, BROADCAST, echo, errors, ether, from, hostMac, ip, packet, pingWorks, routerMac, send, tcpPacket, udpPacket } from './frames.ts';

const LAN1 = '192.168.1.33';
const SERVER = '203.0.113.10';
const WAN = '198.51.100.2';
const GATEWAY = '198.51.100.1';

type Side = 'lan1' | 'inet1';
const wireOf = { lan1: 'port1', inet1: 'wan' } as const;

/**
 *     lan1 ── bad frames ──► router ◄── bad frames ── inet1
 *
 * Whatever comes, from either side: nothing is thrown, each frame has a fate with a name, buffers come back, pings go on.
 */
describe('bad frames', () => {
  let b: Bed;
  beforeEach(async () => { b = await bed(); await b.advance(5000); });
  afterEach(async () => {
    await b.advance(60_000);
    expect(errors(b)).toEqual([]);
    expect(b.router.engine.pool.available).toBe(b.router.engine.pool.size);
    expect(b.router.engine.flows.size).toBeLessThanOrEqual(b.router.engine.flows.max);
    expect(b.router.plugins.list().map(p => p.state)).toEqual(own.map(() => 'active'));
    expect(await pingWorks(b)).toBe(true);
    await b.stop();
  });

  const bytes = (n: number, random: () => number) => Uint8Array.from({ length: n }, () => random() * 256);
  const received = (side: Side) => b.router.links.byName(wireOf[side])!.stats.rxPackets;
  const runts = () => b.router.engine.counters.list(true).find(c => c.name.startsWith('ingress: frame shorter'))!.n;
  const counts = () => new Map(b.router.engine.counters.list(true).map(c => [c.name, c.n]));

  /** Sends frames, some at a time, and gives what became of each: the trace follows them all. */
  async function fates(side: Side, frames: Iterable<Uint8Array>, settleMs = 6000): Promise<string[]> {
    const records: TraceRecord[] = [];
    const wire = wireOf[side];
    const trace = b.router.engine.tracer.follow({ match: () => true, most: Number.POSITIVE_INFINITY, done: r => records.push(r) });
    const before = { received: received(side), runts: runts(), counts: counts() };
    let n = 0;
    for (const frame of frames) {
      send(b, wire, frame);
      if (++n % 100 === 0) b.clock.advance(10);
    }
    await b.advance(settleMs);
    void trace.dispose();
    const mine = records.filter(r => r.link === wire);
    // Every frame that the link took has come to an end, and the end has a name.
    expect(mine.length + runts() - before.runts).toBe(received(side) - before.received);
    expect(received(side) - before.received).toBeGreaterThanOrEqual(n);
    expect(records.filter(r => r.outcome === '' || r.outcome.includes('no reason')).map(r => r.before)).toEqual([]);
    // And the counters say the same.
    const told = new Map<string, number>();
    for (const r of records) if (r.outcome.startsWith('dropped: ')) told.set(r.outcome.slice(9), (told.get(r.outcome.slice(9)) ?? 0) + 1);
    const now = counts();
    expect([...told].filter(([name, times]) => now.get(name)! - (before.counts.get(name) ?? 0) < times)).toEqual([]);
    return mine.map(r => r.outcome);
  }
  const all = (outcomes: readonly string[]) => [...new Set(outcomes)].sort();

  describe.each<Side>(['lan1', 'inet1'])('from %s', side => {
    const dst = side === 'lan1' ? SERVER : WAN;
    const src = side === 'lan1' ? LAN1 : GATEWAY;

    it('of every length, random throughout or below an honest Ethernet header', async () => {
      const random = seeded(7);
      const lengths = [...Array(1600).keys(), ...Array.from({ length: 60 }, (_, i) => 1600 + i * 1071), 65_520, 65_534, 65_535];
      await fates(side, lengths.map((n, i) => {
        const f = bytes(n, random);
        if (i % 2 === 1 && n >= 14) { f.set(routerMac(b, side)); f.set(hostMac(side), 6); f[12] = i % 4 === 1 ? 8 : 0x81; f[13] = 0; }
        if (i % 8 === 5 && n >= 34) f[14] = 0x45;
        return f;
      }));
    });

    it('that are cut off anywhere', async () => {
      const whole = [
        from(b, side, udpPacket(src, 1000, dst, 53, new Uint8Array(40))), from(b, side, tcpPacket(src, 1001, dst, 80, 2)), from(b, side, echo(src, dst)),
        arpFrame({ op: 1, sha: hostMac(side), spa: src, tpa: side === 'lan1' ? '192.168.1.1' : WAN }),
      ];
      const cut = whole.flatMap(f => Array.from({ length: f.length }, (_, n) => f.slice(0, n)));
      const outcomes = await fates(side, cut);
      expect(outcomes.filter(o => o.startsWith('out on'))).toEqual([]);
    });

    it('with one flipped bit', async () => {
      const whole = [from(b, side, udpPacket(src, 1000, dst, 53, new Uint8Array(4))), from(b, side, tcpPacket(src, 1001, dst, 80, 2)), from(b, side, echo(src, dst, 5, 4))];
      const flipped = whole.flatMap(f => Array.from({ length: f.length * 8 }, (_, bit) => { const g = f.slice(); g[bit >> 3]! ^= 1 << (bit & 7); return g; }));
      await fates(side, flipped);
    });

    it('with lies in the IP header: version, lengths, checksum, source routes', async () => {
      const good = udpPacket(src, 2000, dst, 9, new Uint8Array(16));
      const lie = (change: (p: Uint8Array) => void, sum = true) => { const p = good.slice(); change(p); if (sum) ipv4.writeChecksum(p, 0); return from(b, side, p); };
      const outcomes = await fates(side, [
        lie(p => { p[0] = 0x65; }, false), lie(p => { p[0] = 0x05; }, false), lie(p => { p[0] = 0x44; }, false), lie(p => { p[0] = 0x4f; }, false),
        lie(p => { ipv4.setTotalLen(p, 0, 60_000); }), lie(p => { ipv4.setTotalLen(p, 0, 19); }), lie(p => { ipv4.setTotalLen(p, 0, 0); }), lie(p => { ipv4.setTotalLen(p, 0, 24); }),
        lie(p => { p[10]! ^= 1; }, false), lie(p => { p[8] = 0; }), lie(p => { p[9] = 255; }),
      ]);
      expect(all(outcomes.slice(0, 9))).toEqual([
        'dropped: sanity: ip header checksum', 'dropped: sanity: ip header cut off or lying about its length', 'dropped: sanity: ip version is not 4', 'dropped: sanity: transport header cut off',
      ]);
      const options = new Uint8Array(28);
      options.set(good.subarray(0, 20));
      options[0] = 0x47; options[20] = 131; options[21] = 7; options[22] = 4;
      ipv4.setTotalLen(options, 0, 28);
      ipv4.writeChecksum(options, 0);
      expect(await fates(side, [from(b, side, options)])).toEqual(['dropped: sanity: source route option']);
    });

    it('with martian addresses, land attacks, and packets for one host in broadcast frames', async () => {
      const odd = ['0.0.0.0', '0.1.2.3', '127.0.0.1', '224.0.0.1', '239.1.2.3', '240.0.0.1', '255.255.255.255'];
      const martians = odd.map(s => from(b, side, udpPacket(s, 1, dst, 2)));
      expect(all(await fates(side, martians))).toEqual(['dropped: sanity: martian source address']);
      expect(all(await fates(side, [from(b, side, udpPacket(dst, 5, dst, 5)), from(b, side, tcpPacket(WAN, 80, WAN, 80, 2))]))).toEqual(['dropped: sanity: source and destination are the same']);
      expect(all(await fates(side, ['127.0.0.1', '0.0.0.0'].map(d => from(b, side, udpPacket(src, 1, d, 2)))))).toEqual(['dropped: sanity: martian source address']);
      const group = ether(BROADCAST, hostMac(side), 0x0800, udpPacket(src, 1, '203.0.113.8', 2));
      expect(await fates(side, [group])).toEqual(['dropped: sanity: IP packet for one host in a broadcast frame']);
      // The router's own addresses as a sender, and destinations that are nobody's.
      const forged = await fates(side, [udpPacket('192.168.1.1', 1, dst, 2), udpPacket(WAN, 1, SERVER, 2), udpPacket(src, 1, '240.0.0.9', 2), udpPacket(src, 1, '192.168.1.255', 2), udpPacket(src, 1, '198.51.100.255', 2)].map(p => from(b, side, p)));
      expect(forged.filter(o => o.startsWith('out on'))).toEqual([]);
    });

    it('in overlapping, endless, misaligned and lonely fragments', async () => {
      const piece = (id: number, offset: number, size: number, more: boolean, proto = 17) => from(b, side, packet({ src: ip(src), dst: ip(dst), proto, id, offset, more }, new Uint8Array(size)));
      const outcomes = await fates(side, [
        piece(1, 0, 16, true), piece(1, 8, 16, true), piece(1, 16, 8, false), // overlap
        piece(2, 0, 64, true), piece(2, 0, 64, true), // the same again
        piece(3, 65_528, 800, false), piece(4, 0, 13, true), piece(5, 0, 0, true), // too long, no multiple of 8, nothing
        piece(6, 8, 8, false), piece(7, 0, 8, true, 6), piece(7, 8, 8, false, 6), piece(8, 0, 4, false),
      ], 40_000);
      expect(all(outcomes).filter(o => o.includes('reassembly: '))).toEqual(expect.arrayContaining(['dropped: reassembly: overlap', 'dropped: reassembly: too-long', 'dropped: reassembly: misaligned', 'dropped: reassembly: empty']));
      // A flood of first fragments takes no more than the settings allow, and is forgotten.
      const random = seeded(3);
      function* flood() { for (let i = 0; i < 6000; i++) yield piece(i & 0xffff, Math.floor(random() * 60) * 8, 1024, true); }
      await fates(side, flood(), 40_000);
    });

    it('in storms: broadcast, ARP requests, unasked and forged ARP answers', async () => {
      const me = hostMac(side);
      const own = side === 'lan1' ? '192.168.1.1' : WAN;
      function* storm() {
        for (let i = 0; i < 3000; i++) {
          const stranger = Uint8Array.of(2, 9, i >> 16, i >> 8 & 255, i & 255, 1);
          const near = side === 'lan1' ? `192.168.1.${2 + i % 250}` : `198.51.100.${3 + i % 250}`;
          switch (i % 6) {
            case 0: yield ether(BROADCAST, me, 0x0800, udpPacket(src, 67, '255.255.255.255', 67, new Uint8Array(300))); break;
            case 1: yield arpFrame({ op: 1, sha: stranger, spa: near, tpa: own }); break;
            case 2: yield arpFrame({ op: 2, sha: stranger, spa: near, tha: routerMac(b, side), tpa: own }); break;
            case 3: yield arpFrame({ op: 1, sha: stranger, spa: own, tpa: own }); break;
            case 4: yield arpFrame({ op: i % 7, sha: BROADCAST, spa: '0.0.0.0', tpa: near }); break;
            default: yield ether(BROADCAST, stranger, 0x0800, echo(src, side === 'lan1' ? '192.168.1.255' : '198.51.100.255'));
          }
        }
      }
      await fates(side, storm());
      const table = await b.verb('ip arp status');
      expect(table.text).not.toContain('02:09');
    });

    it('with VLAN tags, once and over and over', async () => {
      const inner = udpPacket(src, 1, dst, 2);
      const tagged = (depth: number) => {
        const f = new Uint8Array(14 + depth * 4 + inner.length);
        f.set(routerMac(b, side)); f.set(hostMac(side), 6);
        for (let i = 0; i < depth; i++) f.set([i === 0 ? 0x81 : 0x88, i === 0 ? 0 : 0xa8, 0, i], 12 + i * 4);
        f.set([8, 0], 12 + depth * 4);
        f.set(inner, 14 + depth * 4);
        return f;
      };
      expect(all(await fates(side, [1, 2, 10, 300].map(tagged)))).toEqual(['dropped: sanity: not IPv4']);
    });

    it('in any mixture (fast-check)', async () => {
      const someIp = fc.constantFrom(src, dst, WAN, '192.168.1.1', '192.168.1.255', '255.255.255.255', '224.0.0.1', '10.1.2.3').map(ip);
      const aPacket = fc.record({ src: someIp, dst: someIp, proto: fc.constantFrom(1, 2, 6, 17, 47, 50, 132), ttl: fc.integer({ min: 0, max: 255 }), id: fc.integer({ min: 0, max: 3 }), df: fc.boolean(), more: fc.boolean(), offset: fc.constantFrom(0, 0, 8, 16, 65_528) });
      const body = fc.uint8Array({ maxLength: 80 });
      const frame = fc.oneof(
        fc.tuple(aPacket, body).map(([h, data]) => from(b, side, packet(h, data))),
        fc.tuple(aPacket, body, fc.nat(33)).map(([h, data, cut]) => { const f = from(b, side, packet(h, data)); return f.slice(0, f.length - cut); }),
        fc.uint8Array({ maxLength: 120 }),
      );
      await fc.assert(fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 40 }), async frames => {
        await fates(side, frames, 200);
      }), { numRuns: 150, seed: 20_080_101 });
    });
  });

  it('for a long time, without growing', async () => {
    const random = seeded(11);
    const mixture = (i: number): [Side, Uint8Array] => {
      const side: Side = i % 2 ? 'lan1' : 'inet1';
      const n = Math.floor(random() * 65_536);
      switch (i % 5) {
        case 0: return [side, from(b, side, udpPacket(side === 'lan1' ? LAN1 : GATEWAY, n, side === 'lan1' ? SERVER : WAN, n ^ 0x5555))];
        case 1: return [side, from(b, side, tcpPacket(side === 'lan1' ? LAN1 : GATEWAY, n, side === 'lan1' ? SERVER : WAN, 80, n & 255))];
        case 2: return [side, from(b, side, packet({ src: n * 65_537 >>> 0, dst: ip(SERVER), proto: n & 255 }, bytes(n % 64, random)))];
        case 3: return [side, from(b, side, packet({ src: ip(side === 'lan1' ? LAN1 : GATEWAY), dst: ip(WAN), proto: 17, id: n, more: true, offset: (n & 7) * 8 }, new Uint8Array(64)))];
        default: return [side, bytes(n % 200, random)];
      }
    };
    const run = async (frames: number) => {
      for (let i = 0; i < frames; i++) {
        const [side, frame] = mixture(i);
        send(b, wireOf[side], frame);
        if (i % 100 === 99) b.clock.advance(20);
      }
      await b.advance(400_000);
    };
    // 20,000 and 40,000 with LANCELL_MILLION=1.
    const frames = process.env['LANCELL_MILLION'] === '1' ? 20_000 : 5000;
    await run(frames);
    const before = await liveOctets();
    await run(frames * 2);
    const after = await liveOctets();
    if (before === undefined || after === undefined) return;
    console.log(`bad frames: heap ${kib(before)} after ${frames} frames, ${kib(after)} after ${frames * 3}`);
    expect(after - before).toBeLessThan(2 * 1024 * 1024);
  });
});
