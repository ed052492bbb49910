import type { TimelineEntry } from '../contract.ts';

/** Lines that are kept, over all slots. */
const MOST = 1000;

/** What happened to the cards, oldest first. */
export class Timeline {
  #entries: TimelineEntry[];
  readonly #told: (entry: TimelineEntry) => void;

  constructor(before: readonly TimelineEntry[], told: (entry: TimelineEntry) => void) {
    this.#entries = before.slice(-MOST);
    this.#told = told;
  }

  add(entry: TimelineEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > MOST * 1.25) this.#entries = this.#entries.slice(-MOST);
    this.#told(entry);
  }

  list(slot?: number): readonly TimelineEntry[] { return this.#entries.filter(e => slot === undefined || e.slot === slot).slice(-MOST); }
}
