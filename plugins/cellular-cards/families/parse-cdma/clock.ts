/** The network's time as a card tells it. `tzMinutes`: east of Greenwich; undefined: the time is UTC, or the card does not say. */
export interface NetworkTime { readonly iso: string; readonly tzMinutes: number | undefined }

function time(parts: readonly (string | undefined)[], tzMinutes?: number): NetworkTime | undefined {
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts.map(Number);
  if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60 || (tzMinutes !== undefined && Math.abs(tzMinutes) > 14 * 60)) return undefined;
  const two = (n: number): string => String(n).padStart(2, '0');
  const zone = tzMinutes === undefined ? 'Z' : `${tzMinutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(tzMinutes) / 60))}:${two(Math.abs(tzMinutes) % 60)}`;
  return { iso: `${y}-${two(mo)}-${two(d)}T${two(h)}:${two(mi)}:${two(s)}${zone}`, tzMinutes };
}

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
