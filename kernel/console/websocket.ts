import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../sdk/clock.ts';
import { type ShownCertificate, spellFingerprint } from '../cli/known-routers.ts';
import { type Channel, type ChannelListener, type CloseCode, closeCodes } from './channel.ts';
import { LARGEST_MESSAGE } from './protocol.ts';

/** A client that has not answered a ping by the next one is gone. */
const PING_MS = 20_000;
/** Octets of unsent answers above which pings stay unanswered. */
const MOST_PONGS = 65_536;
/** How long a client may take to answer our close; then the socket is torn down. */
const CLOSE_MS = 2000;
/** What a reply may weigh when we are the client: a long flow list. */
const LARGEST_REPLY = 64 * 1024 * 1024;

export interface WebSockets {
  /** Takes over an HTTP upgrade that has been found allowed. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, ready: (channel: Channel) => void): void;
}

/** The server side; `between` is called before each message. Messages over LARGEST_MESSAGE end the connection with code 1009, before they are in memory. */
export function webSockets(clock: Clock, between: () => void = () => {}): WebSockets {
  const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: LARGEST_MESSAGE, perMessageDeflate: false, autoPong: false });
  return {
    accept: (request, socket, head, ready) => {
      const from = request.socket.remoteAddress ?? 'unknown';
      server.handleUpgrade(request, socket, head, (ws) => ready(new SocketChannel(ws, from, clock, between)));
    },
  };
}

/** Says why the certificate that a router shows is not believed; undefined: it is. */
export type Judge = (shown: ShownCertificate) => Error | undefined;

/**
 * The client side; undefined clock: no pings of our own. Rejects with what the router said when it refuses.
 * @param judge asked about the certificate (wss) before anything is sent; without it only authorities of this machine vouch
 */
export function connectWebSocket(url: string, judge?: Judge): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const trust = judge === undefined ? {} : { rejectUnauthorized: false, finishRequest: (request: ClientRequest) => afterJudgement(request, judge) };
    const ws = new WebSocket(url, { maxPayload: LARGEST_REPLY, perMessageDeflate: false, handshakeTimeout: 10_000, ...trust });
    ws.once('open', () => {
      ws.off('error', reject);
      resolve(new SocketChannel(ws, url, undefined));
    });
    ws.once('unexpected-response', (_request, response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => { text = (text + chunk).slice(0, 1000); });
      response.on('end', () => reject(new Error(`the router answered ${response.statusCode ?? 0}: ${text.trim()}`)));
    });
    ws.once('error', reject);
  });
}

/** Sends the request when the certificate is believed; else breaks off. */
function afterJudgement(request: ClientRequest, judge: Judge): void {
  request.once('socket', (socket: TLSSocket) => {
    socket.once('secureConnect', () => {
      // What `authorized` says holds for the name too.
      const fingerprint = spellFingerprint(socket.getPeerCertificate().fingerprint256 ?? '');
      const wrong = fingerprint === undefined ? new Error('the router shows no certificate') : judge({ fingerprint, vouched: socket.authorized });
      if (wrong === undefined) request.end();
      else request.destroy(wrong);
    });
  });
}

class SocketChannel implements Channel {
  readonly from: string;
  readonly #ws: WebSocket;
  readonly #clock: Clock | undefined;
  #listener: ChannelListener | undefined;
  #answered = true;
  #why = '';

  constructor(ws: WebSocket, from: string, clock: Clock | undefined, between?: () => void) {
    this.#ws = ws;
    this.from = from;
    this.#clock = clock;
    const pings = clock?.every(PING_MS, () => this.#ping());
    ws.on('pong', () => { this.#answered = true; });
    if (between !== undefined) ws.on('ping', (data) => {
      between();
      // Who only asks and never reads is not answered for ever (RFC 6455 section 5.5.3: not every ping needs a pong).
      if (ws.readyState === WebSocket.OPEN && ws.bufferedAmount < MOST_PONGS) ws.pong(data);
    });
    ws.on('message', (data, binary) => {
      between?.();
      this.#message(data, binary);
    });
    // ws closes by itself after these (1002 not the protocol, 1007 not UTF-8, 1009 too big).
    ws.on('error', (e) => {
      this.#why = e.message;
      this.#tearDown();
    });
    ws.on('close', (code, reason) => {
      void pings?.dispose();
      this.#why ||= reason.toString() || `closed with code ${code}`;
      this.#listener?.closed(this.#why);
    });
  }

  get buffered(): number { return this.#ws.bufferedAmount; }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
    if (this.#ws.readyState === WebSocket.CLOSED) listener.closed(this.#why);
  }

  send(text: string): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#ws.send(text, (e) => { if (!e) this.#listener?.drained(); });
  }

  close(code: CloseCode, reason: string): void {
    // RFC 6455 section 5.5: a close frame carries at most 123 octets of reason.
    this.#ws.close(code, Buffer.from(reason).subarray(0, 120).toString().replace(/\ufffd$/, ''));
    this.#tearDown();
  }

  /** A client that does not answer the close, or goes on sending, is not waited for. */
  #tearDown(): void {
    const late = this.#clock?.after(CLOSE_MS, () => this.#ws.terminate());
    this.#ws.once('close', () => void late?.dispose());
  }

  #message(data: RawData, binary: boolean): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (binary) this.close(closeCodes.unsupported, 'this protocol has only text messages');
    else this.#listener?.text(data.toString());
  }

  #ping(): void {
    if (!this.#answered) {
      this.#why = `no answer to a ping within ${PING_MS / 1000} s`;
      this.#ws.terminate();
      return;
    }
    this.#answered = false;
    this.#ws.ping();
  }
}
