import type { Facts } from './facts.ts';

/** What a Qualcomm chip answers to the codes that read; layouts as in libqcdm's public headers. Codes it does not know: 19. */
const BAD_COMMAND = 19;
const BAD_PARAMETER = 20;
const AT_REQUEST = 3;
const AT_RESPONSE = 4;

/** Places numbers in an answer of this length. */
class Answer {
  readonly octets: Uint8Array;
  constructor(length: number, ...head: readonly number[]) { this.octets = new Uint8Array(length); this.octets.set(head); }
  u16(at: number, n: number): this { this.octets[at] = n & 0xff; this.octets[at + 1] = (n >> 8) & 0xff; return this; }
  u32(at: number, n: number): this { return this.u16(at, n & 0xffff).u16(at + 2, n >>> 16); }
  u8(at: number, n: number): this { this.octets[at] = n; return this; }
  text(at: number, text: string): this { this.octets.set(Buffer.from(text, 'latin1'), at); return this; }
}

const MODE: Readonly<Record<string, number>> = { '1x': 9, evdo: 10 };

/** `ask`: what the card says to an AT query, for chips that take those here as well. */
export function qcdmAnswer(request: Uint8Array, f: Facts, chip: 50 | 250 | undefined, ask: (line: string) => readonly string[]): Uint8Array {
  const refuse = (code: number): Uint8Array => Uint8Array.of(code, ...request);
  const esn = Number.parseInt(f['esn'] ?? '0', 16) || 0;
  const registered = f['registered'] === '1';
  const evdo = f['evdo'] === '1';
  const sid = registered ? Number(f['sid']) : 0;
  const nid = registered ? Number(f['nid']) : 0;
  switch (request[0]) {
    case 0: return new Answer(55, 0).text(1, 'Nov 02 2007').text(12, '18:00:00').text(20, 'Nov 02 2007').text(31, '18:00:00').text(39, (f['model'] ?? '').slice(0, 8)).u16(50, 100).u8(53, 19).octets;
    case 1: return new Answer(5, 1).u32(1, esn).octets;
    case 12: return new Answer(47, 12).u32(4, esn).u16(23, registered ? 1 : 0).u16(34, 384).u16(37, Number(f['pn'])).u16(39, sid).u16(41, nid).octets;
    case 38: return nv(request, f, refuse);
    case 64: {
      const half = Math.round(-2 * Number(f['ecio']));
      const heard = f['dbm'] === '-125' ? 0 : 1;
      return new Answer(6 + 12, 64, 0, 0, heard, 0, 2).u16(6, Number(f['pn'])).u16(8, half).u16(10, 168).u16(12, half + 14).u16(14, 252).u16(16, half + 22).octets;
    }
    case 75: return chip !== undefined && request[1] === chip && request[2] === AT_REQUEST && request[3] === 0 ? atAnswer(request, chip, ask) : subsystem(request, f, chip, { registered, evdo }, refuse);
    case 99: return new Answer(40, 99).u32(1, esn).u16(20, 0).u16(23, sid).u16(25, nid).u8(27, 6).u8(28, 6).u8(29, 6).u8(30, 0).u16(31, 384).u8(33, 0).u8(34, evdo ? 0x43 : 0x03).octets;
    default: return refuse(BAD_COMMAND);
  }
}

/** Novatel: AT inside the diagnostic port. */
function atAnswer(request: Uint8Array, chip: number, ask: (line: string) => readonly string[]): Uint8Array {
  const text = ['', ...ask(Buffer.from(request.subarray(4)).toString('latin1').trim()), ''].join('\r\n');
  return new Answer(5 + text.length, 75, chip, AT_RESPONSE, 0).text(4, text).octets;
}

function nv(request: Uint8Array, f: Facts, refuse: (code: number) => Uint8Array): Uint8Array {
  if (request.length < 3) return refuse(BAD_PARAMETER);
  const item = request[1]! | (request[2]! << 8);
  const a = new Answer(133, 38).u16(1, item);
  switch (item) {
    case 10: a.u8(4, MODE[f['mode'] ?? ''] ?? 4); break;
    case 178: a.text(4, (f['mdn'] ?? '').slice(0, 10)); break;
    case 442: a.u8(4, 0xff); break;
    case 562: a.u8(3, 1); break;
    case 4964: a.u8(3, f['evdoRevision'] === '0' ? 0 : 1); break;
    // Not written: status 5.
    default: a.u16(131, 5);
  }
  return a.octets;
}

function subsystem(request: Uint8Array, f: Facts, chip: 50 | 250 | undefined, { registered, evdo }: { registered: boolean; evdo: boolean }, refuse: (code: number) => Uint8Array): Uint8Array {
  if (request.length < 4) return refuse(BAD_PARAMETER);
  const [, id = 0, low = 0, high = 0] = request;
  const command = low | (high << 8);
  const head = [75, id, low, high] as const;
  if (id === 15 && command === 0) {
    const system = !registered ? 0 : evdo ? 4 : 2;
    return new Answer(44, ...head).u32(4, f['online'] === '1' ? 3 : 0).u32(8, 5).u32(12, system).u32(16, 2).u32(24, 2).u32(36, 1).octets;
  }
  if (id === 5 && command === 8) return new Answer(13, ...head).u8(4, evdo ? 2 : 0).u8(5, evdo ? 4 : 0).u8(6, evdo ? (f['online'] === '1' ? 3 : 2) : 0).u8(12, 1).octets;
  if (chip !== undefined && id === chip && command === 7) {
    const dbm = Number(f['dbm']);
    return new Answer(60, ...head).u32(13, dbm >>> 0).u8(32, 0).u8(33, Number(f['eri'])).u16(52, Number(f['pn'])).u8(55, f['hdrRevision'] === 'A' ? 1 : 0).octets;
  }
  return refuse(BAD_COMMAND);
}
