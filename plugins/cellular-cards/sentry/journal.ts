import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from '../../../sdk/index.ts';
import { budgetState } from './budget.ts';
import { sharesState } from './hosts.ts';

const account = z.object({ budget: budgetState, shares: sharesState, /** ms since the epoch, when it was used last */ seen: z.number() });
/** A call under way: what of it is counted already, so that a restart of the plugin counts nothing twice. */
const call = z.object({ account: z.string(), connectedAt: z.number(), rx: z.number(), tx: z.number() });
export const journalState = z.object({ serial: z.number().int(), accounts: z.record(z.string().max(64), account), calls: z.record(z.string(), call) });
export type JournalState = z.infer<typeof journalState>;

/**
 * The counters on disk, in two files by turns: whatever moment the power or the process goes, one of them is whole. Their size is
 * bounded by the bounds of accounts, days and hosts.
 */
export class Journal {
  readonly #paths: readonly string[];
  #serial = 0;

  /** Without a folder nothing is kept. */
  constructor(folder: string | undefined) { this.#paths = folder === undefined ? [] : ['budget.0.json', 'budget.1.json'].map(name => join(folder, name)); }

  /** The newer one of those that can be read. */
  load(): JournalState | undefined {
    const found = this.#paths.flatMap(path => read(path) ?? []).sort((a, b) => b.serial - a.serial)[0];
    this.#serial = found?.serial ?? 0;
    return found;
  }

  /** Throws as node:fs does. */
  save(state: Omit<JournalState, 'serial'>): void {
    if (this.#paths.length === 0) return;
    this.#serial++;
    writeFileSync(this.#paths[this.#serial % 2]!, JSON.stringify({ serial: this.#serial, ...state }), { mode: 0o600 });
  }
}

function read(path: string): JournalState | undefined {
  try {
    return journalState.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
