/** The user data of a short message: its header, its coding, and long texts in several messages (TS 23.040 §9.2.3.24, TS 23.038 §4). */
import * as gsm7 from './gsm7.ts';
import { u16 } from './octets.ts';

export type Coding = 'gsm7' | 'ucs2' | 'octets';

/** Which piece of a long text a message carries; `number` from 1. `wide`: the reference has two octets, and is none of those with one. */
export interface Part { readonly reference: number; readonly total: number; readonly number: number; readonly wide?: true }

/** The text of one message, ready to be coded. */
export type Piece = { readonly coding: 'gsm7'; readonly septets: readonly number[] } | { readonly coding: 'ucs2'; readonly text: string };

/** Octets of user data in one message (§9.2.3.16). */
const ROOM = 140;
/** Octets of the header that says which part this is: its length, and one element of five, or six with a reference of two octets. */
const PART_HEADER = 6;
const WIDE_HEADER = 7;
/** The number of parts is one octet. */
export const MOST_PARTS = 255;

const CONCATENATED_8 = 0x00;
const CONCATENATED_16 = 0x08;
const SINGLE_SHIFT = 0x24;
const LOCKING_SHIFT = 0x25;

/** How the text is coded, and whether it is to be shown at once and not kept (class 0), from TP-DCS (TS 23.038 §4). */
export function dataCoding(dcs: number): { readonly coding: Coding; readonly flash: boolean } {
  const group = dcs >> 4;
  if (group >= 12 && group <= 14) return { coding: group === 14 ? 'ucs2' : 'gsm7', flash: false };
  if (group === 15) return { coding: (dcs & 4) !== 0 ? 'octets' : 'gsm7', flash: (dcs & 3) === 0 };
  // Reserved groups are taken for the alphabet of GSM.
  if (group >= 8) return { coding: 'gsm7', flash: false };
  const flash = (dcs & 0x13) === 0x10;
  // Compressed text is shown as the octets it came in.
  if ((dcs & 0x20) !== 0) return { coding: 'octets', flash };
  return { coding: (['gsm7', 'octets', 'ucs2', 'gsm7'] as const)[(dcs >> 2) & 3]!, flash };
}

interface Header { readonly part: Part | undefined; readonly lock: number; readonly shift: number; /** with its own length octet */ readonly octets: number }

function header(buf: Uint8Array, at: number, end: number): Header {
  let part: Part | undefined;
  let lock = 0;
  let shift = 0;
  const stop = Math.min(end, at + 1 + (buf[at] ?? 0));
  for (let i = at + 1; i + 2 <= stop;) {
    const length = buf[i + 1]!;
    const value = i + 2;
    if (value + length > stop) break;
    const kind = buf[i]!;
    if (kind === SINGLE_SHIFT && length === 1) shift = buf[value]!;
    else if (kind === LOCKING_SHIFT && length === 1) lock = buf[value]!;
    else if (kind === CONCATENATED_8 && length === 3) part = partOf(buf[value]!, buf[value + 1]!, buf[value + 2]!);
    else if (kind === CONCATENATED_16 && length === 4) part = partOf(u16(buf, value), buf[value + 2]!, buf[value + 3]!, true);
    i = value + length;
  }
  return { part, lock, shift, octets: stop - at };
}

/** An element that cannot be right is as if it were not there (§9.2.3.24.1). */
const partOf = (reference: number, total: number, number: number, wide = false): Part | undefined =>
  total === 0 || number === 0 || number > total ? undefined : { reference, total, number, ...(wide ? { wide } : {}) };

/**
 * The user data from its length octet at `at`. What is cut short gives what is there. `text` of 'octets' is hexadecimal; of 'ucs2' it
 * may begin or end within a surrogate pair, whose other half is in another part.
 */
export function read(buf: Uint8Array, at: number, end: number, coding: Coding, hasHeader: boolean): { readonly text: string; readonly part: Part | undefined } {
  const length = buf[at] ?? 0;
  const from = at + 1;
  const head: Header = hasHeader && from < end ? header(buf, from, end) : { part: undefined, lock: 0, shift: 0, octets: 0 };
  if (coding === 'gsm7') {
    // The text begins at a septet boundary behind the header (§9.2.3.24).
    const before = Math.ceil(head.octets * 8 / 7);
    const septets = gsm7.unpack(buf, from, end, Math.max(0, length - before), before * 7);
    return { text: gsm7.text(septets, head.lock, head.shift), part: head.part };
  }
  const stop = Math.min(end, from + length);
  let text = '';
  if (coding === 'ucs2') for (let i = from + head.octets; i + 2 <= stop; i += 2) text += String.fromCharCode(u16(buf, i));
  else for (let i = from + head.octets; i < stop; i++) text += buf[i]!.toString(16).padStart(2, '0');
  return { text, part: head.part };
}

/** TP-DCS of a piece. */
export const codingOf = (piece: Piece): number => (piece.coding === 'gsm7' ? 0 : 8);

/** The user data with its length octet; `part` goes into a header. */
export function emit(piece: Piece, part: Part | undefined): Uint8Array {
  const head = part === undefined ? [] : part.wide
    ? [WIDE_HEADER - 1, CONCATENATED_16, 4, (part.reference >> 8) & 0xff, part.reference & 0xff, part.total, part.number]
    : [PART_HEADER - 1, CONCATENATED_8, 3, part.reference & 0xff, part.total, part.number];
  if (piece.coding === 'gsm7') {
    const before = Math.ceil(head.length * 8 / 7);
    const data = gsm7.pack(piece.septets, before * 7);
    data.set(head);
    return Uint8Array.of(before + piece.septets.length, ...data);
  }
  const data: number[] = [];
  for (let i = 0; i < piece.text.length; i++) {
    const unit = piece.text.charCodeAt(i);
    data.push(unit >> 8, unit & 0xff);
  }
  return Uint8Array.of(head.length + data.length, ...head, ...data);
}

export const textOf = (piece: Piece): string => (piece.coding === 'gsm7' ? gsm7.text(piece.septets) : piece.text);

/** A text in as few messages as it fits: one of 160 septets or 70 UTF-16 units, or several of 153 or 67 (152 or 66 with wide references). No character is cut in two. */
export function split(text: string, wide = false): readonly Piece[] {
  const head = wide ? WIDE_HEADER : PART_HEADER;
  const coded = gsm7.septets(text);
  if (coded !== undefined) {
    const room = Math.floor(ROOM * 8 / 7);
    const all = coded.flat();
    if (all.length <= room) return [{ coding: 'gsm7', septets: all }];
    return filled(coded, c => c.length, room - Math.ceil(head * 8 / 7)).map(run => ({ coding: 'gsm7', septets: run.flat() }));
  }
  if (text.length <= ROOM / 2) return [{ coding: 'ucs2', text }];
  return filled([...text], c => c.length, Math.floor((ROOM - head) / 2)).map(run => ({ coding: 'ucs2', text: run.join('') }));
}

/** Runs that are as long as fits. */
function filled<T>(items: readonly T[], sizeOf: (item: T) => number, room: number): T[][] {
  const out: T[][] = [];
  let left = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (size > left) {
      out.push([]);
      left = room;
    }
    out.at(-1)!.push(item);
    left -= size;
  }
  return out;
}
