import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { type Bed, bed } from './bed.ts';
import { errors, from, ip, ipOf, listen, packet, send, tcpPacket, udpPacket } from './frames.ts';

const HOSTS = { lan: '192.168.1.33', dmz: '192.168.2.33' } as const;
const WAN = '198.51.100.2';
const STRANGER = '203.0.113.77';
const PORTS = [0, 1, 22, 80, 443, 5000, 65_535] as const;

interface Wish { readonly to: keyof typeof HOSTS; readonly proto: 6 | 17 | 1; readonly low: number; readonly high: number; readonly source: string; readonly action: 'permit' | 'drop' | 'reject' }
const wish = fc.record({
  to: fc.constantFrom('lan' as const, 'dmz' as const), proto: fc.constantFrom(6 as const, 17 as const, 1 as const), low: fc.constantFrom(0, ...PORTS), high: fc.constantFrom(...PORTS, 65_535, 65_535),
  source: fc.constantFrom('any', 'any', 'any', '203.0.113.0/24', '203.0.113.77', '10.0.0.0/8'), action: fc.constantFrom('permit' as const, 'permit' as const, 'drop' as const, 'reject' as const),
});
const covers = (source: string, src: number): boolean => {
  if (source === 'any') return true;
  const [net, bits = '32'] = source.split('/');
  return src >>> 32 - Number(bits) === ip(net!) >>> 32 - Number(bits);
};

/** The slow, obvious meaning: the first rule that fits, or no. */
function allowed(rules: readonly Wish[], src: number, dst: number, proto: number, dport: number): boolean {
  const to = (Object.keys(HOSTS) as (keyof typeof HOSTS)[]).find((h) => dst >>> 8 === ip(HOSTS[h]) >>> 8);
  for (const r of rules) {
    if (r.to !== to || r.proto !== proto || !covers(r.source, src)) continue;
    if (proto !== 1 && (dport < Math.min(r.low, r.high) || dport > Math.max(r.low, r.high))) continue;
    return r.action === 'permit';
  }
  return false;
}

const written = (r: Wish, i: number) => ({
  id: i + 1, name: '', active: true, from: 'WAN', to: r.to.toUpperCase(), source: r.source === 'any' ? [] : [r.source], sourceNot: false, destination: [], destinationNot: false,
  services: [r.proto === 1 ? 'icmp' : `${r.proto === 6 ? 'tcp' : 'udp'}/${Math.min(r.low, r.high)}-${Math.max(r.low, r.high)}`], log: false, alert: false, action: r.action, comment: '',
});

/** Strangers send all sorts of packets to hosts inside, which have no address translation before them. */
describe('nothing passes that a rule did not allow', () => {
  let b: Bed;
  const heard: Uint8Array[] = [];
  beforeAll(async () => {
    b = await bed();
    await b.advance(5000);
    for (const host of ['lan1', 'dmz1'] as const) {
      // Hosts that hear and answer nothing but ARP: what they would say is not what is asked here.
      const stack = b.lab.stacks.get(host)!;
      const take = stack.take.bind(stack);
      stack.take = (frame) => {
        if (ethernet.etherType(frame, 0) === ethernet.TYPE_ARP) take(frame);
        else heard.push(frame.slice());
      };
    }
    await b.verb('ip nat active no');
    await b.verb('sys firewall ignore dos on');
  });
  afterAll(async () => {
    expect(errors(b)).toEqual([]);
    expect(b.router.plugins.faults('firewall')).toEqual([]);
    await b.stop();
  });

  const port = fc.oneof(fc.constantFrom(...PORTS), fc.integer({ min: 0, max: 65_535 }));
  const stray = fc.record({
    src: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(STRANGER, '203.0.113.10', '10.1.2.3') }, fc.constantFrom('0.0.0.0', '255.255.255.255', '224.0.0.9', '127.0.0.1', '192.168.1.33', '192.168.2.1', WAN)),
    dst: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(HOSTS.lan, HOSTS.dmz) }, fc.constantFrom('192.168.1.255', '192.168.1.1', WAN, '255.255.255.255')),
    kind: fc.constantFrom('tcp', 'udp', 'icmp', 'junk', 'piece'), flags: fc.oneof(fc.constant(tcp.SYN), fc.integer({ min: 0, max: 255 })), sport: port, dport: port, seq: fc.integer(), type: fc.integer({ min: 0, max: 20 }),
    proto: fc.integer({ min: 0, max: 255 }), offset: fc.integer({ min: 0, max: 40 }), more: fc.boolean(), id: fc.integer({ min: 0, max: 3 }), junk: fc.uint8Array({ maxLength: 80 }),
  });
  type Stray = typeof stray extends fc.Arbitrary<infer T> ? T : never;

  const made = (s: Stray): Uint8Array => {
    const header = { src: ip(s.src), dst: ip(s.dst) };
    switch (s.kind) {
      case 'tcp': return tcpPacket(s.src, s.sport, s.dst, s.dport, s.flags, s.seq);
      case 'udp': return udpPacket(s.src, s.sport, s.dst, s.dport, s.junk);
      case 'junk': return packet({ ...header, proto: s.proto }, s.junk);
      case 'piece': return packet({ ...header, proto: s.proto % 2 ? 17 : 6, id: s.id, offset: s.offset * 8, more: s.more }, s.junk.subarray(0, s.junk.length & ~7));
    }
    const body = new Uint8Array(8 + 40);
    body.set(udpPacket(HOSTS.lan, 5000, STRANGER, 80).subarray(0, 28), 8);
    icmp.setType(body, 0, s.type);
    icmp.setId(body, 0, s.sport);
    icmp.writeChecksum(body, 0, body.length);
    return packet({ ...header, proto: 1 }, body);
  };

  it('whatever strangers send', async () => {
    let passed = 0;
    await fc.assert(fc.asyncProperty(fc.array(wish, { maxLength: 5 }), fc.array(stray, { minLength: 40, maxLength: 60 }), async (rules, strays) => {
      await b.router.config.update('firewall', (draft) => {
        (draft as { rules: unknown[] }).rules = rules.map(written);
      }, 'test');
      b.router.engine.flows.cutWhere(() => true, 'test');
      heard.length = 0;
      for (const s of strays) send(b, 'wan', from(b, 'inet1', made(s)));
      b.clock.advance(1000);
      for (const p of ipOf(heard)) {
        passed++;
        const src = ipv4.src(p, 0);
        const proto = ipv4.protocol(p, 0);
        if (ip('192.168.1.1') === src || ip('192.168.2.1') === src || ip(WAN) === src) continue; // the router's own
        const whole = proto === 1 ? 0 : proto === 6 ? tcp.dstPort(p, 20) : (p[22]! << 8 | p[23]!);
        expect({ src, dst: ipv4.dst(p, 0), proto, whole, may: allowed(rules, src, ipv4.dst(p, 0), proto, whole) }).toMatchObject({ may: true });
      }
    }), { numRuns: 100 });
    // Otherwise nothing was shown.
    expect(passed).toBeGreaterThan(20);
  }, 120_000);

  it('and what a rule allows does pass', async () => {
    await fc.assert(fc.asyncProperty(fc.array(wish, { minLength: 1, maxLength: 5 }), fc.array(fc.tuple(fc.constantFrom('lan' as const, 'dmz' as const), fc.boolean(), port, port), { minLength: 1, maxLength: 20 }), async (rules, tries) => {
      await b.router.config.update('firewall', (draft) => {
        (draft as { rules: unknown[] }).rules = rules.map(written);
      }, 'test');
      for (const [to, udp, sport, dport] of tries) {
        b.router.engine.flows.cutWhere(() => true, 'test');
        heard.length = 0;
        send(b, 'wan', from(b, 'inet1', udp ? udpPacket(STRANGER, sport, HOSTS[to], dport) : tcpPacket(STRANGER, sport, HOSTS[to], dport, tcp.SYN)));
        b.clock.advance(20);
        const came = ipOf(heard).some((p) => ipv4.src(p, 0) === ip(STRANGER));
        expect([rules, to, udp, sport, dport, came]).toEqual([rules, to, udp, sport, dport, allowed(rules, ip(STRANGER), ip(HOSTS[to]), udp ? 17 : 6, dport)]);
      }
    }), { numRuns: 40 });
  }, 120_000);
});
