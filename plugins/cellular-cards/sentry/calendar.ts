/** Days and budget months in a time zone. A day is 'YYYY-MM-DD', so that days compare as text. */

const DAY_MS = 86_400_000;
/** A clock that says less was never set: the router did not exist. */
const FIRST_MS = Date.UTC(2007, 0, 1);
/** The last instant that a Date can hold, less some. */
const LAST_MS = 8.6e15;

/** Whether the clock can be believed at all. */
export const plausible = (wall: number): boolean => wall >= FIRST_MS && wall < LAST_MS;

const formats = new Map<string, Intl.DateTimeFormat>();
function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-CA', { ...(zone === '' ? {} : { timeZone: zone }), year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
    formats.set(zone, found);
  }
  return found;
}

/** '' (that of the machine), or a name that the machine knows. */
export function isZone(zone: string): boolean {
  try {
    format(zone);
    return true;
  } catch {
    return false;
  }
}

const fields = (wall: number, zone: string): Record<string, string> => Object.fromEntries(format(zone).formatToParts(wall).map(p => [p.type, p.value]));
const dayText = (year: number, month: number, day: number): string => `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
const parts = (day: string): readonly [number, number, number] => [Number(day.slice(0, -6)), Number(day.slice(-5, -3)), Number(day.slice(-2))];
const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** The day there at this instant. */
export function dayOf(wall: number, zone: string): string {
  const f = fields(wall, zone);
  return dayText(Number(f['year']), Number(f['month']), Number(f['day']));
}

/** Day `n` days later. */
export function plusDays(day: string, n: number): string {
  const [y, m, d] = parts(day);
  const date = new Date(Date.UTC(y, m - 1, d + n));
  return dayText(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
}

/** Day `resetDay` of a month, or its last one; 0: the last one. */
const clamped = (year: number, month: number, resetDay: number): string => dayText(year, month, Math.min(resetDay === 0 ? 31 : resetDay, daysIn(year, month)));

/** First day of the budget month that this day is in. */
export function periodOf(day: string, resetDay: number): string {
  const [y, m] = parts(day);
  const here = clamped(y, m, resetDay);
  return here <= day ? here : m === 1 ? clamped(y - 1, 12, resetDay) : clamped(y, m - 1, resetDay);
}

/** First day of the budget month after the one that begins on `period`. */
export function nextPeriod(period: string, resetDay: number): string {
  const [y, m] = parts(period);
  const here = clamped(y, m, resetDay);
  if (here > period) return here;
  return m === 12 ? clamped(y + 1, 1, resetDay) : clamped(y, m + 1, resetDay);
}

/** The first instant of a day there. Some zones skip midnight when summer begins: then the first one after the gap. */
export function instantOf(day: string, zone: string): number {
  const [y, m, d] = parts(day);
  const midnight = Date.UTC(y, m - 1, d);
  const offset = (at: number): number => {
    const f = fields(at, zone);
    return Date.UTC(Number(f['year']), Number(f['month']) - 1, Number(f['day']), Number(f['hour']), Number(f['minute']), Number(f['second'])) - Math.floor(at / 1000) * 1000;
  };
  // Offsets before and after a change; the earlier instant that is on this day is its first.
  const guesses = [midnight - offset(midnight - DAY_MS), midnight - offset(midnight + DAY_MS)].sort((a, b) => a - b);
  for (const guess of guesses) if (dayOf(guess, zone) === day && dayOf(guess - 1000, zone) !== day) return guess;
  return guesses.find(guess => dayOf(guess, zone) === day) ?? guesses[0]!;
}

/** Days of the budget month, first to last. */
export function daysOf(period: string, resetDay: number): readonly string[] {
  const end = nextPeriod(period, resetDay);
  const out: string[] = [];
  for (let day = period; day < end && out.length < 62; day = plusDays(day, 1)) out.push(day);
  return out;
}
