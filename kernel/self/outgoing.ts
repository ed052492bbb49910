import { Worker } from 'node:worker_threads';
import type { OwnMessage } from '../../sdk/http.ts';
import { format4 } from '../../sdk/wire/address.ts';

/** A request as it goes to the thread; `id` stands in the answer again. */
export interface Posted { readonly id: number; readonly method: string; readonly to: string; readonly port: number; readonly path: string; readonly from: string; readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly withinMs: number }
export interface Answered { readonly id: number; readonly status: number | undefined }

/** Requests at one time; one more has failed at once. */
const MOST = 64;
/** So long the thread stays when there is nothing to send (ms). */
const IDLE_MS = 60_000;
/** What the thread may take longer than the request (ms). */
const GRACE_MS = 5000;

interface Waiting { readonly done: (status: number | undefined) => void; readonly timer: ReturnType<typeof setTimeout> }

/** HTTP from the router's own addresses: a thread in their namespace sends, for a socket belongs to the namespace in which it was made. */
export class Outgoing {
  readonly #namespace: number;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #next = 0;
  #closed = false;

  /** `namespace`: a descriptor of it, which must stay open until `close`. */
  constructor(namespace: number) { this.#namespace = namespace; }

  /** Status of the answer; undefined: none came in time, or there is too much to send. */
  send(m: OwnMessage): Promise<number | undefined> {
    if (this.#closed || this.#waiting.size >= MOST) return Promise.resolve(undefined);
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const id = this.#next++;
    const posted: Posted = { id, method: m.method, to: format4(m.to), port: m.port, path: m.path, from: format4(m.from), headers: { ...m.headers }, body: m.body ?? '', withinMs: m.withinMs };
    this.#worker.postMessage(posted);
    return new Promise((done) => {
      this.#waiting.set(id, { done, timer: setTimeout(() => this.#settle(id, undefined), m.withinMs + GRACE_MS) });
    });
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./outgoing-worker.${extension}`, import.meta.url), { workerData: { namespace: this.#namespace }, execArgv: [] });
    worker.unref();
    worker.on('message', (a: Answered) => this.#settle(a.id, a.status));
    // One that cannot go into the namespace, or falls over: what it had is not answered, and the next request has another thread.
    worker.on('error', () => { if (this.#worker === worker) this.#end(); });
    return worker;
  }

  #settle(id: number, status: number | undefined): void {
    const w = this.#waiting.get(id);
    if (!w) return;
    this.#waiting.delete(id);
    clearTimeout(w.timer);
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
    w.done(status);
  }

  #end(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, undefined);
    clearTimeout(this.#idle);
  }
}
