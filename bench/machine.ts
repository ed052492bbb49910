import { readdirSync, readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { pause } from './processes.ts';

/** Which machine the figures are from, in one line. */
export function machine(): string {
  const all = cpus();
  return `${all.length} x ${all[0]?.model.trim() ?? 'unknown CPU'}, Linux ${release()}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 16)}Z`;
}

/** Jiffies the machine was busy and idle since it was started (proc(5): user nice system idle iowait irq softirq steal). */
function jiffies(): { busy: number; idle: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/).slice(1).map(Number);
  return { busy: user + nice + system + irq + softirq + steal, idle: idle + iowait };
}

const LOOK_MS = 400;
const IDLE_ENOUGH = 0.85;

/** The part of the time the machine is idle during `ms`. */
async function idleShare(ms: number): Promise<number> {
  const before = jiffies();
  await pause(ms);
  const after = jiffies();
  const idle = after.idle - before.idle;
  return idle / Math.max(1, idle + after.busy - before.busy);
}

/** Resolves when the machine is idle, true, or after `mostMs`, false. */
export async function quiet(mostMs: number): Promise<boolean> {
  for (let waited = 0; ; waited += LOOK_MS) {
    if (await idleShare(LOOK_MS) >= IDLE_ENOUGH) return true;
    if (waited >= mostMs) return false;
  }
}

/** Seconds of CPU time that a process and those below it that still live have used (proc(5): ppid, utime and stime in ticks of 10 ms). */
export function cpuSeconds(pid: number): number {
  const all = new Map<number, { parent: number; seconds: number }>();
  for (const name of readdirSync('/proc').filter(n => /^\d+$/.test(n))) {
    const fields = stat(name)?.split(') ').at(-1)?.split(' ');
    if (fields) all.set(Number(name), { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / 100 });
  }
  const below = (of: number): number => {
    let seconds = all.get(of)?.seconds ?? 0;
    for (const [child, { parent }] of all) if (parent === of) seconds += below(child);
    return seconds;
  };
  return below(pid);
}

/** Undefined: it has ended meanwhile. */
function stat(pid: string): string | undefined {
  try { return readFileSync(`/proc/${pid}/stat`, 'utf8'); } catch { return undefined; }
}

/** Resident memory of a process now, in MiB. */
export function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
}
