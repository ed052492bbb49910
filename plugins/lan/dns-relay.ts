import type { Machine, Tick } from '../../sdk/index.ts';
import * as dns from '../../sdk/wire/dns.ts';
import { type CacheLimits, DnsCache } from './dns-cache.ts';
import { answerLocal, type LocalNames } from './dns-local.ts';
import { answerTo, CD, OPCODE, put16, QR, RD, sameQuestion, type Shape, shapeOf, TC } from './dns-shape.ts';

/** How long a server has for its answer, and how many askings a question gets in all. */
const ANSWER_MS = 2000;
/** By TCP, with its handshake. */
const STREAM_MS = 4000;
const ASKINGS = 4;
/** Longer answers are passed on and not kept. */
const KEPT_OCTETS = 4096;
/** Questions under way, and clients that wait for one of them. */
const PENDING = 512;
const WAITING = 16;

/** `C` says who asked; the machine only hands it back. */
export type RelayIn<C> =
  | Tick
  /** `stream`: it came by TCP, and so may the answer. */
  | { readonly kind: 'query'; readonly client: C; readonly data: Uint8Array; readonly stream?: boolean }
  | { readonly kind: 'answer'; readonly socket: number; readonly src: number; readonly sport: number; readonly data: Uint8Array }
  /** A server could not be asked by TCP. */
  | { readonly kind: 'failed'; readonly socket: number }
  | { readonly kind: 'servers'; readonly servers: readonly number[] };

export type Ignored = 'malformed query' | 'too many questions' | 'unknown socket' | 'wrong server' | 'wrong id' | 'wrong question' | 'not an answer';

export type RelayOut<C> =
  | { readonly kind: 'reply'; readonly client: C; readonly data: Uint8Array }
  /** From a socket of its own, by UDP with a random port; answers name it. */
  | { readonly kind: 'ask'; readonly by: 'udp' | 'tcp'; readonly socket: number; readonly server: number; readonly data: Uint8Array }
  | { readonly kind: 'close'; readonly socket: number }
  | { readonly kind: 'ignored'; readonly why: Ignored };

interface Waiting<C> { readonly client: C; readonly query: Uint8Array }
interface Pending<C> {
  readonly key: string;
  readonly shape: Shape;
  readonly stream: boolean;
  readonly by: 'udp' | 'tcp';
  readonly waiting: Waiting<C>[];
  readonly askings: number;
  readonly socket: number;
  readonly id: number;
  readonly server: number;
  readonly due: number;
}

/**
 * A DNS relay (RFC 5625): passes questions to the servers, one after the other, and answers to whoever asked; answers what it
 * knows by itself. Every asking has its own id and its own socket, and an answer counts only if id, socket, server and
 * question are right (RFC 5452 §9). Equal questions share one asking, so that many of them do not make guessing easier.
 */
export class DnsRelay<C> implements Machine<RelayIn<C>, RelayOut<C>> {
  readonly cache: DnsCache;
  readonly #local: LocalNames;
  readonly #random: () => number;
  #servers: readonly number[] = [];
  #socket = 0;
  readonly #byKey = new Map<string, Pending<C>>();
  readonly #bySocket = new Map<number, Pending<C>>();

  constructor(opts: { local: LocalNames; random: () => number; limits: CacheLimits }) {
    this.#local = opts.local;
    this.#random = opts.random;
    this.cache = new DnsCache(opts.limits);
  }

  get servers(): readonly number[] { return this.#servers; }
  get pending(): number { return this.#byKey.size; }

  deadline(): number | undefined {
    let next: number | undefined;
    for (const { due } of this.#byKey.values()) if (next === undefined || due < next) next = due;
    return next;
  }

  step(input: RelayIn<C>, now: number): readonly RelayOut<C>[] {
    switch (input.kind) {
      case 'query': return this.#query(input.client, input.data, input.stream === true, now);
      case 'failed': {
        const pending = this.#bySocket.get(input.socket);
        return pending ? this.#again(pending, now, undefined) : [];
      }
      case 'answer': return this.#answer(input, now);
      case 'servers':
        this.#servers = [...new Set(input.servers)];
        return [];
      case 'tick':
        return [...this.#byKey.values()].filter(p => p.due <= now).flatMap(p => this.#again(p, now, undefined));
    }
  }

  #query(client: C, data: Uint8Array, stream: boolean, now: number): readonly RelayOut<C>[] {
    const shape = shapeOf(data);
    if (!shape || shape.flags & QR) return [{ kind: 'ignored', why: 'malformed query' }];
    const reply = (answer: Uint8Array | undefined): readonly RelayOut<C>[] =>
      [answer ? { kind: 'reply', client, data: answer } : { kind: 'ignored', why: 'malformed query' }];
    // Opcodes other than QUERY are not for a relay.
    if (shape.flags & OPCODE) return reply(answerTo(data, dns.NOTIMP));
    const own = answerLocal(this.#local, data, shape);
    if (own) return reply(own);
    const key = keyOf(shape, stream);
    const known = this.cache.find(key, data, shape.questionEnd, now);
    if (known) return reply(known);
    const under = this.#byKey.get(key);
    if (under) {
      if (under.waiting.length >= WAITING) return [{ kind: 'ignored', why: 'too many questions' }];
      under.waiting.push({ client, query: data });
      return [];
    }
    if (this.#servers.length === 0) return reply(answerTo(data, dns.SERVFAIL));
    if (this.#byKey.size >= PENDING) return [{ kind: 'ignored', why: 'too many questions' }];
    return this.#ask({ key, shape, stream, waiting: [{ client, query: data }] }, 0, now);
  }

  /** `byTcp`: this server, by TCP; else the one whose turn it is, by UDP. */
  #ask({ key, shape, stream, waiting }: Pick<Pending<C>, 'key' | 'shape' | 'stream' | 'waiting'>, askings: number, now: number, byTcp?: number): readonly RelayOut<C>[] {
    const server = byTcp ?? this.#servers[askings % this.#servers.length]!;
    const by = byTcp === undefined ? 'udp' : 'tcp';
    const pending: Pending<C> = {
      key, shape, stream, by, waiting, askings: askings + 1, socket: ++this.#socket, id: Math.floor(this.#random() * 65536), server, due: now + (by === 'tcp' ? STREAM_MS : ANSWER_MS),
    };
    this.#byKey.set(key, pending);
    this.#bySocket.set(pending.socket, pending);
    const data = waiting[0]!.query.slice();
    put16(data, 0, pending.id);
    return [{ kind: 'ask', by, socket: pending.socket, server, data }];
  }

  #answer(input: Extract<RelayIn<C>, { kind: 'answer' }>, now: number): readonly RelayOut<C>[] {
    const ignored = (why: Ignored): readonly RelayOut<C>[] => [{ kind: 'ignored', why }];
    const pending = this.#bySocket.get(input.socket);
    if (!pending) return ignored('unknown socket');
    const { data } = input;
    if (input.src !== pending.server || input.sport !== dns.PORT) return ignored('wrong server');
    if (data.length < dns.HEADER || !((data[2]! << 8) & QR)) return ignored('not an answer');
    if (((data[0]! << 8) | data[1]!) !== pending.id) return ignored('wrong id');
    if (!sameQuestion(data, pending.waiting[0]!.query, pending.shape.questionEnd)) return ignored('wrong question');
    const shape = shapeOf(data);
    if (!shape) return this.#again(pending, now, undefined);
    // RFC 7766 §5: what was cut is asked again by TCP, for who can take all of it. Who came by UDP does that himself.
    if (shape.flags & TC && pending.stream && pending.by === 'udp') {
      this.#forget(pending);
      return [{ kind: 'close', socket: pending.socket }, ...this.#ask(pending, pending.askings, now, pending.server)];
    }
    // Another server may be in better health; a refusal of the last one is passed on.
    if (shape.rcode === dns.SERVFAIL || shape.rcode === dns.REFUSED || shape.rcode === dns.NOTIMP) return this.#again(pending, now, data);
    if (data.length <= KEPT_OCTETS) this.cache.store(pending.key, data.slice(), shape, now);
    return this.#finish(pending, data);
  }

  /** The next asking, or the end of it. */
  #again(pending: Pending<C>, now: number, refusal: Uint8Array | undefined): readonly RelayOut<C>[] {
    const untried = refusal ? this.#servers.length : ASKINGS;
    if (pending.askings >= untried || this.#servers.length === 0) {
      return this.#finish(pending, refusal ?? answerTo(pending.waiting[0]!.query, dns.SERVFAIL));
    }
    this.#forget(pending);
    return [{ kind: 'close', socket: pending.socket }, ...this.#ask(pending, pending.askings, now)];
  }

  #finish(pending: Pending<C>, answer: Uint8Array | undefined): readonly RelayOut<C>[] {
    this.#forget(pending);
    return [
      { kind: 'close', socket: pending.socket },
      ...(answer ? pending.waiting : []).map(({ client, query }): RelayOut<C> => {
        const data = answer!.slice();
        data.set(query.subarray(0, 2));
        data.set(query.subarray(dns.HEADER, pending.shape.questionEnd), dns.HEADER);
        return { kind: 'reply', client, data };
      }),
    ];
  }

  #forget(pending: Pending<C>): void {
    this.#byKey.delete(pending.key);
    this.#bySocket.delete(pending.socket);
  }
}

/** Questions with one answer: name, type, class, the flags that change what a server says, and whether it may be long. */
const keyOf = (shape: Shape, stream: boolean): string => `${shape.name}/${shape.type}/${shape.class_}/${shape.flags & (RD | CD)}/${shape.edns}${stream ? '/tcp' : ''}`;
