import { ascii, type Field, field, flagNames, hex, ip4, type Layer, u16, u32 } from './octets.ts';

const types: Readonly<Record<number, string>> = { 1: 'A', 2: 'NS', 5: 'CNAME', 6: 'SOA', 12: 'PTR', 15: 'MX', 16: 'TXT', 28: 'AAAA', 33: 'SRV', 41: 'OPT', 65: 'HTTPS', 252: 'AXFR', 255: 'ANY' };
const codes = ['no error', 'format error', 'server failure', 'no such name', 'not implemented', 'refused'];
const MOST_RECORDS = 64;

/** A name (RFC 1035 §4.1.4), with its pointers followed; `next` is behind it. Undefined: it is broken. */
function nameAt(b: Uint8Array, base: number, at: number, end: number): { readonly name: string; readonly next: number } | undefined {
  const labels: string[] = [];
  let next = -1;
  for (let i = at, jumps = 0; i < end;) {
    const n = b[i]!;
    if (n === 0) return { name: labels.join('.') || '.', next: next < 0 ? i + 1 : next };
    if (n >= 0xc0) {
      if (i + 1 >= end || ++jumps > 20) return undefined;
      if (next < 0) next = i + 2;
      i = base + ((n & 0x3f) << 8 | b[i + 1]!);
    } else {
      if (n > 63 || i + 1 + n > end || labels.length > 127) return undefined;
      labels.push(ascii(b, i + 1, i + 1 + n));
      i += 1 + n;
    }
  }
  return undefined;
}

/** RFC 1035 §4. */
export function lookup(b: Uint8Array, at: number, end: number): readonly Layer[] {
  if (end < at + 12) return [{ name: 'DNS', says: 'cut', from: Math.min(at, end), to: end, fields: [], bad: true }];
  const flags = u16(b, at + 2);
  const answer = (flags & 0x8000) !== 0;
  const counts = [u16(b, at + 4), u16(b, at + 6), u16(b, at + 8), u16(b, at + 10)];
  const fields: Field[] = [
    field('Identification', hex(u16(b, at), 4), at, at + 2),
    field('Flags', `${answer ? 'response' : 'query'}, ${flagNames(flags, [[0x400, 'authoritative'], [0x200, 'truncated'], [0x100, 'recursion desired'], [0x80, 'recursion available'], [0x20, 'authenticated']])}`, at + 2, at + 4),
    ...answer ? [field('Result', codes[flags & 15] ?? `code ${flags & 15}`, at + 3, at + 4)] : [],
    field('Counts', `${counts[0]} questions, ${counts[1]} answers, ${counts[2]} authorities, ${counts[3]} more`, at + 4, at + 12),
  ];
  let i = at + 12;
  const asked: string[] = [];
  const found: string[] = [];
  let bad = false;
  for (let n = 0; n < Math.min(counts[0]!, MOST_RECORDS) && !bad; n++) {
    const name = nameAt(b, at, i, end);
    if (name === undefined || name.next + 4 > end) { bad = true; break; }
    const what = `${types[u16(b, name.next)] ?? `type ${u16(b, name.next)}`} ${name.name}`;
    asked.push(what);
    fields.push(field('Question', what, i, name.next + 4));
    i = name.next + 4;
  }
  for (const [section, title] of [[1, 'Answer'], [2, 'Authority'], [3, 'Additional']] as const) {
    for (let n = 0; n < Math.min(counts[section]!, MOST_RECORDS) && !bad; n++) {
      const name = nameAt(b, at, i, end);
      const data = name === undefined ? end + 1 : name.next + 10;
      const to = data <= end ? data + u16(b, data - 2) : end + 1;
      if (name === undefined || to > end) { bad = true; break; }
      const type = u16(b, name.next);
      const value = type === 1 && to - data === 4 ? ip4(b, data) : type === 2 || type === 5 || type === 12 ? nameAt(b, at, data, end)?.name ?? '?' : type === 16 ? ascii(b, data + 1, to) : `${to - data} octets`;
      if (section === 1) found.push(value);
      fields.push(field(title, type === 41 ? `EDNS, ${u16(b, name.next + 2)} octets` : `${types[type] ?? `type ${type}`} ${name.name} = ${value}, for ${u32(b, name.next + 4)} s`, i, to));
      i = to;
    }
  }
  const says = `${answer ? 'response' : 'query'}${asked[0] ? `: ${asked[0]}` : ''}${answer ? ` → ${found.join(', ') || (codes[flags & 15] ?? 'nothing')}` : ''}`;
  return [{ name: 'DNS', says, from: at, to: end, fields, ...(bad ? { bad: true } : {}) }];
}
