import { CliError, type Counter, type Disposable, type PluginContext } from '../../../sdk/index.ts';
import * as gsm7 from '../../../sdk/wire/gsm7.ts';
import * as sms from '../../../sdk/wire/sms.ts';
import type { CardStatus, Cellular } from '../contract.ts';
import * as card from './card-scripts.ts';
import type { Message, Messages } from './contract.ts';
import { Hourly } from './gate.ts';
import type { Mailbox } from './mailbox.ts';
import type { Settings } from './settings.ts';

/** Reports of the parts of one text come one after the other; the card is asked once for all. */
const GATHER_MS = 500;
/** A card that tells of new messages is asked so many times less often. */
const TELLING = 10;
/** After a look that failed, in any case. */
const AGAIN_MS = 30_000;
const MOST_PARTS = 10;

/** The SIM can be read. */
const ready = (s: CardStatus): boolean => ['searching', 'registered', 'dialling', 'authenticating', 'online', 'hanging up'].includes(s.phase) && s.spec !== undefined;

interface Box {
  prepared: boolean;
  /** It has told of a message by itself. */
  tells: boolean;
  /** Why messages cannot be read now; empty: they can. */
  why: string;
  busy: boolean;
  /** Memories it told of since they were read. */
  readonly memories: Set<string>;
  timer: Disposable | undefined;
}

export interface PostParts {
  readonly ctx: Pick<PluginContext<unknown, {}, unknown>, 'clock' | 'log' | 'signal' | 'emit'>;
  readonly cellular: Cellular;
  readonly mailbox: Mailbox;
  readonly settings: () => Settings;
  /** Keeps the mailbox; throws when it cannot. */
  readonly keep: () => void;
  readonly unreadable: Counter;
  /** A message is whole. */
  came(message: Message): void;
  changed(): void;
}

/** Fetches messages from the cards of all slots and sends through them. */
export class Post implements Messages, Disposable {
  readonly #parts: PostParts;
  readonly #boxes = new Map<number, Box>();
  readonly #hourly = new Hourly();

  constructor(parts: PostParts) { this.#parts = parts; }

  inserted(slot: number): void {
    this.removed(slot);
    this.#boxes.set(slot, { prepared: false, tells: false, why: 'the card is not ready yet', busy: false, memories: new Set(), timer: undefined });
  }

  removed(slot: number): void {
    void this.#boxes.get(slot)?.timer?.dispose();
    this.#boxes.delete(slot);
  }

  status(s: CardStatus): void {
    if (s.phase === 'empty') return;
    if (!this.#boxes.has(s.slot) && s.spec !== undefined) this.inserted(s.slot);
    const box = this.#boxes.get(s.slot);
    if (box !== undefined && !box.prepared && box.timer === undefined && !box.busy && ready(s)) this.#soon(s.slot, box, GATHER_MS);
  }

  waiting(slot: number, memory: string): void {
    const box = this.#boxes.get(slot);
    if (box === undefined) return;
    box.tells = true;
    box.memories.add(memory);
    if (!box.busy) this.#soon(slot, box, GATHER_MS);
  }

  settingsChanged(): void { for (const [slot, box] of this.#boxes) if (!box.busy) this.#soon(slot, box, GATHER_MS); }

  /** Why messages cannot be read from this slot now; empty: they can. */
  why(slot: number): string { return this.#boxes.get(slot)?.why ?? 'no card'; }
  slots(): readonly number[] { return [...this.#boxes.keys()].sort((a, b) => a - b); }

  list(): readonly Message[] { return this.#parts.mailbox.list(); }

  async send(slot: number, to: string, text: string): Promise<Message> {
    const number = to.replace(/[ ()/.-]/g, '');
    if (!sms.isNumber(number)) throw new CliError(`'${to}' is not a number that a message can go to; write it as +15551234567`);
    if (text === '') throw new CliError('the message is empty');
    const pieces = sms.split(text);
    if (pieces.length > MOST_PARTS) throw new CliError(`the text needs ${pieces.length} messages, at most ${MOST_PARTS} are sent at once; shorten it`);
    return this.#send(slot, number, pieces);
  }

  /** As `send`, cut to what fits into one message. */
  async answer(slot: number, to: string, text: string): Promise<Message> { return this.#send(slot, to, sms.split(text).slice(0, 1)); }

  async #send(slot: number, to: string, pieces: readonly sms.Piece[]): Promise<Message> {
    const { ctx, cellular, mailbox, settings } = this.#parts;
    const system = cellular.list().find(s => s.slot === slot)?.spec?.dialect.system;
    if (system === undefined) throw new CliError(`there is no card in slot ${slot} that could send`);
    if (system === 'cdma') throw new CliError('CDMA cards have no messages in PDU mode');
    if (!this.#hourly.take(pieces.length, settings().perHour, ctx.clock.now())) throw new CliError(`more than ${settings().perHour} messages in one hour; the settings of SMS allow no more`);
    const reference = mailbox.reference();
    const pdus = pieces.map((piece, i) => sms.emitSubmit({ to, piece, part: pieces.length === 1 ? undefined : { reference, total: pieces.length, number: i + 1 } })).filter(p => p !== undefined);
    const { parts, why } = await cellular.run(slot, card.send(pdus));
    if (why !== undefined) throw new CliError(parts > 0 ? `${parts} of ${pdus.length} parts were sent, then: ${why}` : `not sent: ${why}`);
    const message = mailbox.sent(slot, to, pieces.map(p => (p.coding === 'gsm7' ? gsm7.text(p.septets) : p.text)), ctx.clock.wall());
    this.#keep();
    cellular.note?.(slot, 'sms', `message sent to ${to}`);
    return message;
  }

  /** Looks into the card now. Rejects in words. */
  async fetch(slot: number): Promise<void> {
    const box = this.#boxes.get(slot);
    if (box === undefined) throw new CliError(`there is no card in slot ${slot}`);
    await this.#look(slot, box);
    if (box.why !== '') throw new CliError(box.why);
  }

  /** From the router, and from the card where it still is. Rejects in words. */
  async delete(id: number): Promise<void> {
    const { mailbox, cellular } = this.#parts;
    const message = mailbox.list().find(m => m.id === id);
    if (message === undefined) throw new CliError(`there is no message ${id}`);
    if (message.way === 'in' && !this.#parts.settings().remove && this.#boxes.get(message.slot)?.prepared === true) {
      const fetched = await cellular.run(message.slot, card.fetch());
      if (!fetched.ok) throw new CliError(fetched.why);
      const here = fetched.stored.filter(s => { const m = received(s); return m?.kind === 'deliver' && mailbox.holds(id, m); });
      if (here.length > 0) await cellular.run(message.slot, card.remove(fetched.memory, here.map(s => s.index)));
    }
    mailbox.delete(id);
    this.#keep();
  }

  dispose(): void { for (const slot of [...this.#boxes.keys()]) this.removed(slot); }

  #soon(slot: number, box: Box, ms: number): void {
    void box.timer?.dispose();
    box.timer = this.#parts.ctx.clock.after(ms, () => {
      box.timer = undefined;
      void this.#look(slot, box);
    });
  }

  /** Never rejects: `why` of the box says what came of it. */
  async #look(slot: number, box: Box): Promise<void> {
    const { settings, cellular } = this.#parts;
    if (box.busy || this.#over(slot, box)) return;
    void box.timer?.dispose();
    box.timer = undefined;
    const status = cellular.list().find(s => s.slot === slot);
    if (!settings().enabled) { this.#say(box, 'SMS is switched off'); return; }
    if (status?.spec?.dialect.system === 'cdma') { this.#say(box, 'CDMA cards have no messages in PDU mode'); return; }
    box.busy = true;
    try {
      this.#say(box, await this.#read(slot, box));
    } catch (error) {
      this.#say(box, error instanceof Error ? error.message : String(error));
    } finally {
      box.busy = false;
      if (!this.#over(slot, box)) this.#next(slot, box);
    }
  }

  #next(slot: number, box: Box): void {
    const { pollSec } = this.#parts.settings();
    if (box.memories.size > 0 && box.why === '') this.#soon(slot, box, GATHER_MS);
    else if (box.why !== '') this.#soon(slot, box, Math.max(AGAIN_MS, pollSec * 1000));
    else if (pollSec > 0) this.#soon(slot, box, pollSec * 1000 * (box.tells ? TELLING : 1));
  }

  /** Why not, or ''. */
  async #read(slot: number, box: Box): Promise<string> {
    const { cellular, settings } = this.#parts;
    if (!box.prepared) {
      const why = await cellular.run(slot, card.prepare());
      if (why !== undefined) return why;
      box.prepared = true;
    }
    const memories = box.memories.size > 0 ? [...box.memories] : [undefined];
    box.memories.clear();
    for (const memory of memories) {
      const fetched = await cellular.run(slot, card.fetch(memory));
      if (this.#over(slot, box)) return '';
      if (!fetched.ok) return fetched.why;
      const taken = this.#take(slot, fetched.stored);
      if (settings().remove && taken.length > 0) await cellular.run(slot, card.remove(fetched.memory, taken));
      else if (fetched.places !== undefined && fetched.places > 0 && fetched.stored.length >= fetched.places) return `the memory of the card is full (${fetched.places} messages): it takes no new ones until some are deleted`;
    }
    return '';
  }

  /** Places of the card that are not needed any more. */
  #take(slot: number, stored: readonly card.Stored[]): number[] {
    const { ctx, mailbox, unreadable } = this.#parts;
    const taken: number[] = [];
    const whole: Message[] = [];
    for (const s of stored) {
      // What waits to be sent, or was, is the user's own.
      if (s.state > 1) continue;
      const m = received(s);
      taken.push(s.index);
      if (m?.kind === 'deliver') {
        const arrived = mailbox.arrived(slot, m, ctx.clock.wall());
        if (arrived.whole && !arrived.known) whole.push(arrived.message);
      } else if (m?.kind === 'status') ctx.log.info({ slot, to: m.to, status: m.status }, m.status < 32 ? 'a message has arrived' : 'a message has not arrived yet, or will not');
      else {
        unreadable.n++;
        ctx.log.warn({ slot, pdu: s.hex.slice(0, 400) }, 'a message in the card cannot be read');
      }
    }
    if (taken.length === 0) return taken;
    // Before the card forgets them.
    this.#parts.keep();
    this.#parts.changed();
    for (const message of whole) this.#parts.came(message);
    return taken;
  }

  #keep(): void {
    try {
      this.#parts.keep();
    } catch (error) {
      this.#parts.ctx.log.warn({ error: String(error) }, 'cannot keep the messages');
    }
    this.#parts.changed();
  }

  #say(box: Box, why: string): void {
    if (box.why === why) return;
    box.why = why;
    this.#parts.changed();
  }

  #over(slot: number, box: Box): boolean { return this.#parts.ctx.signal.aborted || this.#boxes.get(slot) !== box; }
}

function received(stored: card.Stored): ReturnType<typeof sms.parseReceived> {
  const octets = sms.fromHex(stored.hex);
  return octets && sms.parseReceived(octets);
}
