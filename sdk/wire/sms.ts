/** Short messages as they pass between a card and its host in PDU mode: TS 23.040 §9.2.2 behind the address of the service centre (TS 27.005 §3.1). */
import * as gsm7 from './gsm7.ts';
import { codingOf, type Coding, dataCoding, emit as emitText, type Part, type Piece, read as readText } from './sms-text.ts';

export { type Coding, MOST_PARTS, type Part, type Piece, split, textOf } from './sms-text.ts';

/** A message that came; both texts are a stranger's. */
export interface Deliver {
  readonly kind: 'deliver';
  /** '+15551234567', '12345', or letters. */
  readonly from: string;
  /** Hexadecimal when `coding` is 'octets'. */
  readonly text: string;
  readonly coding: Coding;
  /** By the service centre's clock (ms since the epoch); undefined: it gave no date. */
  readonly atMs: number | undefined;
  readonly part: Part | undefined;
  /** To be shown at once and not kept. */
  readonly flash: boolean;
}

/** What became of a message that was sent: `status` below 32 says that it arrived (§9.2.3.15). */
export interface StatusReport { readonly kind: 'status'; readonly reference: number; readonly to: string; readonly atMs: number | undefined; readonly status: number }

/** A message to be sent. */
export interface Submit { readonly kind: 'submit'; readonly reference: number; readonly to: string; readonly text: string; readonly coding: Coding; readonly part: Part | undefined; /** the sender wants to know what becomes of it */ readonly report: boolean }

/** `length`: octets without the service centre, the number that +CMGS wants (TS 27.005 §4.3). */
export interface Pdu { readonly hex: string; readonly length: number }

const MTI_DELIVER = 0;
const MTI_SUBMIT = 1;
const MTI_STATUS = 2;
/** Set: no more messages wait in the service centre. */
const NO_MORE = 0x04;
const HEADER = 0x40;
/** Of a submission: the sender wants a status report. */
const REPORT = 0x20;
const STAMP = 7;
/** Type of number (§9.1.2.5). */
const INTERNATIONAL = 1;
const ALPHANUMERIC = 5;
const DIGITS = '0123456789*#abc';
const MOST_DIGITS = 20;

/** The octets of a line of hexadecimal digits; undefined: it is none. */
export function fromHex(line: string): Uint8Array | undefined {
  const digits = line.trim();
  if (digits.length === 0 || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}

export const toHex = (octets: Uint8Array): string => Array.from(octets, o => o.toString(16).padStart(2, '0')).join('').toUpperCase();

/** A number that a message can be sent to. */
export const isNumber = (to: string): boolean => /^\+?[0-9*#]+$/.test(to) && to.replace('+', '').length <= MOST_DIGITS;

/** What a card has received; undefined: neither a message nor a report. Cut texts give what is there. */
export function parseReceived(pdu: Uint8Array): Deliver | StatusReport | undefined {
  const start = 1 + (pdu[0] ?? 0);
  const first = pdu[start];
  if (first === undefined) return undefined;
  if ((first & 3) === MTI_DELIVER) {
    const from = address(pdu, start + 1);
    if (from === undefined || from.end + 2 + STAMP >= pdu.length) return undefined;
    const { coding, flash } = dataCoding(pdu[from.end + 1]!);
    const { text, part } = readText(pdu, from.end + 2 + STAMP, pdu.length, coding, (first & HEADER) !== 0);
    return { kind: 'deliver', from: from.text, text, coding, atMs: stamp(pdu, from.end + 2), part, flash };
  }
  if ((first & 3) !== MTI_STATUS) return undefined;
  const to = address(pdu, start + 2);
  if (to === undefined || to.end + 2 * STAMP >= pdu.length) return undefined;
  return { kind: 'status', reference: pdu[start + 1]!, to: to.text, atMs: stamp(pdu, to.end + STAMP), status: pdu[to.end + 2 * STAMP]! };
}

/** A message on its way out, as stored in a card or given to it; undefined: it is none. */
export function parseSubmit(pdu: Uint8Array): Submit | undefined {
  const start = 1 + (pdu[0] ?? 0);
  const first = pdu[start];
  const to = address(pdu, start + 2);
  if (first === undefined || (first & 3) !== MTI_SUBMIT || to === undefined) return undefined;
  // Validity: none, relative in one octet, or seven (§9.2.3.3).
  const validity = { 0: 0, 2: 1 }[(first >> 3) & 3] ?? 7;
  const data = to.end + 2 + validity;
  if (data >= pdu.length) return undefined;
  const { coding } = dataCoding(pdu[to.end + 1]!);
  return { kind: 'submit', reference: pdu[start + 1]!, to: to.text, coding, report: (first & REPORT) !== 0, ...readText(pdu, data, pdu.length, coding, (first & HEADER) !== 0) };
}

/**
 * For +CMGS: the card counts its reference. `centre`: number of the service centre, default: the one that the card knows. `report`: the
 * network is to tell what becomes of it. Undefined: `to` or `centre` is no number.
 */
export function emitSubmit(o: { readonly to: string; readonly piece: Piece; readonly part?: Part | undefined; readonly centre?: string; readonly report?: boolean }): Pdu | undefined {
  const to = emitAddress(o.to);
  const centre = emitCentre(o.centre ?? '');
  return to && centre && framed([MTI_SUBMIT | (o.part === undefined ? 0 : HEADER) | (o.report === true ? REPORT : 0), 0, ...to, 0, codingOf(o.piece), ...emitText(o.piece, o.part)], centre);
}

/** As a network gives a message to a card. `from`: a number, or up to eleven letters. Undefined: it is neither. */
export function emitDeliver(o: { readonly from: string; readonly piece: Piece; readonly atMs: number; readonly part?: Part | undefined }): Pdu | undefined {
  const from = emitAddress(o.from) ?? emitName(o.from);
  return from && framed([MTI_DELIVER | NO_MORE | (o.part === undefined ? 0 : HEADER), ...from, 0, codingOf(o.piece), ...emitStamp(o.atMs), ...emitText(o.piece, o.part)]);
}

/** As a network tells a card what became of a message (TP-ST, §9.2.3.15). Undefined: `to` is no number. */
export function emitStatus(o: { readonly reference: number; readonly to: string; readonly sentMs: number; readonly atMs: number; readonly status: number }): Pdu | undefined {
  const to = emitAddress(o.to);
  return to && framed([MTI_STATUS | NO_MORE, o.reference & 0xff, ...to, ...emitStamp(o.sentMs), ...emitStamp(o.atMs), o.status & 0xff]);
}

const framed = (tpdu: readonly number[], centre: readonly number[] = [0]): Pdu => ({ hex: toHex(Uint8Array.of(...centre, ...tpdu)), length: tpdu.length });

/** Other than an address, its length is in octets, with that of the type (TS 24.011 §8.2.5.1). */
function emitCentre(number: string): number[] | undefined {
  if (number === '') return [0];
  const address = emitAddress(number);
  return address && [address.length - 1, ...address.slice(1)];
}

/** §9.1.2.5: length in half octets, type, digits. `end`: behind it. */
function address(buf: Uint8Array, at: number): { readonly text: string; readonly end: number } | undefined {
  const length = buf[at];
  const type = buf[at + 1];
  if (length === undefined || type === undefined || length > MOST_DIGITS) return undefined;
  const from = at + 2;
  const end = from + Math.ceil(length / 2);
  if (end > buf.length) return undefined;
  const kind = (type >> 4) & 7;
  if (kind === ALPHANUMERIC) return { text: gsm7.text(gsm7.unpack(buf, from, end, Math.floor(length * 4 / 7))), end };
  let text = kind === INTERNATIONAL ? '+' : '';
  for (let i = 0; i < length; i++) text += DIGITS[(buf[from + (i >> 1)]! >> ((i & 1) * 4)) & 0x0f] ?? '';
  return { text, end };
}

function emitAddress(to: string): number[] | undefined {
  if (!isNumber(to)) return undefined;
  const digits = to.replace('+', '');
  const out = [digits.length, to.startsWith('+') ? 0x91 : 0x81];
  for (let i = 0; i < digits.length; i += 2) out.push(DIGITS.indexOf(digits[i]!) | ((i + 1 < digits.length ? DIGITS.indexOf(digits[i + 1]!) : 0x0f) << 4));
  return out;
}

function emitName(name: string): number[] | undefined {
  const septets = gsm7.septets(name)?.flat();
  if (septets === undefined || septets.length === 0 || septets.length > 11) return undefined;
  return [Math.ceil(septets.length * 7 / 4), 0xd0, ...gsm7.pack(septets)];
}

const swap = (two: number): number => (Math.floor(two / 10) % 10) | ((two % 10) << 4);
const unswap = (octet: number): number => (octet & 0x0f) * 10 + (octet >> 4);

/** §9.2.3.11: local time of the service centre, and its distance from UTC in quarters of an hour. */
function stamp(buf: Uint8Array, at: number): number | undefined {
  const [year, month, day, hour, minute, second] = [0, 1, 2, 3, 4, 5].map(i => unswap(buf[at + i]!)) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  const zone = buf[at + 6]!;
  const quarters = unswap(zone & 0xf7) * ((zone & 0x08) === 0 ? 1 : -1);
  return Date.UTC(2000 + year, month - 1, day, hour, minute, second) - quarters * 15 * 60_000;
}

function emitStamp(atMs: number): number[] {
  const d = new Date(atMs);
  return [d.getUTCFullYear() % 100, d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds(), 0].map(swap);
}
