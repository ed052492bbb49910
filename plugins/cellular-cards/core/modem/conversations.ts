import type { Clock, Disposable, Script } from '../../../../sdk/index.ts';
import { runScript } from '../at/script-run.ts';
import type { Ports } from './ports.ts';

/** Conversations that may wait for the card. */
const MOST = 32;

interface Waiting { start(): void; refuse(why: string): void }

/** Conversations with one card, one after the other in the order of asking; a card that goes ends them all. */
export class Conversations implements Disposable {
  readonly #ports: Ports;
  readonly #clock: Clock;
  readonly #queue: Waiting[] = [];
  #running: Disposable | undefined;
  #busy = false;
  #over = '';

  constructor(ports: Ports, clock: Clock) {
    this.#ports = ports;
    this.#clock = clock;
  }

  /** One of the two is called, once. */
  run<T>(script: Script<T>, done: (value: T) => void, failed: (why: string) => void): void {
    if (this.#over !== '') return failed(this.#over);
    if (this.#queue.length >= MOST) return failed('too many others talk to the card');
    this.#queue.push({ start: () => this.#start(script, done, failed), refuse: failed });
    this.#next();
  }

  end(why: string): void {
    if (this.#over !== '') return;
    this.#over = why;
    for (const each of this.#queue.splice(0)) each.refuse(why);
    void this.#running?.dispose();
  }

  dispose(): void { this.end('the card is gone'); }

  #next(): void {
    if (this.#busy) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#busy = true;
    next.start();
  }

  #start<T>(script: Script<T>, done: (value: T) => void, failed: (why: string) => void): void {
    let over = false;
    const running = runScript(script, {
      at: (step, answered) => this.#ports.at(step, answered), qcdm: this.#ports.qcdm, after: (ms, fn) => this.#clock.after(ms, fn),
    }, ran => {
      over = true;
      this.#running = undefined;
      this.#busy = false;
      if (ran.kind === 'done') done(ran.value);
      else failed(ran.kind === 'failed' ? wordsOf(ran.error) : this.#over || 'interrupted');
      this.#next();
    });
    if (!over) this.#running = running;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
