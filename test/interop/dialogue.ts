import { type ChildProcess, spawn } from 'node:child_process';
import { end, until } from './namespaces.ts';

/** A program that is talked to: says what was shown since the last answer, waits for a text, and types. */
export class Dialogue {
  readonly #child: ChildProcess;
  #shown = '';
  #from = 0;
  #ended = false;

  constructor(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [file = '', ...args] = argv;
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (d: Buffer) => { this.#shown += String(d); });
    this.#child.stdin?.on('error', () => {});
    this.#child.once('close', () => { this.#ended = true; });
  }

  get shown(): string { return this.#shown; }

  /** Waits until this has been shown after what was waited for last. */
  async sees(what: string | RegExp): Promise<string> {
    const found = await until(`${String(what)} in: ${JSON.stringify(this.#shown.slice(this.#from))}`, () => {
      const rest = this.#shown.slice(this.#from);
      const at = typeof what === 'string' ? rest.indexOf(what) : rest.search(what);
      if (at < 0) { if (this.#ended) throw new Error(`it ended; it had shown ${JSON.stringify(this.#shown)}`); return undefined; }
      const text = typeof what === 'string' ? what : (what.exec(rest)?.[0] ?? '');
      this.#from += at + text.length;
      return { text };
    });
    return found.text;
  }

  types(text: string): void { this.#child.stdin?.write(text); }

  async ends(withinMs = 10_000): Promise<number> {
    await until(`the end of: ${JSON.stringify(this.#shown)}`, () => this.#ended, withinMs);
    return this.#child.exitCode ?? -1;
  }

  async close(): Promise<void> { await end(this.#child); }
}
