import type { Part } from '../cli/draw.ts';
import type { Channel } from './channel.ts';
import { type Answer, encode, type Id } from './protocol.ts';
import { Subscription } from './subscription.ts';

/** Stream items are sent only while less than this waits in the channel: the rest waits, bounded, in its subscription. */
const ITEMS_BELOW = 64 * 1024;
/** Output of verbs is left out (and counted) above this. */
const PARTS_BELOW = 4 * 1024 * 1024;
/** A client that lets this much pile up, by asking and not reading, is sent away. */
const TOO_MUCH = 16 * 1024 * 1024;
const ITEMS_PER_MESSAGE = 64;

/**
 * Everything that goes to one client. Bounded, whatever the client asks for and however slowly it reads; nothing here ever
 * makes a source wait.
 */
export class Outbox {
  readonly #channel: Channel;
  readonly #tooMuch: () => void;
  readonly #subscriptions = new Map<Id, Subscription>();
  readonly #missedParts = new Map<Id, number>();
  #scheduled = false;
  #closed = false;

  constructor(channel: Channel, tooMuch: () => void) {
    this.#channel = channel;
    this.#tooMuch = tooMuch;
  }

  get size(): number { return this.#subscriptions.size; }
  has(id: Id): boolean { return this.#subscriptions.has(id); }

  send(answer: Answer): void {
    if (this.#closed) return;
    if (this.#channel.buffered > TOO_MUCH) {
      this.#tooMuch();
      return;
    }
    this.#channel.send(encode(answer));
  }

  part(id: Id, part: Part): void {
    if (this.#channel.buffered > PARTS_BELOW) {
      this.#missedParts.set(id, (this.#missedParts.get(id) ?? 0) + 1);
      return;
    }
    const missed = this.missedOf(id);
    this.send({ type: 'part', id, part, ...(missed > 0 ? { missed } : {}) });
  }

  /** How many parts were left out since this was asked last. */
  missedOf(id: Id): number {
    const missed = this.#missedParts.get(id) ?? 0;
    this.#missedParts.delete(id);
    return missed;
  }

  subscribe(id: Id, keep: number): Subscription {
    const subscription = new Subscription(keep);
    this.#subscriptions.set(id, subscription);
    return subscription;
  }

  /** Items pushed in one go travel in one message. */
  item(subscription: Subscription, item: unknown): void {
    subscription.push(item);
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.pump();
    });
  }

  /** Sends what waits, in turns, while the channel takes it. */
  pump(): void {
    let sent = true;
    while (sent && !this.#closed) {
      sent = false;
      for (const [id, subscription] of this.#subscriptions) {
        if (subscription.waiting === 0) continue;
        if (this.#channel.buffered >= ITEMS_BELOW) return;
        this.send({ type: 'items', id, ...subscription.take(ITEMS_PER_MESSAGE) });
        sent = true;
      }
    }
  }

  /** Ends a subscription and tells the client why. */
  unsubscribe(id: Id, why: string): void {
    if (!this.#subscriptions.has(id)) return;
    this.forget(id);
    this.send({ type: 'closed', id, why });
  }

  forget(id: Id): void {
    const subscription = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    void subscription?.source?.dispose();
  }

  close(): void {
    this.#closed = true;
    for (const id of [...this.#subscriptions.keys()]) this.forget(id);
    this.#missedParts.clear();
  }
}
