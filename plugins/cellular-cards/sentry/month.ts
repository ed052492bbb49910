import type { Account } from './accounts.ts';
import { type Limit, usedOf } from './budget.ts';
import { dayOf, daysOf, instantOf, nextPeriod, plausible, plusDays } from './calendar.ts';
import type { Settings } from './settings.ts';
import { amount, outlook } from './view.ts';

const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const named = (day: string): string => dayMonth.format(Date.parse(`${day}T00:00:00Z`));

export interface ShownLimit {
  readonly title: string;
  /** '512.0 MB of 5.00 GB'. */
  readonly words: string;
  /** Of the quota, 0 and up; undefined: there is no limit. */
  readonly part: number | undefined;
  /** Beyond it there is a warning, 0–1. */
  readonly warnAt: number;
  /** How it goes on; undefined: it is too early to tell. */
  readonly ahead: { readonly words: string; readonly over: boolean } | undefined;
}

/** The month of one account as the page draws it; octets, and days as 'YYYY-MM-DD'. */
export interface Month {
  readonly slot: number; readonly account: string;
  readonly state: 'off' | 'well' | 'warned' | 'over'; readonly words: string;
  readonly limits: readonly ShownLimit[];
  readonly facts: readonly (readonly [string, string])[];
  /** Days from the first to the last of the month: octets from and to the network; empty while the clock is not set. */
  readonly days: readonly (readonly [string, number, number])[];
  readonly today: string;
  /** Octets that count, added up, at the end of each day so far; the last is now. */
  readonly counted: readonly number[];
  readonly quota: number | undefined;
  /** Octets at the end of the month at the present rate. */
  readonly atEnd: number | undefined;
}

export function month(slot: number, account: Account, s: Settings, wall: number): Month {
  const { budget } = account;
  const { period, since, rx, tx, ms, days, levels } = budget.state;
  const known = period !== '' && plausible(wall);
  const all = known ? daysOf(period, s.resetDay) : [];
  const today = known ? dayOf(wall, s.timeZone) : '';
  const ahead = outlook('data', account, s, wall);
  return {
    slot, account: account.key,
    state: !s.enabled ? 'off' : budget.over ? 'over' : levels.data === 1 || levels.time === 1 ? 'warned' : 'well',
    words: !s.enabled ? 'Budget control is off: traffic is counted, nothing is limited.' : budget.mayStay ?? budget.mayDial ?? (budget.over ? 'Over budget; calls are allowed.' : known ? 'Within the budget.' : 'The clock is not set: no month has begun.'),
    limits: (['data', 'time'] as const).map(limit => shownLimit(limit, account, s, wall)),
    facts: [
      ['Downloaded', amount('data', rx)], ['Uploaded', amount('data', tx)], ['Connected', amount('time', ms)],
      ['Month', known ? `${named(period)} to ${named(all.at(-1) ?? period)}` : 'not known'], ['Counted since', plausible(since) ? named(dayOf(since, s.timeZone)) : 'the start'], ...(known ? [['Begins anew on', named(nextPeriod(period, s.resetDay))] as const] : []),
    ],
    days: all.map(day => [day, days[day]?.[0] ?? 0, days[day]?.[1] ?? 0]), today,
    counted: known ? counted(account, s, all.filter(day => day <= today), since) : [],
    quota: budget.quota('data'), atEnd: ahead?.atEnd,
  };
}

function shownLimit(limit: Limit, account: Account, s: Settings, wall: number): ShownLimit {
  const { budget } = account;
  const [used, quota, ahead] = [budget.used(limit), budget.quota(limit), outlook(limit, account, s, wall)];
  return {
    title: limit === 'data' ? 'Data' : 'Time',
    words: quota === undefined ? `${amount(limit, used)}, no limit` : `${amount(limit, used)} of ${amount(limit, quota)}`,
    part: quota === undefined ? undefined : used / quota, warnAt: s.lowLimit[limit] / 100,
    ahead: ahead && { words: `At this rate ${amount(limit, ahead.atEnd)} at the end of the month${ahead.fullAt === undefined ? '' : `; used up on ${dayOf(ahead.fullAt, s.timeZone)}`}`, over: ahead.fullAt !== undefined },
  };
}

/** Not all days have 24 hours. Of the day on which the counters began anew, what came before that does not count: the sum ends at what is counted. */
function counted({ budget }: Account, s: Settings, past: readonly string[], since: number): number[] {
  const { days } = budget.state;
  const use = past.map(day => { const d = days[day]; return d === undefined || instantOf(plusDays(day, 1), s.timeZone) <= since ? 0 : usedOf('data', s, ...d); });
  let sum = budget.used('data') - use.reduce((all, n) => all + n, 0);
  return use.map(n => Math.max(0, sum += n));
}
