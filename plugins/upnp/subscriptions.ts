import type { Machine, Tick } from '../../sdk/index.ts';
import type { Callback } from './gena.ts';
import type { Service } from './services.ts';

export type ServiceName = Service['name'];
/** The evented variables of each service. */
export type Values = Readonly<Record<ServiceName, readonly (readonly [string, string])[]>>;

/** Subscriptions in all, and of one host: a control point has one for each service. */
const MOST = 64;
const MOST_PER_HOST = 12;
/** How long one holds (s): UDA 1.1 §4.1.2 wants half an hour at least. */
const LONGEST = 1800;
const SHORTEST = 60;
/** The first event comes after the answer to the subscription has gone out. */
const FIRST_MS = 100;
/** Events of one subscription are no closer than this, so that a burst of changes is one of them (the gap of moderated events, §4.3.1). */
const GAP_MS = 200;

export type SubscriptionsIn =
  | { readonly kind: 'subscribe'; readonly service: ServiceName; readonly host: number; /** The own address it came to. */ readonly own: number; readonly callbacks: readonly Callback[]; readonly seconds: number | undefined }
  | { readonly kind: 'renew'; readonly service: ServiceName; readonly host: number; readonly sid: string; readonly seconds: number | undefined }
  | { readonly kind: 'unsubscribe'; readonly service: ServiceName; readonly host: number; readonly sid: string }
  | { readonly kind: 'values'; readonly values: Values }
  | { readonly kind: 'delivered'; readonly sid: string; readonly ok: boolean }
  /** The own addresses that are served from now on. */
  | { readonly kind: 'served'; readonly own: readonly number[] }
  /** The host has left. */
  | { readonly kind: 'gone'; readonly host: number }
  | Tick;
export type SubscriptionsOut =
  /** What the host is told at once; 200 with the identifier and the seconds it holds. */
  | { readonly kind: 'answer'; readonly status: 200 | 412 | 503; readonly sid: string; readonly seconds: number }
  /** To be reported back with `delivered`. */
  | { readonly kind: 'send'; readonly sid: string; readonly seq: number; readonly host: number; readonly own: number; readonly callback: Callback; readonly values: readonly (readonly [string, string])[] };

interface Subscription {
  readonly sid: string; readonly service: ServiceName; readonly host: number; readonly own: number; readonly callbacks: readonly Callback[];
  until: number;
  seq: number;
  /** What it was told last. */
  readonly told: Map<string, string>;
  /** No event before this (ms). */
  next: number;
  /** On its way: to which of the callbacks. */
  flying: { readonly at: number; readonly values: readonly (readonly [string, string])[] } | undefined;
  failed: boolean;
}

/** GENA's publisher (UDA 1.1 §4): who wants to know, what each was told, and what it is told next, one message at a time. */
export class Subscriptions implements Machine<SubscriptionsIn, SubscriptionsOut> {
  readonly #all = new Map<string, Subscription>();
  readonly #newSid: () => string;
  #values: Values = { Layer3Forwarding: [], WANCommonInterfaceConfig: [], WANIPConnection: [] };

  constructor(newSid: () => string) { this.#newSid = newSid; }

  get size(): number { return this.#all.size; }

  deadline(): number | undefined {
    let first = Number.POSITIVE_INFINITY;
    for (const s of this.#all.values()) first = Math.min(first, s.until, this.#wants(s) ? s.next : first);
    return first === Number.POSITIVE_INFINITY ? undefined : first;
  }

  step(input: SubscriptionsIn, now: number): readonly SubscriptionsOut[] {
    this.#drop(s => s.until <= now);
    switch (input.kind) {
      case 'subscribe': return this.#subscribe(input, now);
      case 'renew': return this.#renew(input, now);
      case 'unsubscribe': return [this.#mine(input) && this.#all.delete(input.sid) ? accepted('', 0) : unknown];
      case 'values': this.#values = input.values; return this.#tell(now);
      case 'delivered': return this.#delivered(input, now);
      case 'served': this.#drop(s => !input.own.includes(s.own)); return [];
      case 'gone': this.#drop(s => s.host === input.host); return [];
      case 'tick': return this.#tell(now);
    }
  }

  #drop(which: (s: Subscription) => boolean): void {
    for (const s of this.#all.values()) if (which(s)) this.#all.delete(s.sid);
  }

  #subscribe(i: Extract<SubscriptionsIn, { kind: 'subscribe' }>, now: number): readonly SubscriptionsOut[] {
    if (i.callbacks.length === 0) return [unknown];
    const ofHost = [...this.#all.values()].filter(s => s.host === i.host);
    if (ofHost.length >= MOST_PER_HOST || this.#all.size >= MOST) {
      // One that does not answer any more makes room: a program that was killed has not said farewell.
      const silent = ofHost.find(s => s.failed);
      if (!silent) return [{ kind: 'answer', status: 503, sid: '', seconds: 0 }];
      this.#all.delete(silent.sid);
    }
    const sid = this.#newSid();
    const seconds = granted(i.seconds);
    this.#all.set(sid, { sid, service: i.service, host: i.host, own: i.own, callbacks: i.callbacks, until: now + seconds * 1000, seq: 0, told: new Map(), next: now + FIRST_MS, flying: undefined, failed: false });
    return [accepted(sid, seconds)];
  }

  #renew(i: Extract<SubscriptionsIn, { kind: 'renew' }>, now: number): readonly SubscriptionsOut[] {
    const s = this.#mine(i);
    if (!s) return [unknown];
    const seconds = granted(i.seconds);
    s.until = now + seconds * 1000;
    return [accepted(s.sid, seconds)];
  }

  /** A subscription is its host's, whoever has learnt its name. */
  #mine(i: { readonly sid: string; readonly service: ServiceName; readonly host: number }): Subscription | undefined {
    const s = this.#all.get(i.sid);
    return s?.host === i.host && s.service === i.service ? s : undefined;
  }

  /** What has changed since it was told; all of it in the first event (§4.3.1). */
  #changed(s: Subscription): readonly (readonly [string, string])[] {
    return this.#values[s.service].filter(([name, value]) => s.told.get(name) !== value);
  }

  #wants(s: Subscription): boolean { return s.flying === undefined && this.#changed(s).length > 0; }

  #tell(now: number): readonly SubscriptionsOut[] {
    const out: SubscriptionsOut[] = [];
    for (const s of this.#all.values()) {
      if (s.next > now || !this.#wants(s)) continue;
      const values = this.#changed(s);
      for (const [name, value] of values) s.told.set(name, value);
      s.next = now + GAP_MS;
      s.flying = { at: 0, values };
      out.push(send(s, s.flying));
    }
    return out;
  }

  /** An event that none of the URLs has taken is not sent again; the gap in SEQ shows the subscriber that one is missing (§4.3.2). */
  #delivered(i: Extract<SubscriptionsIn, { kind: 'delivered' }>, now: number): readonly SubscriptionsOut[] {
    const s = this.#all.get(i.sid);
    if (!s?.flying) return [];
    const at = s.flying.at + 1;
    if (!i.ok && at < s.callbacks.length) {
      s.flying = { ...s.flying, at };
      return [send(s, s.flying)];
    }
    s.flying = undefined;
    s.failed = !i.ok;
    // §4.3.2: 0 is the first event's alone.
    s.seq = s.seq >= 0xffff_ffff ? 1 : s.seq + 1;
    return this.#tell(now);
  }
}

const granted = (seconds: number | undefined): number => Math.min(Math.max(seconds ?? LONGEST, SHORTEST), LONGEST);
const accepted = (sid: string, seconds: number): SubscriptionsOut => ({ kind: 'answer', status: 200, sid, seconds });
const unknown: SubscriptionsOut = { kind: 'answer', status: 412, sid: '', seconds: 0 };
const send = (s: Subscription, f: NonNullable<Subscription['flying']>): SubscriptionsOut =>
  ({ kind: 'send', sid: s.sid, seq: s.seq, host: s.host, own: s.own, callback: s.callbacks[f.at]!, values: f.values });
