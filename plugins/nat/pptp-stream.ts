import * as pptp from '../../sdk/wire/pptp.ts';

/**
 * What a call id becomes. `own`: the sender's own id, else the other side's. The answer has the same high octet as the id, so that
 * one octet is all that ever changes.
 */
export type Translate = (type: number, own: boolean, id: number) => number;

/** An octet that is another one on the far side. */
export interface Patch { readonly at: number; readonly value: number }

const NONE: readonly Patch[] = [];
/** Changed octets that a retransmission may ask for again. */
const REMEMBERED = 32;

/**
 * One direction of a PPTP control connection: reads its messages wherever segments are cut, and says which octets to change. An
 * id may be cut in two: only its second octet is changed, and by then the first was seen. What is sent again is changed again.
 */
export class PptpStream {
  readonly #translate: Translate;
  /** Sequence number of the first octet not seen yet; -1: not known. */
  #next = -1;
  /** Octets of the present message seen so far, and its first ones. */
  #seen = 0;
  readonly #head = new Uint8Array(pptp.HEAD);
  #patches: { readonly seq: number; readonly value: number }[] = [];
  /** It does not speak PPTP; nothing more is changed. */
  #foreign = false;

  constructor(translate: Translate) { this.#translate = translate; }

  /** A SYN: the octet after it is the first of the stream. */
  begin(seq: number): void {
    this.#next = (seq + 1) >>> 0;
    this.#seen = 0;
    this.#patches = [];
    this.#foreign = false;
  }

  /**
   * The payload buf[from, to) with this sequence number: the octets to change. Undefined: something before it was not seen, and
   * it must not pass; its sender sends both again.
   */
  segment(buf: Uint8Array, from: number, to: number, seq: number): readonly Patch[] | undefined {
    const length = to - from;
    if (length === 0) return NONE;
    if (!this.#foreign) {
      if (this.#next < 0) {
        // Begun in the middle, after a reload: the first segment that begins with a message tells where we are.
        if (!pptp.fits(buf, from, to)) return NONE;
        this.#next = seq;
      }
      const known = (this.#next - seq) | 0;
      if (known < 0) return undefined;
      if (known < length) {
        this.#read(buf, from + known, to, this.#next);
        this.#next = (seq + length) >>> 0;
      }
    }
    if (this.#patches.length === 0) return NONE;
    return this.#patches.filter(p => ((p.seq - seq) >>> 0) < length).map(p => ({ at: from + ((p.seq - seq) >>> 0), value: p.value }));
  }

  #read(buf: Uint8Array, from: number, to: number, seq: number): void {
    const head = this.#head;
    for (let at = from; at < to; at++) {
      if (this.#seen < pptp.HEAD) head[this.#seen] = buf[at]!;
      this.#seen++;
      if (this.#seen < pptp.SHORTEST) continue;
      if (this.#seen === pptp.SHORTEST && !pptp.fits(head, 0, pptp.SHORTEST)) {
        this.#foreign = true;
        return;
      }
      if ((this.#seen === 14 || this.#seen === 16) && pptp.messageType(head, 0) === pptp.CONTROL) this.#field(this.#seen - 2, (seq + at - from) >>> 0);
      if (this.#seen === pptp.length(head, 0)) this.#seen = 0;
    }
  }

  /** A field of two octets is complete; `seq` is its second one's. */
  #field(at: number, seq: number): void {
    const type = pptp.controlType(this.#head, 0);
    const own = pptp.callIdAt(type) === at;
    if (!own && pptp.peerCallIdAt(type) !== at) return;
    const id = pptp.id(this.#head, at);
    const becomes = this.#translate(type, own, id);
    if (becomes === id) return;
    this.#patches.push({ seq, value: becomes & 0xff });
    if (this.#patches.length > REMEMBERED) this.#patches.shift();
  }
}
