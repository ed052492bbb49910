import { type Clock, type Disposable, drive } from '../../sdk/index.ts';
import { Check, type CheckIn, type CheckOut, type CheckTimes } from './check.ts';

/** One uplink under watch; its number is that of its echo requests. */
interface Watched { readonly name: string; readonly number: number; readonly check: Check; readonly feed: (input: CheckIn) => void; readonly held: Disposable[] }

export interface ChecksDeps {
  readonly clock: Clock;
  times(): CheckTimes;
  ask(name: string, number: number, seq: number): void;
  turned(name: string, good: boolean): void;
}

/** The connectivity checks of all uplinks that are to be checked. */
export class Checks implements Disposable {
  readonly #deps: ChecksDeps;
  readonly #watched = new Map<string, Watched>();

  constructor(deps: ChecksDeps) { this.#deps = deps; }

  /** What nobody watches is good. */
  good(name: string): boolean { return this.#watched.get(name)?.check.good ?? true; }
  watches(name: string): boolean { return this.#watched.has(name); }

  /** The uplink whose questions have this number. */
  named(number: number): string | undefined { return this.#numbered(number)?.name; }
  answered(number: number, seq: number): void { this.#numbered(number)?.feed({ kind: 'answer', seq }); }

  watch(name: string, up: boolean): void { (this.#watched.get(name) ?? this.#begin(name)).feed({ kind: up ? 'start' : 'stop' }); }

  /** Ends the watch over all uplinks that `keep` does not say yes to. */
  dropExcept(keep: (name: string) => boolean): void {
    for (const { name, held } of [...this.#watched.values()]) {
      if (keep(name)) continue;
      this.#watched.delete(name);
      for (const each of held) void each.dispose();
    }
  }

  dispose(): void { this.dropExcept(() => false); }

  #numbered(number: number): Watched | undefined { return [...this.#watched.values()].find(w => w.number === number); }

  #begin(name: string): Watched {
    const numbers = new Set([...this.#watched.values()].map(w => w.number));
    let number = 0;
    while (numbers.has(number)) number++;
    const check = new Check(this.#deps.times());
    const held: Disposable[] = [];
    const feed = drive<CheckIn, CheckOut>(this.#deps.clock, { add: d => { held.push(d); return d; } }, check, out => {
      if (out.kind === 'health') this.#deps.turned(name, out.good);
      else this.#deps.ask(name, number, out.seq);
    });
    const made: Watched = { name, number, check, feed, held };
    this.#watched.set(name, made);
    return made;
  }
}
