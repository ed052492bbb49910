import { lease } from './dhcp.ts';
import { lookup } from './dns.ts';
import { ascii, type Field, field, flagNames, hex, type Layer, u16, u32 } from './octets.ts';

const flags = [[0x80, 'CWR'], [0x40, 'ECE'], [0x20, 'URG'], [0x10, 'ACK'], [0x08, 'PSH'], [0x04, 'RST'], [0x02, 'SYN'], [0x01, 'FIN']] as const;

/** RFC 9293. `whole`: where the segment ends by the length in the IP header, which may be beyond what was captured. */
export function segment(b: Uint8Array, at: number, end: number, whole: number): readonly Layer[] {
  const header = end >= at + 20 ? (b[at + 12]! >>> 4) * 4 : 0;
  if (header < 20 || at + header > end) return [{ name: 'TCP', says: 'malformed', from: at, to: end, fields: [], bad: true }];
  const [sport, dport, seq, ack, set] = [u16(b, at), u16(b, at + 2), u32(b, at + 4), u32(b, at + 8), b[at + 13]!];
  const length = Math.max(0, whole - at - header);
  const options = optionsOf(b, at + 20, at + header);
  const own: Layer = { name: 'TCP', says: `${sport} → ${dport} [${flagNames(set, flags)}], sequence ${seq}${(set & 0x10) !== 0 ? `, acknowledges ${ack}` : ''}, ${length} octets`, from: at, to: at + header, fields: [
    field('Source port', sport, at, at + 2), field('Destination port', dport, at + 2, at + 4), field('Sequence number', seq, at + 4, at + 8), field('Acknowledgment number', ack, at + 8, at + 12),
    field('Header length', `${header} octets`, at + 12, at + 13), field('Flags', `${flagNames(set, flags)} (${hex(set, 2)})`, at + 13, at + 14), field('Window', u16(b, at + 14), at + 14, at + 16),
    field('Checksum', hex(u16(b, at + 16), 4), at + 16, at + 18), field('Urgent pointer', u16(b, at + 18), at + 18, at + 20),
    ...options.length > 0 ? [field('Options', options.map((o) => o.name).join(', '), at + 20, at + header, { fields: options })] : [],
  ] };
  const body = at + header;
  if (end <= body) return [own];
  if (sport === 53 || dport === 53) return [own, ...lookup(b, body + 2, end)];
  return [own, { ...text(b, body, end), says: `${whole - body} octets${whole > end ? `, ${end - body} captured` : ''}` }];
}

const names: Readonly<Record<number, string>> = { 2: 'Maximum segment size', 3: 'Window scale', 4: 'SACK permitted', 5: 'SACK', 8: 'Timestamps', 34: 'Fast open' };

function optionsOf(b: Uint8Array, from: number, to: number): readonly Field[] {
  const found: Field[] = [];
  for (let at = from; at < to;) {
    const kind = b[at]!;
    if (kind === 0) break;
    if (kind === 1) { at++; continue; }
    const length = at + 1 < to ? b[at + 1]! : 0;
    if (length < 2 || at + length > to) return [...found, field('Broken option', `kind ${kind}`, at, to, { bad: true })];
    const value = kind === 2 && length === 4 ? u16(b, at + 2) : kind === 3 && length === 3 ? `× ${2 ** Math.min(14, b[at + 2]!)}` : kind === 8 && length === 10 ? `${u32(b, at + 2)}, echo ${u32(b, at + 6)}`
      : kind === 5 ? Array.from({ length: (length - 2) >> 3 }, (_, i) => `${u32(b, at + 2 + i * 8)}–${u32(b, at + 6 + i * 8)}`).join(', ') : kind === 4 ? 'yes' : `${length - 2} octets`;
    found.push(field(names[kind] ?? `Option ${kind}`, value, at, at + length));
    at += length;
  }
  return found;
}

/** RFC 768, and what is known by its ports. */
export function user(b: Uint8Array, at: number, end: number): readonly Layer[] {
  if (end < at + 8) return [{ name: 'UDP', says: 'cut', from: at, to: end, fields: [], bad: true }];
  const [sport, dport, length] = [u16(b, at), u16(b, at + 2), u16(b, at + 4)];
  const sum = u16(b, at + 6);
  const own: Layer = { name: 'UDP', says: `${sport} → ${dport}, ${length - 8} octets`, from: at, to: at + 8, fields: [
    field('Source port', sport, at, at + 2), field('Destination port', dport, at + 2, at + 4), field('Length', `${length} octets`, at + 4, at + 6, { bad: length < 8 }), field('Checksum', sum === 0 ? 'none' : hex(sum, 4), at + 6, at + 8),
  ] };
  const body = at + 8;
  if (end <= body) return [own];
  const ports = [sport, dport];
  if (ports.includes(67) || ports.includes(68)) return [own, lease(b, body, end)];
  if (ports.includes(53) || ports.includes(5353)) return [own, ...lookup(b, body, end)];
  return [own, text(b, body, end)];
}

/** What is not decoded further: its first line, where that can be read. */
function text(b: Uint8Array, from: number, to: number): Layer {
  const begin = ascii(b, from, Math.min(to, from + 400));
  const line = begin.split('··')[0] ?? '';
  const readable = line.length >= 4 && !line.slice(0, 60).includes('·');
  return { name: 'Data', says: `${to - from} octets`, from, to, fields: readable ? [field('Text', line.slice(0, 120), from, Math.min(to, from + line.length))] : [] };
}
