import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Balancer, full, loadIndex, type Member } from '../../../plugins/failover/balance.ts';
import { Meter } from '../../../plugins/failover/meter.ts';
import { settings, verify } from '../../../plugins/failover/settings.ts';
import { Sticky } from '../../../plugins/failover/sticky.ts';

const member = (name: string, metric: number, share: Partial<Member['share']> = {}, inbound = 0, outbound = 0): Member =>
  ({ name, metric, share: { ratio: 1, inbound: 1000, outbound: 1000, limit: 0, ...share }, load: { inbound, outbound } });
const turns = (n: number, members: readonly Member[], algorithm: 'least load first' | 'weighted round robin' | 'spillover', balancer = new Balancer()): string =>
  Array.from({ length: n }, () => balancer.pick(members, { algorithm, direction: 'both' }) ?? '-').join(' ');

describe('weighted round robin', () => {
  it('takes turns, spread evenly', () => {
    expect(turns(8, [member('a', 1, { ratio: 3 }), member('b', 2)], 'weighted round robin')).toBe('a a b a a a b a');
  });
  it('never uses an uplink with ratio 0, and says so when there is no other', () => {
    expect(turns(4, [member('a', 1, { ratio: 0 }), member('b', 2)], 'weighted round robin')).toBe('b b b b');
    expect(turns(2, [member('a', 1, { ratio: 0 })], 'weighted round robin')).toBe('- -');
  });
  it('keeps to the ratios at every moment, whatever they are', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 200 }), (ratios, n) => {
      const total = ratios.reduce((a, b) => a + b, 0);
      fc.pre(total > 0);
      const members = ratios.map((ratio, i) => member(String(i), i + 1, { ratio }));
      const given = turns(n, members, 'weighted round robin').split(' ');
      for (const [i, ratio] of ratios.entries()) expect(Math.abs(given.filter(g => g === String(i)).length - n * ratio / total)).toBeLessThan(ratios.length);
    }), { numRuns: 200 });
  });
  it('gives nothing in arrears to an uplink that comes back', () => {
    const [a, b] = [member('a', 1), member('b', 2)];
    const balancer = new Balancer();
    turns(100, [a], 'weighted round robin', balancer);
    expect(turns(4, [a, b], 'weighted round robin', balancer)).toBe('a b a b');
  });
});

describe('least load first', () => {
  it('goes by measured over available bandwidth, in the directions that are asked for', () => {
    const m = member('a', 1, { inbound: 1000, outbound: 100 }, 500, 10);
    expect([loadIndex(m, 'inbound'), loadIndex(m, 'outbound'), loadIndex(m, 'both')]).toEqual([0.5, 0.1, 0.3]);
    expect(turns(3, [member('a', 1, {}, 500), member('b', 2, {}, 100)], 'least load first')).toBe('b b b');
  });
  it('shares out by bandwidth while nothing is measured', () => {
    const given = turns(40, [member('a', 1, { inbound: 3000, outbound: 3000 }), member('b', 2)], 'least load first').split(' ');
    expect(given.filter(g => g === 'a').length).toBe(30);
  });
});

describe('spillover', () => {
  it('fills one after the other', () => {
    const at = (a: number, b: number) => turns(1, [member('b', 2, { limit: 300 }, b), member('a', 1, { limit: 500 }, a), member('c', 3)], 'spillover');
    expect([at(0, 0), at(499, 0), at(500, 0), at(500, 299), at(500, 300)]).toEqual(['a', 'a', 'b', 'b', 'c']);
  });
  it('uses the last one when all are full, and knows no limit of 0', () => {
    expect(turns(1, [member('a', 1, { limit: 1 }, 9), member('b', 2, { limit: 1 }, 9)], 'spillover')).toBe('b');
    expect(full(member('a', 1, {}, 1e9, 1e9), 'both')).toBe(false);
  });
});

describe('a meter', () => {
  it('measures over its frame', () => {
    const meter = new Meter();
    expect(meter.load).toEqual({ inbound: 0, outbound: 0 });
    for (let s = 0; s <= 60; s++) meter.read(s < 30 ? s * 125_000 : 30 * 125_000, s * 125, s * 1000, 10_000);
    expect(meter.load).toEqual({ inbound: 0, outbound: 1 });
    const growing = new Meter();
    for (let s = 0; s <= 20; s++) growing.read(s * 125_000, 0, s * 1000, 10_000);
    expect(growing.load.inbound).toBe(1000);
  });
  it('begins anew when the counts do', () => {
    const meter = new Meter();
    meter.read(1e9, 1e9, 0, 10_000);
    meter.read(0, 0, 1000, 10_000);
    meter.read(125, 0, 2000, 10_000);
    expect(meter.load).toEqual({ inbound: 1, outbound: 0 });
  });
  it('begins anew after a pause: what went by in it is not spread over the new frame', () => {
    const meter = new Meter();
    for (const s of [0, 1, 3600, 3601]) meter.read(s < 3600 ? 0 : (s - 3600) * 125_000, 0, s * 1000, 10_000);
    expect(meter.load).toEqual({ inbound: 1000, outbound: 0 });
  });
});

describe('stickiness', () => {
  it('is for a host, or a host and a server, and ends', () => {
    const sticky = new Sticky();
    sticky.keep('server', 1, 9, 'a', 100);
    sticky.keep('host', 2, 9, 'b', 100);
    expect([sticky.find('server', 1, 9, 99), sticky.find('server', 1, 8, 99), sticky.find('server', 1, 9, 100)]).toEqual(['a', undefined, undefined]);
    expect([sticky.find('host', 2, 7, 99), sticky.find('off', 2, 7, 99)]).toEqual(['b', undefined]);
  });
  it('has room for so many, whoever scans', () => {
    const sticky = new Sticky();
    for (let i = 0; i < 100_000; i++) sticky.keep('server', 1, i, 'a', 1e9);
    expect(sticky.size).toBe(8192);
    expect(sticky.find('server', 1, 99_999, 0)).toBe('a');
  });
});

describe('the settings', () => {
  it('refuse ratios that are all 0', () => {
    const of = (wan: number, cellular: number) => verify(settings.parse({ balance: { wan: { ratio: wan }, cellular: { ratio: cellular } } })).map(p => p.message);
    expect([of(0, 1), of(0, 0)]).toEqual([[], [expect.stringContaining('ratio 0')]]);
  });
});
