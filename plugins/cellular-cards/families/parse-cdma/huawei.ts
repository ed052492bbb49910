import type { Signal, Technology } from '../../../../sdk/index.ts';
import { sysInfo, technologyOfMode } from '../parse/huawei.ts';
import { after, fields, int, numbers } from '../parse/lines.ts';
import { dbmOfCsq } from '../parse/signal.ts';
import { levelPercent, measured, percentDbm } from './level.ts';

/** What ^SYSINFO and ^MODE call CDMA. */
export const [MODE_1X, MODE_HDR, MODE_HYBRID] = [2, 4, 8] as const;

export interface SystemInfo { readonly service: boolean; readonly roaming: boolean; readonly mode: number; /** undefined: none, or both at once without a submode */ readonly technology: Technology | undefined; /** EV-DO of some revision: no submode tells which */ readonly anyRevision: boolean }
const SERVICE = 2;

/** ^SYSINFO of a CDMA card. */
export function parseSysinfo(lines: readonly string[]): SystemInfo | undefined {
  const info = sysInfo(lines);
  return info && { service: info.srvStatus === SERVICE, roaming: info.roaming === 1, mode: info.sysMode ?? 0, technology: technologyOfMode(info.tech), anyRevision: info.tech === 'HDR' };
}

/** ^PREFMODE=?: which of 2 (1x), 4 (EV-DO), 8 (hybrid) may be chosen. */
export function parsePrefmodes(lines: readonly string[]): number[] | undefined {
  const text = after(lines, '^PREFMODE');
  const modes = text === undefined ? [] : numbers(text).filter(n => n === MODE_1X || n === MODE_HDR || n === MODE_HYBRID);
  return modes.length === 0 ? undefined : modes;
}
export const parsePrefmode = (lines: readonly string[]): number | undefined => int(fields(after(lines, '^PREFMODE') ?? '')[0]);

/** Levels of 0 to 100, asked for or sent unasked, and on which radio. */
const levels = [['^RSSILVL', '1x'], ['^CSQLVL', '1x'], ['^HRSSILVL', 'EV-DO'], ['^HDRCSQLVL', 'EV-DO']] as const;

export function parseLevel(lines: readonly string[]): { readonly percent: number; readonly radio: '1x' | 'EV-DO'; readonly tag: string } | undefined {
  for (const [tag, radio] of levels) {
    const percent = levelPercent(int(fields(after(lines, tag) ?? '')[0]));
    if (percent !== undefined) return { percent, radio, tag };
  }
  return undefined;
}

/** ^HDRRSSI, on the scale of +CSQ. */
export const parseHdrRssi = (lines: readonly string[]): number | undefined => dbmOfCsq(int(fields(after(lines, '^HDRRSSI') ?? '')[0]));

/** The measurement in an answer or a report; undefined: none in it, or no service. */
export function parseSignal(lines: readonly string[]): Signal | undefined {
  const hdr = parseHdrRssi(lines);
  if (hdr !== undefined) return measured({ dbm: hdr, radio: 'EV-DO', source: '^HDRRSSI' });
  const level = parseLevel(lines);
  return level && measured({ dbm: percentDbm(level.percent), radio: level.radio, source: level.tag });
}
