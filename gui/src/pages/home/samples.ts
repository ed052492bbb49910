import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { wire } from '../../wire/socket.ts';

export interface LinkSample { readonly name: string; readonly up: boolean; readonly rxBytes: number; readonly txBytes: number; readonly rxDropped: number; readonly txDropped: number; readonly txErrors: number }
export interface Sample {
  /** ms since the epoch. */
  readonly at: number;
  readonly upMs: number;
  readonly busyMs: number;
  readonly flows: number;
  readonly maxFlows: number;
  /** Octets of memory. */
  readonly rss: number;
  readonly links: readonly LinkSample[];
}

/** bit/s; `in` is what comes into the router. */
export interface Rate { readonly in: number; readonly out: number }
export const NO_RATE: Rate = { in: 0, out: 0 };

const KEPT = 61;
/** Outlives the page: who comes back finds the minute as it was. */
let kept: readonly Sample[] = [];

/** The last minute of the router's counts, and what can be reckoned from their differences. */
export class Samples implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #undo: () => void = () => {};

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#undo = wire.subscribe('metrics', { items: (items) => {
      const next = items.at(-1) as Sample;
      // After a restart the counts begin anew.
      const before = (kept.at(-1)?.upMs ?? 0) > next.upMs ? [] : kept;
      kept = [...before, next].filter((s) => s.at > next.at - KEPT * 1000).slice(-KEPT);
      this.#host.requestUpdate();
    } });
  }

  hostDisconnected(): void { this.#undo(); }

  get newest(): Sample | undefined { return kept.at(-1); }

  /** Of the newest difference. */
  rate(link: string): Rate { return this.rates(link).at(-1) ?? NO_RATE; }

  /** One per second, the newest last. */
  rates(link: string): readonly Rate[] {
    return this.#differences((a, b, ms) => {
      const before = a.links.find((l) => l.name === link);
      const after = b.links.find((l) => l.name === link);
      if (before === undefined || after === undefined) return NO_RATE;
      return { in: Math.max(0, after.rxBytes - before.rxBytes) * 8000 / ms, out: Math.max(0, after.txBytes - before.txBytes) * 8000 / ms };
    });
  }

  /** Part of the time that the engine worked, 0 to 1. */
  loads(): readonly number[] { return this.#differences((a, b, ms) => Math.min(1, Math.max(0, b.busyMs - a.busyMs) / ms)); }
  flows(): readonly number[] { return kept.map((s) => s.flows); }
  memory(): readonly number[] { return kept.map((s) => s.rss); }

  #differences<T>(of: (a: Sample, b: Sample, ms: number) => T): readonly T[] {
    return kept.slice(1).map((b, i) => of(kept[i]!, b, Math.max(1, b.at - kept[i]!.at)));
  }
}

export const sumOf = (rates: readonly Rate[]): Rate => rates.reduce((a, b) => ({ in: a.in + b.in, out: a.out + b.out }), NO_RATE);
