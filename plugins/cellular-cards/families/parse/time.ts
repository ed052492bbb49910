import { after } from './lines.ts';

const two = (n: number): string => String(Math.abs(Math.trunc(n))).padStart(2, '0');
const zone = (minutes: number): string => `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
const STAMP = /(\d{2}|\d{4})\/(\d\d)\/(\d\d)[, ](\d\d):(\d\d):(\d\d)\s*([+-]\d{1,2})?(?:,(\d{1,2}))?/;

export interface CardTime { readonly iso: string; readonly tzMinutes: number | undefined; readonly dstMinutes: number | undefined }
/** +CCLK, ^NWTIME, ^TIME: local time, and the zone in quarters of an hour where there is one (TS 27.007 §8.15). */
export function cardTime(lines: readonly string[], tag: string): CardTime | undefined {
  const match = STAMP.exec(after(lines, tag) ?? '');
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, quarters, dst] = match as unknown as string[];
  const tzMinutes = quarters === undefined ? undefined : Number(quarters) * 15;
  return {
    iso: `${year!.length === 2 ? `20${year}` : year}-${month}-${day}T${hour}:${minute}:${second}${tzMinutes === undefined ? 'Z' : zone(tzMinutes)}`,
    tzMinutes, dstMinutes: dst === undefined ? undefined : Number(dst) * 60,
  };
}
