import { describe, expect, it } from 'vitest';
import { Air } from '../../../../lab/carrier/air.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('the air', () => {
  it('is the same for the same seed, moves slowly, and other for another', () => {
    const levels = (seed: number) => Array.from({ length: 500 }, (_, i) => new Air({ seed }).best(i * 1000)!.dbm);
    const mine = levels(5);
    expect(mine).toEqual(levels(5));
    expect(mine).not.toEqual(levels(6));
    for (const [i, dbm] of mine.entries()) {
      expect(dbm).toBeGreaterThan(-110);
      expect(dbm).toBeLessThanOrEqual(-51);
      if (i > 0) expect(Math.abs(dbm - mine[i - 1]!)).toBeLessThanOrEqual(3);
    }
    expect(new Set(mine).size).toBeGreaterThan(3);
  });

  it('is held by hand', () => {
    const air = new Air({ seed: 1 });
    air.fixed = -97;
    expect(air.best(12_345)?.dbm).toBe(-97);
    air.fixed = -120;
    expect(air.best(12_345)).toBeUndefined();
  });

  it('has outages of 2 to 10 minutes, about as many as wished, and knows the next one', () => {
    const air = new Air({ seed: 2, outagesPerDay: 4 });
    let n = 0;
    for (let t = 0; t < 50 * DAY;) {
      const from = air.nextOutage(t);
      if (from === undefined) { t += DAY; continue; }
      n++;
      expect(air.best(from + 1)).toBeUndefined();
      const to = air.outage(from + 1)!;
      expect(to - from).toBeGreaterThanOrEqual(2 * MINUTE);
      expect(to - from).toBeLessThanOrEqual(10 * MINUTE);
      t = to;
    }
    expect(n / 50).toBeGreaterThan(2.5);
    expect(n / 50).toBeLessThan(5.5);
    expect(new Air({ seed: 2 }).nextOutage(0)).toBeUndefined();
  });
});
