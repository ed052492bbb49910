import { Worker } from 'node:worker_threads';

/** A worker that has not answered by then never will (ms). */
const LIMIT = 5000;

/**
 * A packet socket (descriptor) in another network namespace, for a process that could go there but not come back: in a user
 * namespace of its own, nobody has the right to enter the machine's network again. So a thread goes, opens the socket, and
 * ends; descriptors belong to the whole process. Blocks for some 30 ms. Throws with the errno in words.
 */
export function foreignPacketSocket(netns: string): number {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL(`./foreign-socket-worker.${extension}`, import.meta.url), {
    workerData: { shared, netns },
    // Not this process's own, of which some (--input-type) make a worker refuse its file.
    execArgv: [],
  });
  worker.unref();
  const outcome = Atomics.wait(shared, 0, 0, LIMIT);
  const fd = Atomics.load(shared, 1);
  if (outcome === 'timed-out' || fd < 0) throw new Error(`packet socket in ${netns}: ${fd < 0 ? `errno ${-fd}` : 'the thread does not answer'}`);
  return fd;
}
