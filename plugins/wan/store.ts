import type { StateFile } from '../../sdk/index.ts';
import { type Lease, leaseSchema } from './lease.ts';

/** The last lease in a file of a few hundred octets, so that a restart asks for the same address. Times are wall-clock. */
export class LeaseFile {
  readonly #file: StateFile;

  constructor(file: StateFile) { this.#file = file; }

  /** Undefined: there is none, or it does not parse. */
  load(): Lease | undefined {
    try {
      return leaseSchema.safeParse(JSON.parse(this.#file.read() ?? 'null')).data;
    } catch {
      return undefined;
    }
  }

  save(lease: Lease | undefined): void { this.#file.soon(() => JSON.stringify(lease ?? null)); }
}
