import { z } from '../../../sdk/index.ts';
import type * as sms from '../../../sdk/wire/sms.ts';
import type { Message } from './contract.ts';

const kept = z.object({
  id: z.number().int(), slot: z.number().int(), way: z.enum(['in', 'out']), number: z.string().max(64),
  /** Null: this part has not come. */
  pieces: z.array(z.string().max(400).nullable()).max(255), reference: z.number().int().nullable(), atMs: z.number(), sentMs: z.number().nullable(),
});
type Kept = z.infer<typeof kept>;
export const mailboxState = z.object({ next: z.number().int(), reference: z.number().int(), messages: z.array(kept).max(2000) });
export type MailboxState = z.infer<typeof mailboxState>;

/** Messages that are kept; the oldest go first. */
const MOST = 500;
/** Parts of one text come within this time; a reference is used again later. */
const TOGETHER_MS = 24 * 3600_000;

/** A part that came: the message it belongs to, whether that is whole now, and whether it was known before. */
export interface Arrived { readonly message: Message; readonly whole: boolean; readonly known: boolean }

/** Messages that came and went, put together from their parts. */
export class Mailbox {
  #messages: Kept[];
  #next: number;
  #reference: number;

  constructor(before: MailboxState | undefined) {
    this.#messages = before?.messages.slice(-MOST) ?? [];
    this.#next = before?.next ?? 1;
    this.#reference = before?.reference ?? 0;
  }

  list(): readonly Message[] { return this.#messages.map(shown); }

  /** For the parts of the next long text. */
  reference(): number { return this.#reference = (this.#reference + 1) & 0xff; }

  arrived(slot: number, m: sms.Deliver, wall: number): Arrived {
    const part = m.part ?? { reference: null, total: 1, number: 1 };
    const piece = m.coding === 'octets' ? `(data: ${m.text})` : m.text;
    const sentMs = m.atMs ?? null;
    const alike = this.#messages.filter(k => k.way === 'in' && k.number === m.from && k.reference === part.reference && k.pieces.length === part.total);
    // A card that keeps its messages shows each of them again and again; parts of one text differ in their time stamps.
    const known = alike.find(k => k.pieces[part.number - 1] === piece && (part.total > 1 ? near(k, wall, sentMs) : k.sentMs === sentMs));
    if (known !== undefined) return { message: shown(known), whole: !known.pieces.includes(null), known: true };
    let place = part.total === 1 ? undefined : alike.find(k => k.pieces[part.number - 1] === null && near(k, wall, sentMs));
    if (place === undefined) {
      place = { id: this.#next++, slot, way: 'in', number: m.from.slice(0, 64), pieces: Array.from({ length: part.total }, () => null), reference: part.reference, atMs: wall, sentMs };
      this.#add(place);
    }
    place.pieces[part.number - 1] = piece.slice(0, 400);
    return { message: shown(place), whole: !place.pieces.includes(null), known: false };
  }

  sent(slot: number, to: string, pieces: readonly string[], wall: number): Message {
    const message: Kept = { id: this.#next++, slot, way: 'out', number: to, pieces: [...pieces], reference: null, atMs: wall, sentMs: null };
    this.#add(message);
    return shown(message);
  }

  /** Whether this message of the card is the one with this number, or a part of it. */
  holds(id: number, m: sms.Deliver): boolean {
    const k = this.#messages.find(each => each.id === id);
    return k !== undefined && k.way === 'in' && k.number === m.from && k.reference === (m.part?.reference ?? null) && k.pieces.length === (m.part?.total ?? 1)
      && k.pieces[(m.part?.number ?? 1) - 1] === (m.coding === 'octets' ? `(data: ${m.text})` : m.text).slice(0, 400) && (k.pieces.length > 1 || k.sentMs === (m.atMs ?? null));
  }

  /** False: there is none. */
  delete(id: number): boolean {
    const before = this.#messages.length;
    this.#messages = this.#messages.filter(k => k.id !== id);
    return this.#messages.length < before;
  }

  save(): MailboxState { return { next: this.#next, reference: this.#reference, messages: this.#messages }; }

  #add(message: Kept): void {
    this.#messages.push(message);
    if (this.#messages.length > MOST) this.#messages.shift();
  }
}

/** By the service centre's clock where both have one: the router's may have been wrong, and a card may be read days later. */
const near = (k: Kept, wall: number, sentMs: number | null): boolean =>
  Math.abs(k.sentMs !== null && sentMs !== null ? sentMs - k.sentMs : wall - k.atMs) < TOGETHER_MS;

function shown(k: Kept): Message {
  const missing = k.pieces.filter(p => p === null).length;
  // A surrogate pair may have been cut by the sender; halves without the other one are no characters.
  const text = k.pieces.map(p => p ?? '…').join('').replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return { id: k.id, slot: k.slot, way: k.way, number: k.number, text, atMs: k.atMs, sentMs: k.sentMs ?? undefined, parts: k.pieces.length, missing };
}
