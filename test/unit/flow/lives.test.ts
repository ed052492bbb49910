import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as esp from '../../../sdk/wire/esp.ts';
import * as gre from '../../../sdk/wire/gre.ts';
import * as icmp from '../../../sdk/wire/icmp.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import { HalfOpen } from '../../../kernel/flow/half-open.ts';
import { frame, ip, LAN_HOST, road, SERVER, tcpBody, udpBody, WAN_IP } from '../packet/road.ts';

type R = ReturnType<typeof road>;
const strict = { window: true, pickup: () => false, asymmetric: () => false };
function segment(sport: number, dport: number, flags: number, seq: number, ack = 0, data = 0): Uint8Array {
  const b = tcpBody(sport, dport, flags, seq, new Uint8Array(data));
  tcp.setAck(b, 0, ack);
  return b;
}
const out = (r: R, body: Uint8Array, proto = 6, src = LAN_HOST, dst = SERVER) => { r.lan.send(frame(r.macOf(r.lanId), src, dst, proto, body)); r.settle(); };
const back = (r: R, body: Uint8Array, proto = 6, src = SERVER, dst = WAN_IP) => { r.wan.send(frame(r.macOf(r.wanId), src, dst, proto, body)); r.settle(); };
const connect = (r: R, port = 4000) => {
  out(r, segment(port, 80, tcp.SYN, 99));
  back(r, segment(80, port, tcp.SYN | tcp.ACK, 499, 100));
  out(r, segment(port, 80, tcp.ACK, 100, 500));
};
function watched(r: R) {
  const log: string[] = [];
  const held = r.engine.flows.watch({
    begun: (id, f) => void log.push(`begun ${id} ${f.proto}`), confirmed: id => void log.push(`confirmed ${id}`),
    ended: (id, why) => void log.push(`ended ${id} ${why} ${r.engine.flows.view(id)?.state}`),
  });
  return { log, held };
}

describe('half-open flows', () => {
  it('are kept as a plain list of them would be', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('add', 'remove', 'oldest', 'oldestTo'), fc.nat(40), fc.option(fc.nat(5), { nil: undefined })), { maxLength: 400 }), ops => {
      const half = new HalfOpen(new Int32Array(41 * 6), 6, 1, 41, 7);
      let model: { flow: number; to: number | undefined }[] = [];
      for (const [op, flow, to] of ops) {
        const known = model.find(m => m.flow === flow);
        if (op === 'add' && !known) { half.add(flow, to); model.push({ flow, to }); }
        if (op === 'remove' && known) { half.remove(flow, known.to); model = model.filter(m => m !== known); }
        expect(half.size).toBe(model.length);
        expect(half.oldest).toBe(model[0]?.flow ?? -1);
        for (let d = 0; d <= 5; d++) {
          expect(half.countTo(d)).toBe(model.filter(m => m.to === d).length);
          expect(half.oldestTo(d)).toBe(model.find(m => m.to === d)?.flow ?? -1);
        }
      }
    }), { numRuns: 100 });
  });
  it('by thousands of destinations', () => {
    const half = new HalfOpen(new Int32Array(5000 * 4), 4, 0, 5000, 3);
    for (let i = 0; i < 5000; i++) half.add(i, 0xff00_0000 + (i % 2500));
    for (let i = 0; i < 2500; i++) expect(half.countTo(0xff00_0000 + i)).toBe(2);
    for (let i = 0; i < 5000; i += 2) half.remove(i, 0xff00_0000 + (i % 2500));
    for (let i = 0; i < 2500; i++) expect(half.countTo(0xff00_0000 + i)).toBe(i % 2 === 0 ? 0 : 2);
  });
});

describe('watchers', () => {
  it('hear of a TCP connection that opens, and of its end', () => {
    const r = road();
    const { log, held } = watched(r);
    out(r, segment(4000, 80, tcp.SYN, 99));
    expect(r.engine.flows.halfOpen).toBe(1);
    expect(r.engine.flows.halfOpenTo(SERVER)).toBe(1);
    back(r, segment(80, 4000, tcp.SYN | tcp.ACK, 499, 100));
    expect(log).toEqual(['begun 0 6']);
    out(r, segment(4000, 80, tcp.ACK, 100, 500));
    expect(log).toEqual(['begun 0 6', 'confirmed 0']);
    expect(r.engine.flows.halfOpen).toBe(0);
    back(r, segment(80, 4000, tcp.RST, 500));
    r.clock.advance(11_000); r.engine.breathe();
    expect(log.at(-1)).toBe('ended 0 reset close');
    void held.dispose();
    connect(r);
    expect(log).toHaveLength(3);
  });
  it('hear of the first answer of other protocols, and why a flow was cut', () => {
    const r = road();
    const { log } = watched(r);
    out(r, udpBody(5000, 53), 17);
    back(r, udpBody(53, 5000), 17);
    back(r, udpBody(53, 5000), 17);
    r.engine.flows.cut(0, 'by hand');
    out(r, udpBody(5001, 53), 17);
    r.clock.advance(121_000); r.engine.breathe();
    expect(log).toEqual(['begun 0 17', 'confirmed 0', 'ended 0 by hand assured', 'begun 0 17', 'ended 0 expired new']);
  });
  it('may end flows while they are told of them', () => {
    const r = road();
    r.engine.flows.watch({ begun: id => r.engine.flows.cut(id, 'no'), ended: id => r.engine.flows.cut(id, 'again') });
    out(r, udpBody(5000, 53), 17);
    expect(r.out.wan).toHaveLength(0);
    expect(r.engine.flows.size).toBe(0);
    expect(r.counts()['flow: ended as it began']).toBe(1);
  });
  it('a SYN that opens a closed connection anew is a new flow', () => {
    const r = road();
    const { log } = watched(r);
    connect(r);
    back(r, segment(80, 4000, tcp.RST, 500));
    out(r, segment(4000, 80, tcp.SYN, 7000));
    expect(log).toEqual(['begun 0 6', 'confirmed 0', 'ended 0 opened anew close', 'begun 0 6']);
    expect(r.engine.flows.halfOpen).toBe(1);
  });
});

describe('who goes first', () => {
  it('the oldest half-open flow on demand, or the oldest to a destination', () => {
    const r = road();
    const { log } = watched(r);
    for (let port = 1; port <= 3; port++) out(r, segment(4000, port, tcp.SYN, 99), 6, LAN_HOST, port === 2 ? ip('203.0.113.77') : SERVER);
    expect(r.engine.flows.cutOldestHalfOpen('flood', ip('203.0.113.77'))).toBe(true);
    expect(r.engine.flows.cutOldestHalfOpen('flood', ip('203.0.113.77'))).toBe(false);
    expect(r.engine.flows.cutOldestHalfOpen('flood')).toBe(true);
    expect(log.slice(3)).toEqual(['ended 1 flood syn-sent', 'ended 0 flood syn-sent']);
  });
  it('an established connection never makes room, a closed one does', () => {
    const r = road({ maxFlows: 2 });
    connect(r, 4000);
    connect(r, 4001);
    out(r, udpBody(1, 1), 17);
    expect(r.counts()['flow: table full']).toBe(1);
    back(r, segment(80, 4001, tcp.RST, 500));
    out(r, udpBody(1, 1), 17);
    expect(r.engine.flows.list().map(f => f.state)).toEqual(['established', 'new']);
  });
});

describe('timeouts', () => {
  it('are changed, stacked, taken back, and checked', () => {
    const r = road();
    const { flows } = r.engine;
    const a = flows.setTimeouts({ udp: 10 });
    const b = flows.setTimeouts({ udp: 20, icmp: 5 });
    expect(flows.timeouts).toMatchObject({ udp: 20, icmp: 5, tcpEstablished: 7440 });
    void a.dispose();
    expect(flows.timeouts.udp).toBe(20);
    void b.dispose();
    expect(flows.timeouts.udp).toBe(120);
    expect(() => flows.setTimeouts({ udp: 0 })).toThrow(/udp/);
    out(r, udpBody(5000, 53), 17);
    flows.setTimeouts({ udp: 3 });
    out(r, udpBody(5000, 53), 17);
    r.clock.advance(5000); r.engine.breathe();
    expect(flows.size).toBe(0);
  });
});

describe('how TCP is followed', () => {
  it('strictly: what is outside of the window is dropped, in both directions, and counted', () => {
    const r = road();
    r.engine.flows.trackTcp(strict);
    connect(r);
    const before = r.out.lan.length;
    back(r, segment(80, 4000, tcp.ACK, 900_000, 100, 10));
    back(r, segment(80, 4000, tcp.ACK, 500, 70_000, 10));
    back(r, segment(80, 4000, tcp.RST, 501_000));
    back(r, segment(80, 4000, tcp.SYN, 1));
    expect(r.out.lan).toHaveLength(before);
    expect(r.counts()).toMatchObject({ 'tcp: sequence number beyond the window': 2, 'tcp: acknowledges what was never sent': 1, 'tcp: a segment that cannot be in this state': 1 });
    back(r, segment(80, 4000, tcp.ACK, 500, 100, 10));
    expect(r.out.lan).toHaveLength(before + 1);
    expect(r.engine.flows.view(0)!.state).toBe('established');
  });
  it('a SYN from the opener in the middle passes to be challenged, so does the challenge, and nothing has changed (RFC 5961 §4); one from the other side is dropped', () => {
    const r = road();
    r.engine.flows.trackTcp(strict);
    connect(r);
    const [lan, wan] = [r.out.lan.length, r.out.wan.length];
    out(r, segment(4000, 80, tcp.SYN, 700_000));
    back(r, segment(80, 4000, tcp.ACK, 500, 100));
    back(r, segment(80, 4000, tcp.SYN, 700_000));
    expect([r.out.wan.length - wan, r.out.lan.length - lan]).toEqual([1, 1]);
    expect(r.engine.flows.view(0)!.state).toBe('established');
    out(r, segment(4000, 80, tcp.ACK, 100, 500, 10));
    back(r, segment(80, 4000, tcp.ACK, 500, 110, 10));
    expect([r.out.wan.length - wan, r.out.lan.length - lan]).toEqual([2, 2]);
  });
  it('a connection that was there before is followed without its window', () => {
    const r = road();
    connect(r);
    const held = r.engine.flows.trackTcp(strict);
    back(r, segment(80, 4000, tcp.ACK, 900_000, 100, 10));
    out(r, segment(4000, 80, tcp.ACK, 123_456, 500, 10));
    expect(r.counts()['tcp: sequence number beyond the window']).toBeUndefined();
    void held.dispose();
  });
  it('picked up: half open until both sides were seen; a reset never', () => {
    const r = road();
    r.engine.flows.trackTcp({ ...strict, pickup: f => f.dport === 80 && f.outLink === r.wanId });
    out(r, segment(4000, 81, tcp.ACK, 5));
    out(r, segment(4000, 80, tcp.RST, 5));
    expect(r.engine.flows.size).toBe(0);
    out(r, segment(4000, 80, tcp.ACK, 5));
    expect(r.engine.flows.halfOpen).toBe(1);
    expect(r.engine.flows.view(0)!.expiresInMs).toBe(240_000);
    back(r, segment(80, 4000, tcp.ACK, 777, 5));
    expect(r.engine.flows.halfOpen).toBe(0);
    expect(r.engine.flows.view(0)!.expiresInMs).toBe(7_440_000);
  });
  it('asymmetric: one direction is enough', () => {
    const r = road();
    r.engine.flows.trackTcp({ ...strict, asymmetric: () => true });
    out(r, segment(4000, 80, tcp.SYN, 99));
    expect(r.engine.flows.halfOpen).toBe(0);
    out(r, segment(4000, 80, tcp.ACK, 100, 500));
    out(r, segment(4000, 80, tcp.ACK, 999_999, 500, 10));
    expect(r.out.wan).toHaveLength(3);
    expect(r.engine.flows.view(0)!.state).toBe('established');
  });
});

describe('ICMP errors', () => {
  const error = (from: number, to: number, quoted: Uint8Array, cut = quoted.length) => {
    const b = new Uint8Array(8 + cut);
    icmp.writeError(b, 0, icmp.TYPE_UNREACHABLE, icmp.CODE_HOST);
    b.set(quoted.subarray(0, cut), 8);
    icmp.writeChecksum(b, 0, b.length);
    return [b, from, to] as const;
  };
  it('end no flow, and must quote a segment that is on its way, sent by the addressee', () => {
    const r = road();
    r.engine.flows.trackTcp(strict);
    connect(r);
    out(r, segment(4000, 80, tcp.ACK, 100, 500, 50));
    const sent = r.out.wan.at(-1)!.slice(14);
    const before = r.out.lan.length;
    const router = ip('198.51.100.1');
    const say = (quoted: Uint8Array, to = WAN_IP) => { const [b, src, dst] = error(router, to, quoted, 28); back(r, b, 1, src, dst); };
    say(sent);
    expect(r.out.lan).toHaveLength(before + 1);
    const forged = sent.slice();
    tcp.setSeq(forged, 20, 50_000);
    say(forged);
    const stranger = sent.slice();
    ipv4.setSrc(stranger, 0, ip('198.51.100.9'));
    say(stranger);
    expect(r.out.lan).toHaveLength(before + 1);
    expect(r.counts()).toMatchObject({ 'icmp error: quotes a TCP segment that is not on its way': 1, 'icmp error: about no flow of ours': 1 });
    expect(r.engine.flows.view(0)!.state).toBe('established');
  });
  it('come from where their packet went (fixed: a host could break off its neighbour\'s flow by the outside address)', () => {
    const r = road();
    r.engine.flows.trackTcp(strict);
    connect(r);
    out(r, segment(4000, 80, tcp.ACK, 100, 500, 50));
    const sent = r.out.wan.at(-1)!.slice(14);
    const [body, , to] = error(ip('198.51.100.1'), WAN_IP, sent, 28);
    const before = r.out.lan.length;
    out(r, body.slice(), 1, ip('192.168.1.34'), to);
    expect(r.out.lan).toHaveLength(before);
    expect(r.counts()['icmp error: not from where its packet went']).toBe(1);
    back(r, body.slice(), 1, ip('198.51.100.1'), to);
    expect(r.out.lan).toHaveLength(before + 1);
    // The other direction: about what the server sent, from inside only.
    back(r, segment(80, 4000, tcp.ACK, 500, 150, 20));
    const got = r.out.lan.at(-1)!.slice(14);
    const [reply] = error(LAN_HOST, SERVER, got, 28);
    const gone = r.out.wan.length;
    back(r, reply.slice(), 1, ip('198.51.100.7'), SERVER);
    expect(r.out.wan).toHaveLength(gone);
    out(r, reply.slice(), 1, LAN_HOST, SERVER);
    expect(r.out.wan).toHaveLength(gone + 1);
  });
  it('of a connection of which only half is seen may come from anywhere', () => {
    const r = road();
    r.engine.flows.trackTcp({ ...strict, asymmetric: () => true });
    out(r, segment(4000, 80, tcp.SYN, 99));
    const sent = r.out.wan.at(-1)!.slice(14);
    const [body, , to] = error(ip('198.51.100.1'), WAN_IP, sent, 28);
    const before = r.out.lan.length;
    out(r, body, 1, ip('192.168.1.34'), to);
    expect(r.out.lan).toHaveLength(before + 1);
  });
  it('with lying headers inside never throw', () => {
    const r = road();
    connect(r);
    fc.assert(fc.property(fc.uint8Array({ minLength: 0, maxLength: 80 }), fc.constantFrom(3, 4, 5, 11, 12), (inside, type) => {
      const b = new Uint8Array(8 + inside.length);
      b[0] = type;
      b.set(inside, 8);
      if (b.length > 8) b[8] = 0x40 | b[8]! & 15;
      icmp.writeChecksum(b, 0, b.length);
      back(r, b, 1);
    }));
    expect(r.faults).toEqual([]);
    expect(r.engine.flows.view(0)!.state).toBe('established');
  });
});

describe('tunnels without ports', () => {
  const pptp = (callId: number) => {
    const b = new Uint8Array(24);
    b[0] = 0x30; b[1] = 0x81; b[2] = 0x88; b[3] = 0x0b;
    gre.setCallId(b, 0, callId);
    return b;
  };
  it('PPTP: each call of each direction is a flow; a changed call id is written, the rest is left alone', () => {
    const r = road();
    out(r, pptp(7), gre.PROTO);
    out(r, pptp(8), gre.PROTO);
    expect(r.engine.flows.list().map(f => f.original.dport)).toEqual([7, 8]);
    expect(gre.callId(r.out.wan[0]!, 34)).toBe(7);
    r.decide({ slot: 'dnat', name: 'call', order: 1, decide: f => f.proto === gre.PROTO && f.inLink === r.wanId && f.dport === 0x1234 ? { dst: LAN_HOST, dport: 99 } : undefined });
    back(r, pptp(0x1234), gre.PROTO);
    expect(gre.callId(r.out.lan[0]!, 34)).toBe(99);
    expect(ipv4.dst(r.out.lan[0]!, 14)).toBe(LAN_HOST);
    expect([...r.out.lan[0]!.subarray(34, 40)]).toEqual([0x30, 0x81, 0x88, 0x0b, 0, 0]);
  });
  it('ESP: by SPI, which is never written; a direction is a tunnel after three packets', () => {
    const r = road();
    const body = Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1, 9, 9, 9, 9);
    for (let i = 0; i < 3; i++) out(r, body, esp.PROTO);
    expect(esp.spi(r.out.wan[0]!, 34)).toBe(0xdead_beef);
    expect(r.engine.flows.view(0)!.original).toMatchObject({ sport: 0xdead, dport: 0xbeef });
    expect(r.engine.flows.halfOpen).toBe(1);
    out(r, body, esp.PROTO);
    expect(r.engine.flows.halfOpen).toBe(0);
  });
});

describe('the end of many flows at once', () => {
  const hundred = (watcher: (r: R) => void) => {
    const r = road();
    for (let i = 0; i < 100; i++) out(r, udpBody(5000 + i, 53), 17);
    watcher(r);
    r.clock.advance(121_000);
    const left: number[] = [];
    while (r.engine.flows.size > 0) { r.engine.breathe(); left.push(r.engine.flows.size); }
    return left;
  };
  it('is one breath when it is quick', () => { expect(hundred(() => {})).toEqual([0]); });
  it('is spread over breaths when each takes long', () => {
    expect(hundred(r => void r.engine.flows.watch({ ended: () => void r.clock.advance(1) }))).toEqual([68, 36, 4, 0]);
  });
});
