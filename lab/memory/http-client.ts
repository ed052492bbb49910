import { HeadReader, Outgoing } from './http.ts';
import type { TcpLayer } from './tcp-layer.ts';

export type Fetched =
  | { readonly ok: true; readonly status: number; readonly first: string; readonly headers: ReadonlyMap<string, string>; readonly body: Uint8Array }
  | { readonly ok: false; readonly why: string };

export interface Fetching { readonly address: number; readonly port: number; readonly host: string; readonly path: string; readonly method?: string; readonly body?: Uint8Array; readonly head?: boolean }

/** One request over a connection of its own. Resolves when the answer is complete, or the connection is over. */
export function fetchOver(tcp: TcpLayer, f: Fetching): Promise<Fetched> {
  return new Promise(resolve => {
    const method = f.method ?? (f.body ? 'PUT' : 'GET');
    const reader = new HeadReader();
    const pieces: Uint8Array[] = [];
    let size = 0;
    let status: { readonly code: number; readonly first: string; readonly headers: ReadonlyMap<string, string>; readonly length: number } | undefined;
    let out: Outgoing | undefined;
    const keep = (piece: Uint8Array) => {
      pieces.push(piece);
      size += piece.length;
      if (status && size >= status.length) finish();
    };
    const finish = () => {
      if (!status) return;
      const body = new Uint8Array(size);
      let at = 0;
      for (const p of pieces) { body.set(p, at); at += p.length; }
      resolve({ ok: true, status: status.code, first: status.first, headers: status.headers, body });
      connection.end();
    };
    const connection = tcp.connect(f.address, f.port, {
      connected: () => {
        const length = f.body ? `content-length: ${f.body.length}\r\n` : '';
        out = new Outgoing(connection, `${method} ${f.path} HTTP/1.1\r\nhost: ${f.host}\r\nuser-agent: curl/8 (lancell lab)\r\naccept: */*\r\n${length}\r\n`, f.body ? [f.body] : [], false);
        out.pump();
      },
      room: () => out?.pump(),
      data: data => {
        if (status) return keep(data);
        const got = reader.take(data);
        if (got === undefined) return;
        if (got === 'too long') return connection.abort();
        const length = method === 'HEAD' ? 0 : Number.parseInt(got.head.headers.get('content-length') ?? '', 10);
        status = { code: Number(got.head.first.split(' ')[1]), first: got.head.first, headers: got.head.headers, length: Number.isNaN(length) ? Number.POSITIVE_INFINITY : length };
        keep(got.rest);
      },
      eof: () => {
        if (status && status.length === Number.POSITIVE_INFINITY) return finish();
        connection.end();
      },
      closed: why => resolve({ ok: false, why: why ?? 'the server closed the connection' }),
    });
  });
}
