import type { Machine, Tick } from '../../../../sdk/index.ts';
import { answers, reads } from './codes.ts';
import { encode, FrameReader } from './frame.ts';

export type QcdmIn =
  | Tick
  | { readonly kind: 'octets'; readonly buf: Uint8Array; readonly from: number; readonly to: number }
  | { readonly kind: 'ask'; readonly id: number; readonly request: Uint8Array; readonly timeoutMs: number }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'gone' };
/** `answer`: without CRC; undefined: none came, or the request was not one that reads. */
export type QcdmOut = { readonly kind: 'write'; readonly octets: Uint8Array } | { readonly kind: 'answer'; readonly id: number; readonly answer: Uint8Array | undefined };

interface Ask { readonly id: number; readonly request: Uint8Array; readonly timeoutMs: number }

/** Requests that may wait; more are answered with nothing at once. */
const LONGEST_QUEUE = 16;

/**
 * A diagnostic port: one request in flight, its answer matched by code, logs and events of the card between them passed over.
 * A late answer is not taken for the next request's unless that asks the same.
 */
export class QcdmChannel implements Machine<QcdmIn, QcdmOut> {
  readonly #reader = new FrameReader();
  #queue: Ask[] = [];
  #asked: (Ask & { readonly until: number }) | undefined;
  #gone = false;
  /** Frames that answered nothing. */
  passedOver = 0;

  get counters(): Readonly<FrameReader['counters']> { return this.#reader.counters; }

  deadline(): number | undefined { return this.#asked?.until; }

  step(input: QcdmIn, now: number): readonly QcdmOut[] {
    const out: QcdmOut[] = [];
    switch (input.kind) {
      case 'octets': this.#reader.feed(input.buf, input.from, input.to, frame => this.#frame(frame, out)); break;
      case 'ask': {
        if (this.#gone || !reads(input.request) || this.#queue.length >= LONGEST_QUEUE) out.push({ kind: 'answer', id: input.id, answer: undefined });
        else this.#queue.push(input);
        break;
      }
      case 'cancel': {
        this.#queue = this.#queue.filter(a => a.id !== input.id);
        if (this.#asked?.id === input.id) this.#asked = undefined;
        break;
      }
      case 'gone': {
        this.#gone = true;
        for (const ask of [...(this.#asked ? [this.#asked] : []), ...this.#queue]) out.push({ kind: 'answer', id: ask.id, answer: undefined });
        this.#queue = [];
        this.#asked = undefined;
        this.#reader.reset();
        break;
      }
      case 'tick':
    }
    if (this.#asked && now >= this.#asked.until) this.#answered(this.#asked, undefined, out);
    const next = this.#asked ? undefined : this.#queue.shift();
    if (next) {
      this.#asked = { ...next, until: now + next.timeoutMs };
      out.push({ kind: 'write', octets: encode(next.request) });
    }
    return out;
  }

  #frame(frame: Uint8Array, out: QcdmOut[]): void {
    if (this.#asked && answers(this.#asked.request, frame)) this.#answered(this.#asked, frame, out);
    else this.passedOver++;
  }

  #answered(ask: Ask, answer: Uint8Array | undefined, out: QcdmOut[]): void {
    this.#asked = undefined;
    out.push({ kind: 'answer', id: ask.id, answer });
  }
}
