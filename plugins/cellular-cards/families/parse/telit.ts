import { after, decimal, fields, int, numbers, some } from './lines.ts';
import { carrierName, plmn } from './names.ts';

type Facts = Readonly<Record<string, unknown>>;

/** #RFSTS: fields differ by radio and by firmware. The IMSI, 15 digits in quotes, tells which form it is. */
export function radioStatus(lines: readonly string[]): Facts | undefined {
  const text = after(lines, '#RFSTS') ?? '';
  const f = fields(text);
  const id = plmn(f[0]);
  if (id === undefined) return undefined;
  const imsi = f.findIndex((v, i) => i > 7 && /^\d{14,15}$/.test(v));
  const place = imsi < 0 ? {} : { ci: some(f[imsi - 1])?.toUpperCase(), operator: carrierName(f[imsi + 1]) };
  if (imsi === 10) return { plmn: id, tech: 'GSM', arfcn: int(f[1]), rssiDbm: decimal(f[2]), lac: some(f[3]), txDbm: decimal(f[5]), ...place, band: int(f[imsi + 3]) };
  if (imsi > 12) return { plmn: id, tech: 'UMTS', uarfcn: int(f[1]), psc: int(f[2]), ecioDb: decimal(f[3]), rscpDbm: decimal(f[4]), rssiDbm: decimal(f[5]), lac: some(f[6]), txDbm: decimal(f[8]), ...place };
  // Without the routing area the transmit power is missing too.
  return { plmn: id, tech: 'LTE', earfcn: int(f[1]), rsrpDbm: decimal(f[2]), rssiDbm: decimal(f[3]), rsrqDb: decimal(f[4]), tac: some(f[5]), txDbm: imsi === 12 ? decimal(f[7]) : undefined, ...place, band: imsi < 0 ? undefined : int(f[imsi + 3]) };
}

/** #SERVINFO: channel, level, name, PLMN, then by radio. */
export function servingInfo(lines: readonly string[]): Facts | undefined {
  const f = fields(after(lines, '#SERVINFO') ?? '');
  const id = plmn(f[3]);
  return id === undefined ? undefined : { earfcn: int(f[0]), rssiDbm: decimal(f[1]), operator: carrierName(f[2]), plmn: id, ci: some(f[4]), tac: some(f[5]), rsrpDbm: decimal(f[8]) };
}

/** #MONI: the carrier's name, then label:value. */
export function monitor(lines: readonly string[]): Facts | undefined {
  const text = after(lines, '#MONI');
  if (text === undefined) return undefined;
  const value = (label: string): string | undefined => some(new RegExp(`(?:^|\\s)${label}\\s*:\\s*([^\\s]*)`, 'i').exec(text)?.[1]);
  const level = (label: string): number | undefined => decimal(value(label)?.replace(/dbm?$/i, ''));
  return {
    operator: carrierName(/^(.*?)\s*(?:RSRP|PSC|BSIC|RSCP|Cc|NR_)[\w]*\s*:/i.exec(text)?.[1]), rsrpDbm: level('RSRP'), rsrqDb: level('RSRQ'), rscpDbm: level('RSCP'), ecioDb: level('EcIo'),
    tac: value('TAC'), lac: value('LAC'), ci: value('Id'), earfcn: int(value('EARFCN')), uarfcn: int(value('UARFCN')), arfcn: int(value('ARFCN')), rssiDbm: level('PWR'),
  };
}

const sims = ['removed', 'inserted', 'unlocked', 'ready'];
/** #QSS: <n>,<state> of the SIM. */
export function simStatus(lines: readonly string[]): Facts | undefined {
  const [n, state] = fields(after(lines, '#QSS') ?? '').map(int);
  if (n === undefined) return undefined;
  const sim = sims[state ?? -1];
  return sim === undefined ? { error: 'parse' } : { n, sim };
}

/** #BND?: index of the GSM bands, index of the UMTS bands, masks of the LTE bands as the firmware writes them. */
export function bandsSet(lines: readonly string[]): { readonly gsm: number; readonly umts: number | undefined; readonly lte: string | undefined; readonly lteExt: string | undefined } | undefined {
  const [gsm, umts, lte, lteExt] = fields(after(lines, '#BND') ?? '');
  const first = int(gsm);
  return first === undefined ? undefined : { gsm: first, umts: int(umts), lte: some(lte), lteExt: some(lteExt) };
}
export function bandsOffered(lines: readonly string[]): { readonly gsm: readonly number[]; readonly umts: readonly number[]; readonly lte: string | undefined } | undefined {
  const [gsm, umts, lte] = fields(after(lines, '#BND') ?? '');
  return gsm === undefined || gsm === '' ? undefined : { gsm: numbers(gsm), umts: numbers(umts ?? ''), lte: some(lte?.replace(/[()]/g, '')) };
}
export const gsmBands = ['GSM 900, 1800', 'GSM 900, 1900', 'GSM 850, 1800', 'GSM 850, 1900', 'GSM 900, 1800, 1900', 'GSM 850, 900, 1800, 1900'];

const packet: readonly string[] = ['GPRS', 'EGPRS', 'WCDMA', 'HSDPA', 'LTE'];
/** #PSNT: <n>,<type of packet network>; 5 is unknown. */
export const packetNetwork = (lines: readonly string[]): string | undefined => packet[int(fields(after(lines, '#PSNT') ?? '').at(-1)) ?? 9];
