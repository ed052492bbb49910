import type { Machine, Tick } from 'lancell/sdk';

/** An event on its way, as JSON text. */
export interface Item { readonly id: number; readonly topic: string; readonly body: string }

export type In =
  | { readonly kind: 'event'; readonly topic: string; readonly body: string }
  /** How the post that was asked for went. 'refused': it will never be taken. */
  | { readonly kind: 'result'; readonly id: number; readonly outcome: Outcome }
  | { readonly kind: 'limits'; readonly limits: Limits }
  | Tick;
export type Outcome = 'taken' | 'later' | 'refused';
export type Out =
  | { readonly kind: 'post'; readonly item: Item }
  | { readonly kind: 'lost'; readonly item: Item; readonly why: 'queue full' | 'refused' | 'too many tries' };

export interface Limits {
  readonly queue: number;
  readonly tries: number;
  /** Pause after the first failure; it doubles with each further one, up to `mostMs`. */
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * Events in, posts out: one at a time and in order. A post that fails is tried again after a pause that doubles, with up to a
 * quarter more by lot, so that many routers do not come back to a server in the same second. A full queue loses its oldest
 * waiting event: who looks after an outage wants to know how things are now.
 */
export class Delivery implements Machine<In, Out> {
  readonly #random: () => number;
  #limits: Limits;
  #queue: Item[];
  #nextId: number;
  /** Not undefined: this post is under way. */
  #posted: number | undefined;
  #tries = 0;
  #due: number | undefined;

  constructor(limits: Limits, random: () => number, waiting: readonly Item[] = []) {
    this.#limits = limits;
    this.#random = random;
    this.#queue = [...waiting];
    this.#nextId = Math.max(0, ...waiting.map(i => i.id)) + 1;
    // What was under way when the plugin was reloaded is posted again: twice is better than never.
    this.#due = waiting.length > 0 ? 0 : undefined;
  }

  get waiting(): readonly Item[] { return this.#queue; }
  /** Failed tries of the first item. */
  get tries(): number { return this.#tries; }

  deadline(): number | undefined { return this.#due; }

  step(input: In, now: number): readonly Out[] {
    switch (input.kind) {
      case 'event':
        this.#queue.push({ id: this.#nextId++, topic: input.topic, body: input.body });
        return [...this.#fit(), ...this.#post(now)];
      case 'limits':
        this.#limits = input.limits;
        return this.#fit();
      case 'result':
        return this.#result(input.id, input.outcome, now);
      case 'tick':
        return this.#post(now);
    }
  }

  #result(id: number, outcome: Outcome, now: number): readonly Out[] {
    if (id !== this.#posted) return [];
    this.#posted = undefined;
    const item = this.#queue[0] as Item;
    this.#tries++;
    if (outcome === 'later' && this.#tries < this.#limits.tries) {
      const pause = Math.min(this.#limits.firstMs * 2 ** (this.#tries - 1), this.#limits.mostMs);
      this.#due = now + pause * (1 + this.#random() / 4);
      return [];
    }
    this.#queue.shift();
    this.#tries = 0;
    const lost: Out[] = outcome === 'taken' ? [] : [{ kind: 'lost', item, why: outcome === 'refused' ? 'refused' : 'too many tries' }];
    return [...lost, ...this.#post(now)];
  }

  #post(now: number): readonly Out[] {
    if (this.#posted !== undefined || (this.#due !== undefined && now < this.#due)) return [];
    this.#due = undefined;
    const item = this.#queue[0];
    if (!item) return [];
    this.#posted = item.id;
    return [{ kind: 'post', item }];
  }

  #fit(): Out[] {
    const lost: Out[] = [];
    while (this.#queue.length > this.#limits.queue) {
      const [item] = this.#queue.splice(this.#posted === undefined ? 0 : 1, 1);
      lost.push({ kind: 'lost', item: item as Item, why: 'queue full' });
    }
    return lost;
  }
}
