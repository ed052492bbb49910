import { fromLatin1 } from './octets.ts';

/**
 * Domain names: labels with a length octet each, closed by a zero; or a pointer to an earlier place in the message
 * (RFC 1035 §3.1, §4.1.4). As text: labels joined by dots, the root is ''. A dot or backslash inside a label is escaped with
 * a backslash, and what is not printable ASCII is \DDD (RFC 1035 §5.1).
 */
export const MAX_NAME = 255;
export const MAX_LABEL = 63;

/** A name and the offset after it. */
export interface ReadName { readonly name: string; readonly next: number }

/**
 * Reads a name at `at` of the message in [start, end). Each pointer must point before the part of the name it stands in, so
 * every jump goes further back and no chain can close or run long. Undefined when malformed.
 */
export function readName(buf: Uint8Array, start: number, at: number, end: number): ReadName | undefined {
  let name = '';
  let here = at;
  let part = at;
  let next = -1;
  let length = 1;
  for (;;) {
    if (here >= end) return undefined;
    const n = buf[here]!;
    if (n === 0) return { name, next: next < 0 ? here + 1 : next };
    if (n >= 0xc0) {
      if (here + 2 > end) return undefined;
      const to = start + (((n & 0x3f) << 8) | buf[here + 1]!);
      if (to >= part) return undefined;
      if (next < 0) next = here + 2;
      here = to;
      part = to;
      continue;
    }
    length += n + 1;
    // 0x40 and 0x80 are label types nobody uses (RFC 6891 §5).
    if (n > MAX_LABEL || length > MAX_NAME || here + 1 + n > end) return undefined;
    if (name !== '') name += '.';
    for (let i = here + 1; i <= here + n; i++) name += shown(buf[i]!);
    here += n + 1;
  }
}

function shown(octet: number): string {
  if (octet === 0x2e || octet === 0x5c) return `\\${String.fromCharCode(octet)}`;
  if (octet > 0x20 && octet < 0x7f) return String.fromCharCode(octet);
  return `\\${String(octet).padStart(3, '0')}`;
}

/** The labels of a name in text form; a closing dot is allowed. Undefined: an empty or overlong label, or too long in all. */
export function labelsOf(name: string): readonly Uint8Array[] | undefined {
  if (name === '' || name === '.') return [];
  if (!/^(\\\d{3}|\\\D|[^\\])*$/s.test(name)) return undefined;
  const labels: Uint8Array[] = [];
  let label: number[] = [];
  const parts = name.match(/\\\d{3}|\\\D|[^\\]/gs) ?? [];
  for (const [i, part] of parts.entries()) {
    const closes = part === '.';
    if (!closes) label.push(part.length === 4 ? Number(part.slice(1)) : fromLatin1(part.slice(-1))[0]!);
    if (!closes && i < parts.length - 1) continue;
    if (label.length === 0 || label.length > MAX_LABEL || label.some((octet) => octet > 255)) return undefined;
    labels.push(Uint8Array.from(label));
    label = [];
  }
  return labels.reduce((sum, l) => sum + l.length + 1, 1) <= MAX_NAME ? labels : undefined;
}

export function isName(name: string): boolean {
  return labelsOf(name) !== undefined;
}

/** Names compare without regard to ASCII case (RFC 1035 §2.3.3) and to a closing dot. */
export function canonical(name: string): string {
  const bare = name.endsWith('.') && !name.endsWith('\\.') ? name.slice(0, -1) : name;
  return bare.replace(/[A-Z]/g, (c) => c.toLowerCase());
}

/** '1.2.168.192.in-addr.arpa' for 192.168.2.1. */
export function reverseName(address: number): string {
  return `${address & 255}.${(address >>> 8) & 255}.${(address >>> 16) & 255}.${address >>> 24}.in-addr.arpa`;
}
