/** The longest line that is read; a scan of thirty networks with names in UCS-2 has about 5,000 characters. */
export const LONGEST = 8192;

const CR = 0x0d;
const LF = 0x0a;
const TAB = 0x09;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Octets to lines. CR, LF and any mixture of them end a line (Huawei CDMA cards end reports with CR CR LF), empty lines are
 * skipped, control characters are dropped. A line that is too long is dropped whole, up to its end; memory stays as it is.
 */
export class LineReader {
  readonly #line = new Uint8Array(LONGEST);
  #length = 0;
  #overlong = false;
  /** Lines that were dropped for their length. */
  dropped = 0;

  /** Gives each complete line to `take`; stops when that says false, behind that line's end. Returns how far it read. */
  read(buf: Uint8Array, from: number, to: number, take: (line: string) => boolean): number {
    for (let i = from; i < to; i++) {
      const octet = buf[i]!;
      if (octet === CR || octet === LF) {
        const line = this.#end();
        if (line !== '' && !take(line)) return i + 1;
      } else if (octet >= 0x20 || octet === TAB) {
        if (this.#length < LONGEST) this.#line[this.#length++] = octet;
        else this.#overlong = true;
      }
    }
    return to;
  }

  /** The line that has begun is the prompt for a message's text (TS 27.005 §3.5.1). Takes it away. */
  takePrompt(): boolean {
    const prompt = this.#length > 0 && this.#length <= 2 && this.#line[0] === 0x3e && (this.#length === 1 || this.#line[1] === 0x20);
    if (prompt) this.#length = 0;
    return prompt;
  }

  reset(): void {
    this.#length = 0;
    this.#overlong = false;
  }

  #end(): string {
    const length = this.#length;
    const overlong = this.#overlong;
    this.reset();
    if (!overlong) return text(this.#line.subarray(0, length)).trim();
    this.dropped++;
    return '';
  }
}

/** UTF-8 where it is that, else ISO 8859-1: names of carriers come in both. */
function text(octets: Uint8Array): string {
  try {
    return utf8.decode(octets);
  } catch {
    return String.fromCharCode(...octets);
  }
}
