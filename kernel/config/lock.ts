import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

/** Another router works on this state directory. */
export class Locked extends Error {
  override name = 'Locked';
  readonly pid: number;

  constructor(dir: string, pid: number) {
    super(`the state directory ${dir} is in use by another router (pid ${pid}); stop it, or choose another directory`);
    this.pid = pid;
  }
}

export interface Lock { release(): Promise<void> }

/** What the lock file says: who, and since when (in clock ticks since boot, where /proc tells), for pids are used again. */
interface Holder { readonly pid: number; readonly started: string | undefined }

// The same process may try twice; where /proc is missing its pid alone does not tell that from a predecessor with the same pid.
const held = new Set<string>();
let attempts = 0;

/** Takes the directory for this process. Throws Locked. The lock of a process that died is taken over. */
export async function lock(dir: string): Promise<Lock> {
  const path = resolve(join(dir, 'lock'));
  const mine = `${path}.${process.pid}.${attempts++}`;
  await writeFile(mine, JSON.stringify({ pid: process.pid, started: startedAt(process.pid) } satisfies Holder), { mode: 0o600 });
  try {
    if (!(await claim(mine, path))) {
      await removeStale(mine, path, dir);
      if (!(await claim(mine, path))) throw new Locked(dir, holder(await text(path))?.pid ?? 0);
    }
  } finally {
    await rm(mine, { force: true });
  }
  held.add(path);
  return {
    async release() {
      if (held.delete(path)) await rm(path, { force: true });
    },
  };
}

/** link(2) fails when the name exists, so only one of several routers gets it, and the file is complete from the start. */
async function claim(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Others that look at the same dead lock wait for us this often, this long each; a leftover of one that died meanwhile is taken away then. */
const TRIES = 100;
const PAUSE_MS = 20;

/**
 * Removes a dead holder's lock. Throws Locked when the holder lives. Only one at a time may do it: with two, the second could
 * remove the lock that the first has just taken.
 */
async function removeStale(mine: string, path: string, dir: string): Promise<void> {
  const turn = `${path}.takeover`;
  for (let tries = 0; !(await claim(mine, turn)); tries++) {
    if (tries === TRIES) await rm(turn, { force: true });
    else await new Promise<void>((done) => { setTimeout(done, PAUSE_MS); });
  }
  try {
    const who = holder(await text(path));
    if (who !== undefined && alive(who, path)) throw new Locked(dir, who.pid);
    await rm(path, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    ignoreMissing(error);
    return '';
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function holder(content: string): Holder | undefined {
  try {
    const who = JSON.parse(content) as Partial<Holder> | null;
    return Number.isInteger(who?.pid) && Number(who?.pid) > 0 ? { pid: Number(who?.pid), started: who?.started } : undefined;
  } catch {
    return undefined;
  }
}

function alive(who: Holder, path: string): boolean {
  if (who.pid === process.pid && who.started === startedAt(process.pid)) return who.started !== undefined || held.has(path);
  const started = startedAt(who.pid);
  if (started !== undefined) return who.started === undefined || who.started === started;
  try {
    process.kill(who.pid, 0);
    // A zombie still takes signals; where /proc is there it has just told us that no living process has this pid.
    return startedAt(process.pid) === undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time of a living process, from /proc/<pid>/stat field 22 (proc(5)); undefined for a dead one or without /proc. */
function startedAt(pid: number): string | undefined {
  try {
    // Field 2, the name, stands in parentheses and may hold spaces: count from behind it, where field 3, the state, is first.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
