import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, daysOf, instantOf, isZone, nextPeriod, periodOf, plusDays } from '../../../../plugins/cellular-cards/sentry/calendar.ts';
import { forecast } from '../../../../plugins/cellular-cards/sentry/forecast.ts';

const DAY = 86_400_000;

describe('the calendar of a budget', () => {
  it.each([
    ['2026-11-24', 1, '2026-11-01'], ['2026-11-24', 24, '2026-11-24'], ['2026-11-24', 25, '2026-10-25'], ['2026-02-28', 31, '2026-02-28'], ['2026-03-01', 31, '2026-02-28'], ['2028-02-28', 30, '2028-01-30'],
    ['2028-02-29', 30, '2028-02-29'], ['2026-01-05', 10, '2025-12-10'], ['2026-04-30', 0, '2026-04-30'], ['2026-04-29', 0, '2026-03-31'],
  ])('%s with restart day %i is in the month of %s', (day, resetDay, period) => { expect(periodOf(day, resetDay)).toBe(period); });

  it('has months one after the other, whatever the day', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 31 }), (n, resetDay) => {
      const day = plusDays('2007-01-01', n);
      const period = periodOf(day, resetDay);
      const next = nextPeriod(period, resetDay);
      expect(period <= day && day < next).toBe(true);
      expect(periodOf(next, resetDay)).toBe(next);
      expect(periodOf(plusDays(next, -1), resetDay)).toBe(period);
      expect([28, 29, 30, 31]).toContain(daysOf(period, resetDay).length);
    }), { numRuns: 500 });
  });

  it.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'America/Sao_Paulo', 'Pacific/Apia', 'Africa/Cairo'])('finds where a day begins in %s', zone => {
    for (let n = 0; n < 800; n += 1) {
      const day = plusDays('2017-06-01', n);
      const at = instantOf(day, zone);
      expect(dayOf(at, zone), day).toBe(day);
      expect(dayOf(at - 1, zone), day).toBe(plusDays(day, -1));
    }
  });

  it('knows zones', () => { expect([isZone(''), isZone('UTC'), isZone('Nowhere/Land')]).toEqual([true, true, false]); });
});

describe('the forecast', () => {
  const o = { used: 300, days: [100, 100, 100], today: 0, todayFrom: 3 * DAY, wall: 3 * DAY, end: 30 * DAY, quota: 1000 };
  it('goes on at the rate so far', () => { expect(forecast(o)).toEqual({ atEnd: 3000, fullAt: 10 * DAY }); });
  it('says that the quota holds', () => { expect(forecast({ ...o, quota: 5000 })!.fullAt).toBeUndefined(); });
  it('looks at the last week', () => { expect(forecast({ ...o, used: 9000, days: [9000, 0, 0, 0, 0, 0, 0, 0], todayFrom: 8 * DAY, wall: 8 * DAY })!.atEnd).toBe(9000); });
  it('does not judge by part of a day', () => { expect(forecast({ ...o, days: [], today: 50, todayFrom: 0, wall: DAY / 2 })).toBeUndefined(); });
});
