/** The two PDUs that pass between a card and its host (TS 23.040 §9.2), as much of them as the lab needs. */
const GSM7 = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

const hex = (octets: readonly number[]): string => octets.map(o => o.toString(16).padStart(2, '0')).join('').toUpperCase();
const swapped = (digits: string): number[] => (digits.length % 2 === 0 ? digits : `${digits}F`).match(/../g)?.map(d => Number.parseInt(`${d[1]}${d[0]}`, 16)) ?? [];
const number = (text: string): number[] => {
  const digits = text.replace(/\D/g, '');
  return [digits.length, text.startsWith('+') ? 0x91 : 0x81, ...swapped(digits)];
};

function septets(text: string): number[] {
  const out: number[] = [];
  let bits = 0;
  let have = 0;
  for (const c of text) {
    bits |= GSM7.indexOf(c) << have;
    have += 7;
    for (; have >= 8; have -= 8, bits >>>= 8) out.push(bits & 0xff);
  }
  if (have > 0) out.push(bits & 0xff);
  return out;
}

/** SMS-DELIVER with an empty service centre; at most 160 letters (70 beyond GSM's alphabet), the rest is cut. `wall` ms. */
export function deliver(from: string, text: string, wall: number): string {
  const plain = [...text].every(c => c !== '\u001b' && GSM7.includes(c));
  const cut = plain ? [...text].slice(0, 160).join('') : text.slice(0, 70);
  const body = plain ? [cut.length, ...septets(cut)] : [cut.length * 2, ...[...cut.split('')].flatMap(c => [c.charCodeAt(0) >> 8, c.charCodeAt(0) & 0xff])];
  const d = new Date(wall);
  const two = (n: number): string => String(n % 100).padStart(2, '0');
  const stamp = [d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()].map(two).join('');
  return hex([0, 0x04, ...number(from), 0, plain ? 0 : 8, ...swapped(stamp), 0, ...body]);
}

/** SMS-SUBMIT: to whom and what; a part of a long message comes without its header. Undefined: it is none. */
export function submitted(pdu: string): { readonly to: string; readonly text: string } | undefined {
  if (!/^([0-9A-F]{2})+$/i.test(pdu)) return undefined;
  const o = pdu.match(/../g)!.map(h => Number.parseInt(h, 16));
  let at = 1 + o[0]!;
  const first = o[at];
  const digits = o[at + 2];
  if (first === undefined || (first & 3) !== 1 || digits === undefined) return undefined;
  const octets = Math.ceil(digits / 2);
  const to = `${o[at + 3] === 0x91 ? '+' : ''}${o.slice(at + 4, at + 4 + octets).map(b => `${(b & 15).toString(16)}${(b >> 4).toString(16)}`).join('').slice(0, digits)}`;
  at += 4 + octets;
  const coding = o[at + 1];
  // Validity: none, relative (one octet), or seven.
  at += 2 + ({ 0: 0, 2: 1 }[(first >> 3) & 3] ?? 7);
  const length = o[at];
  if (coding === undefined || length === undefined) return undefined;
  const data = o.slice(at + 1);
  const header = (first & 0x40) === 0 ? 0 : 1 + (data[0] ?? 0);
  if ((coding & 0x0c) === 8) {
    let text = '';
    for (let i = header; i + 1 < Math.min(data.length, length); i += 2) text += String.fromCharCode((data[i]! << 8) | data[i + 1]!);
    return { to, text };
  }
  const skip = Math.ceil(header * 8 / 7);
  let text = '';
  for (let i = skip; i < length && (i * 7) >> 3 < data.length; i++) {
    const bit = i * 7;
    const pair = data[bit >> 3]! | ((data[(bit >> 3) + 1] ?? 0) << 8);
    text += GSM7[(pair >> (bit & 7)) & 0x7f] ?? '';
  }
  return { to, text };
}
