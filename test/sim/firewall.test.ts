import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import * as udp from '../../sdk/wire/udp.ts';
import { type Bed, bed, own, settle } from './bed.ts';
import { BROADCAST, echo, errors, ether, from, hostMac, ipOf, listen, packet, pingWorks, send, tcpPacket, udpPacket, ip } from './frames.ts';

const LAN1 = '192.168.1.33';
const DMZ1 = '192.168.2.33';
const ROUTER = '192.168.1.1';
const SERVER = '203.0.113.10';
const WAN = '198.51.100.2';
const wires = { lan1: 'port1', dmz1: 'port3', inet1: 'wan' } as const;
type Host = keyof typeof wires;

/**
 *     lan1 192.168.1.33 ── port 1 ─┐
 *                                  ├── router, 198.51.100.2 outside ── inet1 203.0.113.10
 *     dmz1 192.168.2.33 ── port 3 ─┘
 */
let b: Bed;
const heard = {} as Record<Host, Uint8Array[]>;
beforeEach(async () => {
  b = await bed();
  await b.advance(5000);
  for (const h of ['lan1', 'dmz1', 'inet1'] as const) heard[h] = listen(b, h);
  // So that everybody's card is known.
  await b.exec('lan1', `ping -c 1 ${SERVER}`);
  await b.exec('lan1', `ping -c 1 ${DMZ1}`);
  for (const h of Object.values(heard)) h.length = 0;
});
afterEach(async () => {
  expect(errors(b)).toEqual([]);
  expect(b.router.plugins.faults('firewall')).toEqual([]);
  await b.stop();
});

const say = (host: Host, p: Uint8Array): void => { send(b, wires[host], from(b, host, p)); b.clock.advance(5); };
const got = (host: Host, proto: number): Uint8Array[] => ipOf(heard[host]).filter((p) => p[9] === proto);
const ok = async (line: string): Promise<string> => {
  const r = await b.verb(line);
  expect(`${line}: ${r.code} ${r.code === 0 ? '' : r.text}`).toBe(`${line}: 0 `);
  return r.text;
};
const refused = async (line: string): Promise<string> => {
  const r = await b.verb(line);
  expect(`${line}: ${r.code === 0}`).toBe(`${line}: false`);
  return r.text;
};
const count = (name: string): number => b.router.engine.counters.list().find((c) => c.name === name)?.n ?? 0;
const log = (text: string) => b.log.ring.lines({ name: 'firewall', text });
const test = async (line: string): Promise<string> => (await ok(`firewall test ${line}`)).replaceAll(/ +/g, ' ');

describe('out of the box', () => {
  it('hosts inside reach everything, and nobody outside reaches them', async () => {
    expect(await pingWorks(b)).toBe(true);
    expect((await b.exec('lan1', 'curl -s http://203.0.113.10/')).code).toBe(0);
    expect((await b.exec('dmz1', 'curl -s http://203.0.113.10/')).code).toBe(0);
    expect((await b.exec('dmz1', `ping -q -c 1 -W 1 ${LAN1}`)).code).not.toBe(0);
    expect((await b.exec('lan1', `ping -q -c 1 -W 1 ${DMZ1}`)).code).toBe(0);
  });

  it('the router is silent towards the outside, but for pings', async () => {
    for (const port of [21, 22, 23, 53, 80, 443, 8080]) say('inet1', tcpPacket(SERVER, 4000, WAN, port, tcp.SYN));
    for (const port of [53, 67, 161, 500, 4500]) say('inet1', udpPacket(SERVER, 4000, WAN, port));
    expect([...got('inet1', 6), ...got('inet1', 17), ...got('inet1', 1)]).toEqual([]);
    say('inet1', echo(SERVER, WAN));
    expect(got('inet1', 1).map((p) => icmp.type(p, 20))).toEqual([icmp.TYPE_ECHO_REPLY]);
    await ok('sys firewall probing ping wan no');
    say('inet1', echo(SERVER, WAN, 78));
    expect(got('inet1', 1)).toHaveLength(1);
    expect(await ok('firewall drops')).toContain('anti-probing');
  });

  it('a DHCP server outside may answer', async () => {
    const before = count('firewall: dropped by the default of the direction');
    say('inet1', udpPacket('198.51.100.1', 67, WAN, 68));
    expect(count('firewall: dropped by the default of the direction')).toBe(before);
  });

  it('says why, in trace and in test', async () => {
    const t = await test(`wan ${SERVER} ${LAN1} tcp 80`);
    expect(t).toContain('verdict drop');
    expect(t).toContain('WAN → LAN');
    expect(t).toContain('firewall rule insert WAN LAN permit to 192.168.1.33 service tcp/80');
    expect(await test(`lan ${LAN1} ${SERVER} tcp 80`)).toContain('verdict permit');
    expect(await test(`wan ${SERVER} ${WAN} icmp`)).toContain('PING to the router itself');
    expect(await refused('firewall test nowhere 1.2.3.4 1.2.3.5 tcp 80')).toContain('zones are LAN, WAN, CELL, DMZ, WLAN, VPN');
  });

  it('compat lets management in from outside, as the original does', async () => {
    await ok('firewall profile compat');
    expect(await test(`wan ${SERVER} ${WAN} tcp 443`)).toContain('permit WAN → WAN: HTTPS to the router itself (compat profile)');
    expect(await test(`wan ${SERVER} ${DMZ1} tcp 25`)).toContain('verdict permit');
    expect(await test(`wan ${SERVER} ${LAN1} tcp 25`)).toContain('verdict drop');
    expect(await ok('sys firewall dos display')).toMatch(/one minute high +100/);
  });
});

describe('rules', () => {
  it('decide in order, and the first that matches is named', async () => {
    await ok('firewall rule insert lan wan drop service udp/7000 name games log');
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7001));
    expect(got('inet1', 17).map((p) => udp.dstPort(p, 20))).toEqual([7001]);
    expect(log('Firewall rule match: UDP (LAN to WAN, rule:1)')).toHaveLength(1);
    await ok(`firewall rule insert lan wan 1 permit from ${LAN1} service udp/7000 name 'my game'`);
    say('lan1', udpPacket(LAN1, 5001, SERVER, 7000));
    expect(got('inet1', 17).map((p) => udp.dstPort(p, 20))).toEqual([7001, 7000]);
    expect(await ok('firewall hits')).toMatch(/1 +LAN → WAN +1 +my game +permit[\s\S]*1 +LAN → WAN +2 +games +drop/);
    expect(await test(`lan ${LAN1} ${SERVER} udp 7000`)).toContain("rule 1 'my game' of LAN → WAN: permit");
  });

  it('reject with a reset, or prohibited', async () => {
    await ok('firewall rule insert lan wan reject service tcp+udp/7000');
    say('lan1', tcpPacket(LAN1, 5000, SERVER, 7000, tcp.SYN));
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    expect(got('lan1', 6).map((p) => tcp.flags(p, 20) & tcp.RST)).toEqual([tcp.RST]);
    expect(got('lan1', 1).map((p) => [icmp.type(p, 20), icmp.code(p, 20)])).toEqual([[3, 13]]);
    expect(got('inet1', 6)).toEqual([]);
  });

  it('cut what is no longer allowed, and leave the rest alone', async () => {
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7001));
    await ok('firewall rule insert lan wan drop service udp/7000 name stop');
    heard.inet1.length = 0;
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7001));
    expect(got('inet1', 17).map((p) => udp.dstPort(p, 20))).toEqual([7001]);
    expect(log('session no longer allowed')).toHaveLength(1);
    await ok('firewall rule delete lan wan 1');
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    expect(got('inet1', 17)).toHaveLength(2);
  });

  it('keep a ping that is answered when something changes meanwhile', async () => {
    await ok('firewall default lan wan drop');
    await ok('firewall rule insert lan wan permit service PING');
    say('lan1', echo(LAN1, SERVER, 5000));
    const [asked] = got('inet1', 1);
    await ok('firewall rule insert wan lan drop service tcp/1');
    heard.lan1.length = 0;
    // The next packet of the flow is the other side's.
    say('inet1', (() => { const p = echo(SERVER, WAN, icmp.id(asked!, 20)); icmp.setType(p, 20, 0); icmp.writeChecksum(p, 20, p.length); return p; })());
    expect(got('lan1', 1).map((p) => icmp.type(p, 20))).toEqual([0]);
  });

  it('are moved, changed and deleted by number; mistakes say what would be right', async () => {
    for (const n of ['one', 'two', 'three']) await ok(`firewall rule insert wan lan permit service tcp/80 name ${n}`);
    await ok('firewall rule insert lan wan drop service tcp/25 name other');
    const names = async () => [...(await ok('firewall rule list wan lan')).matchAll(/^\d+ +\S+ → \S+ +(\S+)/gm)].map((m) => m[1]).join(' ');
    await ok('firewall rule move wan lan 3 1');
    expect(await names()).toBe('three one two');
    expect(await ok('firewall rule preview wan lan 1 3')).toMatch(/rule 3 'three' of WAN → LAN can never match: rule 1 'one'/);
    await ok('firewall rule edit wan lan 2 drop from 198.51.100.0/24 name changed comment what a day');
    expect(await ok('firewall rule list wan lan changed')).toMatch(/2 +WAN → LAN +changed +198\.51\.100\.0\/24 +any +tcp\/80 +drop/);
    await ok('firewall rule delete wan lan 1');
    expect(await names()).toBe('changed two');
    expect(await refused('firewall rule delete wan lan 3')).toContain('its rules are 1–2');
    expect(await refused('firewall rule delete dmz lan 1')).toContain('firewall rule insert makes one');
    expect(await refused('firewall rule insert wan lan permit to 192.168.1.40-192.168.1.33')).toMatch(/inverted/);
    expect(await refused('firewall rule insert wan lan permit service tcp/90-80')).toMatch(/inverted/);
    expect(await refused('firewall rule insert wan lan permit service nonsense')).toContain("there is no service 'nonsense'");
    expect(await refused('firewall rule insert wan moon permit')).toContain("there is no zone 'moon'; zones are");
    expect(await refused('firewall rule insert wan lan allow')).toContain("'allow' says nothing about a rule; allowed: permit|drop|reject");
    expect(await refused('firewall rule insert wan lan permit time 8')).toContain('08:00-17:30');
    expect(await refused('sys firewall dos threshold oneMinuteHigh 10')).toMatch(/must not be below Low/);
    await ok('config rollback 1');
    expect(await names()).toBe('three changed two');
  });

  it('hold at their times only', async () => {
    const at = new Date(b.clock.wall());
    const minute = at.getHours() * 60 + at.getMinutes();
    const text = (m: number): string => `${String(Math.floor(m / 60) % 24).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`;
    await ok(`firewall rule insert lan wan drop service udp/7000 time ${text(minute + 2)}-${text(minute + 4)}`);
    const passes = (): boolean => { heard.inet1.length = 0; say('lan1', udpPacket(LAN1, 5000, SERVER, 7000)); return got('inet1', 17).length === 1; };
    expect(passes()).toBe(true);
    await b.advance(130_000);
    expect(passes()).toBe(false);
    await b.advance(130_000);
    expect(passes()).toBe(true);
  });

  it('survive a reload of the firewall with their hits, and so do the flows they let in', async () => {
    await ok('firewall rule insert lan wan permit service udp/7000 name mine');
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    await settle(b.clock, b.router.plugins.reload('firewall'));
    say('inet1', udpPacket(SERVER, 7000, WAN, 5000));
    expect(got('lan1', 17)).toHaveLength(1);
    expect(await ok('firewall hits')).toMatch(/1 +LAN → WAN +1 +mine/);
  });
});

describe('switching', () => {
  it('from off to on ends what passes through the router', async () => {
    await ok('sys firewall active no');
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    say('inet1', udpPacket(SERVER, 7000, WAN, 5000));
    expect(got('lan1', 17)).toHaveLength(1);
    await ok('sys firewall active yes');
    say('inet1', udpPacket(SERVER, 7000, WAN, 5000));
    expect(got('lan1', 17)).toHaveLength(1);
    expect(log('switched on')).toHaveLength(1);
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    expect(got('inet1', 17)).toHaveLength(2);
  });

  it('off lets through what was not, and the router forwards nothing new when the plugin is gone but wanted', async () => {
    await ok('sys firewall active no');
    say('dmz1', udpPacket(DMZ1, 5000, LAN1, 7000));
    expect(got('lan1', 17)).toHaveLength(1);
  });
});

describe('anti-probing', () => {
  it('answers for closed ports, or not; what a rule rejects is answered all the same', async () => {
    await ok('firewall default wan wan permit');
    say('inet1', tcpPacket(SERVER, 4000, WAN, 9999, tcp.SYN));
    say('inet1', udpPacket(SERVER, 4000, WAN, 9999));
    expect([got('inet1', 6).length, got('inet1', 1).length]).toEqual([1, 1]);
    await ok('sys firewall probing silent wan yes');
    say('inet1', tcpPacket(SERVER, 4001, WAN, 9999, tcp.SYN));
    say('inet1', udpPacket(SERVER, 4001, WAN, 9999));
    expect([got('inet1', 6).length, got('inet1', 1).length]).toEqual([1, 1]);
    say('lan1', tcpPacket(LAN1, 4001, ROUTER, 9999, tcp.SYN));
    expect(got('lan1', 6)).toHaveLength(1);
    await ok('firewall rule insert wan wan reject service tcp/9999');
    say('inet1', tcpPacket(SERVER, 4002, WAN, 9999, tcp.SYN));
    expect(got('inet1', 6)).toHaveLength(2);
  });
});

describe('attacks', () => {
  it('port scans are told of once a period, with an alert', async () => {
    for (let port = 1; port < 200; port++) say('inet1', tcpPacket(SERVER, 4000, WAN, port, tcp.SYN));
    expect(log('port scan - WAN')).toHaveLength(1);
    expect(log('port scan - WAN')[0]!.fields).toMatchObject({ category: 'Attacks', src: SERVER, alert: true });
    expect(await ok('firewall attacks list')).toMatch(/port scan +203\.0\.113\.10 +198\.51\.100\.2 +WAN/);
    expect(await ok('firewall attacks')).toMatch(/port scan +1 +1 .*203\.0\.113\.10 \(1\)/);
    expect(await ok('firewall attacks by port scan')).toMatch(/203\.0\.113\.10 +1 +WAN/);
    expect((await b.verb('firewall attacks by land')).text).toContain("there was no 'land'; there was: port scan");
  });

  it('senders that cannot be there go nowhere', async () => {
    const at = b.router.engine.flows.size;
    for (const src of ['192.168.1.50', '192.168.2.77', ROUTER, WAN]) {
      say('inet1', udpPacket(src, 4000, WAN, 9999));
      say('inet1', tcpPacket(src, 4000, LAN1, 80, tcp.SYN));
    }
    say('dmz1', udpPacket('192.168.1.50', 4000, SERVER, 53));
    await b.advance(1100);
    say('lan1', udpPacket(SERVER, 4000, DMZ1, 53));
    expect(b.router.engine.flows.size).toBe(at);
    expect([...got('lan1', 17), ...got('dmz1', 17), ...got('inet1', 17)]).toEqual([]);
    expect(await ok('firewall attacks list')).toMatch(/ip spoofing +192\.168\.1\.50/);
    expect(log('ip spoofing - WAN').length).toBeGreaterThan(0);
    expect(await ok('firewall drops')).toMatch(/WAN → WAN +UDP +192\.168\.1\.50:4000 +198\.51\.100\.2:9999/);
    expect(log('ip spoofing - LAN').length).toBeGreaterThan(0);
  });

  it('a ping to everybody is a smurf, and is not answered', async () => {
    send(b, 'port1', ether(BROADCAST, hostMac('lan1'), 0x0800, echo(LAN1, '192.168.1.255')));
    b.clock.advance(5);
    expect(got('lan1', 1)).toEqual([]);
    say('inet1', echo(SERVER, '192.168.1.255'));
    expect(got('lan1', 1)).toEqual([]);
    expect(await ok('firewall attacks list')).toMatch(/smurf +203\.0\.113\.10 +192\.168\.1\.255[\s\S]*smurf +192\.168\.1\.33/);
  });

  it('half-open sessions beyond the thresholds cost the oldest; established ones stay', async () => {
    await ok('firewall rule insert wan dmz permit service tcp');
    await ok('ip nat active no');
    await ok('sys firewall dos threshold tcpMaxIncomplete 20');
    const syn = (i: number) => say('inet1', tcpPacket(SERVER, 10_000 + i, DMZ1, 80, tcp.SYN));
    for (let i = 0; i < 100; i++) syn(i);
    expect(b.router.engine.flows.halfOpenTo(ip(DMZ1))).toBeLessThanOrEqual(20);
    expect(log('syn flood - WAN').length).toBeGreaterThan(0);
    await ok('sys firewall dos block-minute 1');
    for (let i = 100; i < 140; i++) syn(i);
    expect(count('firewall: destination blocked, too many half-open sessions')).toBeGreaterThan(10);
    await ok('ip nat active yes');
    expect(await pingWorks(b)).toBe(true);
  });

  it('one host does not get more sessions than it may have', async () => {
    await ok('config set firewall sessionsPerHost 10');
    await ok('config commit');
    for (let i = 0; i < 30; i++) say('lan1', udpPacket(LAN1, 5000 + i, SERVER, 7000));
    expect(got('inet1', 17)).toHaveLength(10);
    expect(count('firewall: too many sessions of one host')).toBe(20);
    await b.advance(400_000);
    say('lan1', udpPacket(LAN1, 6000, SERVER, 7000));
    expect(got('inet1', 17)).toHaveLength(11);
  });
});

describe('the traffic log', () => {
  it('has the octets and the time of a session that a logging rule let in', async () => {
    await ok('firewall rule insert lan wan permit service udp/7000 log');
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000, new Uint8Array(72)));
    await b.advance(10_000);
    say('inet1', udpPacket(SERVER, 7000, WAN, 5000, new Uint8Array(172)));
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7001));
    await b.advance(400_000);
    expect(log('Traffic Log').map((l) => l.fields)).toEqual([expect.objectContaining({
      category: 'Traffic', src: `${LAN1}:5000`, dst: `${SERVER}:7000`, proto: 'UDP', dir: 'LAN:WAN', sent: 100, rcvd: 200, end: 'expired',
    })]);
    expect(Number(log('Traffic Log')[0]!.fields['duration'])).toBeGreaterThan(100);
  });
});

describe('the triangle route', () => {
  const half = (flags: number, seq = 1): void => say('lan1', tcpPacket(LAN1, 4000, '10.9.9.9', 80, flags, seq));
  beforeEach(async () => { await ok('ip route add 10.0.0.0/8 192.168.1.34 2'); await b.exec('lan1', 'ping -c 1 192.168.1.34'); });
  const out = () => b.router.engine.flows.list((f) => f.original.dst === ip('10.9.9.9'));

  it('is followed strictly by default: half a connection goes nowhere', () => {
    half(tcp.ACK);
    expect(out()).toEqual([]);
  });
  it('is let through unseen when it is allowed, with a warning', async () => {
    expect(await ok('sys firewall ignore triangle on')).toContain('not checked at all');
    await ok('firewall rule insert lan lan drop');
    half(tcp.ACK);
    expect(out()).toHaveLength(1);
    // Between interfaces rules hold as before.
    say('dmz1', udpPacket(DMZ1, 5000, LAN1, 7000));
    expect(got('lan1', 17)).toEqual([]);
  });
});

describe('what a rule did not allow', () => {
  it('does not come in as an odd segment, a fragment, an option or an answer nobody asked for', async () => {
    for (let flags = 0; flags < 64; flags++) {
      say('inet1', tcpPacket(SERVER, 4000 + flags, LAN1, 80, flags));
      say('inet1', tcpPacket(SERVER, 4000 + flags, WAN, 80, flags));
      say('inet1', tcpPacket(SERVER, 0, WAN, 0, flags));
    }
    const whole = udpPacket(SERVER, 7000, DMZ1, 80, new Uint8Array(64));
    const body = whole.subarray(20);
    const fragment = (offset: number, end: number, more: boolean) => packet({ src: ip(SERVER), dst: ip(DMZ1), proto: 17, id: 9, more, offset }, body.subarray(offset, end));
    for (const p of [fragment(0, 24, true), fragment(8, 40, true), fragment(16, 72, false), fragment(24, 72, false)]) say('inet1', p);
    for (const type of [0, 3, 4, 5, 11, 12, 13, 17]) {
      const quoted = udpPacket(LAN1, 5999, SERVER, 9).subarray(0, 28);
      const message = new Uint8Array(8 + 28);
      icmp.setType(message, 0, type);
      message.set(quoted, 8);
      icmp.writeChecksum(message, 0, message.length);
      for (const dst of [WAN, LAN1, DMZ1]) say('inet1', packet({ src: ip(SERVER), dst: ip(dst), proto: 1 }, message));
    }
    for (const src of ['0.0.0.0', '255.255.255.255', '224.0.0.1', '127.0.0.1', LAN1, ROUTER]) say('inet1', udpPacket(src, 1, DMZ1, 1));
    expect([...ipOf(heard.lan1), ...ipOf(heard.dmz1)].filter((p) => ipv4.src(p, 0) !== ip(ROUTER) && p[9] !== 17 || udp.srcPort(p, 20) === 7000)).toEqual([]);
    expect(got('inet1', 6)).toEqual([]);
  });

  it('segments outside of the window of a connection are dropped', async () => {
    say('lan1', tcpPacket(LAN1, 4000, SERVER, 9000, tcp.SYN, 100));
    expect(got('inet1', 6).length).toBeGreaterThan(0);
    const before = b.router.engine.counters.list().filter((c) => c.name.startsWith('tcp:')).reduce((n, c) => n + c.n, 0);
    say('inet1', tcpPacket(SERVER, 9000, WAN, 4000, tcp.RST, 0x7000_0000));
    say('inet1', tcpPacket(SERVER, 9000, WAN, 4000, tcp.ACK, 0x7000_0000));
    expect(b.router.engine.counters.list().filter((c) => c.name.startsWith('tcp:')).reduce((n, c) => n + c.n, 0)).toBeGreaterThan(before);
  });
});

describe('an uplink that comes later than the firewall', () => {
  it('is outside before it has an address, so that it can get one', async () => {
    await settle(b.clock, b.router.plugins.unload('wan'));
    await b.advance(3000);
    expect(await ok('firewall zones')).not.toMatch(/WAN +wan/);
    const wan = own.find((p) => p.id === 'wan')!;
    await settle(b.clock, b.router.config.update('wan', (draft) => { (draft as { mode: string }).mode = 'dhcp'; }, 'test').catch(() => undefined));
    await settle(b.clock, b.router.plugins.load({ def: wan }));
    const before = count('firewall: the interface has no zone');
    say('inet1', udpPacket('198.51.100.1', 67, '255.255.255.255', 68));
    expect(count('firewall: the interface has no zone')).toBe(before);
    expect(await ok('firewall zones')).toMatch(/WAN +wan/);
  });
});
