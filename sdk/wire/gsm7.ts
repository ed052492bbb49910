/** The 7-bit alphabet of GSM with its extension and the national tables of Latin script (TS 23.038 §6.2.1, annex A). */

export const ESCAPE = 0x1b;

/** §6.2.1: place = septet. */
const BASIC = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

type Places = Readonly<Record<number, string>>;

/** §6.2.1.1: what stands behind the escape. */
const EXTENSION: Places = { 10: '\f', 20: '^', 40: '{', 41: '}', 47: '\\', 60: '[', 61: '~', 62: ']', 64: '|', 101: '€' };

/** National language identifiers (§6.2.1.2.4). */
export const TURKISH = 1;
export const SPANISH = 2;
export const PORTUGUESE = 3;

/** Annex A.2, as differences from the extension table. */
const single: Readonly<Record<number, Places>> = {
  [TURKISH]: { 71: 'Ğ', 73: 'İ', 83: 'Ş', 99: 'ç', 103: 'ğ', 105: 'ı', 115: 'ş' },
  [SPANISH]: { 9: 'ç', 65: 'Á', 73: 'Í', 79: 'Ó', 85: 'Ú', 97: 'á', 105: 'í', 111: 'ó', 117: 'ú' },
  [PORTUGUESE]: {
    5: 'ê', 9: 'ç', 11: 'Ô', 12: 'ô', 14: 'Á', 15: 'á', 18: 'Φ', 19: 'Γ', 21: 'Ω', 22: 'Π', 23: 'Ψ', 24: 'Σ', 25: 'Θ', 31: 'Ê',
    65: 'À', 73: 'Í', 79: 'Ó', 85: 'Ú', 91: 'Ã', 92: 'Õ', 97: 'Â', 105: 'í', 111: 'ó', 117: 'ú', 123: 'ã', 124: 'õ', 127: 'â',
  },
};

/** Annex A.3, as differences from the basic table; Spanish has none. */
const locking: Readonly<Record<number, Places>> = {
  [TURKISH]: { 4: '€', 7: 'ı', 11: 'Ğ', 12: 'ğ', 28: 'Ş', 29: 'ş', 64: 'İ', 96: 'ç' },
  [PORTUGUESE]: {
    4: 'ê', 6: 'ú', 7: 'í', 8: 'ó', 9: 'ç', 11: 'Ô', 12: 'ô', 14: 'Á', 15: 'á', 18: 'ª', 19: 'Ç', 20: 'À', 21: '∞', 22: '^', 23: '\\',
    24: '€', 25: 'Ó', 26: '|', 28: 'Â', 29: 'â', 30: 'Ê', 36: 'º', 64: 'Í', 91: 'Ã', 92: 'Õ', 93: 'Ú', 96: '~', 123: 'ã', 124: 'õ', 125: '`',
  },
};

/** Character → septets of the tables that every phone has. */
const codes = new Map<string, readonly number[]>([
  ...Object.entries(EXTENSION).map(([code, c]) => [c, [ESCAPE, Number(code)]] as const),
  ...[...BASIC].map((c, code) => [c, [code]] as const),
]);
codes.delete('\u001b');

/** The septets of each character, or undefined: some character is not in this alphabet. Only tables that every phone has are used. */
export function septets(text: string): readonly (readonly number[])[] | undefined {
  const out: (readonly number[])[] = [];
  for (const c of text) {
    const code = codes.get(c);
    if (code === undefined) return undefined;
    out.push(code);
  }
  return out;
}

/** `lock` and `shift` are national language identifiers, 0: none; those that are not known here count as none. */
export function text(from: ArrayLike<number>, lock = 0, shift = 0): string {
  let out = '';
  for (let i = 0; i < from.length; i++) {
    const code = from[i]! & 0x7f;
    if (code !== ESCAPE) {
      out += locking[lock]?.[code] ?? BASIC[code]!;
      continue;
    }
    const next = from[++i];
    // A cut pair, and a second escape (a table beyond ours): a space (§6.2.1.1).
    if (next === undefined || (next & 0x7f) === ESCAPE) out += ' ';
    // What the table does not have is shown as the character of the main table (§6.2.1.1).
    else out += single[shift]?.[next & 0x7f] ?? EXTENSION[next & 0x7f] ?? locking[lock]?.[next & 0x7f] ?? BASIC[next & 0x7f]!;
  }
  return out;
}

/** Septets in octets, the first one from the lowest bit (§6.1.2.1.1), behind `skipBits` bits of nothing. */
export function pack(from: ArrayLike<number>, skipBits = 0): Uint8Array {
  const out = new Uint8Array(Math.ceil((skipBits + from.length * 7) / 8));
  for (let i = 0, bit = skipBits; i < from.length; i++, bit += 7) {
    const wide = (from[i]! & 0x7f) << (bit & 7);
    out[bit >> 3]! |= wide & 0xff;
    if (wide > 0xff) out[(bit >> 3) + 1]! |= wide >> 8;
  }
  return out;
}

/** `count` septets of [at, end), the first one `skipBits` bits behind `at`; fewer when there is not enough. */
export function unpack(buf: Uint8Array, at: number, end: number, count: number, skipBits = 0): Uint8Array {
  const have = Math.max(0, Math.min(count, Math.floor(((end - at) * 8 - skipBits) / 7)));
  const out = new Uint8Array(have);
  for (let i = 0, bit = skipBits; i < have; i++, bit += 7) {
    const place = at + (bit >> 3);
    out[i] = ((buf[place]! | ((place + 1 < end ? buf[place + 1]! : 0) << 8)) >> (bit & 7)) & 0x7f;
  }
  return out;
}
