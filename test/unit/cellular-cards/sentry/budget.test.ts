import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, type BudgetIn, type BudgetOut } from '../../../../plugins/cellular-cards/sentry/budget.ts';
import { type Settings, settings, verify } from '../../../../plugins/cellular-cards/sentry/settings.ts';

const MB = 1_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
type Change = Parameters<typeof settings.parse>[0];
const make = (o: Record<string, unknown> = {}): Settings => settings.parse({ enabled: true, timeZone: 'UTC', ...o } as Change);
const data = (o: Record<string, unknown> = {}) => make({ data: { enabled: true, quota: 100, ...o } });

/** A budget with a running clock and a wall clock that may be set. */
class Bench {
  readonly budget: Budget;
  now = 0;
  wall: number;
  readonly outs: BudgetOut[] = [];
  constructor(s: Settings, start = '2026-11-24T12:00:00Z', before?: ConstructorParameters<typeof Budget>[1]) {
    this.budget = new Budget(s, before);
    this.wall = Date.parse(start);
    this.feed({ kind: 'look', wall: this.wall });
  }
  feed(input: BudgetIn): void { this.outs.push(...this.budget.step(input, this.now)); }
  pass(ms: number): void { this.now += ms; this.wall += ms; this.feed({ kind: 'look', wall: this.wall }); }
  /** In steps of a minute, as the router does it in steps of seconds. */
  live(ms: number): void { for (let left = ms; left > 0; left -= 60_000) this.pass(Math.min(left, 60_000)); }
  set(to: string | number): void { this.wall = typeof to === 'string' ? Date.parse(to) : to; this.feed({ kind: 'look', wall: this.wall }); }
  traffic(rx: number, tx = 0): void { this.feed({ kind: 'traffic', rx, tx, wall: this.wall }); }
  call(up: boolean): void { this.feed({ kind: 'call', up, wall: this.wall }); }
  settings(s: Settings): void { this.feed({ kind: 'settings', settings: s, wall: this.wall }); }
  logs(): string[] { return this.outs.splice(0).flatMap(o => (o.kind === 'log' ? [`${o.alert ? '! ' : ''}${o.words}`] : [])); }
  get restarts(): number { return this.outs.filter(o => o.kind === 'restarted').length; }
}

describe('the budget', () => {
  it.each([['download', 60], ['upload', 30], ['both', 90]])('counts %s', (direction, used) => {
    const b = new Bench(data({ direction }));
    b.traffic(60 * MB, 30 * MB);
    expect(b.budget.used('data')).toBe(used * MB);
  });

  it('counts time online by the running clock, whatever the clock on the wall says', () => {
    const b = new Bench(make({ time: { enabled: true, quota: 2 } }));
    b.call(true);
    b.pass(HOUR);
    b.set(b.wall + 5 * HOUR);
    b.set(b.wall - 9 * HOUR);
    expect(b.budget.used('time')).toBe(HOUR);
    b.call(false);
    b.pass(5 * HOUR);
    expect(b.budget.used('time')).toBe(HOUR);
    expect(b.budget.over).toBe(false);
    b.call(true);
    b.pass(HOUR);
    expect(b.budget.over).toBe(true);
  });

  it('warns once, then tells once that it is used up', () => {
    const b = new Bench(data());
    b.traffic(79 * MB);
    expect(b.logs()).toEqual([]);
    b.traffic(2 * MB);
    expect(b.logs()).toEqual(['81% of the data budget of this month is used: 81.0 MB of 100 MB']);
    b.traffic(1);
    b.live(HOUR);
    expect(b.logs()).toEqual([]);
    b.traffic(20 * MB);
    expect(b.logs()).toEqual(['over the data budget of this month: 101.0 MB of 100 MB']);
  });

  it('alerts where that is chosen, again and again at the interval, and no more when it is over', () => {
    const s = make({ data: { enabled: true, quota: 100 }, highLimit: { alert: true, recurring: true, recurringMin: 30 } });
    const b = new Bench(s);
    b.traffic(150 * MB);
    expect(b.logs()).toHaveLength(1);
    expect(b.budget.deadline()).toBe(30 * 60_000);
    b.live(2 * HOUR);
    expect(b.logs()).toEqual(Array(4).fill('! over the data budget of this month: 150.0 MB of 100 MB'));
    b.feed({ kind: 'reset', wall: b.wall });
    b.logs();
    b.live(2 * HOUR);
    expect(b.logs()).toEqual([]);
    expect(b.budget.deadline()).toBeUndefined();
  });

  it('does not tell it again after a restart, but goes on recurring', () => {
    const s = make({ data: { enabled: true, quota: 100 }, highLimit: { recurring: true, recurringMin: 30 } });
    const b = new Bench(s);
    b.traffic(150 * MB);
    const after = new Bench(s, '2026-11-24T13:00:00Z', b.budget.state);
    expect(after.logs()).toEqual([]);
    after.live(31 * 60_000);
    expect(after.logs()).toHaveLength(1);
  });

  it.each([
    ['allow', 'keep', false, false], ['disallow', 'keep', true, false], ['disallow', 'drop', true, true],
  ])('%s and %s over budget', (newConnection, currentConnection, noDial, noStay) => {
    const b = new Bench(make({ data: { enabled: true, quota: 1 }, highLimit: { newConnection, currentConnection } }));
    expect([b.budget.mayDial, b.budget.mayStay]).toEqual([undefined, undefined]);
    b.traffic(MB);
    expect(b.outs.some(o => o.kind === 'policy' && o.why.includes('1.0 MB of 1 MB'))).toBe(true);
    expect([b.budget.mayDial !== undefined, b.budget.mayStay !== undefined]).toEqual([noDial, noStay]);
  });

  it('refuses allow with drop, and says why', () => {
    const wrong = verify(settings.parse({ highLimit: { newConnection: 'allow', currentConnection: 'drop' } }));
    expect(wrong).toEqual([expect.objectContaining({ path: ['highLimit', 'currentConnection'], message: expect.stringContaining('made again at once') })]);
    expect(verify(settings.parse({ lowLimit: { log: false, alert: true } }))).toHaveLength(1);
    expect(verify(settings.parse({ lowLimit: { log: false, recurring: true } }))).toHaveLength(1);
    expect(verify(settings.parse({}))).toEqual([]);
  });

  it('has the ranges of the original', () => {
    expect(settings.safeParse({ data: { quota: 100_000 }, highLimit: { recurringMin: 46_000 }, resetDay: 31 }).success).toBe(true);
    for (const bad of [{ data: { quota: 100_001 } }, { data: { quota: 0 } }, { highLimit: { recurringMin: 46_001 } }, { highLimit: { recurringMin: 0 } }, { lowLimit: { data: 100 } }, { lowLimit: { time: 0 } }, { resetDay: 32 }, { timeZone: 'Mars/Base' }]) {
      expect(settings.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
  });

  it.each([
    ['data quota', { data: { enabled: true, quota: 200 } }, true], ['direction', { data: { enabled: true, quota: 100, direction: 'upload' } }, true], ['time quota', { data: { enabled: true, quota: 100 }, time: { quota: 5 } }, true],
    ['warning level', { data: { enabled: true, quota: 100 }, lowLimit: { data: 50 } }, true], ['actions', { data: { enabled: true, quota: 100 }, highLimit: { newConnection: 'disallow' } }, false], ['restart day', { data: { enabled: true, quota: 100 }, resetDay: 30 }, false],
    ['off', { enabled: false, data: { enabled: true, quota: 100 } }, false],
  ])('a change of the %s', (_what, change, anew) => {
    const b = new Bench(data());
    b.traffic(10 * MB);
    b.settings(make(change));
    expect(b.budget.state.rx).toBe(anew ? 0 : 10 * MB);
  });
});

describe('the budget month', () => {
  it('begins anew on its day, in the time zone', () => {
    const b = new Bench(make({ data: { enabled: true }, timeZone: 'America/New_York' }), '2026-12-01T04:00:00Z');
    b.traffic(5 * MB);
    b.live(59 * 60_000);
    expect(b.budget.state.rx).toBe(5 * MB);
    b.live(2 * 60_000);
    expect(b.budget.state.rx).toBe(0);
    expect(b.budget.state.period).toBe('2026-12-01');
  });

  it('begins anew while the router is off', () => {
    const b = new Bench(data());
    b.traffic(150 * MB);
    const after = new Bench(data(), '2026-12-02T00:00:00Z', b.budget.state);
    expect(after.budget.state.rx).toBe(0);
    expect(after.budget.over).toBe(false);
  });

  it('never begins twice when the clock is set back', () => {
    const b = new Bench(data(), '2026-11-30T23:58:00Z');
    b.traffic(MB);
    b.live(4 * 60_000);
    expect(b.restarts).toBe(1);
    b.traffic(MB);
    b.set('2026-11-30T23:50:00Z');
    b.live(20 * 60_000);
    b.set('2026-10-01T00:00:00Z');
    b.live(20 * 60_000);
    b.set('2026-12-01T00:30:00Z');
    b.live(20 * 60_000);
    expect(b.restarts).toBe(1);
    expect(b.budget.state.rx).toBe(MB);
  });

  it('does not begin for a clock that leaps and is corrected', () => {
    const b = new Bench(data());
    b.traffic(MB);
    b.set('2031-01-01T00:00:00Z');
    b.live(5 * 60_000);
    b.set('2026-11-24T13:00:00Z');
    b.live(DAY);
    expect(b.restarts).toBe(0);
    b.set('2026-12-01T12:00:00Z');
    expect(b.restarts).toBe(0);
    b.live(11 * 60_000);
    expect(b.restarts).toBe(1);
  });

  it('begins on time after a leap that was believed', () => {
    const b = new Bench(data());
    b.set('2031-01-01T00:00:00Z');
    b.live(HOUR);
    expect(b.restarts).toBe(1);
    b.set('2026-11-30T23:00:00Z');
    b.traffic(MB);
    b.live(2 * HOUR);
    expect(b.restarts).toBe(2);
    expect(b.budget.state.period).toBe('2026-12-01');
  });

  it('counts before the clock is set, and keeps that', () => {
    const b = new Bench(data(), '1970-01-01T00:00:10Z');
    b.traffic(MB);
    expect(b.budget.state.period).toBe('');
    b.set('2026-11-24T12:00:00Z');
    b.live(HOUR);
    expect(b.restarts).toBe(0);
    expect(b.budget.state.rx).toBe(MB);
  });

  it('whatever the clock does: no month begins twice, nothing is lost, nothing grows', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.record({ set: fc.integer({ min: 0, max: 8e12 }) }), fc.record({ pass: fc.integer({ min: 0, max: 4 * HOUR }) }), fc.record({ rx: fc.integer({ min: 0, max: MB }) })), { maxLength: 60 }), fc.integer({ min: 0, max: 31 }), (steps, resetDay) => {
      const b = new Bench(data({}), '2026-11-24T12:00:00Z');
      b.settings({ ...data(), resetDay });
      const begun: string[] = [];
      let since = 0;
      for (const step of steps) {
        const before = b.restarts;
        if ('set' in step) b.set(step.set);
        else if ('pass' in step) b.pass(step.pass);
        else { since += step.rx; b.traffic(step.rx); }
        if (b.restarts > before) {
          begun.push(b.budget.state.period);
          since = 'rx' in step ? step.rx : 0;
        }
        expect(b.budget.state.rx).toBe(since);
      }
      expect(new Set(begun).size).toBe(begun.length);
      expect(Object.keys(b.budget.state.days).length).toBeLessThanOrEqual(62);
    }), { numRuns: 300 });
  });

  it('a year of real time has twelve', () => {
    const b = new Bench(data(), '2026-01-15T00:00:00Z');
    b.settings({ ...data(), resetDay: 31 });
    b.outs.length = 0;
    for (let i = 0; i < 365 * 24; i++) b.pass(HOUR);
    expect(b.restarts).toBe(12);
  });
});
