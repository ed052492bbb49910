import { type AtAnswer, type Clock, type Disposable, drive, type Tick } from '../../../../sdk/index.ts';
import type { Tty } from '../../../../sdk/tty.ts';
import { AtChannel, type AtCounters, type AtIn, type AtOut } from './channel.ts';

export interface AtPortEvents {
  report(line: string): void;
  mode(mode: 'data' | 'command', why: string): void;
  /** Octets of the call, valid during the call. */
  data(buf: Uint8Array, from: number, to: number): void;
  gone(why: string): void;
  log?(sent: boolean, text: string): void;
}

export interface AtAsk { readonly timeoutMs?: number; readonly secret?: boolean; readonly body?: string | undefined }

/** An AT channel on a tty under a clock. What it holds is given back with `close`: the tty too. */
export class AtPort implements Disposable {
  readonly tty: Tty;
  readonly #channel = new AtChannel();
  readonly #feed: (input: AtIn | Tick) => void;
  readonly #waiting = new Map<number, (answer: AtAnswer) => void>();
  readonly #machine: Disposable[] = [];
  readonly #events: AtPortEvents;
  #next = 1;
  #closed = false;

  constructor(tty: Tty, clock: Clock, events: AtPortEvents) {
    this.tty = tty;
    this.#events = events;
    this.#feed = drive<AtIn, AtOut>(clock, { add: d => { this.#machine.push(d); return d; } }, this.#channel, out => this.#apply(out));
    tty.discard();
    this.#feed({ kind: 'opened' });
    tty.onData = (buf, from, to) => this.#feed({ kind: 'octets', buf, from, to });
    tty.onGone = why => {
      // First: that the call ends is no news of its own then.
      if (!this.#closed) events.gone(why);
      if (!this.#closed) this.#feed({ kind: 'gone', why });
    };
  }

  get mode(): 'data' | 'command' { return this.#channel.mode; }
  get busy(): boolean { return this.#channel.busy; }
  get counters(): Readonly<AtCounters> { return this.#channel.counters; }

  /** `done` is called once, unless what is returned is disposed of before. */
  ask(line: string, { timeoutMs = 5000, secret = false, body }: AtAsk, done: (answer: AtAnswer) => void): Disposable {
    const id = this.#next++;
    this.#waiting.set(id, done);
    this.#feed({ kind: 'command', id, line, timeoutMs, secret, body });
    return { dispose: () => { if (this.#waiting.delete(id)) this.#feed({ kind: 'cancel', id }); } };
  }

  /** Out of the call without ending it; `mode` tells when. */
  escape(): void { this.#feed({ kind: 'escape' }); }

  /** Ends the call: DTR falls for a while; a port without modem lines is left to the peer's and the modem's words. */
  hangUp(): void {
    this.tty.hangUp();
    this.#feed({ kind: 'hung-up', why: 'hung up' });
  }

  /** Carrier detect fell. */
  carrierLost(): void { this.#feed({ kind: 'hung-up', why: 'carrier lost' }); }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#feed({ kind: 'gone', why: 'closed' });
    for (const each of this.#machine) void each.dispose();
    this.tty.onData = () => {};
    this.tty.onGone = () => {};
    this.tty.close();
  }

  dispose(): void { this.close(); }

  #apply(out: AtOut): void {
    switch (out.kind) {
      case 'write': this.tty.write(out.octets); break;
      case 'answer': {
        const done = this.#waiting.get(out.id);
        this.#waiting.delete(out.id);
        done?.(out.answer);
        break;
      }
      case 'report': this.#events.report(out.line); break;
      case 'data': this.#events.data(out.buf, out.from, out.to); break;
      case 'mode': this.#events.mode(out.mode, out.why); break;
      case 'log': this.#events.log?.(out.sent, out.text); break;
    }
  }
}
