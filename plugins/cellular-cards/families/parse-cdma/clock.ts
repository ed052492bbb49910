import { after } from '../parse/lines.ts';

/** The network's time as a card tells it. `zoneMinutes`: east of Greenwich; undefined: the time is UTC, or the card does not say. */
export interface NetworkTime { readonly iso: string; readonly zoneMinutes: number | undefined }

function time(parts: readonly (string | undefined)[], zoneMinutes?: number): NetworkTime | undefined {
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts.map(Number);
  const year = y < 100 ? 2000 + y : y;
  if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60 || (zoneMinutes !== undefined && Math.abs(zoneMinutes) > 14 * 60)) return undefined;
  const two = (n: number): string => String(n).padStart(2, '0');
  const zone = zoneMinutes === undefined ? 'Z' : `${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(zoneMinutes) / 60))}:${two(Math.abs(zoneMinutes) % 60)}`;
  return { iso: `${year}-${two(mo)}-${two(d)}T${two(h)}:${two(mi)}:${two(s)}${zone}`, zoneMinutes };
}

/** ^TIME: 14/08/05 04:00:21, the year in two or four digits. */
export const parseHuaweiTime = (lines: readonly string[]): NetworkTime | undefined => time(/^(\d{4}|\d\d)\/(\d{1,2})\/(\d{1,2})[\s,]+(\d{1,2}):(\d{1,2}):(\d{1,2})/.exec(after(lines, '^TIME') ?? '')?.slice(1) ?? []);

/** $NWLTIME: year.month.day.hour.minute.second.weekday.zone hours. */
export function parseNovatelTime(lines: readonly string[]): NetworkTime | undefined {
  for (const line of lines) {
    const all = /(\d{4})\.(\d{1,2})\.(\d{1,2})\.(\d{1,2})\.(\d{1,2})\.(\d{1,2})\.\d{1,2}\.([+-]?\d{1,2})/.exec(line);
    if (all) return time(all.slice(1, 7), Number(all[7]) * 60);
  }
  return undefined;
}

/** !SYSTIME: YYYYMMDDWHHMMSS. */
export function parseSierraTime(lines: readonly string[]): NetworkTime | undefined {
  for (const line of lines) {
    const all = /(?<!\d)(\d{4})(\d\d)(\d\d)\d(\d\d)(\d\d)(\d\d)(?!\d)/.exec(line);
    if (all) return time(all.slice(1));
  }
  return undefined;
}
