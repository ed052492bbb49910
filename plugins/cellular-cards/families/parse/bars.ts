/** What a level was measured on: the columns of the one scale that all cards share. */
export type Measure = 'GSM RSSI' | 'UMTS RSSI' | 'UMTS RSCP' | 'CDMA RSSI' | 'EVDO RSSI' | 'LTE RSRP' | 'LTE RSSI' | 'NR SS-RSRP';

/** Least dBm for 5, 4, 3, 2, 1 bars. */
const least: Readonly<Record<Measure, readonly number[]>> = {
  'GSM RSSI': [-70, -80, -90, -98, -107],
  'UMTS RSSI': [-70, -80, -90, -98, -107],
  'UMTS RSCP': [-80, -90, -100, -108, -115],
  'CDMA RSSI': [-75, -85, -93, -100, -106],
  'EVDO RSSI': [-70, -80, -90, -98, -106],
  'LTE RSRP': [-85, -95, -105, -112, -120],
  'LTE RSSI': [-55, -65, -75, -85, -95],
  'NR SS-RSRP': [-85, -95, -105, -112, -120],
};
/** Of CDMA 1x: Ec/Io in dB beside the RSSI. */
const leastEcIo = [-7, -9, -11, -13, -16];

const rank = (steps: readonly number[], value: number): number => {
  const step = steps.findIndex(s => value >= s);
  return step < 0 ? 0 : 5 - step;
};

/** 0–5 bars of a level in dBm; the lower of both where Ec/Io is known too. Unknown is 0. */
export function barsOf(measure: Measure, dbm: number | undefined, ecIo?: number): number {
  if (dbm === undefined || !Number.isFinite(dbm)) return 0;
  const bars = rank(least[measure], dbm);
  return measure === 'CDMA RSSI' && ecIo !== undefined ? Math.min(bars, rank(leastEcIo, ecIo)) : bars;
}

/** 0–5 bars of Ec/Io alone, for cards whose diagnostic port tells only the pilots. */
export const barsOfEcIo = (ecIo: number | undefined): number => (ecIo === undefined ? 0 : rank(leastEcIo, ecIo));
