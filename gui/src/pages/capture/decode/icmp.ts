import { datagram } from './ip.ts';
import { type Field, field, hex, ip4, type Layer, u16 } from './octets.ts';

const types: Readonly<Record<number, string>> = { 0: 'echo reply', 3: 'destination unreachable', 4: 'source quench', 5: 'redirect', 8: 'echo request', 9: 'router advertisement', 10: 'router solicitation', 11: 'time exceeded', 12: 'parameter problem', 13: 'timestamp request', 14: 'timestamp reply' };
const unreachable = ['network', 'host', 'protocol', 'port', 'fragmentation needed', 'source route failed', 'network unknown', 'host unknown', 'source host isolated', 'network prohibited', 'host prohibited', 'network for this service', 'host for this service', 'prohibited by an administrator'];

/** RFC 792; messages about another packet carry the beginning of that. */
export function message(b: Uint8Array, at: number, end: number): readonly Layer[] {
  if (end < at + 8) return [{ name: 'ICMP', says: 'cut', from: at, to: end, fields: [], bad: true }];
  const [type, code] = [b[at]!, b[at + 1]!];
  const name = types[type] ?? `type ${type}`;
  const about = type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
  const echo = type === 0 || type === 8 || type === 13 || type === 14;
  const fields: Field[] = [
    field('Type', `${type} (${name})`, at, at + 1), field('Code', type === 3 ? `${code} (${unreachable[code] ?? 'unknown'})` : code, at + 1, at + 2), field('Checksum', hex(u16(b, at + 2), 4), at + 2, at + 4),
    ...echo ? [field('Identifier', u16(b, at + 4), at + 4, at + 6), field('Sequence number', u16(b, at + 6), at + 6, at + 8)] : [],
    ...type === 5 ? [field('Gateway', ip4(b, at + 4), at + 4, at + 8)] : [],
    ...type === 3 && code === 4 ? [field('MTU of the next hop', u16(b, at + 6), at + 6, at + 8)] : [],
  ];
  const says = echo ? `${name}, id ${u16(b, at + 4)}, sequence ${u16(b, at + 6)}` : type === 3 ? `${name}: ${unreachable[code] ?? `code ${code}`}` : name;
  const own: Layer = { name: 'ICMP', says, from: at, to: at + 8, fields };
  if (about && end > at + 8) return [own, ...datagram(b.subarray(0, end), at + 8).layers.map(({ name, says: inside, from, to, fields: quoted }) => ({ name: `${name} (quoted)`, says: inside, from, to, fields: quoted }))];
  return end > at + 8 ? [own, { name: 'Data', says: `${end - at - 8} octets`, from: at + 8, to: end, fields: [] }] : [own];
}
