import { CliError } from '../../sdk/cli.ts';
import type { Clock } from '../../sdk/clock.ts';

/** One section's part of a commit. */
export interface Step {
  readonly id: string;
  readonly before: unknown;
  readonly after: unknown;
  /** Hands settings to whoever is attached as this section by then. */
  apply(settings: unknown): void | Promise<void>;
}

/** A commit that did not take; what had been applied was given its old settings again. */
export class CommitFailed extends CliError {
  /** The section that refused; undefined: the settings could not be stored. */
  readonly failed: string | undefined;
  readonly restored: readonly string[];
  /** Sections that did not take their old settings either, and why. */
  readonly lost: readonly { readonly id: string; readonly why: string }[];

  constructor(failed: string | undefined, cause: unknown, undone: Undone) {
    const head = failed === undefined ? `the settings could not be stored: ${why(cause)}` : `${failed} did not take its settings: ${why(cause)}`;
    const lost = undone.lost.map((l) => `${l.id} did not take its old settings back: ${l.why}`);
    const restored = undone.restored.length > 0 ? [`restored: ${undone.restored.join(', ')}`] : [];
    super([head, ...(lost.length === 0 ? ['nothing was changed'] : []), ...restored, ...lost].join('; '), { cause });
    this.failed = failed;
    this.restored = undone.restored;
    this.lost = undone.lost;
  }
}

interface Undone { readonly restored: readonly string[]; readonly lost: readonly { readonly id: string; readonly why: string }[] }

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A section that has not taken its settings by then has failed: it must not hold up every later commit. */
const APPLY_LIMIT_MS = 30_000;

/** Hears of a step just before its section gets the new settings, or the old ones back. */
export interface Watcher { began(id: string): void; undone(id: string): void }

/** Applies all steps in order, then `store`. When one fails, all that began are undone, last first, and CommitFailed is thrown. */
export async function applyAll(steps: readonly Step[], clock: Clock, watch: Watcher, store: () => Promise<void>): Promise<void> {
  const done: Step[] = [];
  let at: Step | undefined;
  try {
    for (at of steps) {
      done.push(at);
      watch.began(at.id);
      await limited(clock, () => (at as Step).apply((at as Step).after));
    }
    at = undefined;
    await store();
  } catch (error) {
    throw new CommitFailed(at?.id, error, await undo(done, clock, watch));
  }
}

/** The section that failed is undone too: nobody knows how far it came. */
async function undo(done: readonly Step[], clock: Clock, watch: Watcher): Promise<Undone> {
  const restored: string[] = [];
  const lost: { id: string; why: string }[] = [];
  for (const step of done.toReversed()) {
    try {
      watch.undone(step.id);
      await limited(clock, () => step.apply(step.before));
      restored.push(step.id);
    } catch (error) {
      lost.push({ id: step.id, why: why(error) });
    }
  }
  return { restored, lost };
}

async function limited(clock: Clock, run: () => void | Promise<void>): Promise<void> {
  const working = run();
  if (working === undefined) return;
  let limit: ReturnType<Clock['after']> | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = clock.after(APPLY_LIMIT_MS, () => reject(new Error(`not done within ${APPLY_LIMIT_MS / 1000} s`)));
  });
  try {
    await Promise.race([working, late]);
  } finally {
    void limit?.dispose();
  }
}
