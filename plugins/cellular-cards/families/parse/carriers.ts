import type { Technology } from '../../../../sdk/index.ts';
import { after, allAfter, fields, int, some } from './lines.ts';
import { carrierName, plmn, ucs2 } from './names.ts';
import { technologyOfAct } from './technology.ts';

export interface CurrentCarrier { readonly mode: number; readonly format: number | undefined; readonly operator: string | undefined; readonly plmn: string | undefined; readonly act: Technology | undefined }

/** +COPS: <mode>[,<format>,<oper>[,<AcT>]] (TS 27.007 §7.3). */
export function currentCarrier(lines: readonly string[]): CurrentCarrier | undefined {
  const [mode, format, name, act] = fields(after(lines, '+COPS') ?? '');
  const chosen = int(mode);
  if (chosen === undefined) return undefined;
  const numeric = int(format) === 2 ? plmn(name) : undefined;
  return { mode: chosen, format: int(format), operator: numeric === undefined ? carrierName(name) : undefined, plmn: numeric, act: technologyOfAct(some(act)) };
}

const statuses = ['unknown', 'available', 'current', 'forbidden'] as const;
export interface ScannedCarrier { readonly status: (typeof statuses)[number]; readonly long: string | undefined; readonly short: string | undefined; readonly plmn: string; readonly act: Technology | undefined }
export interface Scan { readonly operators: readonly ScannedCarrier[]; readonly count: number; readonly distinctPlmn: number; readonly current: string | undefined }

const NAME = '\\s*(?:"([^"]*)"|([^",()]*))\\s*';
/** A carrier of a scan; some cards close the parenthesis before the technology: "310410"),2). */
const CARRIER = new RegExp(`\\(\\s*([0-3])\\s*,${NAME},${NAME},\\s*(?:"([^"]*)"|(\\d{5,7}))\\s*(?:\\)?\\s*,\\s*(\\d{1,3})\\s*)?\\)`, 'g');

/** The answer to +COPS=?: what is in the air. Ranges of modes behind the list, in all their forms, are passed over. */
export function scannedCarriers(lines: readonly string[]): Scan | undefined {
  const lists = allAfter(lines, '+COPS');
  if (lists.length === 0) return undefined;
  const operators = [...lists.join(',').matchAll(CARRIER)].flatMap(([, status, long, bareLong, short, bareShort, quoted, bare, act]): ScannedCarrier[] => {
    const id = plmn(quoted ?? bare);
    // In UCS-2 every text is, names too.
    const name = (text: string | undefined): string | undefined => (ucs2(quoted ?? '') !== undefined && text !== undefined ? ucs2(text) ?? carrierName(text) : carrierName(text));
    return id === undefined ? [] : [{ status: statuses[Number(status)]!, long: name(long ?? bareLong), short: name(short ?? bareShort), plmn: id, act: technologyOfAct(act) }];
  });
  return { operators, count: operators.length, distinctPlmn: new Set(operators.map(o => o.plmn)).size, current: operators.find(o => o.status === 'current')?.plmn };
}
