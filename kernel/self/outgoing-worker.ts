import { request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { check, libc } from '../links/ffi.ts';
import type { Answered, Posted } from './outgoing.ts';

/** The thread of outgoing.ts: goes into the namespace and sends from there what it is told to. */
const CLONE_NEWNET = 0x4000_0000;
/** Octets of an answer's body that are borne with. */
const MOST_BODY = 4096;

check(libc().setns((workerData as { namespace: number }).namespace, CLONE_NEWNET), 'setns', { EPERM: 'needs CAP_SYS_ADMIN' });

function send(m: Posted): void {
  const answer = (status: number | undefined): void => parentPort?.postMessage({ id: m.id, status } satisfies Answered);
  let answered = false;
  const once = (status: number | undefined): void => { if (!answered) { answered = true; answer(status); } };
  try {
    const r = request({
      host: m.to, port: m.port, localAddress: m.from, method: m.method, path: m.path, agent: false, maxHeaderSize: 8192,
      headers: { ...m.headers, host: `${m.to}:${m.port}`, 'content-length': Buffer.byteLength(m.body), connection: 'close' },
    });
    const late = setTimeout(() => r.destroy(), m.withinMs);
    r.on('response', (response) => {
      once(response.statusCode);
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
