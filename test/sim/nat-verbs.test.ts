import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { udpPacket } from './frames.ts';
import { LAN1, LAN2, type NatBed, natBed, SERVER, WAN } from '../unit/plugins/nat/rig.ts';

/** The original's tree `ip nat …`, as far as other tests do not use it. */
let n: NatBed;
beforeAll(async () => { n = await natBed({ portTriggering: [{ name: 'game', incomingStart: 6000, triggerStart: 7070 }] }, { firewall: true }); });
afterAll(() => n.b.stop());
beforeEach(() => n.clear());

const ok = async (line: string): Promise<string> => {
  const r = await n.b.verb(line);
  expect(`${line}: ${r.code} ${r.code === 0 ? '' : r.text}`).toBe(`${line}: 0 `);
  return r.text.replaceAll(/ +/g, ' ');
};
const refused = async (line: string): Promise<string> => {
  const r = await n.b.verb(line);
  expect(`${line}: ${r.code === 0}`).toBe(`${line}: false`);
  return r.text;
};

describe('ip nat', () => {
  it('resetport: triggered ports are given back, and their sessions end', async () => {
    n.say('lan1', udpPacket(LAN1, 5000, SERVER, 7070));
    n.say('inet1', udpPacket(SERVER, 10, WAN, 6000));
    expect(n.ports('lan1')).toEqual([`${SERVER}:10 > ${LAN1}:6000`]);
    expect(await ok('ip nat resetport wan')).toContain('1 triggers given back, 1 sessions ended');
    n.clear();
    n.say('inet1', udpPacket(SERVER, 10, WAN, 6000));
    expect(n.ports('lan1')).toEqual([]);
    // Free at once for somebody else.
    n.say('lan2', udpPacket(LAN2, 5000, SERVER, 7070));
    n.say('inet1', udpPacket(SERVER, 11, WAN, 6000));
    expect(n.ports('lan2')).toEqual([`${SERVER}:11 > ${LAN2}:6000`]);
    expect(await ok('ip nat resetport')).toContain('1 triggers given back');
    expect(await refused('ip nat resetport moon')).toContain('there are wan');
  });

  it('service xboxlive: anybody may send to the port that a host uses for it, and to no other', async () => {
    const strangers = (): string[] => {
      n.clear();
      n.say('lan1', udpPacket(LAN1, 3074, SERVER, 3074));
      n.say('lan1', udpPacket(LAN1, 3075, SERVER, 3074));
      n.say('inet1', udpPacket(SERVER, 999, WAN, 3074));
      n.say('inet1', udpPacket(SERVER, 999, WAN, 3075));
      return n.ports('lan1');
    };
    expect(await ok('ip nat service')).toContain('xboxlive off');
    expect(strangers()).toEqual([]);
    await ok('ip nat service xboxlive on');
    expect(await ok('ip nat service xboxlive')).toContain('on');
    expect(strangers()).toEqual([`${SERVER}:999 > ${LAN1}:3074`]);
    await ok('ip nat service xboxlive off');
    expect(strangers()).toEqual([]);
    expect(await refused('ip nat service irc on')).toContain('xboxlive');
  });

  it('server edit says what would be right', async () => {
    await ok('ip nat server load 1');
    expect(await refused('ip nat server edit 2 leasetime 300')).toContain('allowed: 0');
    await ok('ip nat server edit 2 leasetime 0');
    expect(await refused('ip nat server edit 2 active perhaps')).toContain('allowed: yes, no');
    expect(await refused('ip nat server edit 2 svrport many')).toMatch(/\S/);
    expect(await refused('ip nat server edit 2 colour red')).toContain('svrport');
    expect(await refused('ip nat server edit 9 forwardip 192.168.1.33')).toContain('the next entry is');
  });

  it('every switch without a value says what it is', async () => {
    for (const [line, said] of [['active', 'yes'], ['loopback', 'on'], ['incikeport', 'on'], ['routing', 'none'], ['routing lan', 'off'], ['session', '10000'], ['timeout gre', '3600']] as const) expect(await ok(`ip nat ${line}`)).toContain(said);
    for (const line of ['status', 'iface wan', 'hashTable wan', 'iamt', 'addrMap disp', 'server disp', 'lookup udp 192.168.1.33 5000']) await ok(`ip nat ${line}`);
    expect(await refused('ip nat timeout tea 5')).toContain('gre, iamt, generic, reset, tcp, tcpother, udp');
    expect(await refused('ip nat routing moon on')).toContain('lan, dmz, wlan');
  });
});
