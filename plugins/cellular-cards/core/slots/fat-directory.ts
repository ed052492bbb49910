import { type DiscEntry, MOST_ENTRIES } from './disc.ts';
import { safeName } from './disc-name.ts';

const ENTRY = 32;
const END = 0x00;
const DELETED = 0xe5;
const LABEL = 0x08;
const DIRECTORY = 0x10;
const LONG_NAME = 0x0f;
/** Case of a short name, as Windows NT keeps it: its first part, its ending. */
const LOWER_NAME = 0x08;
const LOWER_ENDING = 0x10;
/** Where the 13 characters of a long name's entry lie. */
const letters = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] as const;
const MOST_PARTS = 20;
/** 0x80 to 0xff of code page 437, which short names were written in. */
const cp437 = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** A long name as it comes, last part first. */
interface Long { readonly sum: number; left: number; text: string }

/** The entries of one FAT directory, taken cluster by cluster. Long names that do not belong to the entry after them are left out. */
export class FatDirectory {
  readonly entries: DiscEntry[] = [];
  /** Eleven octets; the volume's own name, in the root. */
  label: Uint8Array | undefined;
  ended = false;
  readonly #wide: boolean;
  #long: Long | undefined;

  /** `wide`: FAT32, whose cluster numbers have two halves. */
  constructor(wide: boolean) { this.#wide = wide; }

  take(d: Uint8Array): void {
    for (let at = 0; at + ENTRY <= d.length && !this.ended; at += ENTRY) this.#entry(d, at);
  }

  #entry(d: Uint8Array, at: number): void {
    const first = d[at] ?? 0;
    const attributes = (d[at + 11] ?? 0) & 0x3f;
    if (first === END) {
      this.ended = true;
    } else if (first === DELETED) {
      this.#long = undefined;
    } else if (attributes === LONG_NAME) {
      this.#part(d, at, first);
    } else {
      if ((attributes & LABEL) !== 0) this.label ??= d.slice(at, at + 11);
      else if (first !== 0x2e) this.#found(d, at, (attributes & DIRECTORY) !== 0);
      this.#long = undefined;
    }
  }

  #part(d: Uint8Array, at: number, order: number): void {
    const number = order & 0x3f;
    const sum = d[at + 13] ?? 0;
    const begins = (order & 0x40) !== 0;
    if (begins && number >= 1 && number <= MOST_PARTS) this.#long = { sum, left: number + 1, text: '' };
    if (this.#long === undefined || number !== this.#long.left - 1 || sum !== this.#long.sum) {
      this.#long = undefined;
      return;
    }
    let text = '';
    for (const letter of letters) {
      const code = (d[at + letter] ?? 0) | ((d[at + letter + 1] ?? 0) << 8);
      if (code === 0) break;
      text += String.fromCharCode(code);
    }
    this.#long.left = number;
    this.#long.text = text + this.#long.text;
  }

  #found(d: Uint8Array, at: number, directory: boolean): void {
    if (this.entries.length >= MOST_ENTRIES) {
      this.ended = true;
      return;
    }
    const view = new DataView(d.buffer, d.byteOffset, d.byteLength);
    const long = this.#long?.left === 1 && this.#long.sum === sumOf(d, at) ? this.#long.text : '';
    this.entries.push({
      name: safeName(long || shortName(d, at)), directory, bytes: directory ? 0 : view.getUint32(at + 28, true),
      at: view.getUint16(at + 26, true) + (this.#wide ? view.getUint16(at + 20, true) * 0x1_0000 : 0),
    });
  }
}

/** Ties a long name to its short one. */
function sumOf(d: Uint8Array, at: number): number {
  let sum = 0;
  for (let i = 0; i < 11; i++) sum = (((sum & 1) << 7) + (sum >> 1) + (d[at + i] ?? 0)) & 0xff;
  return sum;
}

function shortName(d: Uint8Array, at: number): string {
  // 0xe5 is a letter, too; the first place has 0x05 for it.
  const text = (from: number, to: number): string => [...d.subarray(at + from, at + to)].map((c, i) => letterOf(from + i === 0 && c === 0x05 ? DELETED : c)).join('').trimEnd();
  const which = d[at + 12] ?? 0;
  const name = (which & LOWER_NAME) !== 0 ? text(0, 8).toLowerCase() : text(0, 8);
  const ending = (which & LOWER_ENDING) !== 0 ? text(8, 11).toLowerCase() : text(8, 11);
  return ending === '' ? name : `${name}.${ending}`;
}

const letterOf = (octet: number): string => (octet < 0x80 ? String.fromCharCode(octet) : cp437[octet - 0x80] ?? '_');
