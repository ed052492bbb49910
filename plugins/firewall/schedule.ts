import type { Schedule } from './rules/model.ts';

const MINUTES_OF_DAY = 1440;
export const MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY;
/** Short names of days in the order of the bits of Schedule.days. */
export const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export const EVERY_DAY = 0x7f;

/** Minutes since Sunday 00:00. `offsetMin`: what local time is ahead of UTC. */
export function minuteOfWeek(epochMs: number, offsetMin: number): number {
  // 1 January 1970 was a Thursday.
  const minute = Math.floor(epochMs / 60_000) + offsetMin + 4 * MINUTES_OF_DAY;
  return ((minute % MINUTES_OF_WEEK) + MINUTES_OF_WEEK) % MINUTES_OF_WEEK;
}

/** Whether it is in force in this minute of the week. A window over midnight belongs to the day on which it begins. */
export function inForce(s: Schedule, minute: number): boolean {
  const day = Math.floor(minute / MINUTES_OF_DAY);
  const time = minute % MINUTES_OF_DAY;
  const has = (d: number): boolean => (s.days >> d & 1) === 1;
  if (s.from <= s.to) return has(day) && time >= s.from && time < s.to;
  return (has(day) && time >= s.from) || (has((day + 6) % 7) && time < s.to);
}

/** The minutes of the week in which it is in force, as [first, last] pairs in order, not touching. */
export function windows(s: Schedule): [number, number][] {
  const found: [number, number][] = [];
  const add = (first: number, last: number): void => {
    const before = found.at(-1);
    if (before && before[1] + 1 >= first) before[1] = Math.max(before[1], last);
    else found.push([first, last]);
  };
  const pieces: [number, number][] = [];
  for (let day = 0; day < 7; day++) {
    if ((s.days >> day & 1) === 0) continue;
    const midnight = day * MINUTES_OF_DAY;
    if (s.from < s.to) pieces.push([midnight + s.from, midnight + s.to - 1]);
    if (s.from <= s.to) continue;
    pieces.push([midnight + s.from, midnight + MINUTES_OF_DAY - 1]);
    const next = (day + 1) % 7 * MINUTES_OF_DAY;
    if (s.to > 0) pieces.push([next, next + s.to - 1]);
  }
  pieces.sort((a, b) => a[0] - b[0]);
  for (const [first, last] of pieces) add(first, last);
  return found;
}

/** 'mon, tue 08:00-17:30' */
export function formatSchedule(s: Schedule): string {
  const days = s.days === EVERY_DAY ? 'daily' : dayNames.filter((_, d) => (s.days >> d & 1) === 1).join(', ');
  return s.from === 0 && s.to === MINUTES_OF_DAY ? days : `${days} ${formatTime(s.from)}-${formatTime(s.to)}`;
}

/** 510 → '08:30' */
export function formatTime(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** '08:30' → 510, '24:00' → 1440; undefined when it is no time of day. */
export function parseTime(text: string): number | undefined {
  const m = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text);
  const minute = m ? Number(m[1]) * 60 + Number(m[2]) : Number.NaN;
  return minute <= MINUTES_OF_DAY ? minute : undefined;
}
