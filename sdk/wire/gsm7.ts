/** The 7-bit alphabet of GSM with its extension and the national tables of Latin script (TS 23.038 §6.2.1, annex A). */

export const ESCAPE = 0x1b;

/** §6.2.1: place = septet. */
const BASIC = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

type Places = Readonly<Record<number, string>>;

/** §6.2.1.1: what stands behind the escape. */
const EXTENSION: Places = { 0x0a: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2f: '\\', 0x3c: '[', 0x3d: '~', 0x3e: ']', 0x40: '|', 0x65: '€' };

/** National language identifiers (§6.2.1.2.4). */
export const TURKISH = 1;
export const SPANISH = 2;
export const PORTUGUESE = 3;

/** Annex A.2, as differences from the extension table. */
const single: Readonly<Record<number, Places>> = {
  [TURKISH]: { 0x47: 'Ğ', 0x49: 'İ', 0x53: 'Ş', 0x63: 'ç', 0x67: 'ğ', 0x69: 'ı', 0x73: 'ş' },
  [SPANISH]: { 0x09: 'ç', 0x41: 'Á', 0x49: 'Í', 0x4f: 'Ó', 0x55: 'Ú', 0x61: 'á', 0x69: 'í', 0x6f: 'ó', 0x75: 'ú' },
  [PORTUGUESE]: {
    0x05: 'ê', 0x09: 'ç', 0x0b: 'Ô', 0x0c: 'ô', 0x0e: 'Á', 0x0f: 'á', 0x12: 'Φ', 0x13: 'Γ', 0x15: 'Ω', 0x16: 'Π', 0x17: 'Ψ', 0x18: 'Σ', 0x19: 'Θ', 0x1f: 'Ê',
    0x41: 'À', 0x49: 'Í', 0x4f: 'Ó', 0x55: 'Ú', 0x5b: 'Ã', 0x5c: 'Õ', 0x61: 'Â', 0x69: 'í', 0x6f: 'ó', 0x75: 'ú', 0x7b: 'ã', 0x7c: 'õ', 0x7f: 'â',
  },
};

/** Annex A.3, as differences from the basic table; Spanish has none. */
const locking: Readonly<Record<number, Places>> = {
  [TURKISH]: { 0x04: '€', 0x07: 'ı', 0x0b: 'Ğ', 0x0c: 'ğ', 0x1c: 'Ş', 0x1d: 'ş', 0x40: 'İ', 0x60: 'ç' },
  [PORTUGUESE]: {
    0x04: 'ê', 0x06: 'ú', 0x07: 'í', 0x08: 'ó', 0x09: 'ç', 0x0b: 'Ô', 0x0c: 'ô', 0x0e: 'Á', 0x0f: 'á', 0x12: 'ª', 0x13: 'Ç', 0x14: 'À', 0x15: '∞', 0x16: '^', 0x17: '\\',
    0x18: '€', 0x19: 'Ó', 0x1a: '|', 0x1c: 'Â', 0x1d: 'â', 0x1e: 'Ê', 0x24: 'º', 0x40: 'Í', 0x5b: 'Ã', 0x5c: 'Õ', 0x5d: 'Ú', 0x60: '~', 0x7b: 'ã', 0x7c: 'õ', 0x7d: '`',
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
