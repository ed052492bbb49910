import type { Signal } from '../../../../sdk/index.ts';
import { barsOf, barsOfEcIo } from '../parse/bars.ts';
import { after, decimal, fields } from '../parse/lines.ts';
import { csq } from '../parse/signal.ts';

export interface Measured { readonly dbm?: number | undefined; /** dB */ readonly ecIo?: number | undefined; readonly radio: '1x' | 'EV-DO'; readonly source: string; /** the command does not tell which radio it is; `radio` is the scale that is taken */ readonly untold?: boolean }

/** A measurement as the status shows it: the worse of level and Ec/Io where both are known. */
export function measured({ dbm, ecIo, radio, source, untold }: Measured): Signal {
  const which = untold === true ? {} : { radio };
  if (dbm === undefined) return { dbm, bars: barsOfEcIo(ecIo), quality: ecIo, source, measure: 'Ec/Io', ...which };
  return { dbm: Math.round(dbm), bars: barsOf(radio === 'EV-DO' ? 'EVDO RSSI' : 'CDMA RSSI', dbm, ecIo), ...(ecIo === undefined ? {} : { quality: ecIo }), source, measure: 'RSSI', ...which };
}

/** What a card with two radios says of both, the better first; undefined: nothing of either. */
export const both = (main: Signal | undefined, other: Signal | undefined): Signal | undefined => (main !== undefined && other !== undefined && main.radio !== other.radio ? { ...main, other } : main ?? other);

const WEAKEST = -113;
const SPAN = 62;

/** 0–100; 99 counts as 100. */
export const levelPercent = (n: number | undefined): number | undefined => (n === undefined || n < 0 || n > 100 ? undefined : n === 99 ? 100 : n);
/** 0 % is -113 dBm, 100 % is -51. */
export const percentDbm = (percent: number | undefined): number | undefined => (percent === undefined ? undefined : WEAKEST + (SPAN * percent) / 100);

/**
 * +CSQ of a CDMA card: not one scale. `steps`: the levels of a card that knows a few only, their place in the list is the bars;
 * there is no dBm then. `ecIo` (dB): what the diagnostic port told of the pilots.
 */
export function parseCsq(lines: readonly string[], steps?: readonly number[], ecIo?: number): Signal | undefined {
  const level = csq(lines);
  if (level?.rssiDbm === undefined) return undefined;
  if (steps === undefined) return measured({ dbm: level.rssiDbm, ecIo, radio: '1x', source: '+CSQ', untold: true });
  return { dbm: undefined, bars: Math.max(0, steps.findLastIndex(s => level.csq >= s)), source: '+CSQ', measure: 'steps' };
}

/** A level that a receiver can have; -150 and -256 stand for none. */
const dbmOf = (n: number | undefined): number | undefined => (n === undefined || n <= -125 || n >= 0 ? undefined : n);
const percent = (text: string | undefined): number | undefined => decimal(text?.replace('%', ''));

/** EV-DO receive level as a fraction of dBm in the first of many fields. */
export const parseEvcsq1 = (lines: readonly string[]): number | undefined => dbmOf(decimal(fields(after(lines, '+EVCSQ1') ?? '')[0]));

/** +EVCSQ2: EV-DO revision, channel, PN, … */
export function parseEvcsq2(lines: readonly string[]): { readonly revision: 'EVDO-0' | 'EVDO-A' | undefined; readonly channel: number | undefined } | undefined {
  const text = after(lines, '+EVCSQ2');
  if (text === undefined) return undefined;
  const [revision = '', channel] = fields(text);
  return { revision: /A$/i.test(revision) ? 'EVDO-A' : /0$/.test(revision) ? 'EVDO-0' : undefined, channel: decimal(channel) };
}

export interface Debug { readonly sid: number; readonly nid: number; readonly channel: number; readonly band: '800' | '1900' | undefined; readonly ferPct: number | undefined; readonly txDbm: number | undefined; readonly rssiDbm: number | undefined }

/** +VDEBINFO: SID, NID, channel, band, frame errors, sent and received dBm. */
export function parseDebug(lines: readonly string[]): Debug | undefined {
  const text = after(lines, '+VDEBINFO');
  if (text === undefined) return undefined;
  const all = fields(text);
  const [sid = 0, nid = 0, channel = 0, band] = all.map(decimal);
  return { sid, nid, channel, band: band === 1 ? '1900' : band === 2 ? '800' : undefined, ferPct: percent(all[4]), txDbm: decimal(all[5]), rssiDbm: dbmOf(decimal(all[6])) };
}
