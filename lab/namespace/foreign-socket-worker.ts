import { workerData } from 'node:worker_threads';
import { libc } from '../../kernel/links/ffi.ts';

/** The thread of foreign-socket.ts. It answers in shared[1] the descriptor or minus errno, and then sets shared[0]. */
const { shared, netns } = workerData as { shared: Int32Array; netns: string };

const CLONE_NEWNET = 0x4000_0000;
const O_RDONLY_CLOEXEC = 0o2_000_000;
const AF_PACKET = 17;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2_000_000;

function open(): number {
  const c = libc();
  const there = c.open(netns, O_RDONLY_CLOEXEC);
  if (there < 0) return -c.errno();
  const entered = c.setns(there, CLONE_NEWNET) < 0 ? -c.errno() : 0;
  c.close(there);
  if (entered < 0) return entered;
  // Protocol 0: nothing arrives before it is bound.
  const fd = c.socket(AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, 0);
  return fd < 0 ? -c.errno() : fd;
}

Atomics.store(shared, 1, open());
Atomics.store(shared, 0, 1);
Atomics.notify(shared, 0);
