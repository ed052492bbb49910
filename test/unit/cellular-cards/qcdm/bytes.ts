/** '26 b2 00' */
export const octets = (hex: string): Uint8Array => Uint8Array.from(hex.trim().split(/\s+/).map(h => Number.parseInt(h, 16)));

/** An answer of `length` octets filled with 0xa5 but for what is put at offsets; numbers of n octets go low octet first. */
export function answer(length: number, ...parts: readonly (readonly [at: number, value: number | string, size?: number])[]): Uint8Array {
  const out = new Uint8Array(length).fill(0xa5);
  for (const [at, value, size = 1] of parts) {
    if (typeof value === 'string') for (let i = 0; i < size; i++) out[at + i] = value.charCodeAt(i) || 0;
    else for (let i = 0; i < size; i++) out[at + i] = Math.floor((value < 0 ? value + 2 ** 32 : value) / 2 ** (8 * i)) & 0xff;
  }
  return out;
}
