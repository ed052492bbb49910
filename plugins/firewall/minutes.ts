import type { Clock, Disposable } from '../../sdk/index.ts';
import type { Rule } from './rules/model.ts';
import { inForce, minuteOfWeek } from './schedule.ts';

const MINUTE_MS = 60_000;

/** The minute of the week where the router stands, by the clock of its host. */
export const localMinute = (wall: number): number => minuteOfWeek(wall, -new Date(wall).getTimezoneOffset());

/** Rules that are in force in this minute, as a text to compare: only those with a schedule. */
export const scheduledNow = (rules: readonly Rule[], minute: number): string =>
  rules.filter((r) => r.active && r.schedule !== undefined && inForce(r.schedule, minute)).map((r) => r.id).join(' ');

/** Calls at the beginning of each minute of wall time. */
export function everyMinute(clock: Clock, call: (minute: number) => void): Disposable {
  let timer: Disposable;
  const arm = (): void => {
    const wall = clock.wall();
    timer = clock.after(MINUTE_MS - wall % MINUTE_MS, () => {
      arm();
      call(localMinute(clock.wall()));
    });
  };
  arm();
  return { dispose: () => timer.dispose() };
}
