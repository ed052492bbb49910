import { EventEmitter } from 'eventemitter3';
import { config, Observable } from 'rxjs';
import { type Events, sticky, stickyGroup } from '../sdk/events.ts';
import type { Logger } from '../sdk/log.ts';
import type { Disposable } from '../sdk/scope.ts';

type Topic = keyof Events;
interface Remembered { readonly topic: string; readonly event: unknown }

/**
 * The router's events. A listener that throws is logged with its owner; the emitter and the other listeners do not notice.
 * Sticky topics (sdk/events.ts) are replayed to late listeners, before `on` returns.
 */
export class Bus {
  readonly #emitter = new EventEmitter();
  /** Newest event per group of topics and key. */
  readonly #memory = new Map<string, Map<unknown, Remembered>>();
  readonly #taps = new Map<(topic: string, event: unknown) => void, string>();
  readonly #log: Pick<Logger, 'error'> | undefined;

  constructor(log?: Pick<Logger, 'error'>) {
    this.#log = log;
  }

  on<K extends Topic>(topic: K, fn: (event: Events[K]) => void, owner: string): Disposable {
    let live = true;
    const listener = (event: Events[K]) => {
      // EventEmitter3 walks the list it had when the emission began: a listener taken off meanwhile is still in it.
      if (live) this.#call(topic, fn, event, owner);
    };
    this.#emitter.on(topic, listener);
    this.#replay(topic, listener);
    return {
      dispose: () => {
        if (!live) return;
        live = false;
        this.#emitter.off(topic, listener);
      },
    };
  }

  /** The same as an Observable; it never completes. Every subscription is one listener. */
  observe<K extends Topic>(topic: K, owner = 'observer'): Observable<Events[K]> {
    return new Observable(subscriber => {
      const listening = this.on(topic, event => subscriber.next(event), owner);
      return () => void listening.dispose();
    });
  }

  emit<K extends Topic>(topic: K, event: Events[K]): void {
    const field = sticky[topic];
    if (field !== undefined) {
      const group = stickyGroup[topic] ?? topic;
      let remembered = this.#memory.get(group);
      if (!remembered) this.#memory.set(group, (remembered = new Map()));
      const key = (event as unknown as Record<string, unknown>)[field];
      // Taken out first, so that the newest comes last in a replay.
      remembered.delete(key);
      remembered.set(key, { topic, event });
    }
    this.#emitter.emit(topic, event);
    for (const [tap, owner] of this.#taps) this.#call(topic, e => tap(topic, e), event, owner);
  }

  /** Every event of every topic, after its own listeners; for consoles. */
  tap(fn: (topic: string, event: unknown) => void, owner: string): Disposable {
    this.#taps.set(fn, owner);
    return { dispose: () => void this.#taps.delete(fn) };
  }

  /** How many listeners there are, in all or for one topic; the census counts them. */
  count(topic?: string): number {
    if (topic !== undefined) return this.#emitter.listenerCount(topic);
    return this.#emitter.eventNames().reduce((sum, name) => sum + this.#emitter.listenerCount(name), 0);
  }

  #replay<K extends Topic>(topic: K, listener: (event: Events[K]) => void): void {
    if (sticky[topic] === undefined) return;
    const remembered = this.#memory.get(stickyGroup[topic] ?? topic);
    if (!remembered) return;
    for (const [key, then] of [...remembered]) {
      // A listener may emit: what is no longer the newest has been delivered already in its newer form.
      if (then.topic === topic && remembered.get(key) === then) listener(then.event as Events[K]);
    }
  }

  #call<K extends Topic>(topic: K, fn: (event: Events[K]) => void, event: Events[K], owner: string): void {
    const failed = (error: unknown) =>
      this.#log?.error({ owner, topic, err: error }, `${owner}: its listener for ${topic} failed`);
    try {
      const result: unknown = fn(event);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

/**
 * RxJS throws what a subscriber throws from a timeout of its own, which would end the process. While this is held, such
 * errors go to `report` instead.
 */
export function catchObserverErrors(report: (error: unknown) => void): Disposable {
  const previous = config.onUnhandledError;
  config.onUnhandledError = report;
  return { dispose: () => { if (config.onUnhandledError === report) config.onUnhandledError = previous; } };
}
