import { describe, expect, it } from 'vitest';
import { admission, intoStack, outOfStack } from '../../../plugins/self/carriage.ts';
import { Batch, type NewFlow, type Packet, type Packets, type SelfConnection, type SelfStack, Verdict } from '../../../sdk/index.ts';
import * as checksum from '../../../sdk/wire/checksum.ts';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import * as icmp from '../../../sdk/wire/icmp.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import { room } from '../ip/packets.ts';

const LAN_HOST = 0xc0a80121;
const ROUTER = 0xc0a80101;
const LINK = 7;
const BRIDGE = 3;

function rig(stack: Partial<SelfStack> = {}) {
  const sent: { p: Packet; to: number | 'output' }[] = [];
  let left = 4;
  const asked: SelfConnection[] = [];
  const counters = new Map<string, { name: string; n: number }>();
  const deps = {
    stack: { why: undefined, open: () => { throw new Error('no'); }, setAddresses: () => {}, listens: (port: number) => port === 22, admits: (c: SelfConnection) => { asked.push(c); return c.zone === 'LAN'; }, ...stack },
    packets: { take: () => (left-- > 0 ? room() : undefined), free: () => {}, output: (p: Packet) => void sent.push({ p, to: 'output' }), transmit: (p: Packet, to: number) => void sent.push({ p, to }), inject: () => {} } as Packets,
    link: () => LINK, zoneOf: (link: number) => (link === BRIDGE ? 'LAN' : link === 4 ? 'WAN' : undefined),
    counter: (name: string) => { const c = counters.get(name) ?? { name, n: 0 }; counters.set(name, c); return c; },
  };
  return { deps, sent, asked, counters };
}

function run(stage: { process(batch: Batch): void }, ...packets: Packet[]): void {
  const batch = new Batch();
  for (const p of packets) batch.push(p);
  stage.process(batch);
}

/** A TCP packet as it stands in the input hook: with an Ethernet header in front, and of flow 5. */
function segment(dport: number, opts: { front?: number; payload?: number; proto?: number } = {}): Packet {
  const p = room();
  const front = opts.front ?? ethernet.HEADER;
  const total = ipv4.HEADER + 20 + (opts.payload ?? 4);
  p.l3 = p.off + front;
  p.l4 = p.l3 + ipv4.HEADER;
  p.len = front + total;
  p.proto = opts.proto ?? ipv4.PROTO_TCP;
  p.inLink = BRIDGE;
  p.tuple = 10;
  ipv4.write(p.buf, p.l3, { src: LAN_HOST, dst: ROUTER, proto: p.proto, totalLen: total });
  tcp.write(p.buf, p.l4, { sport: 40_000, dport, seq: 1, ack: 2, flags: tcp.ACK | tcp.PSH, window: 1000 });
  return p;
}

describe('into the stack of the router’s own services', () => {
  it('goes TCP for a port on which somebody listens, without its Ethernet header', () => {
    const { deps, sent } = rig();
    const p = segment(22);
    run(intoStack(deps), p);
    expect(p.verdict).toBe(Verdict.Stolen);
    expect(sent).toHaveLength(1);
    const { p: copy, to } = sent[0]!;
    expect(to).toBe(LINK);
    expect([copy.off, copy.len, copy.l4 - copy.l3]).toEqual([copy.l3, 44, 20]);
    expect(copy.bytes()).toEqual(p.bytes().subarray(ethernet.HEADER));
    expect([copy.neighbour, copy.tuple, copy.mark]).toEqual([-1, -1, 0]);
  });

  it('goes a super-frame with a partial checksum as it is, its offsets counted from the IP header', () => {
    const { deps, sent } = rig();
    const p = segment(22, { payload: 9000 });
    Object.assign(p, { needsCsum: true, csumStart: ethernet.HEADER + 20, csumOffset: 16, gsoType: 1, gsoSize: 1460, hdrLen: ethernet.HEADER + 40 });
    tcp.setChecksum(p.buf, p.l4, checksum.fold(checksum.pseudo4(LAN_HOST, ROUTER, ipv4.PROTO_TCP, 9020)));
    run(intoStack(deps), p);
    expect(sent[0]!.p).toMatchObject({ needsCsum: true, csumStart: 20, csumOffset: 16, gsoType: 1, gsoSize: 1460, hdrLen: 40, len: 9040 });
  });

  it('goes nothing else', () => {
    const { deps, sent } = rig();
    const fragment = segment(22);
    fragment.l4 = 0;
    const own = segment(22);
    own.local = true;
    const others = [segment(8080), segment(22, { proto: ipv4.PROTO_UDP }), fragment, own];
    run(intoStack(deps), ...others);
    expect(others.map((p) => p.verdict)).toEqual(others.map(() => Verdict.Pass));
    expect(sent).toEqual([]);
  });

  it('go answers to connections of its own, whatever their port', () => {
    const { deps, sent } = rig();
    const answer = segment(51_000);
    answer.tuple = 11;
    run(intoStack(deps), answer);
    expect(sent).toHaveLength(1);
  });

  it('go ICMP errors about its connections, and no others', () => {
    const { deps, sent } = rig();
    const error = (type: number, quotedProto: number, len = ethernet.HEADER + 56): Packet => {
      const p = segment(22, { proto: ipv4.PROTO_ICMP, payload: 16 });
      p.len = len;
      p.buf[p.l4] = type;
      ipv4.write(p.buf, p.l4 + icmp.HEADER, { src: ROUTER, dst: LAN_HOST, proto: quotedProto, totalLen: 40 });
      return p;
    };
    const mine = error(icmp.TYPE_UNREACHABLE, ipv4.PROTO_TCP);
    const strange = error(icmp.TYPE_UNREACHABLE, ipv4.PROTO_TCP);
    strange.tuple = -2;
    run(intoStack(deps), mine, error(icmp.TYPE_UNREACHABLE, ipv4.PROTO_UDP), error(icmp.TYPE_ECHO, ipv4.PROTO_TCP), error(icmp.TYPE_UNREACHABLE, ipv4.PROTO_TCP, ethernet.HEADER + 30), strange);
    expect(sent).toHaveLength(1);
    expect(mine.verdict).toBe(Verdict.Stolen);
  });

  it('goes nothing when no buffer is free, and that is counted', () => {
    const { deps, sent, counters } = rig();
    const all = Array.from({ length: 6 }, () => segment(22));
    run(intoStack(deps), ...all);
    expect(sent).toHaveLength(4);
    expect(all[5]).toMatchObject({ verdict: Verdict.Drop, reason: counters.get('self: no packet buffer free') });
  });
});

describe('out of the stack', () => {
  it('comes what the router itself sends; what is not IPv4 is dropped', () => {
    const { deps, sent } = rig();
    const mine = segment(40_000, { front: 0 });
    mine.inLink = LINK;
    const v6 = segment(40_000, { front: 0 });
    v6.inLink = LINK;
    v6.buf[v6.off] = 0x60;
    const others = segment(22);
    run(outOfStack(deps), mine, v6, others);
    expect([mine.verdict, v6.verdict, others.verdict]).toEqual([Verdict.Stolen, Verdict.Drop, Verdict.Pass]);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ to: 'output', p: { inLink: -1 } });
    expect(sent[0]!.p.bytes()).toEqual(mine.bytes());
  });
});

describe('admission', () => {
  const flow = (more: Partial<NewFlow>): NewFlow => ({
    src: LAN_HOST, dst: ROUTER, sport: 40_000, dport: 22, proto: 6, inLink: BRIDGE, local: false, toDst: ROUTER, toDport: 22, toSelf: true, asked: 0, outLink: -1, nextHop: 0, outAddress: 0, previous: undefined, now: 0,
    packet: undefined as never, ...more,
  });
  const decide = (deps: ReturnType<typeof rig>['deps'], f: NewFlow) => {
    const spec = admission(deps);
    return spec.slot === 'policy' ? spec.decide(f) : undefined;
  };

  it('asks the rules, with the client’s own address and the zone it came through', () => {
    const { deps, asked } = rig();
    expect(decide(deps, flow({}))).toBeUndefined();
    expect(asked).toEqual([{ src: LAN_HOST, sport: 40_000, dst: ROUTER, dport: 22, zone: 'LAN' }]);
    expect(decide(deps, flow({ inLink: 4 }))).toMatchObject({ reject: icmp.CODE_PORT });
    expect(decide(deps, flow({ inLink: 9 }))).toMatchObject({ reject: icmp.CODE_PORT });
  });

  it('has no opinion about what is not for a service here', () => {
    const { deps, asked } = rig({ admits: () => false });
    for (const more of [{ toSelf: false }, { local: true }, { proto: 17 }, { toDport: 8080 }]) expect(decide(deps, flow(more))).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
