import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, type Disposable, z } from '../../sdk/index.ts';
import { type Role, roles } from './contract.ts';
import { type SavedLease, savedLease } from './leases.ts';

/** Leases come in bursts; so long the file waits for more of them (ms). */
const DELAY_MS = 1000;

export const savedLeases = z.partialRecord(z.enum(roles), z.array(savedLease).max(4096));
export type SavedLeases = Partial<Record<Role, SavedLease[]>>;

/** The lease tables in a file of a few kilobytes, for after a restart. */
export class LeasesFile {
  readonly #folder: string | undefined;
  readonly #clock: Clock;
  readonly #content: () => SavedLeases;
  readonly #failed: (error: unknown) => void;
  #timer: Disposable | undefined;

  /** Without a folder nothing is kept. */
  constructor(opts: { folder: string | undefined; clock: Clock; content: () => SavedLeases; failed: (error: unknown) => void }) {
    this.#folder = opts.folder;
    this.#clock = opts.clock;
    this.#content = opts.content;
    this.#failed = opts.failed;
  }

  /** Empty when there is no file or it does not parse. */
  load(): SavedLeases {
    if (this.#folder === undefined) return {};
    try {
      return savedLeases.safeParse(JSON.parse(readFileSync(join(this.#folder, 'leases.json'), 'utf8'))).data ?? {};
    } catch {
      return {};
    }
  }

  /** A lease began or ended. */
  changed(): void {
    if (this.#folder === undefined) return;
    this.#timer ??= this.#clock.after(DELAY_MS, () => { this.#timer = undefined; this.#write(this.#folder); });
  }

  /** Writes what still waits. */
  close(): void {
    if (!this.#timer) return;
    void this.#timer.dispose();
    this.#timer = undefined;
    this.#write(this.#folder);
  }

  /** A torn file cannot be seen, for the name moves to a finished one. */
  #write(folder: string | undefined): void {
    if (folder === undefined) return;
    const path = join(folder, 'leases.json');
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${path}.new`, JSON.stringify(this.#content()));
      renameSync(`${path}.new`, path);
    } catch (error) {
      this.#failed(error);
    }
  }
}
