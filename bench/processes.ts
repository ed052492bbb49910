import { type ChildProcess, spawn } from 'node:child_process';

/** Everything that was started and has not ended. */
const living = new Set<ChildProcess>();
const PATH = `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`;

export interface Finished { readonly output: string; readonly code: number }

export interface Running {
  readonly pid: number;
  /** What it printed so far, the last 64 KiB. */
  output(): string;
  /** Called with each piece of output as it comes. */
  heard: (text: string) => void;
  readonly ended: Promise<number>;
  /** Asks it to end, insists after two seconds; resolves when it is gone. */
  stop(): Promise<void>;
}

/** A program that dies with this process: setpriv has the kernel end it when its parent ends, however that ends. */
export function start(argv: readonly string[], errors = true): Running {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], { stdio: ['ignore', 'pipe', errors ? 'pipe' : 'ignore'], env: { ...process.env, PATH } });
  living.add(child);
  let said = '';
  const running: Running = {
    pid: child.pid ?? -1,
    output: () => said,
    heard: () => {},
    ended: new Promise(resolve => {
      const gone = (code: number): void => { living.delete(child); resolve(code); };
      child.once('error', e => { said += e.message; gone(127); });
      child.once('close', (code, signal) => gone(code ?? (signal ? 128 : 1)));
    }),
    stop: async () => {
      child.kill('SIGTERM');
      const insist = setTimeout(() => child.kill('SIGKILL'), 2_000);
      await running.ended;
      clearTimeout(insist);
    },
  };
  const hear = (data: unknown): void => {
    const text = String(data);
    said = (said + text).slice(-65_536);
    running.heard(text);
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  return running;
}

/** Runs a program to its end or for at most `limitMs`; never rejects. Without `errors`, what it prints on stderr is not kept. */
export async function run(argv: readonly string[], limitMs = 10_000, errors = true): Promise<Finished> {
  const program = start(argv, errors);
  const timer = setTimeout(() => void program.stop(), limitMs);
  const code = await program.ended;
  clearTimeout(timer);
  return { output: program.output(), code };
}

/** As run; a failure throws with what the program said. */
export async function must(argv: readonly string[], limitMs?: number): Promise<string> {
  const { output, code } = await run(argv, limitMs);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${output.trim() || `exit code ${code}`}`);
  return output;
}

export async function installed(program: string): Promise<boolean> {
  return (await run(['sh', '-c', 'command -v "$0"', program])).code === 0;
}

/** For the way out: ends whatever still runs, at once. */
export function endAll(): void {
  for (const child of living) child.kill('SIGKILL');
  living.clear();
}

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
