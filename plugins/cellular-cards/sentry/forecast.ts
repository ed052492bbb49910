const DAY_MS = 86_400_000;
/** The habit of people goes by weeks; of less than a day nothing can be told. */
const WEEK_DAYS = 7;

export interface Forecast {
  /** At the end of the month, at the present rate: octets or ms. */
  readonly atEnd: number;
  /** When the quota will be used up (ms since the epoch); undefined: not in this month. */
  readonly fullAt: number | undefined;
}

/**
 * The use at the end of the month, from the last week's days. `days`: use per full day before today, oldest first, since the counters
 * began; `today`: so far today. Undefined: there was not a full day to judge by.
 */
export function forecast(o: { readonly used: number; readonly days: readonly number[]; readonly today: number; readonly todayFrom: number; readonly wall: number; readonly end: number; readonly quota: number | undefined }): Forecast | undefined {
  const recent = o.days.slice(-WEEK_DAYS);
  const elapsed = Math.max(0, Math.min(DAY_MS, o.wall - o.todayFrom));
  const span = recent.length * DAY_MS + elapsed;
  if (span < DAY_MS) return undefined;
  const rate = (recent.reduce((sum, n) => sum + n, 0) + o.today) / span;
  const left = Math.max(0, o.end - o.wall);
  const fullAt = o.quota === undefined || rate <= 0 ? undefined : o.wall + Math.max(0, o.quota - o.used) / rate;
  return { atEnd: o.used + rate * left, fullAt: fullAt !== undefined && fullAt < o.end ? fullAt : undefined };
}
