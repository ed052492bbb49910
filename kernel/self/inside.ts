import { Worker } from 'node:worker_threads';

/** The TUN device in the namespace. */
export const DEVICE = 'self0';

export type Errand = { readonly kind: 'make' } | { readonly kind: 'listen'; readonly namespace: number; readonly port: number } | { readonly kind: 'sockets'; readonly namespace: number };

/** A thread that has not answered by then never will (ms). */
const LIMIT = 5000;
const MOST_FDS = 4;

/**
 * Sends a thread into the namespace (`make`: into a new one) to open descriptors there; they belong to the whole process, and the
 * thread ends. This thread itself could not go: from a user namespace there is no way back into the machine's own network.
 * Blocks for some 30 ms. Throws with the reason in words.
 */
function inside(errand: Errand): number[] {
  const { worker, shared, fds } = send(errand);
  worker.unref();
  if (Atomics.wait(shared, 0, 0, LIMIT) === 'timed-out') throw new Error(LATE);
  return fds();
}

/** The same without waiting for it. */
function insideLater(errand: Errand): Promise<number[]> {
  const { worker, fds } = send(errand);
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => {
      try { resolve(fds()); } catch (error) { reject(error); }
    });
  });
}

const LATE = 'the thread for the router’s own namespace does not answer';

function send(errand: Errand): { readonly worker: Worker; readonly shared: Int32Array; fds(): number[] } {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const shared = new Int32Array(new SharedArrayBuffer(4 * (1 + MOST_FDS)));
  const words = new Uint8Array(new SharedArrayBuffer(512));
  shared.fill(-1, 1);
  const worker = new Worker(new URL(`./inside-worker.${extension}`, import.meta.url), {
    workerData: { shared, words, errand },
    // Not this process's own, of which some (--input-type) make a worker refuse its file.
    execArgv: [],
  });
  return { worker, shared, fds: () => {
    const outcome = Atomics.load(shared, 0);
    if (outcome === 0) throw new Error(LATE);
    if (outcome < 0) throw new Error(new TextDecoder().decode(words.slice(0, -outcome)));
    return [...shared.subarray(1)].filter((fd) => fd >= 0);
  } };
}

export interface Handles { readonly namespace: number; readonly tun: number; readonly control: number; readonly netlink: number }

/** A network namespace that lives as long as the descriptor of it, with the (still unconfigured) device in it. */
export function makeNamespace(): Handles {
  const [namespace = -1, tun = -1, control = -1, netlink = -1] = inside({ kind: 'make' });
  return { namespace, tun, control, netlink };
}

/** A TCP socket that listens on a port of all addresses in the namespace. */
export const listenInside = (namespace: number, port: number): number => inside({ kind: 'listen', namespace, port })[0] ?? -1;

/** A few TCP sockets in the namespace that are not connected yet. */
export const socketsInside = (namespace: number): Promise<number[]> => insideLater({ kind: 'sockets', namespace });
