import { CliError, type CommandIo, type Reply } from '../../../sdk/cli.ts';
import type { Clock } from '../../../sdk/clock.ts';
import { type Part, partsOf } from '../../cli/draw.ts';
import { isCliError, reasonOf, VerbFault } from '../../cli/errors.ts';
import type { Verb } from '../../cli/level.ts';
import { HttpProblem } from '../problem.ts';
import { authorOf, type Identity } from '../roles.ts';

/** Octets of output that one answer holds; what comes later is left out and counted. */
const MOST_OUTPUT = 4 * 1024 * 1024;

/** Verbs that run at one time for all clients of this interface. */
const MOST_RUNNING = 128;
let running = 0;

export interface VerbRun {
  readonly verb: Verb;
  readonly args: Readonly<Record<string, unknown>>;
  readonly identity: Identity;
  readonly signal: AbortSignal;
  write(part: Part): void;
}

/** Runs a verb with checked arguments; its reply goes to `write` like everything else. Throws CliError, VerbFault when it breaks, or HttpProblem. */
export async function runVerb({ verb, args, identity, signal, write }: VerbRun): Promise<void> {
  if (running >= MOST_RUNNING) throw new HttpProblem(429, `${MOST_RUNNING} verbs are running already`);
  running++;
  const io: CommandIo & { readonly identity: Identity } = { signal, author: authorOf(identity), identity, write: (part) => { if (!signal.aborted) write(part); } };
  try {
    const reply: Reply = await verb.spec.run(args as never, io);
    for (const part of partsOf(reply)) io.write(part);
  } catch (error) {
    if (isCliError(error)) throw error;
    throw new VerbFault(`the verb '${verb.spec.path}' of plugin ${verb.owner} failed: ${reasonOf(error)}`, { cause: error });
  } finally {
    running--;
  }
}

export interface Output { readonly parts: readonly Part[]; readonly cancelled?: true; readonly missed?: number }

/** All output in one piece. A verb that is not done after `waitMs` is ended, and what it said so far is the answer. */
export async function collect(run: Omit<VerbRun, 'write'>, clock: Clock, waitMs: number): Promise<Output> {
  const parts: Part[] = [];
  const abort = new AbortController();
  const leave = (): void => abort.abort();
  run.signal.addEventListener('abort', leave, { once: true });
  let size = 0;
  let missed = 0;
  let late = false;
  const limit = clock.after(waitMs, () => { late = true; abort.abort(); });
  const gone = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve(), { once: true }));
  const write = (part: Part): void => {
    size += JSON.stringify(part).length;
    if (size > MOST_OUTPUT) missed++;
    else parts.push(part);
  };
  try {
    await Promise.race([runVerb({ ...run, signal: abort.signal, write }), gone]);
  } catch (error) {
    // A verb that was ended may say so with an error of any kind.
    if (!late) throw error;
  } finally {
    void limit.dispose();
    run.signal.removeEventListener('abort', leave);
  }
  if (run.signal.aborted) throw new CliError('the client has gone');
  return { parts, ...(late ? { cancelled: true as const } : {}), ...(missed > 0 ? { missed } : {}) };
}
