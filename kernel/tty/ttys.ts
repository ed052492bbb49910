import type { Clock } from '../../sdk/clock.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Tty, TtyOptions, Ttys } from '../../sdk/tty.ts';
import { check, libc } from '../links/ffi.ts';
import { Readiness } from '../links/readiness.ts';
import { openPty } from './pty.ts';
import { claim, makeRaw, setModemBits, DTR, RTS } from './termios.ts';
import { TtyPort } from './tty.ts';

const O_RDWR_NOCTTY_NONBLOCK_CLOEXEC = 2 | 0o400 | 0o4000 | 0o2_000_000;
const DEFAULT_BAUD = 115_200;
/** Some µs each: a system that passes 8 KiB at a time has the next ones sooner than a thread wakes up. */
const IDLE_TURNS = 16;
const RETRY_MS = 2;
const hints = { ENOENT: 'no such port', EACCES: 'not permitted', EBUSY: 'another program has it', EIO: 'does not answer', ENXIO: 'no device behind it', ENODEV: 'no device behind it' };

/** All open serial ports, read when they have something to say. The thread that waits for them lives while any is open. */
export class TtyPorts implements Ttys {
  readonly #clock: Clock;
  readonly #ports = new Set<TtyPort>();
  /** They have octets that the system did not take. */
  readonly #blocked = new Set<TtyPort>();
  #readiness: Readiness | undefined;
  /** Turns without an octet since the last one with any. */
  #idle = 0;
  #retry: Disposable | undefined;
  /** Whose next turn is on its way. */
  #turning: Readiness | undefined;

  constructor(clock: Clock) { this.#clock = clock; }

  /** Paths of what is open. */
  get paths(): readonly string[] { return [...this.#ports].map(p => p.path); }

  open(path: string, { baud = DEFAULT_BAUD, flowControl = false }: TtyOptions = {}): Tty & Disposable {
    const fd = check(libc().open(path, O_RDWR_NOCTTY_NONBLOCK_CLOEXEC), path, hints);
    try {
      makeRaw(fd, baud, flowControl);
      claim(fd);
      setModemBits(fd, DTR | RTS, true);
    } catch (error) {
      libc().close(fd);
      throw error;
    }
    return this.#add(path, fd);
  }

  /** The master of a new PTY, as a port like any other; `path` is where the other end can be opened. */
  pty(): Tty & Disposable {
    const { master, path } = openPty();
    return this.#add(path, master);
  }

  close(): void {
    for (const port of [...this.#ports]) port.close();
  }

  #add(path: string, fd: number): TtyPort {
    const readiness = this.#readiness ??= this.#start();
    const readable = readiness.watch(fd);
    const port = new TtyPort(path, fd, this.#clock, {
      room: (wanted) => {
        if (wanted) this.#blocked.add(port);
        else this.#blocked.delete(port);
        if (wanted) this.#turnSoon(readiness);
      },
      released: () => {
        void readable.dispose();
        this.#ports.delete(port);
        this.#blocked.delete(port);
        if (this.#ports.size > 0) return;
        void this.#retry?.dispose();
        this.#readiness?.close();
        this.#readiness = undefined;
      },
    });
    this.#ports.add(port);
    readiness.arm();
    return port;
  }

  #start(): Readiness {
    const readiness = new Readiness();
    readiness.onReady = () => {
      this.#idle = 0;
      void this.#retry?.dispose();
      if (this.#turning !== readiness) this.#pump(readiness);
    };
    return readiness;
  }

  /** Turn by turn, and between turns everybody else has his; while octets flow they are not waited for in the thread. */
  #pump(readiness: Readiness): void {
    if (this.#turning === readiness) this.#turning = undefined;
    let worked = false;
    for (const port of [...this.#ports]) worked = port.pump() || worked;
    for (const port of [...this.#blocked]) worked = port.drain() || worked;
    if (this.#readiness !== readiness) return;
    this.#idle = worked ? 0 : this.#idle + 1;
    if (this.#idle < IDLE_TURNS) return this.#turnSoon(readiness);
    readiness.arm();
    // The thread waits for what is readable only; a port that takes nothing is asked again.
    void this.#retry?.dispose();
    if (this.#blocked.size > 0) this.#retry = this.#clock.after(RETRY_MS, () => this.#turnSoon(readiness));
  }

  #turnSoon(readiness: Readiness): void {
    if (this.#turning === readiness) return;
    this.#turning = readiness;
    setImmediate(() => this.#pump(readiness));
  }
}
