/** IPv4 addresses are unsigned 32-bit numbers in host order, hardware addresses six octets, prefixes an address and a bit count. */

export const ANY = 0;
export const BROADCAST = 0xffff_ffff;

export interface Prefix {
  /** As written, host bits included; `network` clears them. */
  readonly address: number;
  readonly bits: number;
}

/** Dotted decimal, strictly: four numbers 0–255 without leading zeros (which some read as octal). */
export function parse4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let n = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return undefined;
    const octet = Number(part);
    if (octet > 255) return undefined;
    n = n * 256 + octet;
  }
  return n;
}

export function format4(n: number): string {
  return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
}

/** Six pairs of hexadecimal digits with ':' or '-' between them, or twelve digits without. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{2}(-[0-9a-f]{2}){5}|[0-9a-f]{12})$/i.test(text)) return undefined;
  const digits = text.replace(/[:-]/g, '');
  const mac = new Uint8Array(6);
  for (let i = 0; i < 6; i++) mac[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return mac;
}

export function formatMac(bytes: Uint8Array, at = 0): string {
  let text = '';
  for (let i = 0; i < 6; i++) text += (i ? ':' : '') + (bytes[at + i] ?? 0).toString(16).padStart(2, '0');
  return text;
}

/** '10.0.0.0/8'. The length is required: an address without one means different things in different places. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parse4(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9]\d?)$/.test(length) || Number(length) > 32) return undefined;
  return { address, bits: Number(length) };
}

export function formatPrefix(prefix: Prefix): string {
  return `${format4(prefix.address)}/${prefix.bits}`;
}

/** 24 → 255.255.255.0. */
export function maskOf(bits: number): number {
  // A shift by 32 is a shift by 0 in JavaScript.
  return bits <= 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
}

/** 255.255.255.0 → 24; undefined for a mask with holes. */
export function bitsOf(mask: number): number | undefined {
  const bits = Math.clz32(~mask);
  return maskOf(bits) === mask >>> 0 ? bits : undefined;
}

export function network(address: number, bits: number): number {
  return (address & maskOf(bits)) >>> 0;
}

/** The directed broadcast address of a network. */
export function broadcastOf(address: number, bits: number): number {
  return (address | ~maskOf(bits)) >>> 0;
}

export function contains(prefix: Prefix, address: number): boolean {
  return ((prefix.address ^ address) & maskOf(prefix.bits)) === 0;
}

/** Whether two prefixes share any address. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return ((a.address ^ b.address) & maskOf(Math.min(a.bits, b.bits))) === 0;
}

/** 224.0.0.0/4. */
export function isMulticast(n: number): boolean {
  return n >>> 28 === 14;
}

/** 127.0.0.0/8. */
export function isLoopback(n: number): boolean {
  return n >>> 24 === 127;
}

/** 169.254.0.0/16 (RFC 3927). */
export function isLinkLocal(n: number): boolean {
  return n >>> 16 === 0xa9fe;
}

/** 10/8, 172.16/12, 192.168/16 (RFC 1918). */
export function isPrivate(n: number): boolean {
  return n >>> 24 === 10 || n >>> 20 === 0xac1 || n >>> 16 === 0xc0a8;
}

/** 0/8, loopback, multicast, 240/4 and broadcast: never the source of a packet that is forwarded (RFC 1812 §5.3.7). */
export function isMartianSource(n: number): boolean {
  const top = n >>> 24;
  return top === 0 || top === 127 || top >= 224;
}

/** 0/8, loopback, 240/4: never a destination to forward to; 255.255.255.255 is one to take in (RFC 1812 §5.3.7). */
export function isMartianDestination(n: number): boolean {
  const top = n >>> 24;
  return top === 0 || top === 127 || (top >= 240 && n !== BROADCAST);
}
