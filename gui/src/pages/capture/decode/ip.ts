import type { Ends } from './frame.ts';
import { checksum, field, flagNames, hex, ip4, type Layer, u16 } from './octets.ts';
import { segment, user } from './transport.ts';
import { message } from './icmp.ts';

export const protocols: Readonly<Record<number, string>> = { 1: 'ICMP', 2: 'IGMP', 6: 'TCP', 17: 'UDP', 41: 'IPv6', 47: 'GRE', 50: 'ESP', 51: 'AH', 89: 'OSPF' };

/** An IPv4 datagram and what is in it (RFC 791). */
export function datagram(b: Uint8Array, at: number): { readonly layers: readonly Layer[]; readonly ends?: Ends } {
  const cut = (): { readonly layers: readonly Layer[] } => ({ layers: [{ name: 'IPv4', says: 'malformed', from: at, to: b.length, fields: [], bad: true }] });
  if (b.length < at + 20) return cut();
  const header = (b[at]! & 15) * 4;
  if (b[at]! >>> 4 !== 4 || header < 20 || b.length < at + header) return cut();
  const total = u16(b, at + 2);
  const flags = u16(b, at + 6);
  const offset = (flags & 0x1fff) * 8;
  const proto = b[at + 9]!;
  const wrong = checksum(b, at, at + header) !== 0;
  const [src, dst] = [ip4(b, at + 12), ip4(b, at + 16)];
  const fields = [
    field('Version', 4, at, at + 1), field('Header length', `${header} octets`, at, at + 1), field('Differentiated services', `${hex(b[at + 1]! >>> 2, 2)}, ECN ${b[at + 1]! & 3}`, at + 1, at + 2),
    field('Total length', `${total} octets`, at + 2, at + 4), field('Identification', hex(u16(b, at + 4), 4), at + 4, at + 6),
    field('Flags', flagNames(flags, [[0x4000, "don't fragment"], [0x2000, 'more fragments']]), at + 6, at + 7), field('Fragment offset', `${offset} octets`, at + 6, at + 8),
    field('Time to live', b[at + 8]!, at + 8, at + 9), field('Protocol', `${protocols[proto] ?? 'unknown'} (${proto})`, at + 9, at + 10),
    field('Header checksum', `${hex(u16(b, at + 10), 4)}${wrong ? ', wrong' : ', right'}`, at + 10, at + 12, { bad: wrong }), field('Source', src, at + 12, at + 16), field('Destination', dst, at + 16, at + 20),
    ...header > 20 ? [field('Options', `${header - 20} octets`, at + 20, at + header)] : [],
  ];
  const says = `${src} → ${dst}, ${protocols[proto] ?? `protocol ${proto}`}, TTL ${b[at + 8]}${offset > 0 || (flags & 0x2000) !== 0 ? `, fragment at ${offset}` : ''}`;
  const layers: Layer[] = [{ name: 'IPv4', says, from: at, to: at + header, fields, ...(wrong ? { bad: true } : {}) }];
  const body = at + header;
  // Padding of short Ethernet frames is no part of the datagram; a total length of 0 or beyond the capture: as far as there is.
  const end = Math.min(b.length, total > header ? at + total : b.length);
  const ends = { src, dst, proto, sport: 0, dport: 0 };
  if (offset > 0) return { layers: [...layers, data(body, end)], ends };
  if (proto === 6 || proto === 17) {
    const inner = proto === 6 ? segment(b, body, end, at + total) : user(b, body, end);
    layers.push(...inner);
    return { layers, ends: end >= body + 4 ? { ...ends, sport: u16(b, body), dport: u16(b, body + 2) } : ends };
  }
  if (proto === 1) return { layers: [...layers, ...message(b, body, end)], ends };
  return { layers: end > body ? [...layers, data(body, end)] : layers, ends };
}

export const data = (from: number, to: number): Layer => ({ name: 'Data', says: `${to - from} octets`, from, to, fields: [] });
