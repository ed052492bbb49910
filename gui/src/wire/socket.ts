import { Cell } from '../state/cell.ts';
import { type Answer, type Part, type Welcome, WireError } from './messages.ts';

export type WireState = 'closed' | 'connecting' | 'open' | 'lost';

export interface Sink {
  /** `missed`: so many were left out before the first of these, because the browser was too slow. */
  items(items: readonly unknown[], missed: number): void;
  /** The source went away (a panel was unloaded). Not called when the connection is lost: the stream comes back with it. */
  closed?(why: string): void;
}

interface Pending { resolve(answer: Answer): void; reject(error: WireError): void; part(part: Part): void }
interface Subscription { readonly stream: string; readonly filter: Record<string, unknown> | undefined; readonly sink: Sink }
export type Outgoing = { readonly type: string } & Readonly<Record<string, unknown>>;

const FIRST_RETRY_MS = 400;
const LONGEST_RETRY_MS = 6000;
/** The close code of the router for whoever has not shown who he is. */
const NOT_AUTHENTICATED = 4401;
/** A connection that says nothing about itself for so long is tried again: a router whose address changed never refuses. */
const WELCOME_MS = 5000;

/** One connection to the router that comes back by itself, with its subscriptions. */
export class Wire {
  readonly state = new Cell<WireState>('closed');
  readonly welcome = new Cell<Welcome | undefined>(undefined);
  /** Counts connections: whatever was fetched in an earlier one may be stale. */
  readonly epoch = new Cell(0);
  /** Set by the session: whether to go on after a connection was lost. */
  refused: (why: string) => void = () => {};
  beforeRetry: () => Promise<boolean> = () => Promise.resolve(true);

  #socket: WebSocket | undefined;
  #token: string | undefined;
  #wanted = false;
  #next = 1;
  #retry = FIRST_RETRY_MS;
  #timer = 0;
  readonly #pending = new Map<number, Pending>();
  readonly #subscriptions = new Map<number, Subscription>();

  constructor() {
    window.addEventListener('online', () => this.#hurry());
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') this.#hurry(); });
  }

  /** With a token, or with the cookie of the session. */
  open(token?: string): void {
    this.#token = token;
    this.#wanted = true;
    this.#connect();
  }

  close(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#drop('signed out');
    this.state.value = 'closed';
    this.welcome.value = undefined;
  }

  /** Sends a request and waits for the one answer that ends it; `part` gets what comes before. Rejects with WireError. */
  ask(message: Outgoing, part: (part: Part) => void = () => {}): Promise<Answer> {
    return this.start(message, part).done;
  }

  /** The same, with the request's id, for `cancel`. */
  start(message: Outgoing, part: (part: Part) => void = () => {}): { readonly id: number; readonly done: Promise<Answer> } {
    const id = this.#next++;
    const done = new Promise<Answer>((resolve, reject) => {
      if (this.state.value !== 'open') {
        reject(new WireError('the router cannot be reached just now', 0));
        return;
      }
      this.#pending.set(id, { resolve, reject, part });
      this.#send({ ...message, id });
    });
    return { id, done };
  }

  cancel(id: number): void {
    if (this.state.value === 'open') this.#send({ type: 'cancel', id });
  }

  /** Runs a line of the CLI; resolves with its parts. */
  async run(line: string): Promise<readonly Part[]> {
    const parts: Part[] = [];
    await this.ask({ type: 'run', line }, (part) => parts.push(part));
    return parts;
  }

  /** Listens to a stream until the returned function is called; survives reconnections. */
  subscribe(stream: string, sink: Sink, filter?: Record<string, unknown>): () => void {
    const id = this.#next++;
    this.#subscriptions.set(id, { stream, filter, sink });
    if (this.state.value === 'open') this.#subscribe(id);
    return () => {
      if (this.#subscriptions.delete(id) && this.state.value === 'open') this.#send({ type: 'unsubscribe', id });
    };
  }

  #subscribe(id: number): void {
    const { stream, filter } = this.#subscriptions.get(id)!;
    this.#send({ type: 'subscribe', id, stream, ...(filter === undefined ? {} : { filter }) });
  }

  #hurry(): void {
    if (!this.#wanted || this.#socket !== undefined) return;
    this.#retry = FIRST_RETRY_MS;
    clearTimeout(this.#timer);
    void this.#again();
  }

  #connect(): void {
    if (!this.#wanted || this.#socket !== undefined) return;
    if (this.state.value !== 'lost') this.state.value = 'connecting';
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
    this.#socket = socket;
    const patience = window.setTimeout(() => socket.close(), WELCOME_MS);
    socket.onopen = () => { if (this.#token !== undefined) this.#send({ type: 'hello', token: this.#token, client: 'web' }); };
    socket.onmessage = ({ data }) => {
      clearTimeout(patience);
      if (this.#socket === socket && typeof data === 'string') this.#read(JSON.parse(data) as Answer);
    };
    socket.onclose = ({ code, reason }) => {
      clearTimeout(patience);
      if (this.#socket !== socket) return;
      this.#drop('the connection to the router was lost');
      if (code === NOT_AUTHENTICATED) this.refused(reason);
      else this.#later();
    };
  }

  #later(): void {
    if (!this.#wanted) return;
    this.state.value = 'lost';
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#again(), this.#retry);
    this.#retry = Math.min(this.#retry * 1.7, LONGEST_RETRY_MS);
  }

  async #again(): Promise<void> {
    if (await this.beforeRetry()) this.#connect();
    else if (this.#wanted && this.#socket === undefined) this.#later();
  }

  #drop(why: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const each of pending) each.reject(new WireError(why, 0));
  }

  #send(message: Outgoing): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #read(answer: Answer): void {
    if (answer.type === 'welcome') {
      this.#retry = FIRST_RETRY_MS;
      this.welcome.value = answer as unknown as Welcome;
      this.state.value = 'open';
      for (const id of this.#subscriptions.keys()) this.#subscribe(id);
      this.epoch.value++;
      return;
    }
    const { id } = answer;
    if (id === undefined) {
      if (answer.type === 'error' && this.state.value !== 'open') this.refused(String(answer['error']));
      return;
    }
    const subscription = this.#subscriptions.get(id);
    if (subscription !== undefined) this.#stream(id, subscription, answer);
    else this.#answer(id, answer);
  }

  #stream(id: number, { sink }: Subscription, answer: Answer): void {
    if (answer.type === 'items') sink.items(answer['items'] as unknown[], Number(answer['missed'] ?? 0));
    else if (answer.type === 'closed' || answer.type === 'error') {
      this.#subscriptions.delete(id);
      sink.closed?.(String(answer['why'] ?? answer['error'] ?? ''));
    }
  }

  #answer(id: number, answer: Answer): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    if (answer.type === 'part') {
      pending.part(answer['part'] as Part);
      return;
    }
    this.#pending.delete(id);
    if (answer.type === 'error') pending.reject(new WireError(String(answer['error']), Number(answer['code'] ?? 1), answer));
    else pending.resolve(answer);
  }
}

export const wire = new Wire();
