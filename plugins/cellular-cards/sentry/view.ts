import type { Facts, Flows, Table } from '../../../sdk/index.ts';
import type { BudgetLeft } from '../contract.ts';
import type { Account } from './accounts.ts';
import { HOUR_MS, type Limit, MB, usedOf } from './budget.ts';
import { dayOf, daysOf, instantOf, nextPeriod, plausible } from './calendar.ts';
import { type Forecast, forecast } from './forecast.ts';
import type { Settings } from './settings.ts';

const HOSTS = 20;

export const amount = (limit: Limit, n: number): string => (limit === 'time' ? `${(n / HOUR_MS).toFixed(1)} h` : n >= 1000 * MB ? `${(n / MB / 1000).toFixed(2)} GB` : `${(n / MB).toFixed(1)} MB`);

/** What the limit looks like at the end of the month; undefined: it is too early to tell, or the clock is not set. */
export function outlook(limit: Limit, { budget }: Account, s: Settings, wall: number): Forecast | undefined {
  const { period, since, days } = budget.state;
  if (period === '' || !plausible(wall)) return undefined;
  const today = dayOf(wall, s.timeZone);
  const first = dayOf(Math.max(since, instantOf(period, s.timeZone)), s.timeZone);
  const use = (day: string): number => { const d = days[day]; return d === undefined ? 0 : usedOf(limit, s, ...d); };
  // Of the day on which the counters began only a part was counted.
  const full = daysOf(period, s.resetDay).filter(day => day < today && day >= first && instantOf(day, s.timeZone) >= since);
  return forecast({
    used: budget.used(limit), days: full.map(use), today: use(today), todayFrom: Math.max(since, instantOf(today, s.timeZone)), wall,
    end: instantOf(nextPeriod(period, s.resetDay), s.timeZone), quota: budget.quota(limit),
  });
}

/** For the status window. */
export function left({ budget }: Account): readonly BudgetLeft[] {
  return (['data', 'time'] as const).flatMap(limit => {
    const quota = budget.quota(limit);
    if (quota === undefined) return [];
    const used = budget.used(limit);
    return [{ title: limit === 'data' ? 'Data' : 'Time', words: `${amount(limit, Math.max(0, quota - used))} of ${amount(limit, quota)} left`, part: Math.min(1, used / quota) }];
  });
}

export function facts(account: Account | undefined, s: Settings, wall: number): Facts {
  if (account === undefined) return { title: 'Cell-Sentry', facts: { 'budget control': s.enabled ? 'on' : 'off', account: 'no card' } };
  const { budget } = account;
  const { period, since, rx, tx, ms } = budget.state;
  const line = (limit: Limit): string => {
    const quota = budget.quota(limit);
    const ahead = outlook(limit, account, s, wall);
    const parts = [amount(limit, budget.used(limit)), quota === undefined ? 'no limit' : `of ${amount(limit, quota)} (${Math.floor(budget.used(limit) / quota * 100)}%)`];
    if (ahead === undefined && period !== '' && plausible(wall)) parts.push('; too early for a forecast: that takes a full day');
    if (ahead !== undefined) parts.push(`; at this rate ${amount(limit, ahead.atEnd)} at the end of the month${ahead.fullAt === undefined ? '' : `, used up on ${dayOf(ahead.fullAt, s.timeZone)}`}`);
    return parts.join(' ').replace(' ;', ';');
  };
  return { title: 'Cell-Sentry', facts: {
    'budget control': s.enabled ? 'on' : 'off', account: account.key, data: line('data'), time: line('time'), downloaded: amount('data', rx), uploaded: amount('data', tx), 'connected': amount('time', ms),
    'month began': period || 'the clock is not set', 'days of': s.timeZone || 'the time zone of this machine', 'counted since': plausible(since) ? dayOf(since, s.timeZone) : 'the start', 'begins anew on': period === '' ? null : nextPeriod(period, s.resetDay),
    now: budget.mayStay ?? budget.mayDial ?? (budget.over ? 'over budget; calls are allowed' : 'within the budget'),
  } };
}

export const hostTable = (account: Account, flows: Flows, link: number | undefined): Table => {
  const shares = account.shares.list(flows, link).slice(0, HOSTS);
  const all = account.shares.list(flows, link).reduce((sum, h) => sum + h.rx + h.tx, 0);
  return { title: 'Who used it (about)', columns: ['host', 'downloaded', 'uploaded', 'share'], rows: shares.map(h => [h.host, amount('data', h.rx), amount('data', h.tx), `${Math.round((h.rx + h.tx) / Math.max(1, all) * 100)}%`]) };
};
