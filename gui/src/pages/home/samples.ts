import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { wire } from '../../wire/socket.ts';
import type { Reading } from './sparkline.ts';

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

  /** What came in and went out on a link, in bit/s; the newest last. */
  rates(link: string): { readonly in: readonly Reading[]; readonly out: readonly Reading[] } {
    const of = (count: (l: LinkSample) => number): readonly Reading[] => this.#differences((a, b, ms) => {
      const [before, after] = [a.links.find((l) => l.name === link), b.links.find((l) => l.name === link)];
      return before === undefined || after === undefined ? 0 : Math.max(0, count(after) - count(before)) * 8000 / ms;
    });
    return { in: of((l) => l.rxBytes), out: of((l) => l.txBytes) };
  }

  /** Part of the time that the engine worked, 0 to 1. */
  loads(): readonly Reading[] { return this.#differences((a, b, ms) => Math.min(1, Math.max(0, b.busyMs - a.busyMs) / ms)); }
  flows(): readonly Reading[] { return kept.map((s) => ({ at: s.at, value: s.flows })); }
  memory(): readonly Reading[] { return kept.map((s) => ({ at: s.at, value: s.rss })); }

  #differences(of: (a: Sample, b: Sample, ms: number) => number): readonly Reading[] {
    return kept.slice(1).map((b, i) => ({ at: b.at, value: of(kept[i]!, b, Math.max(1, b.at - kept[i]!.at)) }));
  }
}
