import { describe, expect, it } from 'vitest';
import type { Batch, Packet } from '../../../sdk/packet.ts';
import * as checksum from '../../../sdk/wire/checksum.ts';
import * as icmp from '../../../sdk/wire/icmp.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import * as udp from '../../../sdk/wire/udp.ts';
import { WORDS } from '../../../kernel/flow/action.ts';
import { drawTrace, type TraceRecord } from '../../../kernel/packet/tracer.ts';
import { frame, ip, LAN_HOST, road, SERVER, tcpBody, udpBody, WAN_IP } from './road.ts';

const last = (frames: Uint8Array[]) => frames[frames.length - 1]!;

describe('a packet through the engine', () => {
  it('is forwarded with NAT, TTL and checksums right, and its answer comes back', () => {
    const r = road();
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53)));
    r.settle();
    expect(r.out.wan).toHaveLength(1);
    const f = last(r.out.wan);
    expect(ipv4.src(f, 14)).toBe(WAN_IP);
    expect(ipv4.ttl(f, 14)).toBe(63);
    expect(ipv4.checksumOk(f, 14)).toBe(true);
    expect(udp.checksumOk(f, 34, WAN_IP, SERVER)).toBe(true);
    expect([...f.subarray(0, 6)]).toEqual([2, 0, 0, 0, 0, 1]);
    expect(f.subarray(6, 12)).toEqual(r.macOf(r.wanId));

    r.wan.send(frame(r.macOf(r.wanId), SERVER, WAN_IP, 17, udpBody(53, 5000)));
    r.settle();
    const back = last(r.out.lan);
    expect(ipv4.dst(back, 14)).toBe(LAN_HOST);
    expect(udp.checksumOk(back, 34, SERVER, LAN_HOST)).toBe(true);
    expect(r.engine.flows.size).toBe(1);
    expect(r.engine.flows.list()[0]).toMatchObject({ state: 'assured', packets: [1, 1] });
  });

  it('keeps a UDP checksum of zero zero', () => {
    const r = road();
    const f = frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53));
    f[40] = f[41] = 0;
    r.lan.send(f);
    r.settle();
    expect(udp.checksum(last(r.out.wan), 34)).toBe(0);
  });

  it('updates a partial checksum without complement and without ports', () => {
    const r = road();
    r.decide({ slot: 'snat', name: 'test.ports', order: 1, decide: f => f.outLink === r.wanId ? { src: WAN_IP, sport: 60_000 } : undefined });
    const f = frame(r.macOf(r.lanId), LAN_HOST, SERVER, 6, tcpBody(4000, 80, tcp.SYN));
    const pseudo = checksum.fold(checksum.pseudo4(LAN_HOST, SERVER, 6, 20));
    tcp.setChecksum(f, 34, pseudo);
    r.lan.send(f, { needsCsum: true, csumStart: 34, csumOffset: 16, gsoType: 0, gsoSize: 0, hdrLen: 0 });
    r.settle();
    // The memory wire takes finished checksums only, so the engine finished it: it must be right as a whole.
    expect(tcp.checksumOk(last(r.out.wan), 34, last(r.out.wan).length, WAN_IP, SERVER)).toBe(true);
    expect(tcp.srcPort(last(r.out.wan), 34)).toBe(60_000);
  });

  it('cuts a super-frame for a link that cannot take one', () => {
    const r = road();
    const data = Uint8Array.from({ length: 4000 }, (_, i) => i & 0xff);
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 6, tcpBody(4000, 80, tcp.SYN)));
    r.settle();
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 6, tcpBody(4000, 80, tcp.ACK | tcp.PSH, 2, data)), { needsCsum: false, csumStart: 0, csumOffset: 0, gsoType: 1, gsoSize: 1460, hdrLen: 54 });
    r.settle();
    const pieces = r.out.wan.slice(1);
    expect(pieces.map(p => p.length - 54)).toEqual([1460, 1460, 1080]);
    for (const p of pieces) expect(tcp.checksumOk(p, 34, p.length, WAN_IP, SERVER)).toBe(true);
  });

  it('translates ICMP echo by its identifier', () => {
    const r = road();
    r.decide({ slot: 'snat', name: 'test.id', order: 1, decide: f => f.proto === 1 ? { src: WAN_IP, sport: 777 } : undefined });
    const echo = new Uint8Array(16);
    icmp.writeEcho(echo, 0, 8, 42, 1);
    icmp.writeChecksum(echo, 0, echo.length);
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 1, echo));
    r.settle();
    const f = last(r.out.wan);
    expect(icmp.id(f, 34)).toBe(777);
    expect(icmp.checksumOk(f, 34, f.length)).toBe(true);
    icmp.writeEcho(echo, 0, 0, 777, 1);
    icmp.writeChecksum(echo, 0, echo.length);
    r.wan.send(frame(r.macOf(r.wanId), SERVER, WAN_IP, 1, echo));
    r.settle();
    const back = last(r.out.lan);
    expect(icmp.id(back, 34)).toBe(42);
    expect(icmp.checksumOk(back, 34, back.length)).toBe(true);
  });

  it('translates an ICMP error and the packet it quotes', () => {
    const r = road();
    r.decide({ slot: 'snat', name: 'test.port', order: 1, decide: f => f.proto === 17 ? { src: WAN_IP, sport: 6001 } : undefined });
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 33434)));
    r.settle();
    const sent = last(r.out.wan);
    const error = new Uint8Array(8 + sent.length - 14);
    icmp.writeError(error, 0, 11, 0);
    error.set(sent.subarray(14), 8);
    icmp.writeChecksum(error, 0, error.length);
    const hop = ip('198.51.100.77');
    r.wan.send(frame(r.macOf(r.wanId), hop, WAN_IP, 1, error));
    r.settle();
    const back = last(r.out.lan);
    expect(ipv4.src(back, 14)).toBe(hop);
    expect(ipv4.dst(back, 14)).toBe(LAN_HOST);
    expect(icmp.checksumOk(back, 34, back.length)).toBe(true);
    expect(ipv4.src(back, 42)).toBe(LAN_HOST);
    expect(ipv4.checksumOk(back, 42)).toBe(true);
    expect(udp.srcPort(back, 62)).toBe(5000);
    expect(udp.checksumOk(back, 62, LAN_HOST, SERVER)).toBe(true);
    expect(r.engine.flows.list()[0]!.packets).toEqual([1, 0]);
  });

  it('drops with a named counter what is broken, martian or about nothing', () => {
    const r = road();
    const mac = r.macOf(r.lanId);
    const good = frame(mac, LAN_HOST, SERVER, 17, udpBody(1, 2));
    const bad = good.slice(); bad[24]! ^= 1;
    r.lan.send(bad);
    r.lan.send(good.subarray(0, 10));
    r.lan.send(good.subarray(0, 30));
    r.lan.send(frame(mac, ip('127.0.0.1'), SERVER, 17, udpBody(1, 2)));
    r.lan.send(frame(mac, SERVER, SERVER, 17, udpBody(1, 2)));
    r.lan.send(frame(mac, LAN_HOST, SERVER, 6, tcpBody(1, 2, tcp.ACK)));
    r.settle();
    expect(r.out.wan).toHaveLength(0);
    expect(r.counts()).toMatchObject({
      'sanity: ip header checksum': 1, 'ingress: frame shorter than its header': 1, 'sanity: ip header cut off or lying about its length': 1,
      'sanity: martian source address': 1, 'sanity: source and destination are the same': 1, 'flow: tcp segment without a connection': 1,
    });
  });

  it('waits for an unknown next hop and sends what waited', () => {
    const r = road();
    const asked: number[] = [];
    r.engine.neighbours.resolver((_link, address) => void asked.push(address));
    r.engine.neighbours.invalidate(r.wanId, ip('198.51.100.1'));
    for (let i = 0; i < 6; i++) r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53)));
    r.settle();
    expect(asked).toEqual([ip('198.51.100.1')]);
    expect(r.out.wan).toHaveLength(0);
    r.engine.neighbours.set(r.wanId, ip('198.51.100.1'), Uint8Array.of(2, 0, 0, 0, 0, 5));
    r.settle();
    expect(r.out.wan).toHaveLength(4);
    expect(udp.checksumOk(last(r.out.wan), 34, WAN_IP, SERVER)).toBe(true);
    expect(r.engine.pool.available).toBe(r.engine.pool.size);
  });

  it('cuts a packet without DF that is too big for the way out, and refuses one with DF', () => {
    const r = road();
    r.wan.setMtu(1000);
    r.engine.flows.bumpEpoch('mtu');
    const data = new Uint8Array(1400);
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53, data)));
    r.settle();
    expect(r.out.wan.map(f => f.length)).toEqual([14 + 996, 14 + 20 + 1408 - 976]);
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53, data), { df: true }));
    r.settle();
    expect(r.counts()['forward: too big and not to be fragmented']).toBe(1);
  });

  it('asks for the next hop also when the packet has to be cut (fixed: such packets vanished until a small one came)', () => {
    const r = road();
    const asked: number[] = [];
    r.engine.neighbours.resolver((_link, address) => void asked.push(address));
    r.engine.neighbours.invalidate(r.wanId, ip('198.51.100.1'));
    r.wan.setMtu(1000);
    r.engine.flows.bumpEpoch('mtu');
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53, new Uint8Array(1400))));
    r.settle();
    expect(asked).toHaveLength(1);
    r.engine.neighbours.set(r.wanId, ip('198.51.100.1'), Uint8Array.of(2, 0, 0, 0, 0, 5));
    r.settle();
    expect(r.out.wan).toHaveLength(2);
  });

  it('refuses TTL 1', () => {
    const r = road();
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53), { ttl: 1 }));
    r.settle();
    expect(r.counts()['forward: ttl exceeded']).toBe(1);
  });

  it('a stage that throws loses its batch, is named, and the next packet goes through when it is gone', () => {
    const r = road();
    const stage = r.engine.pipelines.add({ slot: 'prerouting.ipsec-in', name: 'bad.stage', process() { throw new Error('boom'); } }, 'bad');
    const send = () => { r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53))); r.settle(); };
    send();
    expect(r.out.wan).toHaveLength(0);
    expect(r.counts()['bad.stage: stage failed']).toBe(1);
    expect(r.faults[0]).toContain('bad.stage');
    void stage.dispose();
    send();
    expect(r.out.wan).toHaveLength(1);
    expect(r.engine.pool.available).toBe(r.engine.pool.size);
  });

  it('swaps pipelines between breaths only, also from within a stage', () => {
    const r = road();
    const seen: string[] = [];
    const second = () => r.engine.pipelines.add({ slot: 'prerouting.reassembly', name: 'b', process: (b: Batch) => void seen.push(`b${b.n}`) }, 't');
    let added = false;
    r.engine.pipelines.add({ slot: 'prerouting.reassembly', name: 'a', process: (b: Batch) => { seen.push(`a${b.n}`); if (!added) { added = true; second(); } } }, 't');
    for (let i = 0; i < 2; i++) { r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53))); r.settle(); }
    expect(seen).toEqual(['a1', 'a1', 'b1']);
    expect(r.out.wan).toHaveLength(2);
  });

  it('sends a flow that somebody inspects through the forward stages, others not', () => {
    const r = road();
    const seen: number[] = [];
    r.decide({ slot: 'inspect', name: 'alg', decide: f => f.dport === 21 ? { inspect: 'ftp' } : undefined });
    r.engine.pipelines.add({ slot: 'forward.alg', name: 'alg.ftp', process: b => { for (let i = 0; i < b.n; i++) seen.push(udp.dstPort(b.at(i).buf, b.at(i).l4)); } }, 'alg');
    for (const port of [21, 80, 21]) { r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, port))); r.settle(); }
    expect(seen).toEqual([21, 21]);
    expect(r.out.wan).toHaveLength(3);
    expect(r.engine.flows.list(f => f.inspect === 'ftp')).toHaveLength(1);
  });

  it('holds its breath for a swap, loses nothing, and goes on by itself when the swap takes too long', () => {
    const r = road();
    const hold = r.engine.hold('reload of a plugin');
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53)));
    r.clock.advance(50);
    expect(r.out.wan).toHaveLength(0);
    void hold.dispose();
    r.settle();
    expect(r.out.wan).toHaveLength(1);
    r.engine.hold('a slow one');
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53)));
    r.clock.advance(120);
    expect(r.out.wan).toHaveLength(2);
  });

  it('delivers to a UDP socket of the router and sends its answer', () => {
    const r = road();
    const owned: string[] = [];
    const udpFor = r.engine.sockets.for('test', (d, label) => { owned.push(label); return d; });
    const socket = udpFor.bind({ port: 53 }, d => socket.send(d.data, { dst: d.src, dport: d.sport, src: d.dst }));
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, ip('192.168.1.1'), 17, udpBody(5000, 53, Uint8Array.of(1, 2, 3))));
    r.settle();
    const f = last(r.out.lan);
    expect(udp.dstPort(f, 34)).toBe(5000);
    expect(udp.checksumOk(f, 34, ip('192.168.1.1'), LAN_HOST)).toBe(true);
    expect(owned).toEqual(['udp port 53']);
    expect(() => udpFor.bind({ port: 53 }, () => {})).toThrow('UDP port 53 is in use by test');
  });
});

describe('the trace', () => {
  it('tells what every stage and decider said, and follows the answer too', () => {
    const r = road();
    const drawn: string[] = [];
    r.engine.tracer.follow({
      most: 5, done: rec => void drawn.push(drawTrace(rec)),
      match: (p: Packet) => p.etherType === 0x0800 && ipv4.src(p.buf, p.l3) === LAN_HOST,
      matchFlow: (t, tuple) => t.tuples[(tuple & ~1) * WORDS]! >>> 0 === LAN_HOST,
    });
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53)));
    r.settle();
    r.wan.send(frame(r.macOf(r.wanId), SERVER, WAN_IP, 17, udpBody(53, 5000)));
    r.settle();
    expect(drawn).toHaveLength(2);
    expect(drawn[0]).toContain('test.snat');
    expect(drawn[0]).toContain('source 192.168.1.33:5000 → 198.51.100.2:5000');
    expect(drawn[0]).toContain('nobody objects');
    expect(drawn[1]).toContain('destination 198.51.100.2:5000 → 192.168.1.33:5000');
    expect(drawn[1]).toContain('out on lan');
  });

  it('says why a packet died', () => {
    const r = road();
    const drawn: string[] = [];
    const records: TraceRecord[] = [];
    r.decide({ slot: 'policy', name: 'test.wall', decide: () => ({ drop: r.dropped }), explain: () => 'rule 3 forbids it' });
    r.engine.tracer.follow({ most: 1, match: () => true, done: rec => { records.push(rec); drawn.push(drawTrace(rec)); } });
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53)));
    r.settle();
    expect(drawn[0]).toContain('rule 3 forbids it');
    expect(drawn[0]).toContain('dropped: test: refused');
    expect(records[0]).toMatchObject({ end: 'dropped', link: 'lan' });
    expect(records[0]!.steps).toContainEqual({ slot: 'policy', stage: 'test.wall', verdict: 'refuse', words: 'rule 3 forbids it' });
    expect(records[0]!.steps.at(-1)).toMatchObject({ slot: 'prerouting.flow', verdict: 'drop' });
  });
});
