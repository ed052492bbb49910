import { closeSync, constants, openSync } from 'node:fs';
import { MemoryTty } from '../../kernel/tty/memory.ts';
import type { TtyPorts } from '../../kernel/tty/ttys.ts';
import type { Clock, Disposable, ModemLines, Tty } from '../../sdk/index.ts';

/** What hangs between a simulated port and whoever opens it. */
export interface Cable {
  /** The router's end. Throws when it is in use, or was pulled out. */
  open(): Tty & Disposable;
  /** To the router; dropped when nobody has opened it. False: no room. */
  write(buf: Uint8Array, from?: number, to?: number): boolean;
  /** Carrier detect, where there are modem lines. */
  setCarrier(on: boolean): void;
  /** Pulled out. */
  close(): void;
}

export interface CableEvents {
  data(buf: Uint8Array, from: number, to: number): void;
  /** DTR fell, or the router closed its end. */
  dropped(): void;
}

/** The router's end of a cable in memory: the far end hears of DTR, and has a carrier line of its own. */
class NearEnd extends MemoryTty {
  carrier = false;
  onDtr: (up: boolean) => void = () => {};

  override setLines(lines: { readonly dtr?: boolean; readonly rts?: boolean }): boolean {
    const had = super.lines()?.dtr;
    const done = super.setLines(lines);
    if (lines.dtr !== undefined && lines.dtr !== had) this.onDtr(lines.dtr);
    return done;
  }

  override hangUp(ms?: number): void {
    super.hangUp(ms);
    this.onDtr(false);
  }

  override lines(): ModemLines | undefined {
    const all = super.lines();
    return all && { ...all, dcd: this.carrier };
  }
}

/** A cable in memory, under a clock. A new pair of ends with every opening. */
export class MemoryCable implements Cable {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #events: CableEvents;
  #near: NearEnd | undefined;
  #far: MemoryTty | undefined;
  #closed = false;

  constructor(clock: Clock, name: string, events: CableEvents) {
    this.#clock = clock;
    this.#name = name;
    this.#events = events;
  }

  open(): Tty & Disposable {
    if (this.#closed) throw new Error(`${this.#name}: no such port`);
    if (this.#near?.open) throw new Error(`${this.#name}: another program has it`);
    const near = new NearEnd(this.#clock, this.#name, {});
    const far = new MemoryTty(this.#clock, `${this.#name}'`, {});
    near.far = far;
    far.far = near;
    this.#near = near;
    this.#far = far;
    near.onDtr = up => { if (!up) this.#events.dropped(); };
    far.onData = (buf, from, to) => this.#events.data(buf, from, to);
    far.onGone = () => this.#events.dropped();
    return near;
  }

  write(buf: Uint8Array, from = 0, to = buf.length): boolean { return this.#far?.open !== true || this.#far.write(buf, from, to); }

  setCarrier(on: boolean): void { if (this.#near) this.#near.carrier = on; }

  close(): void {
    this.#closed = true;
    this.#far?.close();
  }
}

/** A PTY: real octets through the system. It has no modem lines. */
export class PtyCable implements Cable {
  readonly path: string;
  readonly #master: Tty & Disposable;
  readonly #ttys: TtyPorts;
  /** Without a program that has it open the system calls the line dead. */
  #held: number | undefined;

  constructor(ttys: TtyPorts, events: CableEvents) {
    this.#ttys = ttys;
    this.#master = ttys.pty();
    this.path = this.#master.path;
    this.#held = openSync(this.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    this.#master.onData = (buf, from, to) => events.data(buf, from, to);
  }

  open(): Tty & Disposable { return this.#ttys.open(this.path); }
  write(buf: Uint8Array, from = 0, to = buf.length): boolean { return this.#master.write(buf, from, to); }
  setCarrier(): void {}

  close(): void {
    if (this.#held !== undefined) closeSync(this.#held);
    this.#held = undefined;
    this.#master.close();
  }
}
