import type { Clock } from '../../sdk/clock.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { VerbFault } from '../cli/errors.ts';
import { Session } from '../cli/session.ts';
import type { VerbTree } from '../cli/tree.ts';
import { type Gate, identityOfKey } from './auth.ts';
import { type Channel, type CloseCode, closeCodes } from './channel.ts';
import type { LabDoor } from './lab-door.ts';
import { Outbox } from './outbox.ts';
import type { PanelRegistry } from './panels.ts';
import { type Answer, decodeRequest, PROTOCOL } from './protocol.ts';
import { Requests } from './requests.ts';
import { accessOf, authorOf, type Identity } from './roles.ts';
import type { WebSession } from './sessions.ts';
import type { SettingsDesk } from './settings.ts';
import type { StreamRegistry } from './streams.ts';

/** What connections serve. */
export interface Services {
  readonly tree: VerbTree;
  readonly clock: Clock;
  readonly streams: StreamRegistry;
  readonly panels: PanelRegistry;
  readonly lab: LabDoor;
  /** The settings, for clients that edit them as forms. */
  readonly settings?: SettingsDesk;
  readonly gate: Gate;
  readonly version: string;
  /** Lets packets in: called before every message and request. */
  between?(): void;
  onFault?(fault: VerbFault): void;
  /** Told who begins what that may change something. */
  audit?(author: string, what: string): void;
}

/** Who a client is when the channel itself has shown it: the unix socket's file permission, a browser's cookie. */
export interface Known {
  readonly identity: Identity;
  /** The log-in, or the token, that this connection belongs to: what the client does keeps it alive, and its end is the connection's. */
  readonly session?: WebSession | undefined;
}

/** A client that has not authenticated by then is sent away. */
const HELLO_MS = 10_000;
const MOST_ATTEMPTS = 3;
/** Messages that cannot be read, before the connection ends. */
const MOST_JUNK = 10;

/** One client, from its first octet to its last: authentication, then requests. */
export class Connection {
  readonly #channel: Channel;
  readonly #services: Services;
  readonly #outbox: Outbox;
  readonly #gone: (connection: Connection) => void;
  #deadline: Disposable | undefined;
  #requests: Requests | undefined;
  #session: WebSession | undefined;
  #sessionEnd: Disposable | undefined;
  #checking = false;
  #attempts = 0;
  #junk = 0;
  #closed = false;

  constructor(channel: Channel, services: Services, known: Known | undefined, gone: (connection: Connection) => void) {
    this.#channel = channel;
    this.#services = services;
    this.#gone = gone;
    this.#outbox = new Outbox(channel, () => this.close(closeCodes.tooMuch, 'this client does not read what it asked for'));
    if (known === undefined) this.#await();
    else this.#welcome(known);
    channel.listen({ text: (text) => this.#text(text), drained: () => this.#outbox.pump(), closed: () => this.#end() });
  }

  get authenticated(): boolean { return this.#requests !== undefined; }
  get identity(): Identity | undefined { return this.#requests?.session.identity; }

  /** Says why, and ends. */
  close(code: CloseCode, reason: string): void {
    if (this.#closed) return;
    this.#channel.send(JSON.stringify({ type: 'bye', reason } satisfies Answer));
    this.#channel.close(code, reason);
    this.#end();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    void this.#deadline?.dispose();
    void this.#sessionEnd?.dispose();
    this.#outbox.close();
    this.#requests?.close();
    this.#gone(this);
  }

  #welcome({ identity, session: login }: Known): void {
    const { tree, clock, version, streams } = this.#services;
    const [author, access] = [authorOf(identity), accessOf(identity)];
    this.#session = login;
    this.#sessionEnd = login?.onEnd((why) => this.close(closeCodes.notAuthenticated, why));
    const session = new Session({ tree, clock, identity, onFault: (fault) => this.#services.onFault?.(fault), onWrite: (who, verb) => this.#services.audit?.(who, verb) });
    this.#requests = new Requests(this.#services, session, this.#outbox);
    void this.#deadline?.dispose();
    this.#outbox.send({ type: 'welcome', protocol: PROTOCOL, version, author, access, prompt: session.prompt, streams: streams.names });
  }

  #text(text: string): void {
    if (this.#closed) return;
    const decoded = decodeRequest(text);
    if (!decoded.ok) {
      if (this.#requests === undefined || ++this.#junk > MOST_JUNK) {
        this.close(closeCodes.policy, decoded.error);
        return;
      }
      this.#outbox.send({ type: 'error', error: decoded.error, code: 2, ...(decoded.id === undefined ? {} : { id: decoded.id }) });
      return;
    }
    const { message } = decoded;
    if (message.type === 'hello') {
      this.#hello(message.token);
      return;
    }
    if (this.#requests === undefined) {
      this.close(closeCodes.notAuthenticated, 'authenticate first');
      return;
    }
    // What a page asks for by its own timers is not something that a person did.
    if (!decoded.poll) this.#session?.touch();
    this.#requests.serve(message);
  }

  #hello(token: string): void {
    if (this.#requests !== undefined) {
      this.#outbox.send({ type: 'error', error: 'authenticated already', code: 2 });
      return;
    }
    if (this.#checking) {
      this.close(closeCodes.policy, 'one attempt at a time');
      return;
    }
    this.#checking = true;
    // The client has spoken in time; how long the verdict takes is ours.
    void this.#deadline?.dispose();
    this.#services.gate.check(token, this.#channel.from, (result) => {
      this.#checking = false;
      if (this.#closed) return;
      if (typeof result !== 'string') this.#welcome({ identity: identityOfKey(result), session: result.tenure });
      else if (++this.#attempts >= MOST_ATTEMPTS) this.close(closeCodes.notAuthenticated, result);
      else {
        this.#outbox.send({ type: 'error', error: result, code: 1 });
        this.#await();
      }
    });
  }

  #await(): void {
    this.#deadline = this.#services.clock.after(HELLO_MS, () => this.close(closeCodes.notAuthenticated, `no authentication within ${HELLO_MS / 1000} s`));
  }
}
