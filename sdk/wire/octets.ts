/** Big-endian fields of 16 and 32 bits, the building blocks of every header. The caller has checked the bounds. */

export function u16(buf: Uint8Array, at: number): number {
  return (buf[at]! << 8) | buf[at + 1]!;
}

export function setU16(buf: Uint8Array, at: number, v: number): void {
  buf[at] = v >>> 8;
  buf[at + 1] = v;
}

/** Unsigned: 0 to 2^32 - 1. */
export function u32(buf: Uint8Array, at: number): number {
  return ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0;
}

export function setU32(buf: Uint8Array, at: number, v: number): void {
  buf[at] = v >>> 24;
  buf[at + 1] = v >>> 16;
  buf[at + 2] = v >>> 8;
  buf[at + 3] = v;
}

/** Copies the six octets of a hardware address; a loop, because `set` with a view costs more than the copy. */
export function copyMac(to: Uint8Array, at: number, from: Uint8Array, fromAt = 0): void {
  for (let i = 0; i < 6; i++) to[at + i] = from[fromAt + i]!;
}

/** Six octets as an array of their own. */
export function takeMac(buf: Uint8Array, at: number): Uint8Array {
  const mac = new Uint8Array(6);
  copyMac(mac, 0, buf, at);
  return mac;
}

/** [from, to) as an array of its own. Not `buf.slice`, which shares the memory when the buffer is Node's. */
export function take(buf: Uint8Array, from: number, to: number): Uint8Array {
  return Uint8Array.prototype.slice.call(buf, from, to);
}

/** Octets as text, one character each. */
export function latin1(buf: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(buf[i]!);
  return text;
}

/** Text as octets; what is above U+00FF becomes '?'. */
export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => (c.charCodeAt(0) > 0xff ? 0x3f : c.charCodeAt(0)));
}
