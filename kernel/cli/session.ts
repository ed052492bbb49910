import type { CommandIo } from '../../sdk/cli.ts';
import type { Clock } from '../../sdk/clock.ts';
import { accessOf, areaOf, authorOf, type Identity, permits, refusal } from '../console/roles.ts';
import { type Completion, complete } from './complete.ts';
import { type Part, partsOf } from './draw.ts';
import { isCliError, reasonOf, UsageError, VerbFault } from './errors.ts';
import type { Verb } from './level.ts';
import type { VerbTree } from './tree.ts';
import { splitLine } from './words.ts';

/** How a line ended; `code` is what a process would exit with. */
export interface Outcome {
  readonly code: 0 | 1 | 2 | 130;
  readonly error?: string;
  /** For a wrong line: where in it, and what is allowed there. */
  readonly at?: number;
  readonly allowed?: readonly string[];
}

export interface Running {
  readonly done: Promise<Outcome>;
  /** ^C: the verb's signal fires, and the session does not wait for it any longer. */
  cancel(): void;
}

/** What a face (terminal, WebSocket, text client) needs; a Session is one, and so is the router at the end of a wire. */
export interface Shell {
  readonly prompt: string;
  start(line: string, write: (part: Part) => void): Running;
  complete(line: string, cursor: number): Promise<Completion>;
  help(line: string): Promise<readonly Part[]>;
}

export interface SessionOptions {
  readonly tree: VerbTree;
  readonly clock: Clock;
  /** Who it is; undefined: this machine's own administrator, under the name of `author`. */
  readonly identity?: Identity;
  /** For the history of settings; default: as the identity has it ('web alice'). */
  readonly author?: string;
  readonly access?: 'read' | 'write';
  readonly prompt?: string;
  /** Told when a verb broke (not when it refused): for the log. */
  onFault?(fault: VerbFault): void;
  /** Told when a verb that may change something begins; not with what words, for they may hold secrets. */
  onWrite?(author: string, verb: string): void;
}

/** What the kernel's own verbs find beside what plugins are told. */
export interface SessionIo extends CommandIo { readonly identity: Identity }

/** Who runs a verb; outside a session it is the router itself. */
export const identityOf = (io: CommandIo): Identity => (io as Partial<SessionIo>).identity ?? { name: io.author, role: 'admin', via: 'terminal' };

/** At most so many verbs at a time, so that one client cannot pile them up. */
const MOST_RUNNING = 16;

/** One person or program at the verb tree: what it may do, and what it has running. */
export class Session implements Shell {
  readonly #options: SessionOptions;
  readonly #running = new Set<AbortController>();
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get prompt(): string { return this.#options.prompt ?? 'lancell> '; }
  get identity(): Identity {
    const { identity, author, access } = this.#options;
    return identity ?? { name: author ?? 'terminal', role: access === 'read' ? 'viewer' : 'admin', via: 'terminal' };
  }
  get access(): 'read' | 'write' { return accessOf(this.identity); }
  get author(): string { return this.#options.author ?? authorOf(this.identity); }
  get running(): number { return this.#running.size; }

  /** Runs a line. `write` gets the output as data, in order, and nothing after `done` has settled. Never throws. */
  start(line: string, write: (part: Part) => void): Running {
    if (this.#closed) return refused('the session is closed');
    if (this.#running.size >= MOST_RUNNING) return refused(`${MOST_RUNNING} verbs are running already`);
    const abort = new AbortController();
    this.#running.add(abort);
    let open = true;
    const io: SessionIo = { signal: abort.signal, author: this.author, identity: this.identity, write: (part) => { if (open) write(part); } };
    const gone = new Promise<Outcome>((resolve) => {
      abort.signal.addEventListener('abort', () => resolve({ code: 130, error: 'cancelled' }), { once: true });
    });
    const done = Promise.race([this.#run(line, io), gone]).finally(() => {
      open = false;
      this.#running.delete(abort);
    });
    return { done, cancel: () => abort.abort() };
  }

  #refuse({ spec, owner }: Verb): string | undefined {
    const act = { access: spec.access ?? 'write', area: areaOf(owner, spec.path), path: spec.path };
    if (!permits(this.identity, act)) return refusal(this.identity, act);
    if (act.access === 'write') this.#options.onWrite?.(this.author, spec.path);
    return undefined;
  }

  async #run(line: string, io: CommandIo): Promise<Outcome> {
    try {
      for (const part of partsOf(await this.#options.tree.run(line, io, (verb) => this.#refuse(verb)))) io.write(part);
      return { code: 0 };
    } catch (e) {
      if (e instanceof UsageError) return { code: 2, error: e.message, at: e.at, allowed: e.allowed };
      if (e instanceof VerbFault && !io.signal.aborted) this.#options.onFault?.(e);
      return { code: 1, error: isCliError(e) || e instanceof VerbFault ? e.message : reasonOf(e) };
    }
  }

  complete(line: string, cursor: number): Promise<Completion> {
    return complete(this.#options.tree, line, cursor, this.#options.clock);
  }

  async help(line: string): Promise<readonly Part[]> {
    return this.#options.tree.help(line);
  }

  /** Cancels what runs. */
  close(): void {
    this.#closed = true;
    for (const abort of this.#running) abort.abort();
  }
}

const refused = (error: string): Running => ({ done: Promise.resolve({ code: 1, error }), cancel: () => {} });

/** Whether a line asked for JSON. */
export const wantsJson = (line: string): boolean => splitLine(line).json;
