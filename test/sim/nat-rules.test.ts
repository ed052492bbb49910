import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { format4 } from '../../sdk/wire/address.ts';
import * as arp from '../../sdk/wire/arp.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { arpFrame, echo, mac, send, tcpPacket, udpPacket } from './frames.ts';
import { DMZ1, GATEWAY, LAN1, LAN2, type NatBed, natBed, SERVER, WAN } from '../unit/plugins/nat/rig.ts';

const world = (settings: object): (() => NatBed) => {
  let n: NatBed;
  beforeAll(async () => { n = await natBed(settings); });
  afterAll(() => n.b.stop());
  beforeEach(async () => { await n.b.advance(400_000); n.clear(); });
  return () => n;
};

describe('address mapping by rules', () => {
  const w = world({
    uplinks: [{ name: 'wan', mode: 'full' }],
    addressMapping: [
      { type: 'one-to-one', localStart: LAN1, globalStart: '198.51.100.20' },
      { type: 'many-to-one', localStart: LAN2, localEnd: '192.168.1.40', globalStart: '198.51.100.21' },
      { type: 'many-to-many-overload', localStart: '192.168.2.0', localEnd: '192.168.2.255', globalStart: '198.51.100.30', globalEnd: '198.51.100.31' },
      { type: 'server' },
    ],
    portForwarding: [{ start: 8000, server: LAN2, translateStart: 80 }],
  });

  it('one-to-one keeps ports and goes both ways, with all protocols', () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 53, SERVER, 7000));
    expect(n.ports('inet1')).toEqual([`198.51.100.20:53 > ${SERVER}:7000`]);
    n.say('inet1', udpPacket(GATEWAY, 9, '198.51.100.20', 1234));
    expect(n.ports('lan1')).toEqual([`${GATEWAY}:9 > ${LAN1}:1234`]);
    n.clear();
    n.say('inet1', echo(GATEWAY, '198.51.100.20', 7));
    expect(n.packets('lan1', 1).map(p => [icmp.type(p, 20), icmp.id(p, 20)])).toContainEqual([8, 7]);
    expect(n.packets('inet1', 1).map(p => [icmp.type(p, 20), icmp.id(p, 20), format4(ipv4.src(p, 0))])).toContainEqual([0, 7, '198.51.100.20']);
  });

  it('turns a ping to a neighbour\'s outside address around (RFC 5508 REQ-7)', async () => {
    const n = w();
    expect((await n.b.exec('lan2', 'ping -c 1 198.51.100.20')).output).toContain('1 received');
    expect(n.packets('lan1', 1).map(p => format4(ipv4.src(p, 0)))).toContain('198.51.100.21');
  });

  it('answers ARP for the addresses of the rules', () => {
    const n = w();
    for (const ip of ['198.51.100.20', '198.51.100.21', '198.51.100.31']) {
      n.heard.inet1.length = 0;
      send(n.b, 'wan', arpFrame({ op: 1, sha: mac('02:1a:b0:00:09:01'), spa: GATEWAY, tpa: ip }));
      n.b.clock.advance(5);
      const answers = n.heard.inet1.filter(f => ethernet.etherType(f, 0) === ethernet.TYPE_ARP && arp.op(f, 14) === 2);
      expect(answers.map(f => format4(arp.spa(f, 14)))).toEqual([ip]);
    }
  });

  it('many-to-one shares one address; a pair of overloaded ones gives each host the same one always', () => {
    const n = w();
    n.say('lan2', udpPacket(LAN2, 6000, SERVER, 7000));
    n.say('lan2', udpPacket('192.168.1.35', 6000, SERVER, 7000));
    n.say('dmz1', udpPacket(DMZ1, 6000, SERVER, 7000));
    n.say('dmz1', udpPacket(DMZ1, 6001, SERVER, 7001));
    n.say('dmz1', udpPacket('192.168.2.34', 6000, SERVER, 7000));
    const seen = n.ports('inet1').map(t => t.split(' ')[0]);
    expect(seen[0]).toBe('198.51.100.21:6000');
    expect(seen[1]).toMatch(/^198\.51\.100\.21:\d+$/);
    expect(seen[1]).not.toBe(seen[0]);
    expect(seen.slice(2)).toEqual(['198.51.100.31:6000', '198.51.100.31:6001', '198.51.100.30:6000']);
  });

  it('refuses a host that no rule has, and says so (RFC 5508 REQ-8)', () => {
    const n = w();
    const before = n.count('nat: no address mapping');
    n.say('lan1', udpPacket('192.168.1.99', 6000, SERVER, 7000));
    expect(n.ports('inet1')).toEqual([]);
    expect(n.count('nat: no address mapping') - before).toBe(1);
  });

  it('forwards ports to the address of a server rule only, and keeps silent on the others', () => {
    const n = w();
    n.say('inet1', udpPacket(SERVER, 9, WAN, 8000));
    expect(n.ports('lan2')).toEqual([`${SERVER}:9 > ${LAN2}:80`]);
    n.clear();
    n.say('inet1', udpPacket(SERVER, 9, '198.51.100.21', 8000));
    n.say('inet1', tcpPacket(SERVER, 9, '198.51.100.30', 8000, tcp.SYN));
    expect([n.packets('lan2'), n.packets('dmz1'), n.packets('inet1')]).toEqual([[], [], []]);
  });

  it('is listed and edited by verbs; places beyond the end collapse', async () => {
    const n = w();
    await n.b.verb('ip nat addrMap insert wan 9 many-to-one 192.168.1.100 192.168.1.110');
    expect((await n.b.verb('ip nat addrMap disp')).text).toMatch(/5 +wan +many-to-one +192\.168\.1\.100 +192\.168\.1\.110 +0\.0\.0\.0 +N\/A/);
    await n.b.verb('ip nat addrMap move wan 5 1');
    expect((await n.b.verb('ip nat addrMap disp wan')).text).toMatch(/1 +wan +many-to-one +192\.168\.1\.100/);
    await n.b.verb('ip nat addrMap delete wan 1');
    expect((await n.b.verb('ip nat addrMap disp')).text).not.toContain('192.168.1.100');
    expect((await n.b.verb('ip nat addrMap insert wan 1 one-to-one 192.168.1.99 0.0.0.0 198.51.100.20')).text).toMatch(/globalStart.*overlaps/);
  });
});

describe('many one-to-one', () => {
  const w = world({
    uplinks: [{ name: 'wan', mode: 'full' }], timeouts: { iamt: 60 },
    addressMapping: [{ type: 'many-one-to-one', localStart: '192.168.1.33', localEnd: '192.168.1.36', globalStart: '198.51.100.40', globalEnd: '198.51.100.41' }],
  });
  it('gives the first hosts an address each, and another host one that was given back', async () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 53, SERVER, 7000));
    n.say('lan2', udpPacket(LAN2, 53, SERVER, 7000));
    n.say('lan2', udpPacket('192.168.1.35', 53, SERVER, 7000));
    expect(n.ports('inet1')).toEqual([`198.51.100.40:53 > ${SERVER}:7000`, `198.51.100.41:53 > ${SERVER}:7000`]);
    expect((await n.b.verb('ip nat iamt')).text).toMatch(/wan +1 +192\.168\.1\.33 +198\.51\.100\.40/);
    n.say('inet1', udpPacket(GATEWAY, 9, '198.51.100.41', 77));
    expect(n.ports('lan2')).toEqual([`${GATEWAY}:9 > ${LAN2}:77`]);
    await n.b.advance(400_000);
    n.clear();
    n.say('lan2', udpPacket('192.168.1.35', 53, SERVER, 7000));
    expect(n.ports('inet1')).toHaveLength(1);
  });
});

describe('port forwarding', () => {
  const w = world({
    uplinks: [{ name: 'wan', defaultServer: DMZ1 }],
    portForwarding: [
      { name: 'web', protocol: 'tcp', start: 80, server: LAN1 },
      { name: 'range', protocol: 'udp', start: 6000, end: 6010, translateStart: 16_000, server: LAN2 },
      { name: 'friend', protocol: 'tcp+udp', start: 7777, server: LAN2, remote: '203.0.113.0/28' },
    ],
  });

  it('translates single ports and ranges, and the answers back', () => {
    const n = w();
    n.say('inet1', tcpPacket(SERVER, 5555, WAN, 80, tcp.SYN));
    expect(n.ports('lan1')[0]).toBe(`${SERVER}:5555 > ${LAN1}:80 S`);
    expect(n.ports('inet1')[0]).toMatch(new RegExp(`^${WAN.replaceAll('.', '\\.')}:80 > ${SERVER.replaceAll('.', '\\.')}:5555`));
    n.say('inet1', udpPacket(SERVER, 5555, WAN, 6007));
    expect(n.ports('lan2')).toEqual([`${SERVER}:5555 > ${LAN2}:16007`]);
    n.clear();
    n.say('lan2', udpPacket(LAN2, 16_007, SERVER, 5555));
    expect(n.ports('inet1')).toEqual([`${WAN}:6007 > ${SERVER}:5555`]);
  });

  it('lets in only from where the rule says', () => {
    const n = w();
    n.say('inet1', udpPacket(GATEWAY, 5, WAN, 7777));
    expect([n.ports('lan2'), n.packets('inet1')]).toEqual([[], []]);
    n.say('inet1', udpPacket(SERVER, 5, WAN, 7777));
    expect(n.ports('lan2')).toEqual([`${SERVER}:5 > ${LAN2}:7777`]);
  });

  it('sends the rest to the default server, but not what is the router\'s', () => {
    const n = w();
    n.say('inet1', udpPacket(SERVER, 5, WAN, 12_345));
    expect(n.ports('dmz1')).toEqual([`${SERVER}:5 > ${DMZ1}:12345`]);
    n.clear();
    n.say('inet1', echo(SERVER, WAN, 3));
    expect(n.packets('dmz1')).toEqual([]);
    expect(n.packets('inet1', 1).map(p => icmp.type(p, 20))).toEqual([0]);
  });

  it('gives what the server itself sends from a forwarded port that port, and nobody else', () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 6005, SERVER, 9));
    n.say('lan2', udpPacket(LAN2, 16_005, SERVER, 9));
    const seen = n.ports('inet1').map(t => t.split(' ')[0]);
    expect(seen[0]).not.toBe(`${WAN}:6005`);
    expect(seen[1]).toBe(`${WAN}:6005`);
  });

  it('ends a flow whose rule went, and does not hand it to the router', async () => {
    const n = w();
    n.say('inet1', udpPacket(SERVER, 5, WAN, 6001));
    await n.b.verb('ip nat server load wan');
    await n.b.verb('ip nat server edit 1 forwardip 0.0.0.0');
    expect((await n.b.verb('ip nat server disp')).text).toMatch(/3 +yes +range +wan +udp +6000-6010 +16000-16010/);
    await n.b.verb('ip nat server clear 3');
    await n.b.verb('ip nat server save');
    n.clear();
    n.say('inet1', udpPacket(SERVER, 5, WAN, 6001));
    expect([n.ports('lan2'), n.packets('inet1')]).toEqual([[], []]);
    expect((await n.b.verb('ip nat server load wan')).code).toBe(0);
    for (const edit of ['svrport 6000 6010', 'intport 16000', `forwardip ${LAN2}`, 'protocol udp', 'active yes', 'rulename range']) {
      expect((await n.b.verb(`ip nat server edit 4 ${edit}`)).text).toBe('');
    }
    await n.b.verb('ip nat server edit 1 forwardip 192.168.2.33');
    expect((await n.b.verb('ip nat server save')).text).toBe('');
    n.say('inet1', udpPacket(SERVER, 6, WAN, 6001));
    expect(n.ports('lan2')).toEqual([`${SERVER}:6 > ${LAN2}:16001`]);
  });
});

describe('NAT loopback', () => {
  const w = world({ portForwarding: [{ protocol: 'udp', start: 6000, server: LAN2 }, { protocol: 'tcp', start: 8000, translateStart: 80, server: LAN2 }] });

  it('turns a host around to a forwarded port; the server sees the outside address, and the answer comes from there', () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 4000, WAN, 6000));
    expect(n.ports('lan2')).toEqual([`${WAN}:4000 > ${LAN2}:6000`]);
    n.say('lan2', udpPacket(LAN2, 6000, WAN, 4000));
    expect(n.ports('lan1')).toEqual([`${WAN}:6000 > ${LAN1}:4000`]);
  });

  it('carries TCP, and a server that calls itself by the outside address', async () => {
    const n = w();
    expect((await n.b.exec('lan1', `curl -s http://${WAN}:8000/`)).code).toBe(0);
    n.say('lan2', tcpPacket(LAN2, 4001, WAN, 8000, tcp.SYN));
    expect(n.ports('lan2')).toContain(`${WAN}:4001 > ${LAN2}:80 S`);
  });

  it('is switched by a verb that persists in the settings', async () => {
    const n = w();
    expect((await n.b.verb('ip nat loopback')).text.trim()).toBe('on');
    await n.b.verb('ip nat loopback off');
    n.say('lan1', udpPacket(LAN1, 4002, WAN, 6000));
    expect(n.ports('lan2')).toEqual([]);
    expect((await n.b.verb('config show nat')).text).toMatch(/loopback.*(false|off|no)/);
    await n.b.verb('ip nat loopback on');
    n.say('lan1', udpPacket(LAN1, 4003, WAN, 6000));
    expect(n.ports('lan2')).toEqual([`${WAN}:4003 > ${LAN2}:6000`]);
  });
});

describe('port triggering', () => {
  const w = world({
    portTriggering: [{ name: 'game', incomingStart: 6000, incomingEnd: 6010, triggerStart: 7070 }],
    portForwarding: [{ protocol: 'udp', start: 6010, server: LAN2 }],
  });

  it('opens the incoming ports for the host that triggered, one host at a time, until it was quiet for 3 minutes', async () => {
    const n = w();
    n.say('inet1', udpPacket(SERVER, 9, WAN, 6003));
    expect(n.ports('lan1')).toEqual([]);
    n.say('lan1', udpPacket(LAN1, 5000, SERVER, 7070));
    n.say('lan2', udpPacket(LAN2, 5000, SERVER, 7070));
    n.clear();
    n.say('inet1', udpPacket(SERVER, 10, WAN, 6003));
    expect([n.ports('lan1'), n.ports('lan2')]).toEqual([[`${SERVER}:10 > ${LAN1}:6003`], []]);
    await n.b.advance(179_000);
    n.say('inet1', udpPacket(SERVER, 11, WAN, 6004));
    expect(n.ports('lan1')).toContain(`${SERVER}:11 > ${LAN1}:6004`);
    await n.b.advance(181_000);
    n.say('lan2', udpPacket(LAN2, 5001, SERVER, 7070));
    n.clear();
    n.say('inet1', udpPacket(SERVER, 12, WAN, 6005));
    expect([n.ports('lan1'), n.ports('lan2')]).toEqual([[], [`${SERVER}:12 > ${LAN2}:6005`]]);
  });

  it('keeps them for 2 hours when TCP triggered', async () => {
    const n = w();
    n.say('lan1', tcpPacket(LAN1, 5000, SERVER, 7070, tcp.SYN));
    await n.b.advance(7_100_000);
    n.clear();
    n.say('inet1', udpPacket(SERVER, 13, WAN, 6006));
    expect(n.ports('lan1')).toEqual([`${SERVER}:13 > ${LAN1}:6006`]);
    await n.b.advance(7_300_000);
    n.clear();
    n.say('inet1', udpPacket(SERVER, 14, WAN, 6006));
    expect(n.ports('lan1')).toEqual([]);
  });

  it('resetport leaves alone what a port forward leads in', async () => {
    const n = w();
    n.say('inet1', udpPacket(SERVER, 15, WAN, 6010));
    expect(n.ports('lan2')).toEqual([`${SERVER}:15 > ${LAN2}:6010`]);
    expect((await n.b.verb('ip nat resetport wan')).text).toMatch(/ 0 sessions ended/);
  });
});

describe('filtering', () => {
  const strangers = (n: NatBed): string[] => {
    n.say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    n.clear();
    n.say('inet1', udpPacket(SERVER, 7000, WAN, 5000));
    n.say('inet1', udpPacket(SERVER, 7001, WAN, 5000));
    n.say('inet1', udpPacket(GATEWAY, 7000, WAN, 5000));
    return n.ports('lan1').map(t => t.split(' ')[0]!);
  };
  for (const [filtering, allowed] of [
    ['address-and-port', [`${SERVER}:7000`]], ['address', [`${SERVER}:7000`, `${SERVER}:7001`]], ['none', [`${SERVER}:7000`, `${SERVER}:7001`, `${GATEWAY}:7000`]],
  ] as const) {
    describe(filtering, () => {
      const w = world({ uplinks: [{ name: 'wan', filtering }] });
      it('lets in whom it should', () => {
        expect(strangers(w())).toEqual(allowed);
      });
      it('keeps a port with its host as long as somebody outside uses it', async () => {
        const n = w();
        strangers(n);
        for (let t = 0; t < 5; t++) {
          await n.b.advance(100_000);
          n.say('inet1', udpPacket(SERVER, 7000, WAN, 5000));
        }
        n.clear();
        n.say('lan2', udpPacket(LAN2, 5000, SERVER, 7000));
        expect(n.ports('inet1')[0]).not.toContain(`${WAN}:5000 `);
      });
    });
  }
});
