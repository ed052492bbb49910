import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Channel, type ChannelListener, type CloseCode, closeCodes } from './channel.ts';

/** The socket's name in the state directory. */
export const SOCKET = 'console.sock';
/** struct sockaddr_un has room for 108 octets, one of them the final zero. */
const LONGEST_PATH = 107;

export interface UnixServer { readonly path: string; close(): Promise<void> }

/**
 * Listens on a socket that only its owner may open: that is the authentication. It is bound inside a private directory,
 * closed to others (0600), and only then moved to its name, so that there is no moment at which anybody could slip in.
 * Throws when a router listens there already.
 * @param largest octets of one line; a longer one ends the connection
 */
export async function listenUnix(directory: string, largest: number, ready: (channel: Channel) => void): Promise<UnixServer> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, SOCKET);
  if (await answers(path)) throw new Error(`another router listens on ${path}`);
  const nest = mkdtempSync(join(directory, 's'));
  const bound = join(nest, 's');
  try {
    if (Buffer.byteLength(bound) > LONGEST_PATH || Buffer.byteLength(path) > LONGEST_PATH) throw new Error(`the path ${path} is too long for a unix socket (${LONGEST_PATH} octets)`);
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      ready(new LineChannel(socket, 'unix', largest));
    });
    await listening(server, bound);
    chmodSync(bound, 0o600);
    renameSync(bound, path);
    return {
      path,
      close: () => new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
        rmSync(path, { force: true });
      }),
    };
  } finally {
    rmSync(bound, { force: true });
    rmdirSync(nest);
  }
}

const listening = (server: Server, path: string): Promise<void> => new Promise((resolve, reject) => {
  server.once('error', reject);
  server.listen(path, () => {
    server.off('error', reject);
    resolve();
  });
});

const answers = (path: string): Promise<boolean> => new Promise((resolve) => {
  const socket = connect(path);
  socket.once('connect', () => { socket.destroy(); resolve(true); });
  socket.once('error', () => resolve(false));
});

/** Connects to the router of a state directory. Rejects with what to do about it. */
export function connectUnix(directory: string): Promise<Channel> {
  const path = join(directory, SOCKET);
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.off('error', refused);
      resolve(new LineChannel(socket, 'unix', Number.POSITIVE_INFINITY));
    });
    const refused = (e: NodeJS.ErrnoException): void => {
      const why = e.code === 'EACCES' ? `only its owner may open ${path}` : `no router answers on ${path} (start one, or name its directory with --state)`;
      reject(new Error(why, { cause: e }));
    };
    socket.once('error', refused);
  });
}

/** One JSON message per line. */
class LineChannel implements Channel {
  readonly from: string;
  readonly #socket: Socket;
  readonly #largest: number;
  #listener: ChannelListener | undefined;
  #pieces: string[] = [];
  #length = 0;
  #closing = false;
  #why = 'closed';

  constructor(socket: Socket, from: string, largest: number) {
    this.#socket = socket;
    this.from = from;
    this.#largest = largest;
    socket.setEncoding('utf8');
    // Until somebody listens; an error without a listener would end the process.
    socket.on('error', (e) => { this.#why = e.message; });
  }

  get buffered(): number { return this.#socket.writableLength; }

  /** Nothing is read before this, so nothing that the other end said first is lost. */
  listen(listener: ChannelListener): void {
    this.#listener = listener;
    if (this.#socket.closed) {
      listener.closed(this.#why);
      return;
    }
    this.#socket.on('drain', () => listener.drained());
    this.#socket.on('close', () => listener.closed(this.#why));
    this.#socket.on('data', (chunk: string) => this.#data(chunk, this.#largest));
  }

  send(text: string): void {
    if (this.#closing || this.#socket.destroyed) return;
    this.#socket.write(`${text}\n`, (e) => { if (!e) this.#listener?.drained(); });
  }

  close(_code: CloseCode, _reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#pieces = [];
    // The reason went before as a message; what a client that does not read leaves behind is not waited for.
    this.#socket.end(() => this.#socket.destroy());
  }

  #data(chunk: string, largest: number): void {
    if (this.#closing) return;
    let from = 0;
    for (let at = chunk.indexOf('\n'); at >= 0 && !this.#closing; at = chunk.indexOf('\n', from)) {
      this.#pieces.push(chunk.slice(from, at));
      const text = this.#pieces.join('');
      this.#pieces = [];
      this.#length = 0;
      from = at + 1;
      if (text.trim() !== '') this.#listener?.text(text);
    }
    if (this.#closing) return;
    this.#pieces.push(chunk.slice(from));
    this.#length += chunk.length - from;
    if (this.#length <= largest) return;
    this.send(JSON.stringify({ type: 'bye', reason: `a message is longer than ${largest} characters` }));
    this.close(closeCodes.tooBig, 'message too long');
  }
}
