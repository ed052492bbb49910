import type { Technology } from '../../../../sdk/index.ts';
import { int } from './lines.ts';

/** <AcT> of +COPS and +CREG (TS 27.007 §7.3). */
const byAct: readonly Technology[] = ['GSM', 'GSM', 'UMTS', 'EDGE', 'HSDPA', 'HSUPA', 'HSPA', 'LTE', 'GSM', 'LTE', 'LTE', 'NR5G', 'NR5G', 'NR5G'];
export const technologyOfAct = (text: string | undefined): Technology | undefined => byAct[int(text) ?? -1];

/** Whole words that makers use, longest reading first. 'WCDMA' holds 'CDMA' and is none. */
const byWord: readonly (readonly [RegExp, Technology])[] = [
  [/^(NR5G|NR|5G|NGRAN|NG-RAN|EN-?DC|FDD NR|TDD NR)/, 'NR5G'],
  [/^(LTE|E-?UTRAN|FDD LTE|TDD LTE|4G|EMTC|CAT-?M|CAT-?NB|NB-?IOT|NBIOT)/, 'LTE'],
  [/^(HSPA\+|HSPAP|HSPA PLUS|DC-?HSPA\+?|DC-HSDPA|DUAL CARRIER)/, 'HSPA+'],
  [/^(HSPA|HSDPA\s*(\/|AND|&|-)\s*HSUPA|HSUPA\s*(\/|AND|&)\s*HSDPA)/, 'HSPA'],
  [/^HSDPA/, 'HSDPA'],
  [/^HSUPA/, 'HSUPA'],
  [/^(UMTS|WCDMA|UTRAN|3G|TD-?SCDMA|W-CDMA)/, 'UMTS'],
  [/^(EDGE|EGPRS|E-GPRS)/, 'EDGE'],
  [/^GPRS/, 'GPRS'],
  [/^(GSM|2G)/, 'GSM'],
  [/^EHRPD/, 'eHRPD'],
  [/^(EV-?DO|HDR|HRPD|1XEV-?DO)\s*(REV)?[\s.-]*B/, 'EVDO-B'],
  [/^(EV-?DO|HDR|HRPD|1XEV-?DO)\s*(REV)?[\s.-]*A/, 'EVDO-A'],
  [/^(EV-?DO|HDR|HRPD|1XEV-?DO)/, 'EVDO-0'],
  [/^(1X|CDMA)/, '1xRTT'],
];

/** The technology that a maker's word means; undefined for 'NONE', 'NOSERVICE' and what is not known. */
export function technologyOfWord(text: string | undefined): Technology | undefined {
  const word = (text ?? '').trim().toUpperCase();
  return byWord.find(([pattern]) => pattern.test(word))?.[1];
}
