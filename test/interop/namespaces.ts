import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';

export interface Ran { readonly out: string; readonly code: number }
export const wait = (ms: number) => new Promise<void>((done) => { setTimeout(done, ms); });
const ip = (...args: string[]) => { execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] }); };

/** Ends a process that we started, by its id, and waits until it has gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((done) => { child.once('exit', () => done()); });
  child.kill(signal);
  await gone;
}

/** Runs a program to its end; stdout and stderr together. The exit code of one that took too long is -1. */
export const run = (argv: readonly string[], timeoutMs = 30_000): Promise<Ran> => new Promise((done) => {
  const [file = '', ...args] = argv;
  execFile(file, args, { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
    done({ out: stdout + stderr, code: error ? (typeof error.code === 'number' ? error.code : -1) : 0 });
  });
});

/** Network namespaces of one test file, with what runs in them. `close` takes all of it away. */
export class Namespaces {
  readonly #prefix: string;
  readonly #names: string[] = [];
  readonly #running = new Set<ChildProcess>();

  constructor(prefix: string) { this.#prefix = `${prefix}${process.pid}`; }

  full(name: string): string { return `${this.#prefix}-${name}`; }
  inside(name: string): string[] { return ['ip', 'netns', 'exec', this.full(name)]; }

  /** A namespace without IPv6 (its chatter would disturb counts), with a resolv.conf of its own. */
  add(name: string, nameserver?: string): void {
    // `ip netns exec` mounts what lies here over /etc.
    const etc = `/etc/netns/${this.full(name)}`;
    mkdirSync(etc, { recursive: true });
    writeFileSync(`${etc}/resolv.conf`, nameserver ? `nameserver ${nameserver}\noptions timeout:2 attempts:2\n` : '');
    this.#names.push(name);
    ip('netns', 'add', this.full(name));
    execFileSync('ip', ['netns', 'exec', this.full(name), 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1']);
    this.ip(name, 'link', 'set', 'lo', 'up');
  }

  ip(name: string, ...args: string[]): void { ip('-n', this.full(name), ...args); }

  /** A veth pair, both ends up. */
  wire(a: string, deviceA: string, b: string, deviceB: string): void {
    this.ip(a, 'link', 'add', deviceA, 'type', 'veth', 'peer', 'name', deviceB, 'netns', this.full(b));
    this.ip(a, 'link', 'set', deviceA, 'up');
    this.ip(b, 'link', 'set', deviceB, 'up');
  }

  run(name: string, argv: readonly string[], timeoutMs?: number): Promise<Ran> { return run([...this.inside(name), ...argv], timeoutMs); }

  /** Stdout of a shell script; throws with all output when it fails. */
  async sh(name: string, script: string, timeoutMs?: number): Promise<string> {
    const { out, code } = await this.run(name, ['bash', '-eo', 'pipefail', '-c', script], timeoutMs);
    if (code !== 0) throw new Error(`on ${name}: exit code ${code}: ${script}\n${out}`);
    return out;
  }

  /** Starts a program that stays; give it back with `end`, or leave that to `close`. */
  start(name: string, argv: readonly string[], onOutput?: (text: string) => void): ChildProcess {
    const [file = '', ...args] = [...this.inside(name), ...argv];
    const child = spawn(file, args, { stdio: ['ignore', onOutput ? 'pipe' : 'ignore', onOutput ? 'pipe' : 'ignore'] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (d: Buffer) => onOutput?.(String(d)));
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }

  async close(): Promise<void> {
    for (const child of this.#running) await end(child);
    for (const name of this.#names.splice(0)) {
      const full = this.full(name);
      // Forked children of servers: whoever is still inside.
      const left = await run(['ip', 'netns', 'pids', full]);
      for (const pid of left.out.split('\n').filter(Boolean)) try { process.kill(Number(pid), 'SIGKILL'); } catch { /* it ended meanwhile */ }
      await run(['ip', 'netns', 'del', full]);
      rmSync(`/etc/netns/${full}`, { recursive: true, force: true });
    }
  }
}

/** Looks again and again until it is so. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false, withinMs = 20_000): Promise<T> {
  for (const last = Date.now() + withinMs; ;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > last) throw new Error(`not within ${withinMs} ms: ${what}`);
    await wait(50);
  }
}
