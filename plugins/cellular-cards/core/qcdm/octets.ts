/** Numbers in diagnostic payloads are little-endian. Readers are asked only for what a length check has allowed. */
export const u16 = (buf: Uint8Array, at: number): number => buf[at]! | (buf[at + 1]! << 8);
export const u32 = (buf: Uint8Array, at: number): number => (buf[at]! | (buf[at + 1]! << 8) | (buf[at + 2]! << 16) | (buf[at + 3]! << 24)) >>> 0;
export const s32 = (buf: Uint8Array, at: number): number => u32(buf, at) | 0;

/** Printable ASCII of a field of fixed length, up to the first NUL, without blanks around it. */
export function text(buf: Uint8Array, at: number, length: number): string {
  let out = '';
  for (let i = at; i < at + length && buf[i] !== 0; i++) if (buf[i]! >= 0x20 && buf[i]! < 0x7f) out += String.fromCharCode(buf[i]!);
  return out.trim();
}

/** '5B90000B': the ESN as it is printed on the card. */
export const esnText = (buf: Uint8Array, at: number): string => u32(buf, at).toString(16).toUpperCase().padStart(8, '0');
