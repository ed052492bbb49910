import { FCS_GOOD, fcs16 } from '../../../../sdk/wire/ppp-fcs.ts';

/**
 * Frames of the diagnostic port:
 *
 *     | payload … | CRC-16, low octet first | 7e |
 *
 * with 7e and 7d inside sent as 7d and the octet xor 20. The CRC is HDLC's.
 */
const END = 0x7e;
const ESCAPE = 0x7d;
const FLIP = 0x20;
const CRC = 2;

/** Longest payload that is taken; the longest known answer (pilot sets, NV items) has below 250 octets. */
export const LONGEST = 2048;

/** `payload` as it goes on the line. A flag in front ends whatever half frame the card still holds. */
export function encode(payload: Uint8Array): Uint8Array {
  const crc = fcs16(payload, 0, payload.length) ^ 0xffff;
  const out = [END];
  const put = (octet: number): void => { if (octet === END || octet === ESCAPE) out.push(ESCAPE, octet ^ FLIP); else out.push(octet); };
  for (const octet of payload) put(octet);
  put(crc & 0xff);
  put(crc >>> 8);
  out.push(END);
  return Uint8Array.from(out);
}

export interface FrameCounters { frames: number; /** dropped: wrong CRC, 7d before 7e, longer than LONGEST, shorter than a code and its CRC */ crc: number; aborted: number; long: number; short: number }

/** Reads frames from a stream in chunks of any size; whatever comes, it is in step again at the next 7e. Memory is bounded. */
export class FrameReader {
  readonly counters: FrameCounters = { frames: 0, crc: 0, aborted: 0, long: 0, short: 0 };
  readonly #buf = new Uint8Array(LONGEST + CRC);
  #length = 0;
  #escaped = false;
  #overflow = false;

  /** Forgets a frame that has begun. */
  reset(): void {
    this.#length = 0;
    this.#escaped = false;
    this.#overflow = false;
  }

  /** Calls `onFrame` with a copy of each good payload, without CRC. */
  feed(buf: Uint8Array, from: number, to: number, onFrame: (payload: Uint8Array) => void): void {
    for (let i = from; i < to; i++) {
      const octet = buf[i]!;
      if (octet === END) this.#end(onFrame);
      else if (octet === ESCAPE) this.#escaped = true;
      else {
        if (this.#length < this.#buf.length) this.#buf[this.#length++] = this.#escaped ? octet ^ FLIP : octet;
        else this.#overflow = true;
        this.#escaped = false;
      }
    }
  }

  #end(onFrame: (payload: Uint8Array) => void): void {
    const [length, aborted, overflow] = [this.#length, this.#escaped, this.#overflow];
    this.reset();
    if (aborted) this.counters.aborted++;
    else if (overflow) this.counters.long++;
    // Two flags in a row are no frame.
    else if (length === 0) return;
    else if (length <= CRC) this.counters.short++;
    else if (fcs16(this.#buf, 0, length) !== FCS_GOOD) this.counters.crc++;
    else {
      this.counters.frames++;
      onFrame(this.#buf.slice(0, length - CRC));
    }
  }
}
