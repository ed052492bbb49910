import type { Signal } from '../../../../sdk/index.ts';
import { barsOf, type Measure } from './bars.ts';
import { after, fields, int } from './lines.ts';

/** -113 dBm + 2 n for 0 … 31 (TS 27.007 §8.5); 99 is unknown, and so is everything else. */
export const dbmOfCsq = (n: number | undefined): number | undefined => (n === undefined || n < 0 || n > 31 ? undefined : -113 + 2 * n);

export interface Csq { readonly csq: number; readonly rssiDbm: number | undefined; readonly ber: number | undefined; readonly qualityPct: number | undefined }
/** '+CSQ: 23,99', and reports of the same scale under another tag. */
export function csq(lines: readonly string[], tag = '+CSQ'): Csq | undefined {
  const [first, second] = fields(after(lines, tag) ?? '');
  const n = int(first);
  if (n === undefined) return undefined;
  const rssiDbm = dbmOfCsq(n);
  return { csq: n, rssiDbm, ber: int(second), qualityPct: rssiDbm === undefined ? undefined : Math.round((n * 100) / 31) };
}

export interface ExtendedSignal {
  readonly rxlev: number | undefined; readonly rssiDbm: number | undefined; readonly ber: number | undefined; readonly rscpDbm: number | undefined; readonly ecioDb: number | undefined;
  readonly rsrqDb: number | undefined; readonly rsrpDbm: number | undefined; readonly sinrDb: number | undefined;
}
const within = (n: number | undefined, most: number): number | undefined => (n === undefined || n < 0 || n > most ? undefined : n);
const scaled = (n: number | undefined, zero: number, step: number): number | undefined => (n === undefined ? undefined : zero + n * step);

/** +CESQ: <rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>[,<ss_rsrq>,<ss_rsrp>,<ss_sinr>] (TS 27.007 §8.69). */
export function cesq(lines: readonly string[]): (ExtendedSignal & { readonly ssRsrpDbm: number | undefined; readonly ssRsrqDb: number | undefined; readonly ssSinrDb: number | undefined }) | undefined {
  const text = after(lines, '+CESQ');
  if (text === undefined) return undefined;
  const n = fields(text).map(int);
  const of = (i: number, most: number): number | undefined => within(n[i], most);
  return { ...extended(n), ssRsrqDb: scaled(of(6, 126), -43, 0.5), ssRsrpDbm: scaled(of(7, 126), -157, 1), ssSinrDb: scaled(of(8, 127), -23, 0.5) };
}

/** +XCESQ: <n>, then as +CESQ, and a signed half-dB of noise (Intel). */
export function xcesq(lines: readonly string[]): ExtendedSignal | undefined {
  const text = after(lines, '+XCESQ');
  if (text === undefined) return undefined;
  const n = fields(text).map(int).slice(1);
  const noise = n[6];
  return { ...extended(n), sinrDb: noise === undefined || noise < -100 || noise > 100 ? undefined : noise / 2 };
}

function extended(n: readonly (number | undefined)[]): ExtendedSignal {
  const rxlev = within(n[0], 63);
  return {
    rxlev, rssiDbm: scaled(rxlev, -111, 1), ber: within(n[1], 7), rscpDbm: scaled(within(n[2], 96), -121, 1), ecioDb: scaled(within(n[3], 49), -24.5, 0.5),
    rsrqDb: scaled(within(n[4], 34), -20, 0.5), rsrpDbm: scaled(within(n[5], 97), -141, 1), sinrDb: undefined,
  };
}

const words: Readonly<Record<Measure, string>> = { 'GSM RSSI': 'RSSI', 'UMTS RSSI': 'RSSI', 'UMTS RSCP': 'RSCP', 'CDMA RSSI': 'RSSI', 'EVDO RSSI': 'RSSI', 'LTE RSRP': 'RSRP', 'LTE RSSI': 'RSSI', 'NR SS-RSRP': 'SS-RSRP' };

/** One measurement on the one scale. A level that no radio can have is none. */
export function signalOf(measure: Measure, dbm: number | undefined, source: string, quality?: number | undefined): Signal {
  const level = dbm !== undefined && dbm <= -20 && dbm >= -160 ? dbm : undefined;
  return { dbm: level, bars: barsOf(measure, level), quality, source, measure: words[measure] };
}

/** What +CSQ tells; undefined: nothing at all. */
export function signalOfCsq(lines: readonly string[], tag = '+CSQ'): Signal | undefined {
  const value = csq(lines, tag);
  return value === undefined ? undefined : signalOf('GSM RSSI', value.rssiDbm, tag);
}

/** The best of what +CESQ and +XCESQ measure: NR before LTE before UMTS before GSM. */
export function signalOfExtended(value: (ExtendedSignal & { readonly ssRsrpDbm?: number | undefined; readonly ssRsrqDb?: number | undefined }) | undefined, source: string): Signal | undefined {
  if (value?.ssRsrpDbm !== undefined) return signalOf('NR SS-RSRP', value.ssRsrpDbm, source, value.ssRsrqDb);
  if (value?.rsrpDbm !== undefined) return signalOf('LTE RSRP', value.rsrpDbm, source, value.rsrqDb);
  if (value?.rscpDbm !== undefined) return signalOf('UMTS RSCP', value.rscpDbm, source, value.ecioDb);
  if (value?.rssiDbm !== undefined) return signalOf('GSM RSSI', value.rssiDbm, source);
  return undefined;
}
