import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVERY_DAY, formatSchedule, formatTime, inForce, MINUTES_OF_WEEK, minuteOfWeek, parseTime, windows } from '../../../../plugins/firewall/schedule.ts';

const MONDAY = 1440;

describe('schedules', () => {
  it('know the minute of the week', () => {
    expect(minuteOfWeek(Date.UTC(2026, 10, 22, 0, 0), 0)).toBe(0);
    expect(minuteOfWeek(Date.UTC(2026, 10, 23, 8, 30, 59), 0)).toBe(MONDAY + 510);
    expect(minuteOfWeek(Date.UTC(2026, 10, 21, 23, 30), 60)).toBe(30);
    expect(minuteOfWeek(Date.UTC(2026, 10, 22, 0, 30), -60)).toBe(MINUTES_OF_WEEK - 30);
    expect(minuteOfWeek(-1, 0)).toBe(3 * 1440 + 1439);
  });

  it('end before their end', () => {
    const s = { days: 1 << 1, from: 480, to: 1050 };
    expect([479, 480, 1049, 1050].map(m => inForce(s, MONDAY + m))).toEqual([false, true, true, false]);
    expect(inForce(s, 480)).toBe(false);
  });

  it('go over midnight, also from Saturday to Sunday', () => {
    const s = { days: 1 << 6, from: 1320, to: 360 };
    expect([6 * 1440 + 1319, 6 * 1440 + 1320, 0, 359, 360].map(m => inForce(s, m))).toEqual([false, true, true, true, false]);
    expect(windows(s)).toEqual([[0, 359], [6 * 1440 + 1320, MINUTES_OF_WEEK - 1]]);
  });

  it('say the same by minute and by window', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 1440 }), fc.array(fc.integer({ min: 0, max: MINUTES_OF_WEEK - 1 })), (days, from, to, minutes) => {
      const s = { days, from, to };
      const all = windows(s);
      for (const [i, w] of all.entries()) if (i > 0) expect(w[0]).toBeGreaterThan(all[i - 1]![1] + 1);
      for (const m of [...minutes, ...all.flat(), ...all.map(w => (w[1] + 1) % MINUTES_OF_WEEK)]) expect(all.some(w => m >= w[0] && m <= w[1])).toBe(inForce(s, m));
    }));
  });

  it('read and write times of day', () => {
    expect(['00:00', '08:30', '24:00', '24:01', '25:00', '8:30', '08:60'].map(parseTime)).toEqual([0, 510, 1440, undefined, undefined, undefined, undefined]);
    expect(formatTime(510)).toBe('08:30');
    expect(formatSchedule({ days: 0b110, from: 480, to: 1050 })).toBe('mon, tue 08:00-17:30');
    expect(formatSchedule({ days: EVERY_DAY, from: 0, to: 1440 })).toBe('daily');
  });
});
