import type { Band, NetworkType } from '../../../../sdk/index.ts';
import { after, allAfter, decimal, fields, int, some } from './lines.ts';
import { plmn } from './names.ts';

export interface GeneralStatus {
  readonly tempC?: number; readonly systemMode?: string; readonly psState?: string; readonly band?: string; readonly nrBand?: string | undefined; readonly channel?: number; readonly rxChan?: number; readonly txChan?: number;
  readonly bandwidthMhz?: number; readonly rssiDbm?: number; readonly rscpDbm?: number; readonly rsrpDbm?: number; readonly rsrqDb?: number; readonly sinrDb?: number; readonly bars?: number;
  readonly emm?: string; readonly rrc?: string; readonly lac?: string; readonly tac?: string; readonly ci?: string; readonly plmn?: string;
}

/** Words that end a value and begin the next label where blanks alone part two columns. */
const LABELS = / (?=(?:GSM band|GSM channel|Temperature|LTE bw|LTE Tx chan|RRC State|PS state|LAC|PCC RxM RSRP|PCC RxD RSRP|Cell ID|NR5G Cell ID|NR5G dl bw|NR5G ul bw|NR5G RSRQ|NR5G Tx chan)\b[^:\t]*:)/i;

/**
 * AT!GSTATUS?: labels and values in two columns parted by tabs or blanks; labels differ from generation to generation, and dashes
 * mean no value.
 */
export function generalStatus(lines: readonly string[]): GeneralStatus | undefined {
  const found = new Map<string, string>();
  for (const line of lines) {
    for (const cell of line.replace(/^!GSTATUS:/i, '').replace(/ {2,}/g, ' ').split(/\t+/).flatMap(c => c.split(LABELS))) {
      const colon = cell.indexOf(':');
      const label = cell.slice(0, Math.max(0, colon)).trim().toLowerCase();
      if (label !== '' && !found.has(label)) found.set(label, cell.slice(colon + 1).trim());
    }
  }
  if (found.size === 0) return undefined;
  const text = (...labels: string[]): string | undefined => labels.map(l => some(found.get(l))).find(v => v !== undefined && !/^-+$/.test(v));
  const number = (...labels: string[]): number | undefined => decimal(/^-?\d+(\.\d+)?/.exec(text(...labels) ?? '')?.[0]);
  const word = (value: string | undefined): string | undefined => value?.split(/\s+/)[0];
  const level = (pattern: RegExp): number | undefined => number(...[...found.keys()].filter(l => pattern.test(l)));
  const facts = {
    tempC: number('temperature'), systemMode: text('system mode'), psState: text('ps state'), band: text('lte band', 'wcdma band', 'gsm band', 'band'), nrBand: text('nr5g band'),
    channel: number('wcdma channel', 'gsm channel', 'channel'), rxChan: number('lte rx chan', 'nr5g rx chan'), txChan: number('lte tx chan', 'nr5g tx chan'), bandwidthMhz: number('lte bw', 'nr5g dl bw'),
    rssiDbm: level(/^(rx level( carrier 0| c0)?( \(dbm\))?|pcc rxm rssi|rssi( \(dbm\))?)$/), rscpDbm: level(/^(rscp|rscp \(dbm\))$/),
    rsrpDbm: level(/^(pcc rxm rsrp|nr5g rsrp( \(dbm\))?|rsrp( \(dbm\))?)$/), rsrqDb: level(/^(nr5g )?rsrq( \(db\))?$/), sinrDb: level(/^(nr5g )?sinr( \(db\))?$/),
    bars: number('coverage level'), emm: word(text('emm state')), rrc: text('rrc state'), lac: word(text('lac')), tac: word(text('nr5g tac', 'tac')), ci: word(text('nr5g cell id', 'cell id')),
    plmn: plmn(text('mcc-mnc')),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, v]) => v !== undefined)) as GeneralStatus;
}

const classic = ['automatic', '3g-only', '2g-only', '3g-preferred', '2g-preferred'];
/** !SELRAT: <n>, <label>; `mode` as the cards of 2008 count. */
export function radioSelection(lines: readonly string[]): { readonly selrat: number; readonly mode: string | undefined; readonly label: string | undefined } | undefined {
  const [index, label] = fields(after(lines, '!SELRAT') ?? '');
  const selrat = Number.parseInt(index ?? '', 16);
  return Number.isNaN(selrat) ? undefined : { selrat, mode: classic[selrat], label: some(label) };
}

/** AT!SELRAT=?: a line for each, '03 : GSM and UMTS Only' or '03, UMTS 3G Preferred'. */
export const radioSelections = (lines: readonly string[]): NetworkType[] => lines.flatMap(line => {
  const [, index, label] = /^(?:!SELRAT:\s*)?([0-9A-F]{2})\s*[,:]\s*"?([A-Z][^"]*?)"?\s*$/i.exec(line.trim()) ?? [];
  return index === undefined ? [] : [{ id: String(Number.parseInt(index, 16)), title: label! }];
});

export interface BandProfile { readonly index: number; readonly name: string; readonly gwMask: string | undefined; readonly lteMask: string | undefined }
/** AT!BAND=? and AT!BAND?: 'index, name, masks' with commas or blanks between. The first mask is of GSM and UMTS, the second of LTE. */
export const bandProfiles = (lines: readonly string[]): BandProfile[] => lines.flatMap(line => {
  const [, index, name, masks] = /^(?:!BAND:\s*)?([0-9A-F]{1,2})\s*,\s*"?([^,"]*[^,"\s])"?\s*,?\s*((?:[\s,]*(?:0x)?[0-9A-F]{8,32})*)\s*$/i.exec(line.trim()) ?? [];
  if (index === undefined) return [];
  const [gwMask, lteMask] = (masks ?? '').split(/[\s,]+/).filter(m => m !== '');
  return [{ index: Number.parseInt(index, 16), name: name!.replace(/\s{2,}.*$/, ''), gwMask, lteMask }];
});
export const bandsOf = (all: readonly BandProfile[], now: number | undefined): Band[] => all.map(p => ({ id: p.index.toString(16).toUpperCase().padStart(2, '0'), title: p.name, on: p.index === now }));

/** '*CNTI: 0,HSDPA/HSUPA' of Sierra, '$CNTI: 0,HSDPA' of Novatel: the words behind the kind. */
export const currentTechnology = (lines: readonly string[], tag: '*CNTI' | '$CNTI'): string | undefined => {
  const all = fields(after(lines, tag) ?? '');
  return some(int(all[0]) === undefined ? all[0] : all.slice(1).join(','));
};

/** USB product ids of the modem and of its loader. */
export const usbIds = (lines: readonly string[]): { readonly appPid: string | undefined; readonly bootPid: string | undefined } => ({
  appPid: /^[0-9A-F]{4}/i.exec(after(lines, 'APP') ?? '')?.[0].toLowerCase(), bootPid: /^[0-9A-F]{4}/i.exec(after(lines, 'BOOT') ?? '')?.[0].toLowerCase(),
});
export const usbComposition = (lines: readonly string[]): Readonly<Record<string, unknown>> => ({
  config: int(/\d+/.exec(after(lines, 'Config Index') ?? '')?.[0]), type: int(/\d+/.exec(after(lines, 'Config Type') ?? '')?.[0]),
  interfaces: (/\(([^)]*)\)/.exec(after(lines, 'Interface bitmask') ?? '')?.[1] ?? '').split(',').map(s => s.trim()).filter(s => s !== ''),
});
/** Which reports +CMER can switch on. */
export const eventReporting = (lines: readonly string[]): Readonly<Record<string, unknown>> | undefined => {
  const all = allAfter(lines, '+CMER').flatMap(fields);
  const range = (text: string | undefined): number[] => (text ?? '').replace(/[()\s]/g, '').split(',').flatMap(part => {
    const [from, to] = part.split('-').map(Number);
    return from === undefined || Number.isNaN(from) ? [] : Array.from({ length: Math.min(16, (to ?? from) - from + 1) }, (_, i) => from + i);
  });
  return all.length === 0 ? undefined : { modes: range(all[0]), ind: range(all[3]) };
};
