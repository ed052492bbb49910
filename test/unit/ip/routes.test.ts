import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressTable } from '../../../plugins/ip/addresses.ts';
import type { RouteSpec } from '../../../plugins/ip/contract.ts';
import { RouteTable } from '../../../plugins/ip/routes.ts';
import { settings, verify } from '../../../plugins/ip/settings.ts';
import { editable, emptyRow, withField } from '../../../plugins/ip/static.ts';
import { ip } from './packets.ts';

const route = (dest: number, bits: number, metric = 1, link = 1, name = ''): RouteSpec => ({ dest, bits, metric, link, name });
const up = () => true;

describe('route table', () => {
  it('finds the longest prefix, then the lowest metric, then the oldest', () => {
    const t = new RouteTable();
    t.add(route(0, 0, 5, 1, 'default'));
    t.add(route(ip('10.0.0.0'), 8, 3, 1, 'older'));
    t.add(route(ip('10.9.9.9'), 8, 3, 1, 'younger'));
    const better = t.add(route(ip('10.0.0.0'), 8, 1, 2, 'better'));
    t.add(route(ip('10.1.0.0'), 16, 9, 1, 'longer'));
    const name = (a: string, usable: (l: number) => boolean = up) => t.lookup(ip(a), usable)?.name;
    expect(name('10.1.2.3')).toBe('longer');
    expect(name('10.2.2.3')).toBe('better');
    expect(name('10.2.2.3', (l) => l === 1)).toBe('older');
    expect(name('11.2.2.3')).toBe('default');
    expect(name('11.2.2.3', () => false)).toBeUndefined();
    expect(t.remove(better)).toBe(true);
    expect(t.remove(better)).toBe(false);
    expect(name('10.2.2.3')).toBe('older');
  });

  it('agrees with a linear search, also with thousands of routes', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(0xffffffff), fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 3 })), { maxLength: 200 }), fc.array(fc.nat(0xffffffff), { maxLength: 20 }), (specs, asked) => {
      const t = new RouteTable();
      const all = specs.map(([dest, bits, metric]) => t.add(route(dest, bits, metric)));
      for (const dst of [...asked, ...all.map((r) => r.dest)]) {
        let best: RouteSpec | undefined;
        for (const r of all) {
          const hit = r.bits === 0 || dst >>> (32 - r.bits) === r.dest >>> (32 - r.bits);
          if (hit && (!best || r.bits > best.bits || (r.bits === best.bits && r.metric < best.metric))) best = r;
        }
        expect(t.lookup(dst, up)).toBe(best);
      }
      for (const r of all) t.remove(r);
      expect([t.size, t.lookup(0, up)]).toEqual([0, undefined]);
    }), { numRuns: 100 });
    const big = new RouteTable();
    for (let i = 0; i < 10_000; i++) big.add(route((ip('10.0.0.0') + i * 256) >>> 0, 24));
    expect(big.lookup(ip('10.3.4.5'), up)?.dest).toBe(ip('10.3.4.0'));
  });
});

describe('own addresses', () => {
  it('knows what kind an address is', () => {
    const t = new AddressTable();
    t.add({ link: 1, ip: ip('192.168.1.1'), bits: 24, name: 'lan', zone: 'LAN' });
    t.add({ link: 2, ip: ip('198.51.100.2'), bits: 31, name: 'wan', zone: 'WAN' });
    expect(['192.168.1.1', '192.168.1.255', '192.168.1.7', '198.51.100.3', '255.255.255.255', '224.0.0.5', '127.0.0.1', '240.1.1.1', '0.0.0.0'].map((a) => t.kind(ip(a))))
      .toEqual(['own', 'directed-broadcast', 'unicast', 'unicast', 'limited-broadcast', 'multicast', 'martian', 'martian', 'martian']);
  });

  it('holds an address as long as anybody does, and refuses it on a second link', () => {
    const t = new AddressTable();
    const spec = { link: 1, ip: ip('192.168.1.1'), bits: 24, name: 'lan', zone: 'LAN' };
    expect([t.add(spec), t.add(spec), t.remove(spec.ip), t.remove(spec.ip)]).toEqual([true, false, undefined, spec]);
    t.add(spec);
    expect(() => t.add({ ...spec, link: 2 })).toThrow('in use by lan');
  });
});

describe('static routes', () => {
  it('refuses the reserved entries and those that are not there', () => {
    expect(() => editable(1)).toThrow('reserved for the default route of WAN');
    expect(() => editable(2)).toThrow('reserved');
    expect(() => editable(51)).toThrow('entries are 1–50');
    expect(editable(3)).toBeUndefined();
  });

  it('changes fields as typed, with reasons', () => {
    const row = withField(withField(emptyRow(3), 'gateway', '192.168.1.9'), 'active', 'no');
    expect(row).toMatchObject({ index: 3, gateway: '192.168.1.9', active: false, metric: 2 });
    expect(() => withField(row, 'metric', '16')).toThrow('metric');
    expect(() => withField(row, 'mask', '255.0.255.0')).toThrow('subnet mask');
    expect(() => withField(row, 'private', 'perhaps')).toThrow('allowed are yes, no');
  });

  it('verify finds what single fields cannot show', () => {
    const rows = [{ index: 3, destination: '10.1.1.1', mask: '255.0.0.0', gateway: '192.168.1.9' }, { index: 3, destination: '10.0.0.0', mask: '255.0.0.0' }];
    expect(verify(settings.parse({ staticRoutes: rows })).map((p) => [p.path[1], p.path[2]])).toEqual([[0, 'destination'], [1, 'index'], [1, 'gateway']]);
    expect(verify(settings.parse({}))).toEqual([]);
    expect(settings.safeParse({ staticRoutes: [{ index: 2 }] }).success).toBe(false);
  });
});
