import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { end, until, wait } from './namespaces.ts';

const compiled = join(resolve(process.env['LANCELL_DIST'] ?? 'dist'), 'test/interop/cellular.probe.js');

/** The probe and what it needs, compiled, unless LANCELL_DIST names a build with it. */
export function compileProbe(): void {
  if (process.env['LANCELL_DIST'] === undefined) execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test/interop/ppp.tsconfig.json'], { stdio: 'inherit' });
}

export interface Answer { readonly code: number; readonly text: string; readonly ttys: readonly string[] }

/** The router of cellular.probe.ts as a process, and its console. */
export class Probe {
  readonly child: ChildProcess;
  readonly #lines: string[] = [];

  private constructor(argument: object) {
    this.child = spawn('node', [compiled, JSON.stringify(argument)], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface(this.child.stdout!).on('line', l => { this.#lines.push(l); });
  }

  /** Throws when a plugin is not active. */
  static async start(argument: object): Promise<Probe> {
    const probe = new Probe(argument);
    const { plugins } = await probe.#next<{ plugins: readonly string[] }>(30_000);
    const wrong = plugins.filter(p => !p.endsWith(' active'));
    if (wrong.length > 0) throw new Error(wrong.join(', '));
    return probe;
  }

  async #next<T>(withinMs = 20_000): Promise<T> {
    return JSON.parse(await until('the router answers', () => this.#lines.shift(), withinMs)) as T;
  }

  async verb(line: string): Promise<Answer> {
    this.child.stdin?.write(`${line}\n`);
    return this.#next<Answer>();
  }

  /** A command of the probe itself. */
  say(word: 'kill' | 'end'): void { this.child.stdin?.write(`${word}\n`); }

  /** The status text, once the card is online. */
  online(): Promise<string> {
    return until('the card is online', async () => {
      const { text } = await this.verb('wwan status');
      return /^state +online$/m.test(text) ? text : undefined;
    }, 60_000);
  }

  /** In order, or by force when it does not end. */
  async end(): Promise<void> {
    this.say('end');
    for (let i = 0; i < 200 && this.child.exitCode === null; i++) await wait(50);
    await end(this.child);
  }

  /** kill -9. */
  kill(): Promise<void> { return end(this.child, 'SIGKILL'); }
}
