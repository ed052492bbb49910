import { randomUUID } from 'node:crypto';
import { type Clock, type Counter, drive, type OwnHttp, type Scope } from '../../sdk/index.ts';
import type { ActionEnv } from './actions.ts';
import { evented } from './evented.ts';
import { emitProperties } from './gena.ts';
import { Subscriptions, type SubscriptionsIn, type SubscriptionsOut } from './subscriptions.ts';

/** UDA 1.1 §4.3.2: whoever has not answered an event by then has not got it (ms). */
const LIMIT_MS = 30_000;

type Answer = Extract<SubscriptionsOut, { kind: 'answer' }>;
type Send = Extract<SubscriptionsOut, { kind: 'send' }>;
export type Asked = Extract<SubscriptionsIn, { kind: 'subscribe' | 'renew' | 'unsubscribe' }>;

export interface PublisherParts {
  readonly clock: Clock;
  readonly scope: Scope;
  readonly http: OwnHttp;
  readonly env: ActionEnv;
  /** Events that a subscriber has not taken. */
  readonly lost: Counter;
}

/** Tells subscribers what has changed, by HTTP (UDA 1.1 §4). */
export class Publisher {
  readonly #parts: PublisherParts;
  readonly #subscriptions = new Subscriptions(() => `uuid:${randomUUID()}`);
  readonly #feed: (input: SubscriptionsIn) => void;
  #answer: Answer | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#feed = drive<SubscriptionsIn, SubscriptionsOut>(parts.clock, parts.scope, this.#subscriptions, out => {
      if (out.kind === 'answer') this.#answer = out;
      else void this.#send(out);
    });
    this.changed();
  }

  get size(): number { return this.#subscriptions.size; }

  /** A request of a host, answered at once. */
  ask(input: Asked): Answer {
    this.#answer = undefined;
    this.#feed(input);
    return this.#answer ?? { kind: 'answer', status: 503, sid: '', seconds: 0 };
  }

  /** What subscribers are told of may be otherwise than before. */
  changed(): void { this.#feed({ kind: 'values', values: evented(this.#parts.env) }); }
  served(own: readonly number[]): void { this.#feed({ kind: 'served', own }); }
  gone(host: number): void { this.#feed({ kind: 'gone', host }); }

  async #send({ sid, seq, host, own, callback, values }: Send): Promise<void> {
    const status = await this.#parts.http.send({
      method: 'NOTIFY', to: host, port: callback.port, path: callback.path, from: own, withinMs: LIMIT_MS, body: emitProperties(values),
      headers: { 'content-type': 'text/xml; charset="utf-8"', nt: 'upnp:event', nts: 'upnp:propchange', sid, seq: String(seq) },
    });
    const ok = status === 200;
    if (!ok) this.#parts.lost.n++;
    this.#feed({ kind: 'delivered', sid, ok });
  }
}
