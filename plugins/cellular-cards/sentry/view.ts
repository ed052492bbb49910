import type { Facts, Flows, Table, View } from '../../../sdk/index.ts';
import type { BudgetLeft } from '../contract.ts';
import type { Account } from './accounts.ts';
import { HOUR_MS, type Limit, MB, usedOf } from './budget.ts';
import { dayOf, daysOf, instantOf, nextPeriod, plausible, plusDays } from './calendar.ts';
import { type Forecast, forecast } from './forecast.ts';
import type { Settings } from './settings.ts';

const HOSTS = 20;

const amount = (limit: Limit, n: number): string => (limit === 'time' ? `${(n / HOUR_MS).toFixed(1)} h` : n >= 1000 * MB ? `${(n / MB / 1000).toFixed(2)} GB` : `${(n / MB).toFixed(1)} MB`);

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

/** Where the next day begins: not all days have 24 hours. */
const endOf = (day: string, zone: string): number => instantOf(plusDays(day, 1), zone);

/** The month drawn: day by day, and how it adds up against the quota and the forecast. */
export function monthViews(account: Account, s: Settings, wall: number): readonly View[] {
  const { budget } = account;
  const { period, days } = budget.state;
  const gauges: View[] = (['data', 'time'] as const).flatMap(limit => {
    const quota = budget.quota(limit);
    const unit = limit === 'data' ? MB : HOUR_MS;
    return quota === undefined ? [] : [{ kind: 'gauge' as const, title: limit === 'data' ? 'Data used' : 'Time used', value: Math.round(budget.used(limit) / unit * 10) / 10, max: quota / unit, unit: limit === 'data' ? 'MB' : 'h' }];
  });
  if (period === '' || !plausible(wall)) return gauges;
  const month = daysOf(period, s.resetDay);
  const today = dayOf(wall, s.timeZone);
  const daily = month.filter(day => day <= today).map(day => [instantOf(day, s.timeZone), (days[day]?.[0] ?? 0) / MB, (days[day]?.[1] ?? 0) / MB]);
  return [...gauges, { kind: 'chart', title: 'This month, by day', unit: 'MB', series: ['downloaded', 'uploaded'], points: daily }, growth(account, s, wall, month, today)];
}

function growth(account: Account, s: Settings, wall: number, month: readonly string[], today: string): View {
  const { budget } = account;
  const { since, days } = budget.state;
  const quota = budget.quota('data');
  const ahead = outlook('data', account, s, wall);
  // Of the day on which the counters began anew, what came before that does not count: the sum ends at what is counted.
  const counted = month.filter(day => day <= today && endOf(day, s.timeZone) > since);
  const use = counted.map(day => { const d = days[day]; return d === undefined ? 0 : usedOf('data', s, ...d); });
  const extra = use.reduce((sum, n) => sum + n, 0) - budget.used('data');
  let sum = -extra;
  const points = counted.map((day, i) => {
    sum = Math.max(0, sum + use[i]!);
    return [day === today ? wall : endOf(day, s.timeZone), sum / MB, sum / MB, ...(quota === undefined ? [] : [quota / MB])];
  });
  const last = points.at(-1);
  const end = instantOf(nextPeriod(budget.state.period, s.resetDay), s.timeZone);
  if (last !== undefined && ahead !== undefined) points.push([end, budget.used('data') / MB, ahead.atEnd / MB, ...(quota === undefined ? [] : [quota / MB])]);
  return { kind: 'chart', title: 'Counted this month, and at this rate', unit: 'MB', series: ['counted', 'at this rate', ...(quota === undefined ? [] : ['budget'])], points };
}
