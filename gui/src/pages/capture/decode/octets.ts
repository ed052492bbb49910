/** One thing that octets say, and where: [from, to) in the frame. */
export interface Field {
  readonly name: string;
  readonly value: string;
  readonly from: number;
  readonly to: number;
  readonly fields?: readonly Field[];
  /** Something is wrong here. */
  readonly bad?: true;
}

export interface Layer {
  readonly name: string;
  /** The header in one line. */
  readonly says: string;
  readonly from: number;
  readonly to: number;
  readonly fields: readonly Field[];
  readonly bad?: true;
}

/** Numbers at offsets; whoever reads has checked the length. */
export const u16 = (b: Uint8Array, at: number): number => b[at]! << 8 | b[at + 1]!;
export const u32 = (b: Uint8Array, at: number): number => (b[at]! << 24 | b[at + 1]! << 16 | b[at + 2]! << 8 | b[at + 3]!) >>> 0;
export const hex = (n: number, digits: number): string => `0x${n.toString(16).padStart(digits, '0')}`;
export const ip4 = (b: Uint8Array, at: number): string => `${b[at]}.${b[at + 1]}.${b[at + 2]}.${b[at + 3]}`;
export const mac = (b: Uint8Array, at: number, n = 6): string => Array.from(b.subarray(at, at + n), (x) => x.toString(16).padStart(2, '0')).join(':');

/** Printable ASCII; a dot for the rest. */
export const ascii = (b: Uint8Array, from: number, to: number): string => Array.from(b.subarray(from, to), (x) => (x >= 0x20 && x < 0x7f ? String.fromCharCode(x) : '·')).join('');

export const field = (name: string, value: string | number, from: number, to: number, more: { readonly fields?: readonly Field[]; readonly bad?: boolean } = {}): Field => ({
  name, value: String(value), from, to, ...(more.fields ? { fields: more.fields } : {}), ...(more.bad === true ? { bad: true } : {}),
});

/** Names of the bits that are set, of the highest first. */
export const flagNames = (n: number, names: readonly (readonly [number, string])[]): string => names.filter(([bit]) => (n & bit) !== 0).map(([, name]) => name).join(', ') || 'none';

/** The internet checksum over [from, to) (RFC 1071): 0 when the sum in there is right. */
export function checksum(b: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 2) sum += b[i]! << 8 | (i + 1 < to ? b[i + 1]! : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
