import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { format4 } from '../../sdk/wire/address.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as natPmp from '../../sdk/wire/nat-pmp.ts';
import * as pcp from '../../sdk/wire/pcp.ts';
import * as udp from '../../sdk/wire/udp.ts';
import { type Bed, bed, settle } from './bed.ts';
import { from, ip, ipOf, listen, send, udpPacket } from './frames.ts';

const LAN1 = '192.168.1.33';
const ROUTER = '192.168.1.1';
const WAN = '198.51.100.2';
const SERVER = '203.0.113.10';

/** A host asks by NAT-PMP and PCP, packets are put on the wires by hand; the memory lab has no TCP of its own for IGD. */
describe('NAT-PMP and PCP in the lab', () => {
  let b: Bed;
  let heard: Uint8Array[];
  const begin = async (opts: Parameters<typeof bed>[0] = {}) => {
    b = await bed(opts);
    await b.advance(5000);
    heard = listen(b, 'lan1');
    await b.exec('lan1', `ping -c 1 ${SERVER}`);
    await b.verb('sys upnp active on');
    await b.advance(300_000);
    heard.length = 0;
  };
  beforeEach(() => begin());
  afterEach(() => b.stop());

  const say = (host: 'lan1' | 'inet1', p: Uint8Array) => { send(b, host === 'lan1' ? 'port1' : 'wan', from(b, host, p)); b.clock.advance(5); };
  const datagrams = () => ipOf(heard).filter(p => p[9] === 17).map(p => ({ src: format4(ipv4.src(p, 0)), dst: format4(ipv4.dst(p, 0)), sport: udp.srcPort(p, 20), dport: udp.dstPort(p, 20), data: p.slice(28, 20 + udp.length(p, 20)) }));
  const ask = (data: Uint8Array, dst = ROUTER) => {
    heard.length = 0;
    say('lan1', udpPacket(LAN1, 4000, dst, natPmp.PORT, data));
    const [answer] = datagrams();
    if (answer) expect([answer.src, answer.sport, answer.dport]).toEqual([dst, natPmp.PORT, 4000]);
    return answer?.data;
  };
  const map = (intPort: number, extPort: number, lifetime = 600) => { const a = ask(natPmp.emitRequest({ op: 1, intPort, extPort, lifetime })); return a && natPmp.parseResponse(a, 0, a.length); };
  const knock = (port: number) => { heard.length = 0; say('inet1', udpPacket(SERVER, 7000, WAN, port)); return datagrams().map(d => d.dport); };

  it('lets in what a host has asked for, until its time is over', async () => {
    expect(knock(6000)).toEqual([]);
    expect(map(5000, 6000)).toMatchObject({ result: 0, extPort: 6000, lifetime: 600 });
    expect(knock(6000)).toEqual([5000]);
    expect((await b.verb('ip upnp list')).text).toMatch(/udp +6000 +192\.168\.1\.33 +5000 +anywhere +nat-pmp/);
    await b.advance(601_000);
    expect((await b.verb('ip upnp list')).text).not.toContain('6000');
    expect(knock(6000)).toEqual([]);
  });

  it('is asked by natpmpc of the lab as by Debian\'s', async () => {
    expect((await b.exec('lan1', 'natpmpc')).output).toBe(`Public IP address : ${WAN}\n`);
    expect(await b.exec('lan1', 'natpmpc -a 6090 5090 udp 600')).toEqual({ code: 0, output: 'Mapped public port 6090 protocol UDP to local port 5090 lifetime 600\n' });
    expect(knock(6090)).toEqual([5090]);
    expect((await b.exec('lan1', 'natpmpc -a 6090 5090 sctp')).code).toBe(1);
    expect((await b.exec('inet1', `natpmpc -g ${WAN}`)).output).toContain('does not speak NAT-PMP');
  });

  it('is silent when off, to other addresses, and to strangers', async () => {
    expect(ask(natPmp.emitRequest({ op: 0 }), '239.255.255.250')).toBeUndefined();
    say('lan1', udpPacket('10.1.1.1', 4000, ROUTER, natPmp.PORT, natPmp.emitRequest({ op: 0 })));
    say('inet1', udpPacket(SERVER, 4000, WAN, natPmp.PORT, natPmp.emitRequest({ op: 1, intPort: 1, extPort: 6000, lifetime: 600 })));
    expect(datagrams()).toEqual([]);
    await b.verb('sys upnp active off');
    expect(map(5000, 6000)).toBeUndefined();
  });

  it('keeps mappings over a reload, and revokes them by hand, by a rule and when switched off', async () => {
    map(5000, 6000);
    map(5001, 6001);
    map(5002, 6002);
    map(5003, 6003);
    await settle(b.clock, b.router.plugins.reload('upnp'));
    await b.advance(1000);
    expect([6000, 6001, 6002, 6003].flatMap(knock)).toEqual([5000, 5001, 5002, 5003]);
    await b.advance(400_000);
    map(5000, 6000); map(5001, 6001); map(5002, 6002); map(5003, 6003);
    const [row] = /(\d+) +udp +6000/.exec((await b.verb('ip upnp list')).text)!.slice(1);
    expect((await b.verb(`ip upnp remove ${row}`)).code).toBe(0);
    expect((await b.verb('ip upnp rules add deny outside 6001')).code).toBe(0);
    expect([6000, 6001, 6002].flatMap(knock)).toEqual([5002]);
    expect(map(5001, 6001)?.op === 1 && map(5001, 6001)).not.toMatchObject({ extPort: 6001 });
    await b.verb('sys upnp active off');
    expect([6002, 6003].flatMap(knock)).toEqual([]);
    expect((await b.verb('ip upnp list')).text).not.toContain('nat-pmp');
  });

  it('speaks PCP, and gives a host so many', async () => {
    const nonce = new Uint8Array(12).fill(7);
    const a = ask(pcp.emitRequest({ opcode: 1, lifetime: 600, client: ip(LAN1), map: { nonce, protocol: 17, intPort: 5000, extPort: 6000, external: 0 } }))!;
    expect(pcp.parseResponse(a, 0, a.length)).toMatchObject({ result: 0, map: { extPort: 6000, external: ip(WAN) } });
    expect(knock(6000)).toEqual([5000]);
    await b.verb('config set upnp mostPerHost 2');
    await b.verb('config commit');
    map(5001, 6001);
    expect(map(5002, 6002)).toMatchObject({ result: natPmp.Result.OutOfResources });
  });

  it('limits how often a host may ask', () => {
    let answers = 0;
    for (let i = 0; i < 200; i++) { heard.length = 0; send(b, 'port1', from(b, 'lan1', udpPacket(LAN1, 4000, ROUTER, natPmp.PORT, natPmp.emitRequest({ op: 0 })))); b.clock.advance(1); answers += datagrams().length; }
    expect(answers).toBeGreaterThan(50);
    expect(answers).toBeLessThan(80);
  });

  it('shows them on its page, where they can be revoked, and leaves nothing behind when unloaded', async () => {
    map(5000, 6000);
    const panel = b.router.panels.list().find(p => p.path === 'advanced/upnp')!;
    expect(panel.title).toBe('UPnP');
    const [number] = /(\d+) +udp +6000/.exec((await b.verb('ip upnp list')).text)!.slice(1);
    await b.router.panels.act('advanced/upnp', 'revoke', [Number(number), 'udp', 6000]);
    expect(knock(6000)).toEqual([]);
    map(5000, 6000);
    await settle(b.clock, b.router.plugins.unload('upnp'));
    expect(b.router.plugins.residue()).toEqual([]);
    expect([...b.router.engine.sockets.ports()].filter(p => p === 1900 || p === 5351)).toEqual([]);
    expect(knock(6000)).toEqual([]);
  });

  it('has rules, and complains about wrong ones', async () => {
    await b.verb('ip upnp rules add allow host 192.168.1.0/24 inside 1024-65535 outside 6000-6999 comment consoles');
    await b.verb('ip upnp rules add deny');
    await b.verb('ip upnp rules insert 1 deny host 192.168.1.34');
    await b.verb('ip upnp rules move 1 2');
    expect((await b.verb('ip upnp rules list')).text).toMatch(/1 +yes +allow +192\.168\.1\.0\/24 +1024-65535 +6000-6999 +consoles\n.*2 +yes +deny +192\.168\.1\.34 .*\n.*3 +yes +deny +all/);
    for (const wrong of ['add perhaps', 'add allow outside 9-8', 'add allow host x', 'add allow colour red', 'delete 9', 'insert 0 deny']) expect([wrong, (await b.verb(`ip upnp rules ${wrong}`)).code]).not.toEqual([wrong, 0]);
    expect(map(5000, 9000)).toMatchObject({ extPort: 6000 });
  });

  it('begins a new epoch after a fall, and goes on with the old one after an end in order (RFC 6887 §8.5)', async () => {
    const state = mkdtempSync(join(tmpdir(), 'upnp-'));
    const epoch = () => { const a = ask(natPmp.emitRequest({ op: 0 }))!; return natPmp.parseResponse(a, 0, a.length)!.epoch; };
    const again = async (folder: string) => {
      await b.stop();
      b = await bed({ state: folder, wall: 1_800_000_000_000 + 400_000 });
      heard = listen(b, 'lan1');
      await b.advance(5000);
      await b.exec('lan1', `ping -c 1 ${SERVER}`);
      const announced = ipOf(heard).filter(p => p[9] === 17 && udp.dstPort(p, 20) === natPmp.CLIENT_PORT).length;
      return [announced > 0, epoch(), (await b.verb('ip upnp list')).text.includes('6000')];
    };
    try {
      await b.stop();
      await begin({ state, wall: 1_800_000_000_000 });
      map(5000, 6000, 86_400);
      await b.advance(5000);
      const fallen = join(state, '..', `${basename(state)}-fallen`);
      cpSync(state, fallen, { recursive: true, filter: path => !/lock$/.test(path) });
      const [told, old, kept] = await again(state);
      expect([told, kept]).toEqual([true, true]);
      expect(old).toBeGreaterThan(300);
      const [toldAgain, fresh, keptAgain] = await again(fallen);
      expect([toldAgain, keptAgain]).toEqual([true, true]);
      expect(fresh).toBeLessThan(60);
      rmSync(fallen, { recursive: true, force: true });
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  });

  it('keeps them over a restart, where they are to be retained', async () => {
    const state = mkdtempSync(join(tmpdir(), 'upnp-'));
    try {
      for (const kept of [true, false]) {
        await b.stop();
        await begin({ state });
        await b.verb(`sys upnp reserve ${kept ? 'on' : 'off'}`);
        map(5000, 6000, 86_400);
        await b.stop();
        b = await bed({ state });
        await b.advance(5000);
        expect((await b.verb('ip upnp list')).text.includes('6000')).toBe(kept);
        await b.verb('ip upnp remove all');
      }
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  });
});
