import type { Connection, ConnectionUser } from './tcp-layer.ts';

const encoder = new TextEncoder();
const latin = new TextDecoder('latin1');

export interface Head { readonly first: string; readonly headers: ReadonlyMap<string, string> }

/** Collects a message head up to its empty line (RFC 9112 §2); longer than 16 KiB it is refused. */
export class HeadReader {
  #text = '';

  /** undefined: more is needed. `rest` is what came behind the head. */
  take(data: Uint8Array): { readonly head: Head; readonly rest: Uint8Array } | 'too long' | undefined {
    const before = this.#text.length;
    this.#text += latin.decode(data);
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return this.#text.length > 16_384 ? 'too long' : undefined;
    const [first = '', ...lines] = this.#text.slice(0, end).split('\r\n');
    const headers = new Map(lines.map(l => [l.slice(0, l.indexOf(':')).trim().toLowerCase(), l.slice(l.indexOf(':') + 1).trim()] as const));
    return { head: { first, headers }, rest: data.subarray(end + 4 - before) };
  }
}

/** Writes pieces as the connection takes them, then ends it if wanted. */
export class Outgoing {
  readonly #connection: Connection;
  readonly #pieces: Iterator<Uint8Array>;
  readonly #endAfter: boolean;
  #now: Uint8Array | undefined;
  #done = false;

  constructor(connection: Connection, head: string, body: Iterable<Uint8Array>, endAfter: boolean) {
    this.#connection = connection;
    this.#pieces = body[Symbol.iterator]();
    this.#now = encoder.encode(head);
    this.#endAfter = endAfter;
  }

  /** To be called at first and on every `room`. */
  pump(): void {
    if (this.#done) return;
    while (this.#now) {
      const n = this.#connection.write(this.#now);
      if (n < this.#now.length) { this.#now = this.#now.subarray(n); return; }
      const { done, value } = this.#pieces.next();
      this.#now = done ? undefined : value;
    }
    this.#done = true;
    if (this.#endAfter) this.#connection.end();
  }
}

export interface Request { readonly method: string; readonly path: string; readonly headers: ReadonlyMap<string, string>; readonly from: number }
export interface Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly length: number;
  readonly body: Iterable<Uint8Array>;
}
/** Takes the body piece by piece, then answers. */
export interface Exchange { take(piece: Uint8Array): void; answer(): Response }

const reasons: Readonly<Record<number, string>> = { 200: 'OK', 400: 'Bad Request', 404: 'Not Found' };

/** One request per connection; for TcpLayer.listen. */
export const httpServer = (begin: (r: Request) => Exchange) => (connection: Connection): ConnectionUser => {
  const reader = new HeadReader();
  let exchange: Exchange | undefined;
  let missing = 0;
  let out: Outgoing | undefined;
  const answer = (r: Response) => {
    const headers = { server: 'lancell-lab', 'content-length': String(r.length), connection: 'close', ...r.headers };
    const lines = Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`).join('');
    out = new Outgoing(connection, `HTTP/1.1 ${r.status} ${reasons[r.status] ?? ''}\r\n${lines}\r\n`, r.body, true);
    out.pump();
  };
  const body = (piece: Uint8Array) => {
    if (!exchange || out) return;
    exchange.take(piece.subarray(0, missing));
    missing -= Math.min(missing, piece.length);
    if (missing === 0) answer(exchange.answer());
  };
  return {
    data: data => {
      if (exchange) return body(data);
      const got = reader.take(data);
      if (got === undefined) return;
      const [method = '', path = '', version = ''] = got === 'too long' ? [] : got.head.first.split(' ');
      if (got === 'too long' || !version.startsWith('HTTP/1.')) return answer({ status: 400, length: 0, body: [] });
      missing = Math.max(0, Number.parseInt(got.head.headers.get('content-length') ?? '0', 10) || 0);
      exchange = begin({ method, path, headers: got.head.headers, from: connection.peer.address });
      body(got.rest);
    },
    room: () => out?.pump(),
    eof: () => { if (!out) connection.end(); },
  };
};
