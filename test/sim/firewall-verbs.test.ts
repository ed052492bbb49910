import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Session } from '../../kernel/cli/session.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { type Bed, bed, settle } from './bed.ts';
import { BROADCAST, errors, ether, from, ipOf, listen, send, tcpPacket, udpPacket } from './frames.ts';

const LAN1 = '192.168.1.33';
const SERVER = '203.0.113.10';
const WAN = '198.51.100.2';

/** The original's trees `sys firewall …` and `config … firewall`, verb by verb. */
let b: Bed;
let outside: Uint8Array[];
beforeEach(async () => {
  b = await bed();
  await b.advance(5000);
  outside = listen(b, 'inet1');
  await b.exec('lan1', `ping -c 1 ${SERVER}`);
  outside.length = 0;
});
afterEach(async () => {
  expect(errors(b)).toEqual([]);
  expect(b.router.plugins.faults('firewall')).toEqual([]);
  await b.stop();
});

const ok = async (line: string): Promise<string> => {
  const r = await b.verb(line);
  expect(`${line}: ${r.code} ${r.code === 0 ? '' : r.text}`).toBe(`${line}: 0 `);
  return r.text.replaceAll(/ +/g, ' ');
};
const refused = async (line: string): Promise<string> => {
  const r = await b.verb(line);
  expect(`${line}: ${r.code === 0}`).toBe(`${line}: false`);
  return r.text;
};
const say = (host: 'lan1' | 'inet1', p: Uint8Array): void => { send(b, host === 'lan1' ? 'port1' : 'wan', from(b, host, p)); b.clock.advance(5); };
const resets = (): number => ipOf(outside).filter((p) => p[9] === 6 && (tcp.flags(p, 20) & tcp.RST) !== 0).length;
const log = (text: string) => b.log.ring.lines({ name: 'firewall', text });
const complete = async (line: string): Promise<readonly string[]> => {
  const session = new Session({ tree: b.router.tree, clock: b.clock, author: 'test' });
  try { return (await settle(b.clock, session.complete(line, line.length))).candidates.map((c) => c.word); } finally { session.close(); }
};

describe('sys firewall', () => {
  it('active, disp, online, clear, dynamicrule display', async () => {
    expect(await ok('sys firewall active')).toContain('yes');
    expect(await ok('sys firewall disp')).toMatch(/profile +secure/);
    for (let port = 1; port < 60; port++) say('inet1', tcpPacket(SERVER, 4000, WAN, port, tcp.SYN));
    expect(await ok('sys firewall online')).toContain('port scan');
    await ok('sys firewall clear');
    expect(await ok('sys firewall online')).not.toContain('port scan');
    expect(await ok('sys firewall dynamicrule display')).toContain('by');
  });

  it('acl disp: all, a set by number or direction, two zones, one rule', async () => {
    await ok('firewall rule insert wan lan permit service tcp/80 name web');
    expect(await ok('sys firewall acl disp')).toMatch(/From \\ To[\s\S]*WAN → LAN web/);
    for (const which of ['2', 'WAN-LAN', 'wan lan']) expect(await ok(`sys firewall acl disp ${which}`)).toContain('web');
    expect(await ok('sys firewall acl disp 1')).not.toContain('web');
    expect(await ok('sys firewall acl disp 2 1')).toMatch(/rule 1 of WAN-LAN\s+name web/);
    expect(await refused('sys firewall acl disp 2 2')).toContain('its rules are 1');
    expect(await refused('sys firewall acl disp 99')).toContain('sets are 1–36');
    expect(await refused('sys firewall acl disp moon')).toContain('directions like LAN-WAN, of the zones LAN, WAN, CELL, DMZ, WLAN, VPN, Any');
  });

  it('cnt counts what was refused, from when it was cleared', async () => {
    for (let i = 0; i < 3; i++) say('inet1', udpPacket(SERVER, 4000 + i, WAN, 9999));
    expect(await ok('sys firewall cnt display')).toMatch(/dropped by the default of the direction 3\n/);
    await ok('firewall rule insert wan wan drop service udp/9999');
    say('inet1', udpPacket(SERVER, 5000, WAN, 9999));
    expect(await ok('sys firewall cnt display')).toMatch(/dropped by a rule 1\n[\s\S]*decided by a rule 1/);
    await ok('sys firewall cnt clear');
    expect(await ok('sys firewall cnt display')).toMatch(/default of the direction 0\n[\s\S]*decided by a rule 0/);
    expect((await ok('firewall hits')).split('\n').filter((l) => l.includes('WAN → WAN'))).toEqual([]);
  });

  it('update has every session decided again', async () => {
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    expect(await ok('sys firewall update')).toMatch(/^[1-9]\d* sessions are decided again/);
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    expect(ipOf(outside).filter((p) => p[9] === 17)).toHaveLength(2);
  });

  it('pktdump keeps the last refused packets while it is on, decoded', async () => {
    say('inet1', tcpPacket(SERVER, 4000, WAN, 23, tcp.SYN));
    expect(await ok('sys firewall pktdump')).toContain('sys firewall pktdump on keeps them');
    await ok('sys firewall pktdump on');
    expect(await ok('sys firewall pktdump')).toContain('no packet was refused');
    say('inet1', tcpPacket(SERVER, 4000, WAN, 23, tcp.SYN));
    const text = await ok('sys firewall pktdump display');
    expect(text).toContain(`in on wan WAN → WAN default\n IP TCP ${SERVER}:4000 > ${WAN}:23 Flags [S], seq 1`);
    expect(text).toMatch(/0000 45 00 00 28 /);
    // A sender that cannot be, refused by somebody else.
    say('inet1', udpPacket(LAN1, 1, WAN, 53));
    expect((await ok('sys firewall pktdump')).split('\n')[0]).toContain('forged sender');
    for (let i = 0; i < 100; i++) say('inet1', udpPacket(SERVER, 1000 + i, WAN, 9999));
    const many = await ok('sys firewall pktdump');
    expect(many.match(/in on wan/g)).toHaveLength(32);
    expect(many.split('\n')[1]).toContain(`${SERVER}:1099 > ${WAN}:9999`);
    await ok('sys firewall pktdump clear');
    expect(await ok('sys firewall pktdump')).toContain('no packet was refused');
    await ok('sys firewall pktdump off');
    say('inet1', udpPacket(SERVER, 1, WAN, 9999));
    expect(await ok('sys firewall pktdump')).toContain('keeps them');
    expect(await refused('sys firewall pktdump maybe')).toContain('on, off, display, clear');
  });

  it('tcprst: ident is reset in place of silence, or all that a default drops; rules do what they say', async () => {
    const knock = (port: number): number => {
      outside.length = 0;
      say('inet1', tcpPacket(SERVER, 4000 + port, WAN, port, tcp.SYN));
      return resets();
    };
    expect([knock(113), knock(114)]).toEqual([0, 0]);
    expect(await ok('sys firewall tcprst rst113 on')).toContain('on');
    expect([knock(113), knock(114)]).toEqual([1, 0]);
    await ok('sys firewall probing silent wan yes');
    expect(knock(113)).toBe(1);
    await ok('sys firewall tcprst rst on');
    expect([knock(113), knock(114)]).toEqual([1, 1]);
    expect(await ok('sys firewall tcprst display')).toMatch(/rst on\s+rst113 on/);
    await ok('firewall rule insert wan wan drop service tcp/114');
    expect(knock(114)).toBe(0);
    outside.length = 0;
    say('inet1', udpPacket(SERVER, 4000, WAN, 113));
    expect(ipOf(outside).filter((p) => p[9] === 1 && icmp.type(p, 20) === icmp.TYPE_UNREACHABLE)).toEqual([]);
    for (const word of ['rst', 'rst113']) expect(await ok(`sys firewall tcprst ${word} off`)).toContain('off');
    expect(knock(113)).toBe(0);
    expect(await refused('sys firewall tcprst silent')).toMatch(/display|rst113/);
  });

  it('dos and ignore: each switch says what it is and does it', async () => {
    expect(await ok('sys firewall dos ignore lan')).toContain('on');
    expect(await ok('sys firewall dos ignore wan on')).toContain('on');
    expect(await ok('sys firewall dos display')).toMatch(/not on LAN, VPN, WAN/);
    expect(await ok('sys firewall dos block-minute 5')).toContain('5');
    expect(await ok('sys firewall ignore dos on')).toContain('on');
    expect(await ok('sys firewall dos display')).toMatch(/protection off/);
    expect(await refused('sys firewall dos ignore moon on')).toContain('zones are LAN');
    expect(await refused('sys firewall ignore everything')).toMatch(/dos[\s\S]*logBroadcast[\s\S]*triangle/);
  });

  it('ignore logBroadcast leaves refused broadcasts out of the log, and out of nothing else', async () => {
    await ok('firewall default wan wan drop log');
    const shout = (port: number): void => { send(b, 'wan', ether(BROADCAST, from(b, 'inet1', udpPacket(SERVER, 4000, '255.255.255.255', port)).slice(6, 12), 0x0800, udpPacket(SERVER, 4000, '255.255.255.255', port))); b.clock.advance(5); };
    const lines = (): number => log('Firewall default policy: UDP (WAN to WAN').length;
    shout(6000);
    expect(lines()).toBe(1);
    expect(await ok('sys firewall ignore logBroadcast')).toContain('off');
    expect(await ok('sys firewall ignore logBroadcast on')).toContain('on');
    const before = lines();
    shout(6001);
    expect(lines()).toBe(before);
    expect(await ok('firewall drops')).toContain('255.255.255.255:6001');
    say('inet1', udpPacket(SERVER, 4000, WAN, 6002));
    await b.advance(11_000);
    expect(log('Firewall default policy: UDP').length).toBeGreaterThan(before);
  });
});

describe('config … firewall', () => {
  it('changes a copy; save puts it in force, retrieve forgets it', async () => {
    expect(await ok('config edit firewall set WAN-LAN rule 1 permit forward')).toContain('config save firewall puts it in force');
    for (const words of ['name web', 'srcaddr-single 203.0.113.10', 'srcaddr-subnet 198.51.100.0 255.255.255.0', 'srcaddr-range 192.0.2.1 192.0.2.9', `destaddr-single ${LAN1}`,
      'protocol 6', 'tcp destport-single 80', 'tcp destport-range 8000 8010', 'udp destport-any', 'destport-custom PING', 'log match', 'alert no', 'active yes']) await ok(`config edit firewall set 2 rule 1 ${words}`);
    expect(await ok('firewall rule list')).not.toContain('web');
    expect(await ok('config display firewall')).toMatch(/not saved yes/);
    await ok('config save firewall');
    expect(await ok('firewall rule list wan lan')).toMatch(/web 203\.0\.113\.10, 198\.51\.100\.0\/24, 192\.0\.2\.1-192\.0\.2\.9 192\.168\.1\.33 tcp\/80, tcp\/8000-8010, udp, PING permit log/);
    expect(await ok(`firewall test wan ${SERVER} ${LAN1} tcp 8005`)).toContain('permit');
    await ok('config delete firewall set 2 rule 1');
    expect(await ok('config display firewall set 2')).not.toContain('web');
    expect(await ok('config retrieve firewall')).toContain('forgotten');
    expect(await ok('config display firewall set 2 rule 1')).toMatch(/rule 1 of WAN-LAN\s+name web/);
    expect(await refused('config save firewall')).toContain('nothing was changed');
  });

  it('a set: what it does by default, its log, its name, its timeouts', async () => {
    for (const words of ['default-permit forward', 'log yes', 'name Inwards', 'icmp-timeout 20', 'udp-idle-timeout 45', 'connection-timeout 30', 'fin-wait-timeout 61', 'tcp-idle-timeout 3600', 'pnc no']) await ok(`config edit firewall set WAN-DMZ ${words}`);
    await ok('config save firewall');
    expect(await ok('firewall default wan dmz')).toContain('WAN → DMZ: permit, log');
    expect(await ok('config display firewall')).toMatch(/\d+ WAN-DMZ Inwards forward yes 0/);
    const { timeouts } = b.router.engine.flows;
    expect([timeouts.icmp, timeouts.udp, timeouts.udpAssured, timeouts.tcpSyn, timeouts.tcpClosing, timeouts.tcpEstablished]).toEqual([20, 45, 45, 30, 61, 3600]);
    // NAT's timeouts are its own, and the firewall's stay on top.
    await ok('ip nat timeout udp 200');
    expect(b.router.engine.flows.timeouts.udpAssured).toBe(45);
    for (const word of ['icmp-timeout', 'udp-idle-timeout', 'connection-timeout', 'fin-wait-timeout', 'tcp-idle-timeout']) await ok(`config edit firewall set 1 ${word} 0`);
    await ok('config delete firewall set WAN-DMZ');
    await ok('config save firewall');
    expect(b.router.engine.flows.timeouts.udpAssured).toBe(200);
    expect(await ok('firewall default wan dmz')).toContain('WAN → DMZ: drop');
    expect(await ok('config display firewall')).not.toContain('Inwards');
  });

  it('attack: the thresholds, checked when they are saved', async () => {
    for (const words of ['minute-high 100', 'minute-low 80', 'max-incomplete-high 90', 'max-incomplete-low 70', 'tcp-max-incomplete 10', 'block yes', 'send-alert no']) await ok(`config edit firewall attack ${words}`);
    await ok('config edit firewall active yes');
    await ok('config save firewall');
    expect(await ok('config display firewall attack')).toMatch(/send-alert no\s+block yes\s+block-minute 10\s+minute-high 100\s+minute-low 80/);
    await ok('config edit firewall attack block-minute 3');
    await ok('config edit firewall attack minute-high 20');
    expect(await refused('config save firewall')).toContain('must not be below Low');
    await ok('config delete firewall attack');
    await ok('config save firewall');
    expect(await ok('sys firewall dos display')).toMatch(/one minute high 30000[\s\S]*blocking period \(min\) 0/);
  });

  it('insert makes a rule that does nothing yet, at its number; gaps collapse', async () => {
    await ok('config insert firewall set 1 rule 1');
    expect(await ok('config insert firewall set 1 rule 9')).toContain('rule 2 of LAN → WAN, not active');
    expect(await ok('config insert firewall set 1')).toContain('is there');
    await ok('config edit firewall set 1 rule 2 permit block');
    await ok('config edit firewall set 1 rule 2 active yes');
    await ok('config save firewall');
    expect(await ok('firewall rule list lan wan')).toMatch(/1 LAN → WAN any any any permit off[\s\S]*2 LAN → WAN any any any drop/);
    expect(await ok(`firewall test lan ${LAN1} ${SERVER} tcp 80`)).toContain('rule 2 of LAN → WAN: drop');
  });

  it('does not write over what somebody else has changed meanwhile', async () => {
    await ok('config edit firewall set 1 rule 1 permit block');
    await ok('firewall rule insert wan lan permit service tcp/25 name mail');
    expect(await refused('config save firewall')).toContain('config retrieve firewall');
    await ok('config retrieve firewall');
    await ok('config edit firewall set 1 rule 1 permit block');
    await ok('config save firewall');
    expect(await ok('firewall rule list')).toContain('mail');
  });

  it('says what would be right', async () => {
    const set = 'config edit firewall set';
    expect(await refused(`${set} 1 colour red`)).toContain('allowed: name, default-permit, log, pnc, icmp-timeout');
    expect(await refused(`${set} 1 name ${'long '.repeat(8)}`)).toContain('allowed: 31');
    expect(await refused(`${set} 77 log yes`)).toContain('sets are 1–36');
    expect(await refused(`${set} 1 default-permit maybe`)).toContain('allowed: forward, block, reject');
    expect(await refused(`${set} 1 pnc yes`)).toContain('allowed: no');
    expect(await refused(`${set} 1 icmp-timeout soon`)).toContain('a number from 0 to 604800');
    expect(await refused(`${set} Any-LAN log yes`)).toContain('has rules only');
    expect(await refused(`${set} 1 rule 5 permit forward`)).toContain('LAN → WAN has no rules; 1 is a new one');
    expect(await refused(`${set} 1 rule 1 colour red`)).toContain('allowed: permit, active, protocol');
    expect(await refused(`${set} 1 rule 1 srcaddr-single here`)).toContain('no IPv4 address');
    expect(await refused(`${set} 1 rule 1 srcaddr-range 10.0.0.9 10.0.0.1`)).toContain('inverted');
    expect(await refused(`${set} 1 rule 1 srcaddr-subnet 10.0.0.0 255.0.255.0`)).toContain('no subnet mask');
    expect(await refused(`${set} 1 rule 1 destaddr-single`)).toContain('takes <address>');
    expect(await refused(`${set} 1 rule 1 tcp destport-single 70000`)).toContain('from 0 to 65535');
    expect(await refused(`${set} 1 rule 1 tcp 80`)).toContain('allowed: destport-any, destport-single, destport-range');
    expect(await refused(`${set} 1 rule 1 log both`)).toContain('allowed: none, match');
    expect(await refused(`${set} 1 rule 1 protocol 300`)).toContain('from 0 to 255');
    expect(await refused(`${set} 1 rule 1 destport-custom tcp/80`)).toContain('firewall service list');
    expect(await refused('config delete firewall set 1 rule 1')).toContain('LAN → WAN has no rules');
    expect(await refused('config display firewall set 1 rule 4')).toContain('LAN → WAN has no rules');
    expect(await refused('config edit firewall e-mail')).toMatch(/active|attack|set/);
    expect(await ok('config display firewall')).toMatch(/not saved no/);
  });

  it('completes every word', async () => {
    expect(await complete('config edit firewall ')).toEqual(['active', 'attack', 'set']);
    expect(await complete('config edit firewall set WAN-L')).toEqual(['WAN-LAN']);
    expect(await complete('config edit firewall set 2 def')).toEqual(['default-permit']);
    expect(await complete('config edit firewall set 2 default-permit ')).toEqual(['forward', 'block', 'reject']);
    expect(await complete('config edit firewall set 2 rule 1 srcaddr-s')).toEqual(['srcaddr-single', 'srcaddr-subnet']);
    expect(await complete('config edit firewall set 2 rule 1 tcp ')).toEqual(['destport-any', 'destport-single', 'destport-range']);
    expect(await complete('config edit firewall set 2 rule 1 destport-custom HTTPS')).toEqual(['HTTPS', 'HTTPS-ALT']);
    expect(await complete('sys firewall tcprst ')).toEqual(['display', 'rst', 'rst113']);
    expect(await complete('sys firewall acl disp 2')).toContain('2');
  });
});
