import { workerData } from 'node:worker_threads';
import { libc } from './ffi.ts';
import { MOST_FDS, POLLIN, POLLNVAL, Shared } from './poll-protocol.ts';

/**
 * The thread that blocks in poll() in the main thread's stead; started by readiness.ts. It polls its own eventfd always, and the
 * watched descriptors while armed.
 */
const { shared, wakeFd } = workerData as { shared: Int32Array; wakeFd: number };
const c = libc();
/** struct pollfd, entry 0 is the eventfd; behind the last, eight octets to read the eventfd's count into. */
const entries = new Int32Array((1 + MOST_FDS + 1) * 2);
const entriesAddress = c.addressOf(entries);
const countAddress = entriesAddress + (1 + MOST_FDS) * 8;
entries[0] = wakeFd;
let version = -1;
let count = 0;

while (Atomics.load(shared, Shared.Closed) === 0) {
  const armed = Atomics.load(shared, Shared.Armed) === 1;
  takeList();
  for (let i = 0; i <= count; i++) entries[i * 2 + 1] = POLLIN;
  c.poll(entriesAddress, armed ? 1 + count : 1, -1);
  if (revents(0) !== 0) c.read(wakeFd, countAddress, 8);
  if (armed && anyReady() && Atomics.compareExchange(shared, Shared.Armed, 1, 0) === 1) {
    Atomics.add(shared, Shared.Ready, 1);
    Atomics.notify(shared, Shared.Ready);
  }
}

function takeList(): void {
  const now = Atomics.load(shared, Shared.Version);
  if (now === version) return;
  version = now;
  count = Atomics.load(shared, Shared.Count);
  for (let i = 0; i < count; i++) entries[(1 + i) * 2] = Atomics.load(shared, Shared.Fds + i);
}

function revents(i: number): number {
  return (entries[i * 2 + 1] as number) >>> 16;
}

/** Errors and hang-ups count: the link finds out which. A descriptor that is closed is passed over until the list changes. */
function anyReady(): boolean {
  let any = false;
  for (let i = 1; i <= count; i++) {
    const what = revents(i);
    if ((what & POLLNVAL) !== 0) entries[i * 2] = -1;
    else if (what !== 0) any = true;
  }
  return any;
}
