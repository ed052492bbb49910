import { request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { check, libc } from '../links/ffi.ts';
import type { Answered, Posted } from './outgoing.ts';

/** The thread of outgoing.ts: goes into the namespace and sends from there what it is told to. */
const CLONE_NEWNET = 0x4000_0000;
/** Octets of an answer's body that are borne with, and how long they may take (ms): nobody holds a socket here by answering slowly. */
const MOST_BODY = 4096;
const BODY_MS = 1000;

check(libc().setns((workerData as { namespace: number }).namespace, CLONE_NEWNET), 'setns', { EPERM: 'needs CAP_SYS_ADMIN' });

function send(m: Posted): void {
  let answered = false;
  const once = (status: number | undefined): void => {
    if (answered) return;
    answered = true;
    parentPort?.postMessage({ id: m.id, status } satisfies Answered);
  };
  try {
    const r = request({
      host: m.to, port: m.port, localAddress: m.from, method: m.method, path: m.path, agent: false, maxHeaderSize: 8192,
      headers: { ...m.headers, host: `${m.to}:${m.port}`, 'content-length': Buffer.byteLength(m.body), connection: 'close' },
    });
    let late = setTimeout(() => r.destroy(), m.withinMs);
    r.on('response', (response) => {
      once(response.statusCode);
      clearTimeout(late);
      late = setTimeout(() => r.destroy(), BODY_MS);
      let octets = 0;
      response.on('data', (part: Buffer) => { if ((octets += part.length) > MOST_BODY) r.destroy(); });
      response.on('error', () => {});
    });
    r.on('error', () => {});
    r.on('close', () => { clearTimeout(late); once(undefined); });
    r.end(m.body);
  } catch {
    // What no request can be made of.
    once(undefined);
  }
}

parentPort?.on('message', send);
