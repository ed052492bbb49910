import type { Clock, Disposable } from '../../sdk/index.ts';

interface Entry {
  mac: Uint8Array | undefined;
  waiting: ((mac: Uint8Array | undefined) => void)[];
  timer: Disposable | undefined;
}

/** Linux's habits: three questions a second apart, a few packets wait for the answer. */
const QUESTIONS = 3;
const APART_MS = 1000;
const MOST_WAITING = 16;

/** Who on the wire has which address. */
export class ArpTable {
  readonly #clock: Clock;
  readonly #ask: (ip: number) => void;
  readonly #entries = new Map<number, Entry>();

  constructor(clock: Clock, ask: (ip: number) => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Calls `ready` once: with the address, or with undefined when nobody answered. */
  resolve(ip: number, ready: (mac: Uint8Array | undefined) => void): void {
    const known = this.#entries.get(ip);
    if (known?.mac) { ready(known.mac); return; }
    if (known) {
      if (known.waiting.length < MOST_WAITING) known.waiting.push(ready);
      return;
    }
    const entry: Entry = { mac: undefined, waiting: [ready], timer: undefined };
    this.#entries.set(ip, entry);
    this.#question(ip, entry, QUESTIONS);
  }

  /** `make`: also when nobody asked about it. */
  learn(ip: number, mac: Uint8Array, make: boolean): void {
    const entry = this.#entries.get(ip);
    if (!entry) {
      if (make) this.#entries.set(ip, { mac, waiting: [], timer: undefined });
      return;
    }
    entry.mac = mac;
    void entry.timer?.dispose();
    entry.timer = undefined;
    for (const ready of entry.waiting.splice(0)) ready(mac);
  }

  forget(): void {
    for (const e of this.#entries.values()) void e.timer?.dispose();
    this.#entries.clear();
  }

  list(): { readonly ip: number; readonly mac: Uint8Array | undefined }[] {
    return [...this.#entries].map(([ip, { mac }]) => ({ ip, mac }));
  }

  #question(ip: number, entry: Entry, left: number): void {
    if (left === 0) {
      this.#entries.delete(ip);
      for (const ready of entry.waiting) ready(undefined);
      return;
    }
    entry.timer = this.#clock.after(APART_MS, () => this.#question(ip, entry, left - 1));
    this.#ask(ip);
  }
}
