import type { Clock } from '../../sdk/clock.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { ModemLines, Tty } from '../../sdk/tty.ts';
import { EAGAIN, errorName, type Libc, libc } from '../links/ffi.ts';
import { OctetQueue } from './queue.ts';
import * as termios from './termios.ts';

const QUEUE = 128 * 1024;
/** One read takes at most what the system's line buffer holds. */
const READ = 4096;
/** Octets per turn, so that one port does not starve the others. */
const TURN = 16;
const HANG_UP_MS = 500;

/** What waits for a port in its stead. */
export interface Watch {
  /** Calls of `drain` are wanted until the port has taken all octets. */
  room(wanted: boolean): void;
  /** The descriptor is about to be closed. */
  released(): void;
}

/**
 * A serial port or one end of a PTY over its descriptor, which is its own from now on. Somebody calls `pump` when it is readable,
 * and `drain` while that is wanted.
 */
export class TtyPort implements Tty, Disposable {
  readonly path: string;
  readonly fd: number;
  onData: (buf: Uint8Array, from: number, to: number) => void = () => {};
  onGone: (why: string) => void = () => {};
  onRoom: () => void = () => {};
  readonly #c: Libc = libc();
  readonly #clock: Clock;
  readonly #watch: Watch;
  readonly #input = new Uint8Array(READ);
  readonly #inputAddress = this.#c.addressOf(this.#input);
  readonly #queue = new OctetQueue(QUEUE);
  readonly #queueAddress = this.#c.addressOf(this.#queue.ring);
  #blocked = false;
  #lowered: Disposable | undefined;
  #refused = false;
  #open = true;

  constructor(path: string, fd: number, clock: Clock, watch: Watch) {
    this.path = path;
    this.fd = fd;
    this.#clock = clock;
    this.#watch = watch;
  }

  get open(): boolean { return this.#open; }
  get queued(): number { return this.#queue.length; }

  write(buf: Uint8Array, from = 0, to = buf.length): boolean {
    if (!this.#open) return false;
    if (to - from > this.#queue.room) {
      this.#refused = true;
      return false;
    }
    this.#queue.push(buf, from, to);
    if (!this.#blocked) this.drain();
    return true;
  }

  /** Reads what is there, though not for ever; says whether there was anything. */
  pump(): boolean {
    for (let i = 0; i < TURN && this.#open; i++) {
      const n = this.#c.read(this.fd, this.#inputAddress, READ);
      if (n > 0) {
        this.onData(this.#input, 0, n);
        continue;
      }
      const errno = n < 0 ? this.#c.errno() : 0;
      // 0 octets: hung up. EIO: the far end of a PTY is closed, or the device is gone.
      if (errno !== EAGAIN) this.#gone(n === 0 ? 'hung up' : errorName(errno) === 'EIO' ? 'gone' : errorName(errno));
      return i > 0;
    }
    return true;
  }

  /** Writes what waits, as far as the system takes it; says whether it took anything. */
  drain(): boolean {
    if (!this.#open) return false;
    const waited = this.#queue.length;
    while (this.#queue.length > 0) {
      const n = this.#c.write(this.fd, this.#queueAddress + this.#queue.start, this.#queue.run);
      if (n > 0) {
        this.#queue.shift(n);
        continue;
      }
      const errno = n < 0 ? this.#c.errno() : EAGAIN;
      if (errno === EAGAIN) break;
      this.#gone(errorName(errno) === 'EIO' ? 'gone' : errorName(errno));
      return false;
    }
    const left = this.#queue.length;
    this.#block(left > 0);
    if (this.#refused && left <= QUEUE / 2) {
      this.#refused = false;
      this.onRoom();
    }
    return left < waited;
  }

  discard(): void {
    if (!this.#open) return;
    this.#queue.clear();
    termios.flush(this.fd);
  }

  setSpeed(baud: number): void {
    if (this.#open) termios.setSpeed(this.fd, baud);
  }

  lines(): ModemLines | undefined {
    const bits = this.#open ? termios.modemBits(this.fd) : undefined;
    if (bits === undefined) return undefined;
    const on = (bit: number) => (bits & bit) !== 0;
    return { dtr: on(termios.DTR), rts: on(termios.RTS), cts: on(termios.CTS), dsr: on(termios.DSR), dcd: on(termios.DCD), ring: on(termios.RING) };
  }

  setLines({ dtr, rts }: { readonly dtr?: boolean; readonly rts?: boolean }): boolean {
    if (!this.#open) return false;
    let have = true;
    if (dtr !== undefined) have = termios.setModemBits(this.fd, termios.DTR, dtr) && have;
    if (rts !== undefined) have = termios.setModemBits(this.fd, termios.RTS, rts) && have;
    return have;
  }

  hangUp(ms = HANG_UP_MS): void {
    this.discard();
    if (this.#lowered !== undefined || !this.setLines({ dtr: false })) return;
    this.#lowered = this.#clock.after(ms, () => {
      this.#lowered = undefined;
      this.setLines({ dtr: true });
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    void this.#lowered?.dispose();
    this.#queue.clear();
    this.#watch.released();
    this.#c.close(this.fd);
  }

  dispose(): void { this.close(); }

  #block(blocked: boolean): void {
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.#watch.room(blocked);
  }

  #gone(why: string): void {
    if (!this.#open) return;
    this.close();
    this.onGone(`${this.path}: ${why}`);
  }
}
