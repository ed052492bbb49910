import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { ConsoleClient } from '../console/client.ts';
import { connectUnix } from '../console/unix.ts';
import type { Command, Whither } from './commands.ts';
import { draw, type Part, red, toJson } from './draw.ts';
import { reasonOf } from './errors.ts';
import { openFar } from './far.ts';
import { Terminal } from './terminal.ts';
import { visibleError } from './width.ts';
import { quoteWord, splitLine } from './words.ts';

/** The commands that talk to a running router. */
export type RemoteCommand = Extract<Command, { verb: 'exec' | 'console' | 'plugin' | 'lab' }>;

/** Runs one of them on the terminal of this process; gives the exit code. */
export async function runRemote(command: RemoteCommand): Promise<number> {
  // `lancell exec flows | head`: the reader has seen enough.
  process.stdout.on('error', (e: NodeJS.ErrnoException) => process.exit(e.code === 'EPIPE' ? 0 : 1));
  try {
    switch (command.verb) {
      case 'exec': return await line(command, command.line, command.json);
      // Folders of this machine mean nothing to a router elsewhere.
      case 'plugin': return await line(command, ['plugin', ...(command.url === undefined ? resolveFolders(command.words, process.cwd()) : command.words)].map(quoteWord).join(' '), command.json);
      case 'lab': return await lab(command);
      case 'console': return await person(command);
    }
  } catch (e) {
    complain(reasonOf(e));
    return 1;
  }
}

function complain(text: string): void {
  process.stderr.write(red(`lancell: ${visibleError(text)}\n`, { ansi: process.stderr.isTTY === true }));
}

/** The other verbs want an id, also where a folder of that name happens to be. */
const takeFolders = ['load', 'new', 'watch', 'install'];

/**
 * The router has another working directory than the person: what names a folder (begins with . or /, holds a /, is new, or is
 * one with a plugin in it) is made absolute. A plain id stays one.
 */
export function resolveFolders(words: readonly string[], cwd: string): string[] {
  const isPlugin = (word: string): boolean => ['plugin.ts', 'plugin.js', 'plugin.mjs', 'package.json'].some((f) => existsSync(join(cwd, word, f)));
  if (!takeFolders.some((verb) => verb.startsWith(words[0] ?? ''))) return [...words];
  return words.map((word, i) => {
    if (i === 0 || word.startsWith('-') || /^\w+:/.test(word)) return word;
    const path = resolve(cwd, word);
    if (i === 1 && words[0] === 'new') return path;
    if (/\.(tgz|tar\.gz|zip|[cm]?[jt]s)$/.test(word) && existsSync(path)) return path;
    if (/^[./]/.test(word) || (existsSync(path) && (word.includes('/') || (statSync(path).isDirectory() && isPlugin(word))))) return path;
    return word;
  });
}

const reach = async ({ state, url, token, fingerprint }: Whither): Promise<ConsoleClient> =>
  url === undefined ? ConsoleClient.open(await connectUnix(state)) : openFar({ url, token, fingerprint });

async function line(whither: Whither, text: string, asJson: boolean): Promise<number> {
  const client = await reach(whither);
  const json = asJson || splitLine(text).json;
  const paper = { width: (process.stdout.isTTY && process.stdout.columns) || undefined, ansi: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined };
  const write = (part: Part): void => void process.stdout.write(json ? `${toJson(part)}\n` : draw(part, paper));
  const running = client.start(text, write);
  const interrupt = (): void => running.cancel();
  process.on('SIGINT', interrupt);
  const { code, error } = await running.done;
  process.off('SIGINT', interrupt);
  client.close();
  if (error !== undefined) complain(error);
  return code;
}

async function person(whither: Whither): Promise<number> {
  const client = await reach(whither);
  const terminal = new Terminal({ shell: client, input: process.stdin, output: process.stdout });
  let gone: string | undefined;
  client.onGone((why) => {
    gone = why;
    terminal.close();
  });
  const { code } = await terminal.done;
  if (gone !== undefined) {
    complain(`the connection ended: ${gone}`);
    return 1;
  }
  client.close();
  return code;
}

async function lab({ host, argv, state }: Extract<Command, { verb: 'lab' }>): Promise<number> {
  const client = await ConsoleClient.open(await connectUnix(state));
  const result = await client.lab(host, argv);
  client.close();
  if ('spawn' in result) return inherit([...result.spawn, ...argv]);
  process.stdout.write(result.output);
  return result.code;
}

/** Runs a command with this terminal; its exit code, or 128 + the signal that ended it, as shells have it. */
function inherit(argv: readonly string[]): Promise<number> {
  const [file = '', ...args] = argv;
  return new Promise((done, failed) => {
    const child = spawn(file, args, { stdio: 'inherit' });
    // The terminal sends ^C to the child as well: it decides.
    const stay = (): void => {};
    process.on('SIGINT', stay);
    child.once('error', (e) => failed(new Error(`${file} does not start: ${e.message}`)));
    child.once('exit', (code, signal) => {
      process.off('SIGINT', stay);
      done(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
