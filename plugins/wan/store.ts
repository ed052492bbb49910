import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lease, leaseSchema } from './lease.ts';

/** The last lease in a file, so that a restart asks for the same address. Times are wall-clock. */
export class LeaseFile {
  readonly #folder: string | undefined;

  /** Without a folder nothing is kept. */
  constructor(folder: string | undefined) { this.#folder = folder; }

  /** Undefined: there is none, or it does not parse. */
  load(): Lease | undefined {
    if (this.#folder === undefined) return undefined;
    try {
      return leaseSchema.safeParse(JSON.parse(readFileSync(join(this.#folder, 'lease.json'), 'utf8'))).data;
    } catch {
      return undefined;
    }
  }

  /** A few hundred octets, once per lease. A torn file cannot be seen, for the name moves to a finished one. */
  save(lease: Lease | undefined, failed: (error: unknown) => void): void {
    if (this.#folder === undefined) return;
    const path = join(this.#folder, 'lease.json');
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(`${path}.new`, JSON.stringify(lease ?? null));
      renameSync(`${path}.new`, path);
    } catch (error) {
      failed(error);
    }
  }
}
