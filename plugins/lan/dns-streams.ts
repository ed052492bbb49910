import type { Counter, Disposable, OwnConnection, OwnTcp } from '../../sdk/index.ts';
import * as dns from '../../sdk/wire/dns.ts';
import { Frames, framed } from './dns-frames.ts';

/** Connections of clients at once, and of one client (RFC 7766 §6.2.2 wants few). */
const CONNECTIONS = 64;
const OF_CLIENT = 8;
/** RFC 7766 §6.2.3: a few seconds. */
const IDLE_MS = 10_000;
/** Questions of one connection that wait for their answers; one with more is closed. */
const OPEN_QUESTIONS = 32;
/** A question has one name and a few options. */
const LONGEST_QUESTION = 4096;
const LONGEST_ANSWER = 0xffff;
/** What asking a server may take in all. */
const ASK_MS = 4000;

export interface StreamDeps {
  readonly tcp: OwnTcp;
  readonly refused: Counter;
  /** A client asks; `reply` may be called later, or never. */
  query(data: Uint8Array, reply: (answer: Uint8Array) => void): void;
  /** The port cannot be had. */
  failed(why: string): void;
}

/** DNS over TCP (RFC 7766): the relay's port 53, and its questions to servers whose answers were cut. */
export class DnsStreams {
  readonly #d: StreamDeps;
  readonly #clients = new Set<OwnConnection>();
  #listening: { readonly zones: string; readonly held: Disposable } | undefined;

  constructor(deps: StreamDeps) { this.#d = deps; }

  get connections(): number { return this.#clients.size; }

  /** Listens for these zones; none: not at all. */
  configure(zones: readonly string[]): void {
    const wanted = this.#d.tcp.why === undefined ? zones.join(' ') : '';
    if (wanted === (this.#listening?.zones ?? '')) return;
    this.close();
    if (wanted === '') return;
    try {
      this.#listening = { zones: wanted, held: this.#d.tcp.listen({ port: dns.PORT, zones, most: CONNECTIONS, idleMs: IDLE_MS }, c => this.#accept(c)) };
    } catch (error) {
      this.#d.failed(error instanceof Error ? error.message : String(error));
    }
  }

  close(): void {
    void this.#listening?.held.dispose();
    this.#listening = undefined;
  }

  #accept(c: OwnConnection): void {
    if ([...this.#clients].filter(o => o.from === c.from).length >= OF_CLIENT) {
      this.#d.refused.n++;
      c.destroy();
      return;
    }
    this.#clients.add(c);
    c.onClose = () => { this.#clients.delete(c); };
    const frames = new Frames(LONGEST_QUESTION);
    let open = 0;
    c.onData = data => {
      const messages = frames.take(data);
      for (const message of messages ?? []) {
        if (++open > OPEN_QUESTIONS) break;
        // Answers go out as they come, in whatever order (RFC 7766 §7).
        this.#d.query(message, answer => {
          open--;
          if (this.#clients.has(c)) c.write(framed(answer));
        });
      }
      if (messages !== undefined && open <= OPEN_QUESTIONS) return;
      this.#d.refused.n++;
      c.destroy();
    };
  }

  /** Asks a server; what it answers is given to `answered`, whatever it says; or it fails, once. Disposing ends it. */
  ask(server: number, from: number, data: Uint8Array, answered: (data: Uint8Array) => void, failed: () => void): Disposable {
    let over = false;
    let connection: OwnConnection | undefined;
    const fail = (): void => {
      if (!over) failed();
      over = true;
    };
    this.#d.tcp.connect({ ip: server, port: dns.PORT, from, limitMs: ASK_MS }).then(c => {
      connection = c;
      if (over) {
        c.destroy();
        return;
      }
      const frames = new Frames(LONGEST_ANSWER);
      c.onClose = fail;
      c.onData = part => {
        const messages = frames.take(part);
        if (messages === undefined) c.destroy();
        else for (const message of messages) if (!over) answered(message);
      };
      c.write(framed(data));
    }, fail);
    return { dispose: () => {
      over = true;
      connection?.destroy();
    } };
  }
}
