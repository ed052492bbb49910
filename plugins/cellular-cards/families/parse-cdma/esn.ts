/** How a card wrote its serial number. */
export type EsnForm = 'hex' | 'decimal';
export interface Esn {
  /** 8 hex digits, capitals. */
  readonly esn: string | undefined;
  /** 14 hex digits, capitals. */
  readonly meid: string | undefined;
  readonly form: EsnForm;
  /** The ESN is none of its own but computed from the MEID (maker byte 80, TIA-41). */
  readonly pseudo: boolean;
}

/** ESN of 11 decimal digits: 3 of the maker's octet, 8 of the serial number; or the 32 bits as they are (TIA/EIA-41). */
function decimalEsn(digits: string): string | undefined {
  const n = digits.length === 11 ? split(digits, 3, 0xff, 0xff_ffff, 6) : Number(digits) <= 0xffff_ffff ? Number(digits).toString(16) : undefined;
  return n?.toUpperCase().padStart(8, '0');
}
/** MEID of 18 decimal digits: 10 of 32 bits, 8 of 24 bits; or the 56 bits as they are, with up to 17. */
function decimalMeid(digits: string): string | undefined {
  const n = digits.length === 18 ? split(digits, 10, 0xffff_ffff, 0xff_ffff, 6) : BigInt(digits) < 1n << 56n ? BigInt(digits).toString(16) : undefined;
  return n?.toUpperCase().padStart(14, '0');
}
function split(digits: string, at: number, high: number, low: number, lowDigits: number): string | undefined {
  const [h, l] = [Number(digits.slice(0, at)), Number(digits.slice(at))];
  return h > high || l > low ? undefined : h.toString(16) + l.toString(16).padStart(lowDigits, '0');
}

const blank = (hex: string): boolean => /^(0+|F+)$/.test(hex);

interface Found { readonly esn?: string; readonly meid?: string; readonly form: EsnForm }
const found = (esn: string | undefined, meid: string | undefined, form: EsnForm): Found | undefined => {
  if (esn !== undefined && !blank(esn)) return { esn, form };
  return meid !== undefined && !blank(meid) ? { meid, form } : undefined;
};

/** One number of an answer: '0x6744775', '12de4fa6', '22812345678', '0x00A1000013FB653A'. `tagged`: the line says what it is. */
function one(word: string, tagged: boolean): Found | undefined {
  if (/^\d{18}$/.test(word)) return found(undefined, decimalMeid(word), 'decimal');
  const [, prefix, digits = ''] = /^(0x)?([0-9a-f]{6,16})$/i.exec(word) ?? [];
  const onlyDigits = prefix === undefined && /^\d+$/.test(digits);
  // Ten or eleven digits fit no hexadecimal form; fewer are taken as hexadecimal even without letters.
  if (onlyDigits && (digits.length === 10 || digits.length === 11)) return found(decimalEsn(digits), undefined, 'decimal');
  const hex = digits.toUpperCase();
  // Fewer than six digits are a count or an index, not a serial number with its zeros left out.
  if (hex.length >= 6 && hex.length <= 8) return found(hex.padStart(8, '0'), undefined, 'hex');
  const bare = hex.replace(/^0+(?=.{14}$)/, '');
  // A MEID begins with a letter, or 99. 14 or 15 other digits are an IMEI: the card before this one, or no CDMA card.
  const imei = onlyDigits && (digits.length === 15 || (!tagged && !digits.startsWith('99')));
  return bare.length === 14 && !imei ? found(undefined, bare, 'hex') : undefined;
}

const label = /^(.*?[+^](C?GSN|MEID|ESN)|\s*p?(ESN|MEID)(?![0-9A-Z]))\s*[:=]?/i;

function inLine(line: string): (Found | undefined)[] {
  const words = line.replace(label, '').trim().split(/[:,\s]+/).map(w => w.replace(/^"|"$/g, ''));
  const [first = '', second = ''] = words;
  // 'decimal MEID:decimal ESN', plain 56 and 32 bits, stands above the same in hexadecimal.
  if (words.length === 2 && /^\d{15,18}$/.test(first) && /^\d{8,11}$/.test(second)) return [found(undefined, decimalMeid(first), 'decimal'), found(decimalEsn(second), undefined, 'decimal')];
  return words.length <= 2 ? words.map(w => one(w, label.test(line))) : [];
}

/**
 * ESN and MEID in whatever form a card answers AT+GSN, AT^MEID or the ESN line of ATI; undefined: neither. What else stands in
 * the lines (what the port held before, an echo, an IMEI) is passed over. Lines with a label win over those without, hexadecimal
 * over decimal, the later over the earlier.
 */
export function parseEsn(lines: readonly string[]): Esn | undefined {
  const all = [...lines.filter(l => !label.test(l)), ...lines.filter(l => label.test(l))].flatMap(inLine).filter(f => f !== undefined);
  const best = (of: (f: Found) => string | undefined): Found | undefined => all.findLast(f => of(f) !== undefined && f.form === 'hex') ?? all.findLast(f => of(f) !== undefined);
  const [esn, meid] = [best(f => f.esn), best(f => f.meid)];
  const form = esn?.form ?? meid?.form;
  return form === undefined ? undefined : { esn: esn?.esn, meid: meid?.meid, form, pseudo: esn?.esn?.startsWith('80') === true };
}
