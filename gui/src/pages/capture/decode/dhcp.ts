import { ascii, type Field, field, hex, ip4, type Layer, mac, u16, u32 } from './octets.ts';

const messages = ['', 'discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform'];
/** RFC 2132: how the value of an option is read. */
const options: Readonly<Record<number, readonly [name: string, kind: 'ip' | 'text' | 'seconds' | 'number' | 'message' | 'list' | 'octets']>> = {
  1: ['Subnet mask', 'ip'], 3: ['Router', 'ip'], 6: ['DNS servers', 'ip'], 12: ['Host name', 'text'], 15: ['Domain name', 'text'], 26: ['MTU', 'number'], 28: ['Broadcast address', 'ip'], 42: ['Time servers', 'ip'],
  50: ['Requested address', 'ip'], 51: ['Lease time', 'seconds'], 53: ['Message type', 'message'], 54: ['Server', 'ip'], 55: ['Parameters asked for', 'list'], 56: ['Message', 'text'], 57: ['Largest message', 'number'],
  58: ['Renewal time', 'seconds'], 59: ['Rebinding time', 'seconds'], 60: ['Vendor class', 'text'], 61: ['Client id', 'octets'], 81: ['Client FQDN', 'octets'], 82: ['Relay agent', 'octets'], 121: ['Static routes', 'octets'],
};

/** RFC 2131 §2. */
export function lease(b: Uint8Array, at: number, end: number): Layer {
  if (end < at + 240 || u32(b, at + 236) !== 0x63825363) return { name: 'DHCP', says: 'cut or malformed', from: at, to: end, fields: [], bad: true };
  const fields: Field[] = [
    field('Operation', b[at] === 1 ? '1 (request)' : b[at] === 2 ? '2 (reply)' : b[at]!, at, at + 1), field('Hops', b[at + 3]!, at + 3, at + 4), field('Transaction', hex(u32(b, at + 4), 8), at + 4, at + 8),
    field('Seconds', u16(b, at + 8), at + 8, at + 10), field('Flags', (u16(b, at + 10) & 0x8000) !== 0 ? 'broadcast' : 'none', at + 10, at + 12), field('Client address', ip4(b, at + 12), at + 12, at + 16),
    field('Your address', ip4(b, at + 16), at + 16, at + 20), field('Next server', ip4(b, at + 20), at + 20, at + 24), field('Relay agent', ip4(b, at + 24), at + 24, at + 28),
    field('Client hardware address', mac(b, at + 28), at + 28, at + 34), field('Magic cookie', 'DHCP', at + 236, at + 240),
  ];
  let type = '';
  let bad = true;
  for (let i = at + 240; i < end;) {
    const code = b[i]!;
    if (code === 0) { i++; continue; }
    if (code === 255) { bad = false; break; }
    const from = i + 2;
    const to = from + (i + 1 < end ? b[i + 1]! : end);
    if (to > end) break;
    const [name, kind] = options[code] ?? [`Option ${code}`, 'octets'] as const;
    const value = optionText(b, from, to, kind);
    if (kind === 'message') type = value;
    fields.push(field(name, value, i, to));
    i = to;
  }
  return { name: 'DHCP', says: `${type || 'BOOTP'} ${mac(b, at + 28)}${u32(b, at + 16) !== 0 ? `, ${ip4(b, at + 16)}` : ''}`, from: at, to: end, fields, ...(bad ? { bad: true } : {}) };
}

function optionText(b: Uint8Array, from: number, to: number, kind: string): string {
  const length = to - from;
  if (kind === 'ip' && length >= 4) return Array.from({ length: length >> 2 }, (_, i) => ip4(b, from + i * 4)).join(', ');
  if (kind === 'text') return ascii(b, from, to);
  if (kind === 'seconds' && length === 4) return `${u32(b, from)} s`;
  if (kind === 'number' && length === 2) return String(u16(b, from));
  if (kind === 'message' && length === 1) return messages[b[from]!] || String(b[from]);
  if (kind === 'list') return Array.from(b.subarray(from, to), (n) => options[n]?.[0] ?? String(n)).join(', ');
  return Array.from(b.subarray(from, to), (n) => n.toString(16).padStart(2, '0')).join(' ');
}
