import { describe, expect, it } from 'vitest';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import type { Attack } from '../../../sdk/attacks.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import { frame, LAN_HOST, road, SERVER, tcpBody, WAN_IP } from './road.ts';

/** Packets from each side; .ci asks for a million. */
const PACKETS = Number(process.env['LANCELL_RANDOM_PACKETS'] ?? 25_000);
const SLICE = 5000;

function generator(seed: number) {
  return (n: number): number => {
    seed = Math.imul(seed ^ seed >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return (Math.imul(seed ^ seed >>> 13, 0x297a2d39) >>> 0) % n;
  };
}

/** A frame of which some parts are right, so that the rest of it is looked at: the deeper the mistake, the further it comes. */
function randomFrame(random: (n: number) => number, mac: Uint8Array, from: number, to: number): Uint8Array {
  const f = new Uint8Array(14 + random(random(10) === 0 ? 1500 : 100));
  for (let i = 0; i < f.length; i++) f[i] = random(256);
  if (random(50) === 0) return f;
  f.set(mac);
  if (random(30) > 0) ethernet.setEtherType(f, 0, ethernet.TYPE_IPV4);
  if (f.length < 34 || random(30) === 0) return f;
  const proto = [1, 6, 6, 17, 47, 50, 2, random(256)][random(8)]!;
  ipv4.write(f, 14, { src: random(8) > 0 ? from + random(3) : random(0x1_0000_0000), dst: random(8) > 0 ? to : random(0x1_0000_0000), proto, totalLen: f.length - 14 });
  if (random(20) === 0) ipv4.setFlagsFragment(f, 14, random(0x1_0000));
  if (random(20) === 0) f[14] = 0x40 | random(16);
  if (random(20) === 0) ipv4.setTotalLen(f, 14, random(2000));
  if (f.length >= 54 && random(10) > 0) {
    if (proto === 6) { f[46] = 5 << 4; f[47] = random(3) > 0 ? [2, 18, 16, 17, 4, 20][random(6)]! : random(256); }
    if (proto === 17) { f[38] = f.length - 34 >> 8; f[39] = f.length - 34 & 255; }
    if (proto === 1) f[34] = [0, 3, 5, 8, 11, 12, 13][random(7)]!;
    if (proto === 1 && f.length >= 70) ipv4.write(f, 42, { src: to, dst: from, proto: [1, 6, 17, 47][random(4)]!, totalLen: random(1500) });
    // Few ports, so that packets meet the flows of others.
    f[34] = proto === 1 ? f[34]! : 0; f[36] = proto === 1 ? f[36]! : 0;
    if (proto !== 1) { f[35]! &= 15; f[37]! &= 15; }
  }
  if (f.length >= 14 + (f[14]! & 15) * 4 && (f[14]! & 15) >= 5) ipv4.writeChecksum(f, 14);
  return f;
}

describe('random packets from both sides', () => {
  for (const window of [false, true]) it(`never throw, and what is kept stays bounded (${window ? 'TCP followed strictly, strays picked up' : 'as without a firewall'})`, () => {
    const r = road({ maxFlows: 500 });
    if (window) r.engine.flows.trackTcp({ window: true, pickup: f => f.sport % 2 === 0, asymmetric: f => f.sport % 5 === 0 });
    let open = 0;
    r.engine.flows.watch({ begun: () => { open++; }, ended: () => { open--; } });
    r.lan.onFrame = r.wan.onFrame = undefined;
    const random = generator(window ? 5 : 6);
    for (let sent = 0; sent < PACKETS; sent += SLICE) {
      for (let i = 0; i < SLICE; i++) {
        r.lan.send(randomFrame(random, r.macOf(r.lanId), LAN_HOST, random(4) > 0 ? SERVER : WAN_IP));
        r.wan.send(randomFrame(random, r.macOf(r.wanId), SERVER, WAN_IP));
        if (i % 50 === 49) r.settle();
      }
      r.clock.advance(random(20_000));
      expect(r.faults).toEqual([]);
      expect(r.engine.flows.size).toBe(open);
      expect(r.engine.flows.halfOpen).toBeLessThanOrEqual(open);
      expect(open).toBeLessThanOrEqual(500);
      if (sent % 50_000 === 0) r.engine.flows.bumpEpoch('now and then');
    }
    // Each index entry, list and wheel slot is given back: everything ends, and the table takes as many again.
    r.clock.advance(8_000_000);
    while (r.engine.flows.size > 0) { r.clock.advance(1_000_000); r.engine.breathe(); }
    expect(open).toBe(0);
    expect(r.engine.flows.halfOpen).toBe(0);
    // Some wait for next hops of whom nobody here tells.
    expect(r.engine.pool.available).toBeGreaterThanOrEqual(road().engine.pool.available - 32);
  }, 600_000);
});

describe('attacks that one packet shows', () => {
  it('are told once a second for each kind and source, and always counted', () => {
    const told: Attack[] = [];
    const r = road({ attack: a => void told.push(a) });
    const send = (src: number, dst: number, flags: number) => { r.wan.send(frame(r.macOf(r.wanId), src, dst, 6, tcpBody(1, 2, flags))); r.settle(); };
    for (let i = 0; i < 3; i++) send(WAN_IP, WAN_IP, tcp.SYN);
    for (const flags of [0, tcp.SYN | tcp.FIN, tcp.FIN, tcp.FIN | tcp.PSH | tcp.URG, 0x3f]) send(SERVER, WAN_IP, flags);
    send(SERVER + 1, WAN_IP, 0);
    expect(told.map(a => `${a.kind} ${a.src} ${a.detail}`)).toEqual([`land ${WAN_IP} sent to itself`, `port scan ${SERVER} no TCP flags`, `port scan ${SERVER + 1} no TCP flags`]);
    expect(r.counts()).toMatchObject({ 'sanity: source and destination are the same': 3, 'sanity: tcp flags that no segment has': 6 });
    r.clock.advance(1000);
    send(SERVER, WAN_IP, tcp.SYN | tcp.FIN);
    expect(told.at(-1)!.detail).toBe('TCP flags FIN SYN');
  });
});
