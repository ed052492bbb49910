import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../../sdk/log.ts';
import type { RestartHow, RestartNote, Restarts } from '../../sdk/restart.ts';
import { writeDurably } from '../config/durable.ts';

/** The exit code that asks for another start: EX_TEMPFAIL. Not 0, so that `Restart=on-failure` has it. */
export const RESTART_CODE = 75;
const DAY_MS = 24 * 60 * 60_000;
/** A clock that says less was not set yet. */
const SET_MS = Date.UTC(2020, 0, 1);
const KEPT = 20;

const entry = z.object({ atMs: z.number(), how: z.enum(['process', 'reboot']), why: z.string(), by: z.string(), tag: z.number(), told: z.boolean() });
const book = z.array(entry).max(KEPT);
type Entry = z.infer<typeof entry>;

export interface RestartIo {
  wall(): number;
  /** Somebody starts the program again when it ends with RESTART_CODE. */
  readonly supervised: boolean;
  /** Rejects when the system does not take it. */
  reboot(): Promise<void>;
  /** Ends the program in order, soon. */
  leave(): void;
}

/** No restarts, and why. */
export const noRestarts = (why: string): Restarts => ({ cameFrom: undefined, ask: async () => why });

/** Restarts that are written down before they are made, so that the daily limit outlives them. */
export class RestartBook implements Restarts {
  readonly cameFrom: (RestartNote & { readonly atMs: number }) | undefined;
  readonly #path: string;
  readonly #log: Logger;
  readonly #io: RestartIo;
  #entries: readonly Entry[];
  #asked = false;

  private constructor(path: string, log: Logger, io: RestartIo, entries: readonly Entry[]) {
    this.#path = path;
    this.#log = log;
    this.#io = io;
    const last = entries.at(-1);
    if (last?.told === false) {
      const { told: _told, ...note } = last;
      this.cameFrom = note;
      log.warn({ by: note.by }, `restarted ${note.how === 'reboot' ? 'the machine' : 'the router'} at ${new Date(note.atMs).toISOString()} because ${note.why}`);
    }
    this.#entries = entries.map(e => ({ ...e, told: true }));
  }

  /** Reads what the run before has left in the state directory. */
  static async open(state: string, log: Logger, io: RestartIo): Promise<RestartBook> {
    const path = join(state, 'restarts.json');
    const made = new RestartBook(path, log, io, read(path));
    if (made.cameFrom !== undefined) await writeDurably(path, JSON.stringify(made.#entries)).catch((error: unknown) => log.warn({ error: String(error) }, 'cannot write down that the restart is over'));
    return made;
  }

  async ask(note: RestartNote): Promise<string | undefined> {
    const refused = this.#refusal(note.how);
    if (refused !== undefined) return refused;
    this.#asked = true;
    const before = this.#entries;
    this.#entries = [...before, { ...note, atMs: this.#io.wall(), told: false }].slice(-KEPT);
    try {
      await writeDurably(this.#path, JSON.stringify(this.#entries));
    } catch (error) {
      // Without that the next run would not know of it, and might restart again and again.
      this.#entries = before;
      this.#asked = false;
      return `it cannot be written down (${String(error)})`;
    }
    this.#log.warn({ by: note.by }, `restarts ${note.how === 'reboot' ? 'the machine' : 'the router'}: ${note.why}`);
    if (note.how === 'process') this.#io.leave();
    else return this.#reboot();
    return undefined;
  }

  async #reboot(): Promise<string | undefined> {
    try {
      await this.#io.reboot();
      return undefined;
    } catch (error) {
      this.#asked = false;
      this.#entries = this.#entries.map(e => ({ ...e, told: true }));
      await writeDurably(this.#path, JSON.stringify(this.#entries)).catch(() => {});
      const why = `the system does not take it (${error instanceof Error ? error.message : String(error)})`;
      this.#log.error({}, `no restart: ${why}`);
      return why;
    }
  }

  #refusal(how: RestartHow): string | undefined {
    if (this.#asked) return 'one is on its way';
    if (how === 'process' && !this.#io.supervised) return 'nobody would start the router again: run it as a service of systemd with Restart=on-failure, or set LANCELL_SUPERVISED=1 where something else does';
    const now = this.#io.wall();
    // A clock that is not set, as after a reboot without a network, says nothing about how long ago a restart was.
    const recent = this.#entries.find(e => now - e.atMs < DAY_MS && (e.atMs <= now + DAY_MS || now < SET_MS));
    return recent === undefined ? undefined : `the last one was at ${new Date(recent.atMs).toISOString()}, and one in 24 hours is the most`;
  }
}

function read(path: string): readonly Entry[] {
  try {
    return book.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return [];
  }
}

/** systemd says in the environment which process it watches. */
export const supervised = (env: NodeJS.ProcessEnv, pid: number): boolean => env['LANCELL_SUPERVISED'] === '1' || env['SYSTEMD_EXEC_PID'] === String(pid);

/** Asks the system's own program, by its full name and without a shell. */
export const systemReboot = (program = '/sbin/reboot'): Promise<void> => new Promise((done, failed) => {
  execFile(program, [], { timeout: 30_000, env: {} }, error => (error ? failed(error) : done()));
});
