import type { Part } from '../../sdk/wire/sms.ts';
import * as sms from '../../sdk/wire/sms.ts';

/** One message; of a long text one part. */
export interface Sms { readonly from: string; readonly to: string; readonly text: string; readonly part?: Part; /** its letters are not those of GSM */ readonly ucs2?: true }
/** What became of a message that the card `to` sent to `about`. */
export interface SentReport { readonly to: string; readonly about: string; readonly reference: number; readonly sentMs: number; readonly atMs: number; /** TP-ST (TS 23.040 §9.2.3.15) */ readonly status: number }
export type Arriving = { readonly kind: 'message'; readonly sms: Sms; /** who wants to know that it came */ readonly wanted?: Wanted } | { readonly kind: 'report'; readonly report: SentReport };
interface Wanted { readonly reference: number; readonly sentMs: number }

/** How many messages that went nowhere else are kept. */
const KEPT = 100;
const WAITING = 100;

/** Stores messages until the card of their number can take them, and tells senders who asked. */
export class MessageCentre {
  /** What cards have sent, whole texts, oldest first. */
  readonly sent: Sms[] = [];
  /** Told of every text a card sends, when it is whole. */
  onSent: (sms: Sms) => void = () => {};
  /** Numbers that never get a message, and the status that is told of it. */
  readonly lost = new Map<string, number>();
  readonly #wall: () => number;
  readonly #waiting = new Map<string, Arriving[]>();
  readonly #receivers = new Map<string, (arriving: Arriving) => boolean>();
  /** Parts of texts that are not whole. */
  readonly #parts = new Map<string, Sms[]>();
  #reference = 0;

  /** `wall`: ms since the epoch. */
  constructor(wall: () => number) { this.#wall = wall; }

  /** From a card, a part at a time. `reference`: it wants to know what becomes of it. */
  submit(one: Sms, reference?: number): void {
    const { part } = one;
    const key = part && `${one.from} ${one.to} ${part.wide === true ? 'w' : ''}${part.reference} ${part.total}`;
    if (key === undefined) this.#remember(one);
    else {
      const parts = this.#parts.get(key) ?? [];
      parts[part!.number - 1] = one;
      this.#parts.set(key, parts);
      if (Object.keys(parts).length === part!.total) {
        this.#parts.delete(key);
        this.#remember({ from: one.from, to: one.to, text: parts.map(p => p.text).join('') });
      }
    }
    const wanted = reference === undefined ? undefined : { reference, sentMs: this.#wall() };
    const known = this.#receivers.has(one.to) || this.#waiting.has(one.to);
    const lost = this.lost.get(one.to);
    if (lost === undefined && known) this.#arrive(one.to, { kind: 'message', sms: one, ...(wanted ? { wanted } : {}) });
    else if (wanted) this.#tell(one, wanted, lost ?? 0);
  }

  /** From somebody who plays the world outside: a text of any length, cut into messages; `wide`: with references of two octets. */
  deliver(text: Sms, wide = false): void {
    for (const one of this.parts(text, wide)) this.#arrive(one.to, { kind: 'message', sms: one });
  }

  /** The messages that a text makes. */
  parts(text: Sms, wide = false): Sms[] {
    const pieces = sms.split(text.text, wide);
    if (pieces.length === 1 || text.part !== undefined) return [text];
    const reference = this.#reference = (this.#reference + 1) & 0xff;
    return pieces.map((piece, i) => ({
      from: text.from, to: text.to, text: sms.textOf(piece), ...(piece.coding === 'ucs2' ? { ucs2: true as const } : {}),
      part: { reference: wide ? 0x1200 | reference : reference, total: pieces.length, number: i + 1, ...(wide ? { wide: true as const } : {}) },
    }));
  }

  /** It could not be kept after all. */
  back(number: string, arriving: Arriving): void { this.#wait(number, arriving); }

  /** A card is there for its number; `take` says whether it had room. */
  attach(number: string, take: (arriving: Arriving) => boolean): { dispose(): void } {
    this.#receivers.set(number, take);
    this.retry(number);
    return { dispose: () => { if (this.#receivers.get(number) === take) this.#receivers.delete(number); } };
  }

  /** The card can be reached again. */
  retry(number: string): void {
    const waiting = this.#waiting.get(number) ?? [];
    this.#waiting.delete(number);
    for (const each of waiting) this.#arrive(number, each);
  }

  waiting(number: string): number { return this.#waiting.get(number)?.length ?? 0; }

  #arrive(number: string, arriving: Arriving): void {
    if (this.#receivers.get(number)?.(arriving) !== true) return this.#wait(number, arriving);
    if (arriving.kind === 'message' && arriving.wanted) this.#tell(arriving.sms, arriving.wanted, 0);
  }

  #wait(number: string, arriving: Arriving): void {
    const waiting = this.#waiting.get(number) ?? [];
    if (waiting.length < WAITING) waiting.push(arriving);
    this.#waiting.set(number, waiting);
  }

  #tell(one: Sms, { reference, sentMs }: Wanted, status: number): void {
    this.#arrive(one.from, { kind: 'report', report: { to: one.from, about: one.to, reference, sentMs, atMs: this.#wall(), status } });
  }

  #remember(one: Sms): void {
    this.sent.push(one);
    if (this.sent.length > KEPT) this.sent.shift();
    this.onSent(one);
  }
}
