import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Disposable, z } from '../../sdk/index.ts';
import { type Role, roles } from './contract.ts';
import { type SavedLease, savedLease } from './leases.ts';

/** Leases come in bursts; so long the file waits for more of them (ms). */
const DELAY_MS = 1000;

export const savedLeases = z.partialRecord(z.enum(roles), z.array(savedLease).max(4096));
export type SavedLeases = Partial<Record<Role, SavedLease[]>>;

/** The lease tables in a file, for after a restart. */
export class LeasesFile {
  readonly #path: string | undefined;
  readonly #clock: Clock;
  readonly #content: () => SavedLeases;
  readonly #failed: (error: unknown) => void;
  #timer: Disposable | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(opts: { folder: string | undefined; clock: Clock; content: () => SavedLeases; failed: (error: unknown) => void }) {
    this.#path = opts.folder && join(opts.folder, 'leases.json');
    this.#clock = opts.clock;
    this.#content = opts.content;
    this.#failed = opts.failed;
  }

  /** Empty when there is no file or it does not parse. */
  async load(): Promise<SavedLeases> {
    if (!this.#path) return {};
    try {
      return savedLeases.safeParse(JSON.parse(await readFile(this.#path, 'utf8'))).data ?? {};
    } catch {
      return {};
    }
  }

  /** A lease began or ended. */
  changed(): void {
    if (!this.#path) return;
    this.#timer ??= this.#clock.after(DELAY_MS, () => { this.#timer = undefined; void this.write(); });
  }

  /** Now. A torn file cannot be seen, for the name moves to a finished one. */
  write(): Promise<void> {
    const path = this.#path;
    if (!path) return this.#last;
    const text = JSON.stringify(this.#content());
    this.#last = this.#last.then(async () => {
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    }).catch(this.#failed);
    return this.#last;
  }

  /** Writes what still waits. */
  async close(): Promise<void> {
    const waits = this.#timer !== undefined;
    void this.#timer?.dispose();
    this.#timer = undefined;
    await (waits ? this.write() : this.#last);
  }
}
