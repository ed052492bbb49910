import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { draw, type Part } from '../../kernel/cli/draw.ts';
import { ConsoleClient } from '../../kernel/console/client.ts';
import { connectUnix } from '../../kernel/console/unix.ts';
import type { Table } from '../../sdk/cli.ts';
import { end, run, type Ran, until } from './namespaces.ts';

export const dist = resolve(process.env['LANCELL_DIST'] ?? 'dist');
export const program = resolve(dist, 'kernel/main.js');

export interface RouterOptions {
  readonly state: string;
  /** Words before `node`: a namespace to enter, another user. */
  readonly before?: readonly string[];
  readonly program?: string;
}

/** The router as its own process, and a console on it. */
export class RouterProcess {
  readonly child: ChildProcess;
  readonly state: string;
  output = '';
  #client: ConsoleClient | undefined;

  private constructor(child: ChildProcess, state: string) {
    this.child = child;
    this.state = state;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (d: Buffer) => { this.output += String(d); });
  }

  /** Starts `lancell WORDS…` and waits for what it says when it is up. Throws with its output when it ends instead. */
  static async start(words: readonly string[], o: RouterOptions): Promise<RouterProcess> {
    const [file = '', ...args] = [...(o.before ?? []), process.execPath, o.program ?? program, ...words, '--state', o.state, '--listen', '127.0.0.1:0', '--no-terminal'];
    const router = new RouterProcess(spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] }), o.state);
    let ended = false;
    router.child.once('error', (e) => { router.output += String(e); ended = true; });
    router.child.once('exit', () => { ended = true; });
    await until('the router is up', () => ended || /live console: /.test(router.output), 20_000).catch(async (e: Error) => {
      await router.kill();
      throw new Error(`${e.message}\n${router.output}`);
    });
    if (ended) throw new Error(router.output);
    return router;
  }

  /** Everything one line answers. Throws its error. */
  async parts(line: string): Promise<Part[]> {
    this.#client ??= await ConsoleClient.open(await connectUnix(this.state));
    const said: Part[] = [];
    const { code, error } = await this.#client.start(line, (part) => said.push(part)).done;
    if (code !== 0) throw new Error(`${line}: ${error ?? code}`);
    return said;
  }

  async exec(line: string): Promise<string> {
    return (await this.parts(line)).map((part) => draw(part, { width: undefined, ansi: false })).join('');
  }

  async table(line: string): Promise<Table> {
    const found = (await this.parts(line)).find((p): p is Table => typeof p === 'object' && 'rows' in p);
    if (!found) throw new Error(`${line}: no table`);
    return found;
  }

  /** Numbers of `counter list` that are not 0, by name. */
  async counters(): Promise<Record<string, number>> {
    const { rows } = await this.table('counter list');
    return Object.fromEntries(rows.filter((r) => Number(r[1]) > 0).map((r) => [String(r[0]), Number(r[1])]));
  }

  async facts(line: string): Promise<Readonly<Record<string, string | number | null>>> {
    const found = (await this.parts(line)).find((p) => typeof p === 'object' && 'facts' in p);
    return found && typeof found === 'object' && 'facts' in found ? found.facts : {};
  }

  /** The command line that runs this on a host of the namespace lab. */
  async inLab(host: string, argv: readonly string[]): Promise<string[]> {
    this.#client ??= await ConsoleClient.open(await connectUnix(this.state));
    const answer = await this.#client.lab(host, argv);
    if (!('spawn' in answer)) throw new Error('the memory lab spawns nothing');
    return [...answer.spawn, ...argv];
  }

  /** `lancell WORDS… --state …`, as a person at a shell. */
  cli(...words: string[]): Promise<Ran> { return lancell(this.state, words); }

  get alive(): boolean { return this.child.exitCode === null && this.child.signalCode === null; }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    await end(this.child, signal);
  }
}

/** A command of the program, with this state directory; its options stand before what it runs. */
export function lancell(state: string, words: readonly string[], before: readonly string[] = [], main = program): Promise<Ran> {
  const [verb = '', ...rest] = words;
  return run([...before, process.execPath, main, verb, '--state', state, ...rest]);
}
