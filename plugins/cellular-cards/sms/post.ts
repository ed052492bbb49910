import { at, CliError, type Counter, type Disposable, type PluginContext } from '../../../sdk/index.ts';
import * as sms from '../../../sdk/wire/sms.ts';
import type { CardStatus, Cellular } from '../contract.ts';
import { outcome } from './cms-errors.ts';
import type { Message, Messages } from './contract.ts';
import type { Mailbox } from './mailbox.ts';
import { fetch, type Manner, type Prepared, type Received, remove, type Stored } from './manner.ts';
import { mannerOf } from './manners.ts';
import { Outbox } from './outbox.ts';
import type { Settings } from './settings.ts';

/** Reports of the parts of one text come one after the other; the card is asked once for all. */
const GATHER_MS = 500;
/** A card that tells of new messages is asked so many times less often. */
const TELLING = 10;
/** After a look that failed, in any case. */
const AGAIN_MS = 30_000;

/** The SIM can be read. */
const ready = (s: CardStatus): boolean => ['searching', 'registered', 'dialling', 'authenticating', 'online', 'hanging up'].includes(s.phase) && s.spec !== undefined;

interface Box {
  /** What the card said when it was set up for messages. */
  prepared: Prepared | undefined;
  /** It has told of a message by itself. */
  tells: boolean;
  /** Why messages cannot be read now; empty: they can. */
  why: string;
  /** Its memory takes no more messages. */
  full: boolean;
  busy: boolean;
  /** Ends with the last of those who list what is in the card and delete by that list. */
  turn: Promise<unknown>;
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
  /** A message is whole, or its missing parts are not waited for any more. */
  came(message: Message): void;
  /** A message as it may be shown. */
  shown(message: Message): Message;
  changed(): void;
}

/** How a slot stands; `warning`: what does not work although messages can be read. */
export interface SlotMessages { readonly slot: number; readonly why: string; readonly warning: string; readonly full: boolean; readonly letters: Manner['letters'] }

/** Fetches messages from the cards of all slots and sends through them. */
export class Post implements Messages, Disposable {
  readonly #parts: PostParts;
  readonly #boxes = new Map<number, Box>();
  readonly #outbox: Outbox;

  constructor(parts: PostParts) {
    this.#parts = parts;
    this.#outbox = new Outbox({ ctx: parts.ctx, cellular: parts.cellular, mailbox: parts.mailbox, settings: parts.settings, keep: () => this.#keep() });
  }

  inserted(slot: number): void {
    this.removed(slot);
    this.#boxes.set(slot, { prepared: undefined, tells: false, why: 'the card is not ready yet', full: false, busy: false, turn: Promise.resolve(), memories: new Set(), timer: undefined });
  }

  removed(slot: number): void {
    void this.#boxes.get(slot)?.timer?.dispose();
    this.#boxes.delete(slot);
  }

  status(s: CardStatus): void {
    if (s.phase === 'empty') return;
    if (!this.#boxes.has(s.slot) && s.spec !== undefined) this.inserted(s.slot);
    const box = this.#boxes.get(s.slot);
    if (box !== undefined && box.prepared === undefined && box.timer === undefined && !box.busy && ready(s)) this.#soon(s.slot, box, GATHER_MS);
  }

  waiting(slot: number, memory: string): void {
    const box = this.#boxes.get(slot);
    if (box === undefined) return;
    box.tells = true;
    box.memories.add(memory);
    if (!box.busy) this.#soon(slot, box, GATHER_MS);
  }

  /** The card handed a message over and does not keep it. */
  async handed(slot: number, pdu: string): Promise<void> {
    const box = this.#boxes.get(slot);
    const octets = sms.fromHex(pdu);
    if (box === undefined || !this.#parts.settings().enabled) return;
    box.tells = true;
    try {
      this.#take(slot, [{ index: 0, state: 0, received: octets && sms.parseReceived(octets), raw: pdu }]);
      // Only what is kept is acknowledged: the network offers the rest again.
      if (box.prepared?.acknowledge === true && !(await this.#parts.cellular.run(slot, at('AT+CNMA'))).ok && !this.#over(slot, box)) {
        // A card that missed its answer hands nothing over any more.
        box.prepared = undefined;
        this.#soon(slot, box, GATHER_MS);
      }
    } catch (error) {
      this.#parts.ctx.log.warn({ slot, error: String(error) }, 'a message that the card handed over is not acknowledged');
    }
  }

  settingsChanged(): void {
    for (const [slot, box] of this.#boxes) {
      box.prepared = undefined;
      if (!box.busy) this.#soon(slot, box, GATHER_MS);
    }
  }

  /** Why messages cannot be read from this slot now; empty: they can. */
  why(slot: number): string { return this.#boxes.get(slot)?.why ?? 'no card'; }
  slots(): readonly number[] { return [...this.#boxes.keys()].sort((a, b) => a - b); }
  states(): readonly SlotMessages[] {
    return this.slots().map(slot => {
      const box = this.#boxes.get(slot)!;
      const manner = this.#manner(slot);
      return { slot, why: box.why, warning: box.prepared?.warning ?? '', full: box.full, letters: manner !== undefined && 'letters' in manner ? manner.letters : 'all' };
    });
  }

  list(): readonly Message[] { return this.#parts.mailbox.list().map(m => this.#parts.shown(m)); }

  send(slot: number, to: string, text: string): Promise<Message> { return this.#outbox.send(slot, to, text); }
  answer(slot: number, to: string, text: string): Promise<Message> { return this.#outbox.answer(slot, to, text); }

  /** Looks into the card now. Rejects in words. */
  async fetch(slot: number): Promise<void> {
    const box = this.#boxes.get(slot);
    if (box === undefined) throw new CliError(`there is no card in slot ${slot}`);
    await this.#look(slot, box);
    if (box.why !== '' && !box.full) throw new CliError(box.why);
  }

  /** Deletes from the card what the router has of it, and what was sent. How many places are free now; rejects in words. */
  async clear(slot: number): Promise<number> {
    const box = this.#boxes.get(slot);
    const manner = this.#manner(slot);
    if (box === undefined || manner === undefined) throw new CliError(`there is no card in slot ${slot}`);
    if ('none' in manner) throw new CliError(manner.none);
    return this.#alone(box, async () => {
      const fetched = await this.#parts.cellular.run(slot, fetch(manner));
      if (!fetched.ok) throw new CliError(fetched.why);
      const taken = this.#take(slot, fetched.stored);
      const done = await this.#parts.cellular.run(slot, remove(fetched.memory, [...taken, ...fetched.stored.filter(s => s.state === 3).map(s => s.index)]));
      box.full = false;
      if (!this.#over(slot, box)) this.#soon(slot, box, GATHER_MS);
      return done;
    });
  }

  /** Deletes a message here, and in the card when it is still there. */
  async delete(id: number): Promise<void> {
    const { mailbox, cellular } = this.#parts;
    const message = mailbox.list().find(m => m.id === id);
    if (message === undefined) throw new CliError(`there is no message ${id}`);
    const manner = this.#manner(message.slot);
    const box = this.#boxes.get(message.slot);
    if (message.way === 'in' && !this.#parts.settings().remove && box?.prepared !== undefined && manner !== undefined && !('none' in manner)) {
      await this.#alone(box, async () => {
        const fetched = await cellular.run(message.slot, fetch(manner));
        if (!fetched.ok) throw new CliError(fetched.why);
        const here = fetched.stored.filter(({ received: r }) => r?.kind === 'deliver' && mailbox.holds(id, r));
        if (here.length > 0) await cellular.run(message.slot, remove(fetched.memory, here.map(s => s.index)));
      });
    }
    mailbox.delete(id);
    this.#keep();
  }

  markRead(ids: readonly number[]): void {
    if (ids.map(id => this.#parts.mailbox.markRead(id)).includes(true)) this.#keep();
  }

  /** Tells of texts whose missing parts are not waited for any more. */
  giveUp(): void {
    const over = this.#parts.mailbox.giveUp(this.#parts.ctx.clock.now());
    if (over.length > 0) this.#keep();
    for (const message of over) this.#parts.came(message);
  }

  dispose(): void { for (const slot of [...this.#boxes.keys()]) this.removed(slot); }

  #manner(slot: number): Manner | { readonly none: string } | undefined {
    const dialect = this.#parts.cellular.list().find(s => s.slot === slot)?.spec?.dialect;
    return dialect && mannerOf(dialect);
  }

  #soon(slot: number, box: Box, ms: number): void {
    void box.timer?.dispose();
    box.timer = this.#parts.ctx.clock.after(ms, () => {
      box.timer = undefined;
      void this.#look(slot, box);
    });
  }

  /** One after the other: a place that another one freed meanwhile may hold a new message. */
  #alone<T>(box: Box, work: () => Promise<T>): Promise<T> {
    const mine = box.turn.then(work);
    box.turn = mine.catch(() => {});
    return mine;
  }

  /** Never rejects: `why` of the box says what came of it. */
  async #look(slot: number, box: Box): Promise<void> {
    if (box.busy || this.#over(slot, box)) return;
    void box.timer?.dispose();
    box.timer = undefined;
    const manner = this.#manner(slot);
    if (!this.#parts.settings().enabled) return this.#say(box, 'SMS is switched off');
    if (manner === undefined) return this.#say(box, 'the card is not ready yet');
    if ('none' in manner) return this.#say(box, manner.none);
    box.busy = true;
    try {
      this.#say(box, await this.#alone(box, () => this.#read(slot, box, manner)));
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
  async #read(slot: number, box: Box, manner: Manner): Promise<string> {
    const { cellular, settings } = this.#parts;
    if (box.prepared === undefined) {
      const prepared = await cellular.run(slot, manner.prepare(settings()));
      if (prepared.why !== undefined) return prepared.why;
      box.prepared = prepared;
      this.#parts.changed();
    }
    // Reports of what was sent may lie elsewhere than messages.
    const memories = box.memories.size > 0 ? [...box.memories] : [undefined];
    box.memories.clear();
    for (const memory of memories) {
      const fetched = await cellular.run(slot, fetch(manner, memory));
      if (this.#over(slot, box)) return '';
      if (!fetched.ok) return fetched.why;
      const taken = this.#take(slot, fetched.stored);
      // A report that stayed would be taken for that of a later message with the same number.
      const gone = fetched.stored.filter(s => taken.includes(s.index) && (settings().remove || s.received?.kind === 'status')).map(s => s.index);
      const freed = gone.length > 0 ? await cellular.run(slot, remove(fetched.memory, gone)) : 0;
      box.full = fetched.places !== undefined && fetched.places > 0 && fetched.stored.length - freed >= fetched.places;
      if (box.full) return `the memory of the card is full (${fetched.places} messages) and takes no new ones: "wwan sms clear" deletes from it what the router has`;
    }
    return '';
  }

  /** Places of the card that are not needed any more. */
  #take(slot: number, stored: readonly Stored[]): number[] {
    const { ctx, mailbox, unreadable } = this.#parts;
    const taken: number[] = [];
    const whole: Message[] = [];
    for (const s of stored) {
      // What waits to be sent, or was, is the user's own.
      if (s.state > 1) continue;
      taken.push(s.index);
      if (s.received?.kind === 'deliver') {
        const arrived = mailbox.arrived(slot, s.received, ctx.clock.wall());
        if (arrived.whole && !arrived.known) whole.push(arrived.message);
      } else if (s.received?.kind === 'status') this.#reported(slot, s.received);
      else {
        unreadable.n++;
        ctx.log.warn({ slot, pdu: s.raw.slice(0, 400) }, 'a message in the card cannot be read');
      }
    }
    if (taken.length === 0) return taken;
    // Before the card forgets them.
    this.#parts.keep();
    this.#parts.changed();
    for (const message of whole) this.#parts.came(message);
    return taken;
  }

  #reported(slot: number, report: Extract<Received, { kind: 'status' }>): void {
    const message = this.#parts.mailbox.reported(slot, report, this.#parts.ctx.clock.wall());
    if (message === undefined) return;
    const { kind, words } = outcome(report.status);
    if (message.arrivedMs !== undefined) this.#parts.cellular.note?.(slot, 'sms', `message to ${message.number} has arrived`);
    else if (kind === 'lost') this.#parts.cellular.note?.(slot, 'sms', `message to ${message.number} has not arrived: ${words}`);
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
