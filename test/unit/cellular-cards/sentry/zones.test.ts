import { describe, expect, it } from 'vitest';
import { Accounts } from '../../../../plugins/cellular-cards/sentry/accounts.ts';
import { Budget } from '../../../../plugins/cellular-cards/sentry/budget.ts';
import { dayOf, periodOf } from '../../../../plugins/cellular-cards/sentry/calendar.ts';
import { settings } from '../../../../plugins/cellular-cards/sentry/settings.ts';
import { facts } from '../../../../plugins/cellular-cards/sentry/view.ts';
import { card } from '../simple-cellular.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const make = (timeZone: string, resetDay: number) => settings.parse({ enabled: true, timeZone, resetDay, data: { enabled: true, quota: 100 } });

/** When the counters begin anew between two instants, looked at every `step` ms. */
function restarts(zone: string, resetDay: number, from: string, to: string, step = MINUTE): string[] {
  const budget = new Budget(make(zone, resetDay));
  const found: string[] = [];
  for (let wall = Date.parse(from), now = 0; wall <= Date.parse(to); wall += step, now += step) {
    if (budget.step({ kind: 'look', wall }, now).some(out => out.kind === 'restarted')) found.push(new Date(wall).toISOString().slice(0, 16));
  }
  return found;
}

describe('the restart day in a time zone', () => {
  it.each([
    ['of the day on which summer begins', 'Europe/Berlin', 29, '2026-03-28T23:00'],
    ['after a day of 23 hours', 'Europe/Berlin', 30, '2026-03-29T22:00'],
    ['of the day on which summer ends', 'Europe/Berlin', 25, '2026-10-24T22:00'],
    ['after a day of 25 hours', 'Europe/Berlin', 26, '2026-10-25T23:00'],
    ['of a day without midnight', 'America/Sao_Paulo', 15, '2017-10-15T03:00'],
    ['of a day that was left out', 'Pacific/Apia', 30, '2011-12-30T10:00'],
    ['of a day with a quarter of an hour', 'Asia/Kathmandu', 1, '2026-11-30T18:15'],
    ['that February lacks', 'UTC', 31, '2026-02-28T00:00'],
    ['that February of a leap year lacks', 'America/New_York', 30, '2028-02-29T05:00'],
    ['that is always the last', 'UTC', 0, '2026-04-30T00:00'],
    ['of the new year', 'Pacific/Auckland', 1, '2026-12-31T11:00'],
  ])('is the first minute %s', (_what, zone, resetDay, at) => {
    const middle = Date.parse(`${at}Z`);
    const iso = (ms: number) => new Date(ms).toISOString();
    expect(restarts(zone, resetDay, iso(middle - 40 * HOUR), iso(middle + 40 * HOUR))).toEqual([at]);
  });

  it.each([['Europe/Berlin', 31], ['America/Sao_Paulo', 0], ['Australia/Lord_Howe', 1]])('comes twelve times a year in %s with day %i, each time with the day', (zone, resetDay) => {
    const found = restarts(zone, resetDay, '2026-01-15T12:00:00Z', '2027-01-15T12:00:00Z', HOUR / 2);
    expect(found.length).toBe(12);
    for (const at of found) {
      const day = dayOf(Date.parse(`${at}Z`), zone);
      expect([at, periodOf(day, resetDay)]).toEqual([at, day]);
    }
  });

  it('goes on with the same counters when another zone is chosen, and begins by the right one in the end: a zone chosen by mistake had kept the month from beginning', () => {
    const budget = new Budget(make('UTC', 1));
    const wall = Date.parse('2026-11-30T20:00:00Z');
    budget.step({ kind: 'traffic', rx: 5, tx: 0, wall }, 0);
    budget.step({ kind: 'settings', settings: make('Asia/Tokyo', 1), wall }, 1);
    expect([budget.state.rx, budget.state.period]).toEqual([5, '2026-12-01']);
    budget.step({ kind: 'settings', settings: make('America/Los_Angeles', 1), wall }, 2);
    expect([budget.state.rx, budget.state.period]).toEqual([5, '2026-11-01']);
    expect(budget.step({ kind: 'look', wall: Date.parse('2026-12-01T08:00:00Z') }, 12 * HOUR).map(o => o.kind)).toContain('restarted');
  });
});

describe("the forecast's words", () => {
  it('say that less than a day is too little, and of what zone the days are', () => {
    const s = make('Europe/Berlin', 1);
    const accounts = new Accounts(s, undefined, () => {});
    const first = Date.parse('2026-11-24T10:00:00Z');
    const at = (hours: number) => {
      accounts.status(card({ phase: 'online', connectedAt: 1 }), { rx: hours * 1_000_000, tx: 0 }, first + hours * HOUR, hours * HOUR);
      return facts(accounts.of(1), s, first + hours * HOUR).facts;
    };
    expect(at(0)['data']).toBe('0.0 MB of 100.0 MB (0%); too early for a forecast: that takes a full day');
    expect(at(13)['data']).toBe('13.0 MB of 100.0 MB (13%); too early for a forecast: that takes a full day');
    // The part of the first day is no full one, the next midnight ends one.
    expect(at(36)['data']).toBe('36.0 MB of 100.0 MB (36%); too early for a forecast: that takes a full day');
    expect(at(38)['data']).toMatch(/^38\.0 MB of 100\.0 MB \(38%\); at this rate \d+\.\d MB at the end of the month/);
    expect(at(38)['days of']).toBe('Europe/Berlin');
  });
  it('are not said while the clock is not set', () => {
    const s = make('UTC', 1);
    const accounts = new Accounts(s, undefined, () => {});
    accounts.status(card({ phase: 'online', connectedAt: 1 }), { rx: 1, tx: 0 }, 5000, 0);
    expect(facts(accounts.of(1), s, 5000).facts['data']).toBe('0.0 MB of 100.0 MB (0%)');
  });
});
