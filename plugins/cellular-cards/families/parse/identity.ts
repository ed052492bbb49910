import { after, allAfter, fields, some, unquoted } from './lines.ts';
import { ucs2 } from './names.ts';

export interface IdentityBlock {
  readonly manufacturer: string | undefined; readonly model: string | undefined; readonly revision: string | undefined;
  /** When the firmware was made, in the maker's own form. */
  readonly build: string | undefined; readonly chipset: string | undefined; readonly imei: string | undefined; readonly esn: string | undefined; readonly gcap: readonly string[] | undefined;
}

/** The answer to ATI: lines with labels, among them some without. */
export function identityBlock(lines: readonly string[]): IdentityBlock {
  const labelled = (label: string): string | undefined => some(after(lines, label));
  const revision = labelled('Revision');
  const gcap = labelled('+GCAP') ?? lines.find(l => /^\+C(GSM|IS)/i.test(l.trim()));
  const esn = /^(?:\+GSN:)?\s*(?:0x)?([0-9A-F]{1,8})$/i.exec(labelled('ESN') ?? '')?.[1];
  return {
    manufacturer: labelled('Manufacturer'), model: modelName(labelled('Model')), ...revisionOf(revision),
    chipset: /[/\\]((?:MSM|MDM|QSC|SDX)[0-9A-Z]+)[/\\]/i.exec(revision ?? '')?.[1],
    imei: imeiOf(labelled('IMEI')), esn: esn?.toUpperCase().padStart(8, '0'), gcap: gcap === undefined ? undefined : capabilities(gcap),
  };
}

/** '+GCAP: +CGSM,+DS' or with blanks. */
export const capabilities = (text: string): string[] => text.replace(/^\+GCAP\s*:?\s*/i, '').split(/[,\s]+/).filter(word => word !== '');
/** The system that the words of +GCAP tell of (TS 27.007 §5, IS-707-A). */
export const systemOf = (words: readonly string[]): 'gsm' | 'cdma' | undefined =>
  words.some(w => /CGSM/i.test(w)) ? 'gsm' : words.some(w => /CIS-?(707|856)|IS-?(707|856)/i.test(w)) ? 'cdma' : undefined;

/** A model's name without labels that some firmware nests in it ('Model:', '+GMM:'), trimmed; carriers' additions stay. */
export function modelName(text: string | undefined): string | undefined {
  let name = unquoted(text ?? '');
  for (let before = ''; before !== name;) {
    before = name;
    name = unquoted(name.replace(/^(\+C?GMM|Model)\s*:\s*/i, '').replace(/\s+/g, ' '));
  }
  return some(name);
}

/** The version of a revision text, without build times and paths of the maker's computer. */
export function revisionOf(text: string | undefined): { readonly revision: string | undefined; readonly build: string | undefined } {
  const whole = unquoted((text ?? '').replace(/^(\+C?GMR|Revision)\s*:\s*/i, ''));
  const build = /\[([^\]]+)\]/.exec(whole)?.[1] ?? /\((Date:[^)]*)\)/i.exec(whole)?.[1] ?? /(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d)$/.exec(whole)?.[1];
  const version = whole.replace(/\s*\[.*$/, '').replace(/\s*\(Date:.*$/i, '').replace(/\s+[A-Z]:[/\\].*$/i, '').replace(/\s{2,}.*$/, '');
  return { revision: some(version), build: some(build) };
}

/** 15 digits out of '356…,serial', 'IMEI356…', '+CGSN: "356…"'. A sixteenth and seventeenth (IMEISV) are left out. */
export const imeiOf = (text: string | undefined): string | undefined => /(?:^|\D)(\d{15})(?:\d{0,2})(?:\D|$)/.exec(text ?? '')?.[1];

/** The answer to +CGSN. Option cards give their serial number behind a comma. */
export function equipment(lines: readonly string[]): { readonly imei: string | undefined; readonly serial: string | undefined } {
  const line = lines.find(l => imeiOf(l) !== undefined);
  return { imei: imeiOf(line), serial: line?.includes(',') ? some(fields(line)[1]) : undefined };
}

/** The IMSI: 6 to 15 digits alone on a line, or behind +CIMI. */
export const imsiOf = (lines: readonly string[]): string | undefined =>
  lines.map(l => unquoted(l.replace(/^\s*\+CIMI\s*:?\s*/i, ''))).find(l => /^\d{6,15}$/.test(l));

/** An ICCID of EF_ICCID (nibbles swapped, TS 31.102 §4.2.2) or in plain. All begin with 89 (ITU-T E.118). */
export function iccidOf(hex: string | undefined): string | undefined {
  const text = (hex ?? '').trim().toUpperCase();
  if (!/^[0-9A-F]{18,20}$/.test(text)) return undefined;
  const digits = text.startsWith('89') ? text : text.replace(/(.)(.)/g, '$2$1');
  const bare = digits.replace(/F+$/, '');
  return bare.startsWith('89') ? bare : undefined;
}

/** The ICCID in whatever the card answered: +CRSM, ^ICCID, !ICCID, +QCCID, +CICCID, +ICCID, #CCID, or bare. */
export function iccidIn(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    for (const digits of line.match(/[0-9A-F]{18,20}/gi) ?? []) {
      const iccid = iccidOf(digits);
      if (iccid !== undefined) return iccid;
    }
  }
  return undefined;
}

/** The answer of a SIM file (TS 27.007 §8.18). */
export function simFile(lines: readonly string[]): { readonly sw1: number; readonly sw2: number; readonly hex: string | undefined } | undefined {
  const [sw1, sw2, data] = fields(after(lines, '+CRSM') ?? '');
  if (sw1 === undefined || sw2 === undefined || !/^\d{1,3}$/.test(sw1) || !/^\d{1,3}$/.test(sw2)) return undefined;
  return { sw1: Number(sw1), sw2: Number(sw2), hex: data !== undefined && /^([0-9A-F]{2})+$/i.test(data) ? data.toUpperCase() : undefined };
}

/** The provider's name in EF_SPN: a display condition, then characters up to FF (TS 31.102 §4.2.12). */
export function providerName(hex: string | undefined): string | undefined {
  const octets = (hex ?? '').slice(2).match(/../g)?.map(o => Number.parseInt(o, 16)) ?? [];
  const end = octets.indexOf(0xff);
  const text = end < 0 ? octets : octets.slice(0, end);
  if (text[0] === 0x80) return ucs2(text.slice(1).map(o => o.toString(16).padStart(2, '0')).join('')) ?? undefined;
  return some(String.fromCharCode(...text.filter(o => o >= 0x20 && o < 0x7f)));
}

/** The card's own numbers, +CNUM: [<alpha>],<number>,<type> (TS 27.007 §7.1); 145 is international. */
export function ownNumbers(lines: readonly string[]): string[] {
  return allAfter(lines, '+CNUM').flatMap(text => {
    const all = fields(text);
    const number = (all[1] ?? '').replace(/[\s()-]/g, '');
    const digits = /^\+?\d{3,20}$/.test(number) ? number : /^\+?\d{3,20}$/.test(all[0] ?? '') ? all[0]! : undefined;
    return digits === undefined ? [] : [all[2] === '145' && !digits.startsWith('+') ? `+${digits}` : digits];
  });
}
