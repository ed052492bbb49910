import { type Clock, type Disposable, drive, type Tick } from '../../../../sdk/index.ts';
import type { Tty } from '../../../../sdk/tty.ts';
import { QcdmChannel, type QcdmIn, type QcdmOut } from './channel.ts';

/** A diagnostic channel on a tty under a clock. What it holds is given back with `close`: the tty too. */
export class QcdmPort implements Disposable {
  readonly tty: Tty;
  readonly #channel = new QcdmChannel();
  readonly #feed: (input: QcdmIn | Tick) => void;
  readonly #waiting = new Map<number, (answer: Uint8Array | undefined) => void>();
  readonly #machine: Disposable[] = [];
  #next = 1;
  #closed = false;

  constructor(tty: Tty, clock: Clock, gone: (why: string) => void) {
    this.tty = tty;
    this.#feed = drive<QcdmIn, QcdmOut>(clock, { add: d => { this.#machine.push(d); return d; } }, this.#channel, out => this.#apply(out));
    tty.discard();
    tty.onData = (buf, from, to) => this.#feed({ kind: 'octets', buf, from, to });
    tty.onGone = why => {
      this.#feed({ kind: 'gone' });
      if (!this.#closed) gone(why);
    };
  }

  /** `done` is called once, with the answer without CRC or undefined, unless what is returned is disposed of before. */
  ask(request: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void): Disposable {
    const id = this.#next++;
    this.#waiting.set(id, done);
    this.#feed({ kind: 'ask', id, request, timeoutMs });
    return { dispose: () => { if (this.#waiting.delete(id)) this.#feed({ kind: 'cancel', id }); } };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#feed({ kind: 'gone' });
    for (const each of this.#machine) void each.dispose();
    this.tty.onData = () => {};
    this.tty.onGone = () => {};
    this.tty.close();
  }

  dispose(): void { this.close(); }

  #apply(out: QcdmOut): void {
    if (out.kind === 'write') { this.tty.write(out.octets); return; }
    const done = this.#waiting.get(out.id);
    this.#waiting.delete(out.id);
    done?.(out.answer);
  }
}
