import { describe, expect, it } from 'vitest';
import { type Harness, harness, seeded, udpFrame } from 'lancell/sdk/testing';
import { HostTable } from './host-table.ts';
import meter from './plugin.ts';

const OUT = udpFrame({ src: '192.168.1.33', sport: 5000, dst: '198.51.100.7', dport: 53, data: 'a question' });
const rows = async (h: Harness) => (await h.table('meter hosts')).rows;

describe('meter', () => {
  it('counts what a host sends and gets, through address translation, on every packet of a flow', async () => {
    const h = await harness(meter);
    const { port1, wan } = h.wires;
    for (let i = 0; i < 3; i++) port1.send(OUT);
    const out = wan.packets[0]!;
    expect(out).toMatchObject({ src: '203.0.113.2', dst: '198.51.100.7' });
    wan.send(udpFrame({ src: '198.51.100.7', sport: 53, dst: '203.0.113.2', dport: out.sport!, data: 'an answer of more octets' }));
    expect(port1.packets).toMatchObject([{ dst: '192.168.1.33', dport: 5000 }]);
    // 20 + 8 + 10 octets three times up, 20 + 8 + 24 down.
    expect(await rows(h)).toEqual([['192.168.1.33', 52, 114, 4, 0, 0, 0]]);
    await h.close();
  });

  it('shows rates and a chart', async () => {
    const h = await harness(meter);
    h.wires.port1.send(OUT);
    await h.advance(2000);
    expect(await h.cli('meter hosts')).toContain('192.168.1.33');
    expect((await rows(h))[0]).toEqual(['192.168.1.33', 0, 38, 1, 0, 0.2, 2]);
    expect(h.panel('statistics/meter')).toMatchObject({ kind: 'stack', views: [{ kind: 'chart', points: [[expect.any(Number), 0, 0.2]] }, { kind: 'table' }, { kind: 'form' }] });
    await h.act('statistics/meter', 'clear');
    expect(await rows(h)).toEqual([]);
    await h.close();
  });

  it('carries its counts over a reload and a change of the settings', async () => {
    const h = await harness(meter);
    h.wires.port1.send(OUT);
    await h.reload();
    h.wires.port1.send(OUT);
    await h.configure({ maxHosts: 5 });
    expect((await rows(h))[0]!.slice(0, 4)).toEqual(['192.168.1.33', 0, 76, 2]);
    await h.configure({ active: false });
    h.wires.port1.send(OUT);
    expect((await rows(h))[0]![2]).toBe(76);
    await expect(h.configure({ networks: ['nonsense'] })).rejects.toThrow('must be a network');
    await h.close();
  });

  it('counts what it has no room for, and forwards it all the same', async () => {
    const h = await harness(meter, { settings: { meter: { maxHosts: 1 } } });
    for (const last of [33, 34, 35]) h.wires.port1.send(udpFrame({ src: `192.168.1.${last}`, sport: 1, dst: '198.51.100.7', dport: 2 }));
    expect(await rows(h)).toHaveLength(1);
    expect(h.counter('meter: no room for another host')).toBe(2);
    expect(h.wires.wan.sent).toHaveLength(3);
    await h.close();
  });

  it('takes frames of any content', async () => {
    const h = await harness(meter);
    const random = seeded(7);
    for (let n = 0; n < 2000; n++) {
      const frame = Uint8Array.from({ length: Math.floor(random() * 80) }, () => Math.floor(random() * 256));
      if (frame.length > 14) frame.set([0x08, 0x00, 0x45], 12);
      h.wires.port1.send(frame);
    }
    await h.close();
  });
});

describe('HostTable', () => {
  it('finds every host again, as a Map would', () => {
    const random = seeded(1);
    const table = new HostTable(300);
    const model = new Map<number, number>();
    for (let n = 0; n < 20_000; n++) {
      const ip = 0x0a000000 + Math.floor(random() * 400);
      const octets = Math.floor(random() * 1500);
      const room = model.has(ip) || model.size < 300;
      expect(table.sent(ip, octets, 0)).toBe(room);
      if (room) model.set(ip, (model.get(ip) ?? 0) + octets);
    }
    expect(new Map(table.list(0).map(h => [h.ip, h.up]))).toEqual(model);
  });
});
