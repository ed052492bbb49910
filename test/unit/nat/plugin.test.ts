import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse4, parseMac } from '../../../sdk/wire/address.ts';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as udp from '../../../sdk/wire/udp.ts';
import { type Bed, bed, settle } from '../../sim/bed.ts';

const ip = (text: string): number => parse4(text)!;
const WAN = ip('198.51.100.2');

const datagram = (dstMac: string, src: string, sport: number, dst: string, dport: number): Uint8Array => {
  const out = new Uint8Array(ethernet.HEADER + ipv4.HEADER + udp.HEADER + 8);
  ethernet.write(out, 0, parseMac(dstMac)!, parseMac('02:1a:b0:00:09:01')!, ethernet.TYPE_IPV4);
  ipv4.write(out, ethernet.HEADER, { src: ip(src), dst: ip(dst), proto: ipv4.PROTO_UDP, totalLen: ipv4.HEADER + udp.HEADER + 8 });
  udp.write(out, ethernet.HEADER + ipv4.HEADER, sport, dport, udp.HEADER + 8);
  udp.writeChecksum(out, ethernet.HEADER + ipv4.HEADER, ip(src), ip(dst));
  return out;
};

describe('plugin nat', () => {
  let b: Bed;
  beforeAll(async () => {
    b = await bed();
    await b.advance(5000);
  });
  afterAll(() => b.stop());
  const counter = (name: string) => b.router.engine.counters.list().find(c => c.name === name)?.n ?? 0;
  const translated = () => b.router.engine.flows.list(f => f.reply.dst === WAN && f.original.src !== WAN);

  it('hides the inside behind the uplink\'s address', async () => {
    expect((await b.exec('lan1', 'ping -c 1 203.0.113.10')).output).toContain('1 received');
    expect((await b.exec('dmz1', 'ping -c 1 203.0.113.10')).output).toContain('1 received');
    expect(new Set(translated().map(f => f.original.src))).toEqual(new Set([ip('192.168.1.33'), ip('192.168.2.33')]));
    expect((await b.verb('ip nat hashTable wan')).text).toMatch(/icmp\s+192\.168\.1\.33:\d+\s+198\.51\.100\.2:\d+\s+203\.0\.113\.10:0/);
    expect((await b.verb('ip nat hashTable nowhere')).text).toContain('there are');
  });

  it('refuses strangers who send straight to an inside address, and counts them', async () => {
    const before = counter('nat: no mapping');
    b.lab.wires.get('wan')!.toA.send(datagram('02:1a:b0:00:00:09', '203.0.113.10', 53, '192.168.1.33', 4000));
    await b.advance(200);
    expect(counter('nat: no mapping')).toBe(before + 1);
    expect(b.router.engine.flows.list(f => f.original.dst === ip('192.168.1.33') && f.original.src === ip('203.0.113.10'))).toEqual([]);
  });

  it('loses no packet and no mapping of a flow over reloads', async () => {
    const ping = b.exec('lan1', 'ping -c 30 203.0.113.10');
    for (let n = 0; n < 10; n++) {
      await settle(b.clock, b.router.plugins.reload('nat'));
      await b.advance(1000);
    }
    expect((await ping).output).toContain('30 received');
    expect(b.router.plugins.residue()).toEqual([]);
  });

  it('caps the sessions of one host, by verb', async () => {
    expect((await b.verb('ip nat session')).text).toContain('10000');
    await b.verb('ip nat session 1');
    await b.advance(400_000);
    expect((await b.exec('lan1', 'ping -c 1 203.0.113.10')).output).toContain('1 received');
    expect((await b.exec('lan1', 'ping -c 1 198.51.100.1')).output).toContain(' 0 received');
    expect((await b.exec('lan2', 'ping -c 1 198.51.100.1')).output).toContain('1 received');
    expect(counter('nat: too many sessions of one host')).toBeGreaterThan(0);
    await b.verb('ip nat session 10000');
  });

  it('frees every port when the flows are over', async () => {
    await b.exec('lan1', 'curl -s http://203.0.113.10/');
    await b.advance(400_000);
    expect(translated()).toEqual([]);
    expect((await b.verb('ip nat status')).text).toMatch(/mappings\s*:?\s*0/);
  });

  it('can be switched off and on', async () => {
    await b.verb('ip nat active no');
    expect((await b.exec('lan1', 'ping -c 1 203.0.113.10')).output).toContain(' 0 received');
    await b.verb('ip nat active yes');
    expect((await b.exec('lan1', 'ping -c 1 203.0.113.10')).output).toContain('1 received');
  });

  it('leaves nothing behind when it is unloaded', async () => {
    await settle(b.clock, b.router.plugins.unload('nat'));
    expect(b.router.plugins.residue()).toEqual([]);
  });
});
