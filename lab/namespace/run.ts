import { type ChildProcess, spawn } from 'node:child_process';

export interface Finished { readonly output: string; readonly code: number }

/** Longer than any set-up command may take (ms). */
const LIMIT = 10_000;

/** Runs a program to its end, stdin as given; never rejects: a program that cannot be started has code 127. */
export function run(argv: readonly string[], stdin = '', limitMs = LIMIT): Promise<Finished> {
  return new Promise(resolve => {
    const [program = '', ...args] = argv;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    const end = (code: number) => { clearTimeout(timer); resolve({ output, code }); };
    child.stdout.on('data', d => { output += d; });
    child.stderr.on('data', d => { output += d; });
    child.stdin.on('error', () => {});
    child.on('error', e => { output += e.message; end(127); });
    child.on('close', (code, signal) => end(code ?? (signal ? 128 : 1)));
    child.stdin.end(stdin);
  });
}

/** As run, but a failure throws with what the program said. */
export async function must(argv: readonly string[], stdin = ''): Promise<string> {
  const { output, code } = await run(argv, stdin);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${output.trim() || `exit code ${code}`}`);
  return output;
}

/** How a program is run; another in tests. */
export type Run = (argv: readonly string[]) => Promise<Finished>;

/** Whether a program is on the path. */
export async function installed(program: string, attempt: Run = run): Promise<boolean> {
  return (await attempt(['sh', '-c', 'PATH=$PATH:/usr/sbin:/sbin; command -v "$0"', program])).code === 0;
}

/** A process that was started in the background: its last words, and how it ended. */
export interface Background {
  readonly name: string;
  readonly pid: number;
  /** The last 4 KiB it printed. */
  output(): string;
  readonly alive: boolean;
  /** Resolves at its first output, or when it is gone. */
  readonly spoke: Promise<void>;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  /** From now on it does not keep this process from ending. */
  release(): void;
  stop(): Promise<void>;
}

/**
 * Starts a program that dies with this process: setpriv has the kernel send it SIGKILL when its parent ends, however
 * that ends. Nothing has to be tidied up by a next start.
 */
export function background(name: string, argv: readonly string[]): Promise<Background> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin` },
    });
    let said = '';
    let alive = true;
    const hear = (d: unknown) => { said = (said + d).slice(-4096); };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    const ended = new Promise<void>(gone => child.on('exit', () => { alive = false; gone(); }));
    const spoke = new Promise<void>(heard => { child.stdout?.once('data', () => heard()); void ended.then(heard); });
    child.once('error', reject);
    child.once('spawn', () => resolve({
      name, ended, spoke, pid: child.pid ?? -1,
      output: () => said,
      get alive() { return alive; },
      release: () => { for (const each of [child, child.stdout, child.stderr] as unknown as ({ unref?(): void } | null)[]) each?.unref?.(); },
      stop: async () => { child.ref(); if (alive) child.kill('SIGKILL'); await ended; },
    }));
  });
}
