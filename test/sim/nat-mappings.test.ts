import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PinholeSourcesToken, type PinholeSource } from '../../plugins/firewall/contract.ts';
import { type PortMapping, PortMappingsToken, type PortMappings } from '../../plugins/nat/contract.ts';
import { definePlugin } from '../../sdk/index.ts';
import { settle } from './bed.ts';
import { ip, udpPacket } from './frames.ts';
import { DMZ1, LAN1, LAN2, type NatBed, natBed, SERVER, WAN } from '../unit/plugins/nat/rig.ts';

let mappings: PortMappings;
let holes: readonly PinholeSource[];
/** Somebody who makes mappings for hosts, as UPnP does. */
const maker = definePlugin({
  id: 'test.maker', needs: { mappings: PortMappingsToken, holes: PinholeSourcesToken },
  setup(ctx) { mappings = ctx.use.mappings; holes = ctx.use.holes; },
});
const game = (more: Partial<PortMapping> = {}): PortMapping => ({ uplink: 'wan', proto: 17, extPort: 5000, intIp: ip(LAN1), intPort: 5000, remote: 0, why: 'upnp: game', ...more });

describe('port mappings made while running, behind the firewall', () => {
  let n: NatBed;
  beforeAll(async () => {
    n = await natBed({
      portForwarding: [{ start: 8000, server: LAN2 }], portTriggering: [{ name: 'chat', incomingStart: 6667, triggerStart: 7070 }],
    }, { firewall: true, plugins: [maker] });
  });
  afterAll(() => n.b.stop());
  beforeEach(async () => {
    await n.b.advance(400_000);
    for (const h of ['lan1', 'lan2'] as const) await n.b.exec(h, 'ping -c 1 192.168.1.1');
    n.clear();
  });

  it('open a port, also for hosts inside, and close it with its flows', () => {
    n.say('inet1', udpPacket(SERVER, 9, WAN, 5000));
    expect(n.ports('lan1')).toEqual([]);
    const held = mappings.add(game());
    n.say('inet1', udpPacket(SERVER, 9, WAN, 5000));
    n.say('lan2', udpPacket(LAN2, 4000, WAN, 5000));
    expect(n.ports('lan1')).toEqual([`${SERVER}:9 > ${LAN1}:5000`, `${WAN}:4000 > ${LAN1}:5000`]);
    expect(mappings.list()).toEqual([game()]);
    void held.dispose();
    n.clear();
    n.say('inet1', udpPacket(SERVER, 9, WAN, 5000));
    expect([n.ports('lan1'), mappings.list(), n.flows().filter(f => f.original.dport === 5000)]).toEqual([[], [], []]);
  });

  it('keep the port for their host', () => {
    const held = mappings.add(game({ extPort: 5002, intPort: 77 }));
    n.say('lan2', udpPacket(LAN2, 5002, SERVER, 9));
    n.say('lan1', udpPacket(LAN1, 77, SERVER, 9));
    const outside = n.ports('inet1').map(t => t.split(' ')[0]);
    expect(outside[0]).not.toBe(`${WAN}:5002`);
    expect(outside[1]).toBe(`${WAN}:5002`);
    void held.dispose();
  });

  it('let in only whom they name', () => {
    const held = mappings.add(game({ remote: ip(SERVER) }));
    n.say('inet1', udpPacket('203.0.113.77', 9, WAN, 5000));
    expect(n.ports('lan1')).toEqual([]);
    n.say('inet1', udpPacket(SERVER, 9, WAN, 5000));
    expect(n.ports('lan1')).toHaveLength(1);
    void held.dispose();
  });

  it('are refused with a reason, and another port is suggested', () => {
    const held = mappings.add(game());
    expect([mappings.refuses('wan', 17, 8000), mappings.refuses('wan', 17, 5000), mappings.refuses('wan', 17, 80), mappings.refuses('wan', 17, 4500), mappings.refuses('cell', 17, 5001), mappings.refuses('wan', 6, 5000)]).toEqual([
      'port 8000 is forwarded by rule 1', 'port 5000 is in use', 'port 80 is below 1024', 'port 4500 is reserved for the router', 'there is no uplink cell with NAT', undefined,
    ]);
    expect(() => mappings.add(game())).toThrow('port 5000 is in use');
    expect(mappings.suggest('wan', 17, 5001)).toBe(5001);
    const other = mappings.suggest('wan', 17, 5000);
    expect([other % 2, other !== 5000, mappings.refuses('wan', 17, other)]).toEqual([0, true, undefined]);
    n.say('lan2', udpPacket(LAN2, 5010, SERVER, 9));
    expect(() => mappings.add(game({ extPort: 5010 }))).toThrow('port 5010 is in use');
    const own = mappings.add(game({ extPort: 5010, intIp: ip(LAN2), intPort: 5010 }));
    void own.dispose();
    void held.dispose();
  });

  it('that a trigger opens pass the firewall for that host, forwards of the settings only by a rule', () => {
    n.say('lan1', udpPacket(LAN1, 4000, SERVER, 7070));
    n.say('inet1', udpPacket(SERVER, 9, WAN, 6667));
    expect(n.ports('lan1')).toEqual([`${SERVER}:9 > ${LAN1}:6667`]);
    n.say('inet1', udpPacket(SERVER, 9, WAN, 8000));
    expect(n.ports('lan2')).toEqual([]);
    const [source] = holes.filter(h => h.name === 'nat');
    expect(source!.list()).toContainEqual(expect.objectContaining({ dst: ip(LAN1), dport: 6667, proto: 17 }));
    expect([source!.allows(ip(SERVER), ip(LAN1), 6667, 17), source!.allows(ip(SERVER), ip(LAN2), 6667, 17)]).toEqual([true, false]);
  });
});

describe('a reload', () => {
  it('keeps sessions of every kind, and their ports', async () => {
    const n = await natBed({ portForwarding: [{ start: 8000, server: LAN2 }] });
    n.say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    n.say('inet1', udpPacket(SERVER, 9, WAN, 8000));
    n.say('lan1', udpPacket(LAN1, 4000, WAN, 8000));
    for (let i = 0; i < 3; i++) await settle(n.b.clock, n.b.router.plugins.reload('nat'));
    n.clear();
    n.say('lan2', udpPacket(LAN2, 5000, SERVER, 7000));
    expect(n.ports('inet1')[0]).not.toContain(`${WAN}:5000 `);
    n.say('inet1', udpPacket(SERVER, 7000, WAN, 5000));
    n.say('inet1', udpPacket(SERVER, 9, WAN, 8000));
    n.say('lan1', udpPacket(LAN1, 4000, WAN, 8000));
    expect([n.ports('lan1'), n.ports('lan2')]).toEqual([[`${SERVER}:7000 > ${LAN1}:5000`], [`${SERVER}:9 > ${LAN2}:8000`, `${WAN}:4000 > ${LAN2}:8000`]]);
    await n.b.advance(400_000);
    expect((await n.b.verb('ip nat status')).text).toMatch(/mappings +0/);
    expect(n.b.router.plugins.residue()).toEqual([]);
    await n.b.stop();
  });
});

describe('verbs of NAT', () => {
  it('look, reset, and leave interfaces without translation', async () => {
    const n = await natBed({});
    n.say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    expect((await n.b.verb(`ip nat lookup udp ${LAN1} 5000`)).text).toMatch(/192\.168\.1\.33:5000 +198\.51\.100\.2:5000 +wan/);
    expect((await n.b.verb(`ip nat lookup udp ${WAN} 5000`)).text).toMatch(/192\.168\.1\.33:5000/);
    expect((await n.b.verb('ip nat iface wan')).text).toMatch(/wan +198\.51\.100\.2 +sua +address-and-port/);
    expect((await n.b.verb('ip nat iface cell')).text).toContain('there are wan');
    expect((await n.b.verb('ip nat reset wan')).text).toMatch(/^[1-9]\d* sessions ended/);
    expect((await n.b.verb('ip nat hashTable')).text).not.toContain('5000');
    await n.b.verb('ip nat routing dmz on');
    n.clear();
    n.say('dmz1', udpPacket(DMZ1, 5000, SERVER, 7000));
    n.say('inet1', udpPacket(SERVER, 8, DMZ1, 5001));
    n.say('inet1', udpPacket(SERVER, 8, LAN1, 5001));
    expect([n.ports('inet1'), n.ports('dmz1'), n.ports('lan1')]).toEqual([[`${DMZ1}:5000 > ${SERVER}:7000`], [`${SERVER}:8 > ${DMZ1}:5001`], []]);
    expect((await n.b.verb('ip nat routing')).text.trim()).toBe('dmz');
    await n.b.stop();
  });
});

describe('pages of NAT', () => {
  it('show the rules, move, switch and delete them', async () => {
    const n = await natBed({
      uplinks: [{ name: 'wan', mode: 'full' }],
      addressMapping: [{ type: 'one-to-one', localStart: LAN1, globalStart: '198.51.100.20' }, { type: 'many-to-one', localStart: LAN2, localEnd: LAN2 }],
      portForwarding: [{ name: 'one', start: 81, server: LAN1 }, { name: 'two', start: 82, server: LAN2 }],
      portTriggering: [{ name: 'chat', incomingStart: 6667, triggerStart: 7070 }],
    });
    const { panels } = n.b.router;
    const act = (page: string, action: string, input: unknown) => settle(n.b.clock, panels.act(`advanced/nat/${page}`, action, input));
    const rows = async (verb: string) => (await n.b.verb(verb)).text.split('\n').filter(line => /^ *\d/.test(line)).map(line => line.trim().split(/ {2,}/));
    for (const page of ['overview', 'address-mapping', 'port-forwarding', 'port-triggering']) {
      const shown: unknown[] = [];
      const held = panels.open(`advanced/nat/${page}`, view => { shown.push(view); }, () => {});
      await n.b.advance(2500);
      expect(JSON.stringify(shown.at(-1))).toContain('"kind":"stack"');
      void held.dispose();
    }
    await act('port-forwarding', 'move', { from: 1, to: 0, row: [] });
    await act('port-forwarding', 'switch', [2, 'yes', 'one']);
    expect((await rows('ip nat server disp')).map(r => [r[1], r[2]])).toEqual([['yes', 'two'], ['no', 'one']]);
    await act('port-forwarding', 'delete', [1, 'yes', 'two']);
    expect((await rows('ip nat server disp')).map(r => r[2])).toEqual(['one']);
    await act('address-mapping', 'move', { from: 0, to: 1, row: [] });
    await act('address-mapping', 'delete', [1, 'wan', 'many-to-one']);
    expect((await rows('ip nat addrMap disp')).map(r => r[2])).toEqual(['one-to-one']);
    await act('port-triggering', 'delete', [1]);
    await expect(act('port-triggering', 'delete', 'x')).rejects.toThrow('which row?');
    await n.b.stop();
  });
});
