import type { Signal, Technology } from '../../../../sdk/index.ts';
import { after, fields, int, numbers } from '../parse/lines.ts';
import { dbmOfCsq } from '../parse/signal.ts';
import { levelPercent, measured, percentDbm } from './level.ts';

/** What ^SYSINFO and ^MODE call CDMA. */
export const [MODE_1X, MODE_HDR, MODE_HYBRID] = [2, 4, 8] as const;
const bySubmode: Readonly<Record<number, Technology>> = { 10: 'EVDO-0', 11: 'EVDO-A', 12: 'EVDO-B', 13: '1xRTT' };

export interface SystemInfo { readonly service: boolean; readonly roaming: boolean; readonly mode: number; readonly card: boolean | undefined; /** from the submode, where one is given */ readonly technology: Technology | undefined }
const SERVICE = 2;
const [NO_CARD, UNKNOWN_CARD] = [255, 240];

/** ^SYSINFO: service, domain, roaming, mode, card, [lock], [submode]. */
export function parseSysinfo(lines: readonly string[]): SystemInfo | undefined {
  const text = after(lines, '^SYSINFO');
  if (text === undefined) return undefined;
  const [service, , roaming, mode, card, , submode] = fields(text).map(int);
  if (service === undefined) return undefined;
  return { service: service === SERVICE, roaming: roaming === 1, mode: mode ?? 0, card: card === undefined || card === UNKNOWN_CARD ? undefined : card !== NO_CARD, technology: bySubmode[submode ?? -1] };
}

/** ^MODE: mode[,submode]. */
export function parseMode(lines: readonly string[]): { readonly mode: number; readonly technology: Technology | undefined } | undefined {
  const [mode, submode] = fields(after(lines, '^MODE') ?? '').map(int);
  return mode === undefined ? undefined : { mode, technology: bySubmode[submode ?? -1] ?? (mode === MODE_1X ? '1xRTT' : mode === MODE_HDR ? 'EVDO-0' : undefined) };
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
