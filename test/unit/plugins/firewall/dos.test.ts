import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCKED_MOST, HalfOpenGuard, Relief } from '../../../../plugins/firewall/dos.ts';
import { profileThresholds } from '../../../../plugins/firewall/profile.ts';

const compat = { ...profileThresholds.compat, blockMinutes: 0 };
const DST = 0xc0a80121;

describe('thresholds of half-open sessions', () => {
  it('let everything through below High', () => {
    const g = new HalfOpenGuard(compat);
    for (let i = 0; i < 100; i++) expect(g.admit(DST, true, i, 0, i * 10)).toBe(Relief.None);
  });

  it('cost the oldest for each new session above One Minute High, until the minute is below Low', () => {
    const g = new HalfOpenGuard(compat);
    for (let i = 0; i < 100; i++) g.admit(DST, false, 0, 0, 0);
    expect(g.admit(DST, false, 0, 0, 30_000)).toBe(Relief.CutOldest);
    // A minute after the first hundred there is but one.
    expect(g.admit(DST, false, 0, 0, 60_000)).toBe(Relief.None);
    expect([g.lastMinute, g.purging]).toEqual([2, false]);
  });

  it('start above Maximum Incomplete High and end below its Low', () => {
    const g = new HalfOpenGuard({ ...compat, oneMinuteHigh: 1e6, oneMinuteLow: 1e6 });
    const at = (halfOpen: number) => g.admit(DST, false, halfOpen, 0, 0);
    expect([at(100), at(101), at(90), at(80), at(79), at(99)]).toEqual([Relief.None, Relief.CutOldest, Relief.CutOldest, Relief.CutOldest, Relief.None, Relief.None]);
  });

  it('cost the oldest to the same destination at TCP Maximum Incomplete', () => {
    const g = new HalfOpenGuard(compat);
    expect(g.admit(DST, true, 30, 29, 0)).toBe(Relief.None);
    expect(g.admit(DST, true, 30, 30, 0)).toBe(Relief.CutOldestThere);
    expect(g.admit(DST, false, 30, 30, 0)).toBe(Relief.None);
  });

  it('refuse all new sessions to the destination for so many minutes, if that is the action', () => {
    const g = new HalfOpenGuard({ ...compat, blockMinutes: 2 });
    expect(g.admit(DST, true, 30, 30, 1000)).toBe(Relief.Refuse);
    expect(g.admit(DST, true, 0, 0, 120_999)).toBe(Relief.Refuse);
    expect(g.admit(DST + 1, true, 0, 0, 2000)).toBe(Relief.None);
    expect(g.admit(DST, true, 0, 0, 121_000)).toBe(Relief.None);
    expect(g.blocks).toBe(0);
  });

  it('keep a bounded number of blocked destinations; the one that ends first gives way', () => {
    const g = new HalfOpenGuard({ ...compat, blockMinutes: 1 });
    for (let i = 0; i < BLOCKED_MOST + 10; i++) g.admit(i, true, 30, 30, i);
    expect(g.blocks).toBe(BLOCKED_MOST);
    expect(g.admit(0, true, 0, 0, 1000)).not.toBe(Relief.Refuse);
    expect(g.admit(BLOCKED_MOST + 9, true, 0, 0, 1000)).toBe(Relief.Refuse);
  });

  it('count what a minute brought, whatever the pace', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (gaps) => {
      const g = new HalfOpenGuard(compat);
      const times: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        times.push(now);
        g.admit(DST, false, 0, 0, now);
        const begin = Math.floor(now / 1000) - 60;
        expect(g.lastMinute).toBe(times.filter((t) => Math.floor(t / 1000) > begin).length);
      }
    }), { numRuns: 100 });
  });
});
