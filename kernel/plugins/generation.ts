import type { Live, AnyPlugin } from '../../sdk/plugin.ts';
import type { Counter } from '../../sdk/packet.ts';
import type { Scope } from '../../sdk/scope.ts';
import type { Needs, Token } from '../../sdk/token.ts';
import type { PluginContainer, ServiceDirectory } from '../di.ts';
import { createScope } from '../scope.ts';
import { createContext } from './context.ts';
import { type Faults, reasonOf } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { KernelServices } from './services.ts';
import { within } from './time-limit.ts';

/** What a generation needs from its host. */
export interface Surroundings {
  readonly services: KernelServices;
  readonly directory: ServiceDirectory;
  readonly ledger: Ledger;
  readonly faults: Faults;
  /** ms for setup and for reconfigure. */
  readonly startLimitMs: number;
  /** ms for each asynchronous disposer. */
  readonly stopLimitMs: number;
  provided(id: string, token: Token<unknown>): void;
  /** Stops the users of a service, then calls `remove`. */
  withdraw(id: string, token: Token<unknown>, remove: () => void): void | Promise<void>;
}

/** One life of a plugin: from before its setup until everything it took is given back. */
export class Generation {
  readonly def: AnyPlugin;
  readonly scope: Scope;
  /** Who provided each need, by token; undefined for lists. */
  readonly providers = new Map<Token<unknown>, string | undefined>();
  /** What it counts, by name. */
  readonly counters = new Map<string, Counter>();
  readonly #host: Surroundings;
  readonly #abort = new AbortController();
  readonly #account: ReturnType<Ledger['open']>;
  readonly #container: PluginContainer;
  #config: unknown;
  #live: Live<unknown, unknown> = {};

  constructor(def: AnyPlugin, generation: number, config: unknown, host: Surroundings) {
    this.def = def;
    this.#config = config;
    this.#host = host;
    this.#account = host.ledger.open(def.id, generation);
    this.#container = host.directory.child();
    this.scope = createScope(def.id, {
      watch: label => this.#account.enter(label),
      patience: (done, label) => within(host.services.clock, host.stopLimitMs, done,
        `${label} was not given back within ${host.stopLimitMs / 1000} s`),
    });
  }

  /** Runs the plugin's setup. Rejects with a sentence that says where it failed; the caller stops the generation then. */
  async start(saved: unknown): Promise<void> {
    const { def } = this;
    const { services, directory, startLimitMs } = this.#host;
    for (const token of tokensOf(def)) this.providers.set(token, directory.owner(token));
    const context = createContext({
      id: def.id,
      config: () => this.#config,
      use: this.#container.resolve(def.needs ?? {}),
      previous: this.#parseState(saved),
      scope: this.scope,
      signal: this.#abort.signal,
      counters: this.counters,
      services,
      directory,
      fault: (place, error) => this.#fault(place, error),
      provided: token => this.#host.provided(def.id, token),
      withdraw: (token, remove) => this.#host.withdraw(def.id, token, remove),
    });
    try {
      const setup: unknown = def.setup(context);
      const live = isPromise(setup)
        ? await within(services.clock, startLimitMs, setup, `did not finish within ${startLimitMs / 1000} s`, this.#abort.signal)
        : setup;
      this.#live = (live as Live<unknown, unknown> | undefined) ?? {};
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#fault('setup', error);
      throw new Error(`setup: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** What the next generation shall get: plain data of its own, or undefined. */
  save(): unknown {
    if (!this.#live.save) return undefined;
    try {
      // A copy, and one that refuses functions: nothing of this generation may live on in the next.
      return structuredClone(this.#live.save());
    } catch (error) {
      this.#fault('save', error);
      return undefined;
    }
  }

  get reconfigurable(): boolean { return this.#live.reconfigure !== undefined; }

  /** New settings while running. Rejects when the plugin will not have them. */
  async reconfigure(next: unknown): Promise<void> {
    const { services, startLimitMs } = this.#host;
    const before = this.#config;
    this.#config = next;
    try {
      const done: unknown = this.#live.reconfigure?.(next);
      if (isPromise(done)) await within(services.clock, startLimitMs, done, `did not finish within ${startLimitMs / 1000} s`, this.#abort.signal);
    } catch (error) {
      this.#config = before;
      this.#fault('reconfigure', error);
      throw new Error(`${this.def.id}: reconfigure: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Gives everything back. Never rejects: what will not go is reported, and stays in the ledger. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error(`${this.def.id} is being stopped`));
    try {
      await this.scope.dispose();
    } catch (error) {
      for (const each of error instanceof AggregateError ? error.errors : [error]) this.#fault('disposer', each);
    }
    this.#container.drop();
    this.#account.close();
  }

  #parseState(saved: unknown): unknown {
    if (saved === undefined || !this.def.state) return undefined;
    const parsed = this.def.state.safeParse(saved);
    if (parsed.success) return parsed.data;
    const fields = parsed.error.issues.map((i: { path: PropertyKey[]; message: string }) => `${i.path.map(String).join('.') || 'all of it'}: ${i.message}`);
    this.#fault('state', `what the generation before saved does not fit, starting without it (${fields.join('; ')})`);
    return undefined;
  }

  #fault(place: string, error: unknown): void {
    this.#host.faults.report(this.def.id, place, error);
  }
}

const isPromise = (x: unknown): x is PromiseLike<unknown> =>
  typeof x === 'object' && x !== null && typeof (x as { then?: unknown }).then === 'function';

/** What it needs, as tokens. */
export const tokensOf = (def: AnyPlugin): Token<unknown>[] => Object.values((def.needs ?? {}) as Needs);
