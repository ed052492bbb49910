import { Worker } from 'node:worker_threads';
import type { Disposable } from '../../sdk/scope.ts';
import { check, libc } from './ffi.ts';
import { MOST_FDS, Shared } from './poll-protocol.ts';

const EFD_NONBLOCK_CLOEXEC = 0o4000 | 0o2_000_000;

/**
 * Says when one of many descriptors is readable. Neither Node nor Deno can poll a packet socket, so a thread of our own blocks in
 * poll() and wakes us through a shared counter. One `arm` buys one wake-up: while packets are being worked off nothing is paid for.
 * Keeps the process alive until closed.
 */
export class Readiness {
  /** Called once after each `arm`, on the main thread, as soon as something is readable (at once when it is already). */
  onReady: () => void = () => {};
  readonly #shared = new Int32Array(new SharedArrayBuffer((Shared.Fds + MOST_FDS) * 4));
  readonly #one = Int32Array.of(1, 0);
  readonly #oneAddress = libc().addressOf(this.#one);
  readonly #wakeFd = check(libc().eventfd(0, EFD_NONBLOCK_CLOEXEC), 'eventfd');
  readonly #fds: number[] = [];
  #closed = false;
  /** What Ready was when we were last woken. */
  #seen = 0;
  #waiting = false;
  /** A thread inside poll() cannot be terminated from outside: process.exit would wait for it for ever. */
  readonly #atExit = () => this.close();

  constructor() {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./poll-worker.${extension}`, import.meta.url), { execArgv: [], workerData: { shared: this.#shared, wakeFd: this.#wakeFd } });
    worker.once('exit', () => libc().close(this.#wakeFd));
    process.once('exit', this.#atExit);
  }

  /** Also while armed. To be disposed before the descriptor is closed; one that is closed nevertheless is passed over. */
  watch(fd: number): Disposable {
    if (this.#fds.length === MOST_FDS) throw new Error(`readiness: more than ${MOST_FDS} descriptors`);
    this.#fds.push(fd);
    this.#publish();
    let held = true;
    return {
      dispose: () => {
        if (!held) return;
        held = false;
        this.#fds.splice(this.#fds.indexOf(fd), 1);
        this.#publish();
      },
    };
  }

  /** Asks for one call of onReady. More calls before it comes change nothing. */
  arm(): void {
    if (this.#closed) return;
    if (!this.#waiting) this.#wait();
    if (Atomics.exchange(this.#shared, Shared.Armed, 1) === 0) this.#kick();
  }

  /** Takes a call that has not come yet back. */
  disarm(): void {
    Atomics.store(this.#shared, Shared.Armed, 0);
    this.#seen = Atomics.load(this.#shared, Shared.Ready);
  }

  /** Lets whoever waits for this processor have it; returns at once where nobody does. */
  giveWay(): void { libc().sched_yield(); }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    process.off('exit', this.#atExit);
    Atomics.store(this.#shared, Shared.Closed, 1);
    this.#kick();
    Atomics.notify(this.#shared, Shared.Ready);
  }

  /** The worker reads the list only after it saw the version, which is written last. */
  #publish(): void {
    if (this.#closed) return;
    this.#fds.forEach((fd, i) => { Atomics.store(this.#shared, Shared.Fds + i, fd); });
    Atomics.store(this.#shared, Shared.Count, this.#fds.length);
    Atomics.add(this.#shared, Shared.Version, 1);
    this.#kick();
  }

  #wait(): void {
    const outcome = Atomics.waitAsync(this.#shared, Shared.Ready, this.#seen);
    if (!outcome.async) {
      this.#waiting = true;
      queueMicrotask(() => this.#woken());
      return;
    }
    this.#waiting = true;
    void outcome.value.then(() => this.#woken());
  }

  #woken(): void {
    this.#waiting = false;
    if (this.#closed) return;
    const ready = Atomics.load(this.#shared, Shared.Ready);
    if (ready === this.#seen) {
      if (Atomics.load(this.#shared, Shared.Armed) === 1) this.#wait();
      return;
    }
    this.#seen = ready;
    this.onReady();
  }

  #kick(): void {
    libc().write(this.#wakeFd, this.#oneAddress, 8);
  }
}
