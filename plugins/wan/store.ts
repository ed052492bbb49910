import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lease, leaseSchema } from './lease.ts';

/** The last lease in a file, so that a restart asks for the same address. Times are wall-clock. */
export class LeaseFile {
  readonly #path: string | undefined;
  #last: Promise<void> = Promise.resolve();

  /** Without a folder nothing is kept. */
  constructor(folder: string | undefined) { this.#path = folder && join(folder, 'lease.json'); }

  /** Undefined: there is none, or it does not parse. */
  async load(): Promise<Lease | undefined> {
    if (!this.#path) return undefined;
    try {
      return leaseSchema.safeParse(JSON.parse(await readFile(this.#path, 'utf8'))).data;
    } catch {
      return undefined;
    }
  }

  /** Writes run one after the other; a torn file cannot be seen, for the name moves to a finished one. */
  save(lease: Lease | undefined, failed: (error: unknown) => void): Promise<void> {
    const path = this.#path;
    if (!path) return this.#last;
    this.#last = this.#last.then(async () => {
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(`${path}.new`, JSON.stringify(lease ?? null));
      await rename(`${path}.new`, path);
    }).catch(failed);
    return this.#last;
  }
}
