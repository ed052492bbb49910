import { CliError } from '../../sdk/cli.ts';
import type { Config } from '../config/commit.ts';
import { type Backup, BadBackup, readBackup } from './backup.ts';
import { turn } from './json-text.ts';
import { LaneFull } from './lane.ts';
import { told, type ToldChange, type ToldProblem, withKeys } from './settings.ts';

/** What restoring a backup does, or would do. */
export interface RestoreReport {
  /** ms since the epoch. */
  readonly made: number;
  readonly router: string;
  readonly changes: readonly ToldChange[];
  /** What does not parse or fit; with any of these nothing is restored. */
  readonly problems: readonly ToldProblem[];
  /** In sentences: where the backup comes from, and what it says about plugins that are not loaded. */
  readonly notes: readonly string[];
  readonly restored: boolean;
}

/**
 * Reads a backup and puts it into force, unless `dry` or something does not fit: then the report says what. Throws BadBackup for
 * what is no backup, LaneFull, CliError when the settings cannot be changed now; nothing is changed then.
 */
export async function restore(config: Config, octets: Uint8Array, how: { readonly passphrase?: string | undefined; readonly dry: boolean; readonly author: string }): Promise<RestoreReport> {
  const backup = await readBackup(octets, how.passphrase);
  // Each of these steps takes its time with many settings; packets get their turn between them.
  await turn();
  const { changes, problems } = config.consider(backup.settings);
  await turn();
  const report = { made: backup.made, router: backup.router, changes: told(changes), problems: problems.map(withKeys), notes: notesOf(config, backup) };
  if (how.dry || problems.length > 0) return { ...report, restored: false };
  await turn();
  await config.restore(backup.settings, how.author, `restored: backup of ${new Date(backup.made).toISOString()}`);
  return { ...report, restored: true };
}

function notesOf(config: Config, backup: Backup): string[] {
  const known = new Set(config.sections.map((s) => s.id));
  const strange = Object.keys(backup.settings.sections).filter((id) => !known.has(id));
  const absent = [...known].filter((id) => config.document.sections[id] !== undefined && backup.settings.sections[id] === undefined);
  return [
    `the backup was made at ${new Date(backup.made).toISOString()} by version ${backup.router}`,
    ...strange.map((id) => `the settings of ${id.slice(0, 64)} are kept for later: that plugin is not loaded, so nobody can check them`),
    ...absent.map((id) => `the backup says nothing about ${id}: it gets its defaults`),
  ];
}

/** The report as a person reads it. */
export function reportLines({ changes, problems, notes, restored }: RestoreReport): string[] {
  if (problems.length > 0) return [...notes, ...problems.map((p) => `${p.path}: ${p.message}`), 'nothing is restored'];
  const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
  return [...notes, ...changes.map((c) => c.words), restored ? `restored, ${count}` : `a restore would make ${count}`];
}

/** For a face that knows CliError only. */
export async function said<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BadBackup || error instanceof LaneFull) throw new CliError(error.message, { cause: error });
    throw error;
  }
}
