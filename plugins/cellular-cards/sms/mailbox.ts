import { z } from '../../../sdk/index.ts';
import type * as sms from '../../../sdk/wire/sms.ts';
import { outcome } from './cms-errors.ts';
import type { Message } from './contract.ts';
import type { Received } from './manner.ts';

const kept = z.object({
  id: z.number().int(), slot: z.number().int(), way: z.enum(['in', 'out']), number: z.string().max(64),
  /** Null: this part has not come. */
  pieces: z.array(z.string().max(400).nullable()).max(255), reference: z.number().int().nullable(), atMs: z.number(), sentMs: z.number().nullable(),
  zoneless: z.boolean().default(false), givenUp: z.boolean().default(false), read: z.boolean().default(true),
  /** The network's numbers of parts whose fate is not known. */
  awaited: z.array(z.number().int()).max(255).default([]), arrivedMs: z.number().nullable().default(null), trouble: z.string().max(400).nullable().default(null),
});
type Kept = z.infer<typeof kept>;
export const mailboxState = z.object({ next: z.number().int(), reference: z.number().int(), messages: z.array(kept).max(2000) });
export type MailboxState = z.infer<typeof mailboxState>;

/** Messages that are kept; the oldest go first. */
const MOST = 500;
/** Parts of one text come within this time; a reference is used again later. */
const TOGETHER_MS = 24 * 3600_000;
/** A reference of two octets is none of those of one. */
const WIDE = 0x1_0000;

/** A report may overtake the card's own answer; later it belongs to nothing that is known. */
const STRAY_MS = 120_000;
const MOST_STRAYS = 20;

/** A part that came: the message it belongs to, whether that is whole now, and whether it was known before. */
export interface Arrived { readonly message: Message; readonly whole: boolean; readonly known: boolean }
type Deliver = Extract<Received, { kind: 'deliver' }>;

/** Messages that came and went, put together from their parts. */
export class Mailbox {
  #messages: Kept[];
  #next: number;
  #reference: number;
  /** When it was first seen that a text is not whole, by its id. */
  #waitingSince = new Map<number, number>();
  #strays: { readonly slot: number; readonly report: sms.StatusReport; readonly wall: number }[] = [];

  constructor(before: MailboxState | undefined) {
    this.#messages = before?.messages.slice(-MOST) ?? [];
    this.#next = before?.next ?? 1;
    this.#reference = before?.reference ?? 0;
  }

  list(): readonly Message[] { return this.#messages.map(shown); }

  /** For the parts of the next long text. */
  reference(): number { return this.#reference = (this.#reference + 1) & 0xff; }

  arrived(slot: number, m: Deliver, wall: number): Arrived {
    const { total, number } = m.part ?? { total: 1, number: 1 };
    const reference = referenceOf(m);
    const piece = pieceOf(m);
    const sentMs = m.atMs ?? null;
    const alike = this.#messages.filter(k => k.way === 'in' && k.number === m.from && k.reference === reference && k.pieces.length === total);
    // A card that keeps its messages shows each of them again and again; parts of one text differ in their time stamps.
    const known = alike.find(k => k.pieces[number - 1] === piece && (total > 1 ? near(k, wall, sentMs) : k.sentMs === sentMs));
    if (known !== undefined) return { message: shown(known), whole: !known.pieces.includes(null), known: true };
    let place = total === 1 ? undefined : alike.find(k => k.pieces[number - 1] === null && near(k, wall, sentMs));
    if (place === undefined) {
      place = { ...fresh, id: this.#next++, slot, way: 'in', number: m.from.slice(0, 64), pieces: Array.from({ length: total }, () => null), reference, atMs: wall, sentMs, zoneless: m.zoneless ?? false, read: false, awaited: [] };
      this.#add(place);
    }
    place.pieces[number - 1] = piece;
    // A network may try for days.
    if (!place.pieces.includes(null)) place.givenUp = false;
    return { message: shown(place), whole: !place.pieces.includes(null), known: false };
  }

  /** Texts whose missing parts are not waited for any more, from now on. `now` monotonic: the wall clock of a router may jump by years when it starts. */
  giveUp(now: number): readonly Message[] {
    const open = this.#messages.filter(k => k.way === 'in' && !k.givenUp && k.pieces.includes(null));
    this.#waitingSince = new Map(open.map(k => [k.id, this.#waitingSince.get(k.id) ?? now]));
    const over = open.filter(k => now - this.#waitingSince.get(k.id)! >= TOGETHER_MS);
    for (const k of over) k.givenUp = true;
    return over.map(shown);
  }

  /** `awaited`: the network's numbers of its parts, when reports will come. */
  sent(slot: number, to: string, pieces: readonly string[], wall: number, awaited: readonly number[] = [], trouble: string | null = null): Message {
    const message: Kept = { ...fresh, id: this.#next++, slot, way: 'out', number: to, pieces: pieces.map(p => p.slice(0, 400)), reference: null, atMs: wall, sentMs: null, awaited: [...awaited], trouble: trouble?.slice(0, 400) ?? null };
    this.#add(message);
    for (const stray of this.#strays.splice(0)) if (wall - stray.wall < STRAY_MS) this.reported(stray.slot, stray.report, stray.wall);
    return shown(message);
  }

  /** What became of a part that was sent. Undefined: nobody waits for it. */
  reported(slot: number, report: sms.StatusReport, wall: number): Message | undefined {
    const k = this.#messages.findLast(m => m.way === 'out' && m.slot === slot && m.awaited.includes(report.reference) && alike(m.number, report.to));
    if (k === undefined) {
      this.#strays = [...this.#strays.slice(1 - MOST_STRAYS), { slot, report, wall }];
      return undefined;
    }
    const { kind, words } = outcome(report.status);
    // What is lost stays lost, whatever becomes of the other parts.
    if (kind === 'lost') k.awaited = [];
    else if (kind === 'arrived') k.awaited.splice(k.awaited.indexOf(report.reference), 1);
    if (kind !== 'arrived') k.trouble = words;
    else if (k.awaited.length === 0) {
      k.arrivedMs = report.atMs ?? wall;
      k.trouble = null;
    }
    return shown(k);
  }

  /** Whether this message of the card is the one with this number, or a part of it. */
  holds(id: number, m: Deliver): boolean {
    const k = this.#messages.find(each => each.id === id);
    return k !== undefined && k.way === 'in' && k.number === m.from && k.reference === referenceOf(m) && k.pieces.length === (m.part?.total ?? 1)
      && k.pieces[(m.part?.number ?? 1) - 1] === pieceOf(m) && (k.pieces.length > 1 || k.sentMs === (m.atMs ?? null));
  }

  /** Somebody has seen it. False: it had been seen, or there is none. */
  markRead(id: number): boolean {
    const k = this.#messages.find(each => each.id === id);
    if (k === undefined || k.read) return false;
    return k.read = true;
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

const fresh = { zoneless: false, givenUp: false, read: true, arrivedMs: null, trouble: null };
const referenceOf = ({ part }: Deliver): number | null => (part === undefined ? null : part.wide === true ? part.reference + WIDE : part.reference);
const pieceOf = (m: Deliver): string => (m.coding === 'octets' ? `(data: ${m.text})` : m.text).slice(0, 400);
/** A network may tell the number in another form than it was given. */
const alike = (a: string, b: string): boolean => { const [x, y] = [a, b].map(n => n.replace(/\D/g, '').slice(-8)); return x === y; };

/** By the service centre's clock where both have one: the router's may have been wrong, and a card may be read days later. */
const near = (k: Kept, wall: number, sentMs: number | null): boolean =>
  Math.abs(k.sentMs !== null && sentMs !== null ? sentMs - k.sentMs : wall - k.atMs) < TOGETHER_MS;

function shown(k: Kept): Message {
  const missing = k.pieces.filter(p => p === null).length;
  // A surrogate pair may have been cut by the sender; halves without the other one are no characters.
  const text = k.pieces.map(p => p ?? '…').join('').replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return {
    id: k.id, slot: k.slot, way: k.way, number: k.number, text, atMs: k.atMs, sentMs: k.sentMs ?? undefined, zoneless: k.zoneless, parts: k.pieces.length, missing,
    givenUp: k.givenUp, read: k.read, arrivedMs: k.arrivedMs ?? undefined, trouble: k.trouble ?? undefined,
  };
}
