import * as readline from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { commonBegin } from './complete.ts';
import { draw, type Paper, type Part, red, toJson } from './draw.ts';
import type { Outcome, Running, Shell } from './session.ts';
import { wantsJson } from './session.ts';
import { columns, visible, visibleError } from './width.ts';

type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface TerminalOptions {
  readonly shell: Shell;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Screen;
  /** Newest first, as readline has it. */
  readonly history?: readonly string[];
  readonly colour?: boolean;
}

export interface Ended {
  /** 'exit': somebody said so; 'end': the input ended. */
  readonly why: 'exit' | 'end';
  /** Exit code of the last line. */
  readonly code: number;
}

const leaving = new Set(['exit', 'quit', 'logout']);

/** A person (or a pipe) at a shell: line editing, Tab, `?` at once, history, ^C. */
export class Terminal {
  /** Settles when the person leaves or the input ends, after what was typed has run. */
  readonly done: Promise<Ended>;
  readonly #shell: Shell;
  readonly #output: Screen;
  readonly #rl: readline.Interface;
  readonly #live: boolean;
  readonly #colour: boolean;
  readonly #lines: string[] = [];
  #running: Running | undefined;
  #busy = false;
  #ending: Ended['why'] | undefined;
  #code = 0;
  #lastInterrupt = false;
  #settle: (ended: Ended) => void = () => {};

  constructor(options: TerminalOptions) {
    this.#shell = options.shell;
    this.#output = options.output;
    this.#live = options.input.isTTY === true && options.output.isTTY === true;
    this.#colour = options.colour ?? (this.#live && process.env['NO_COLOR'] === undefined);
    this.done = new Promise((resolve) => { this.#settle = resolve; });
    this.#rl = readline.createInterface({
      input: options.input, crlfDelay: Number.POSITIVE_INFINITY, prompt: options.shell.prompt,
      ...(this.#live ? {
        output: options.output, terminal: true, history: [...(options.history ?? [])], historySize: 500, removeHistoryDuplicates: true,
        completer: (_line: string, back: (err: null, result: [string[], string]) => void) => { back(null, [[], '']); void this.#tab(); },
      } : { terminal: false }),
    });
    this.#rl.on('line', (line) => { this.#lines.push(line); void this.#work(); });
    this.#rl.on('close', () => this.#end('end'));
    this.#rl.on('SIGINT', () => this.#interrupt());
    if (this.#live) {
      // readline's own listener comes first: the question mark stands in the line already.
      options.input.on('keypress', (key: string | undefined) => { if (key === '?') void this.#question(); });
      this.#rl.prompt();
    }
  }

  /** Writes between the prompt and what comes: log lines, news. The line being typed stays. */
  print(part: Part): void {
    const text = draw(part, this.#paper());
    if (!this.#live || this.#busy) {
      this.#output.write(text);
      return;
    }
    readline.clearLine(this.#output, 0);
    readline.cursorTo(this.#output, 0);
    this.#output.write(text);
    if (this.#ending === undefined) this.#rl.prompt(true);
  }

  close(): void {
    this.#end('exit');
  }

  #paper(): Paper {
    return { width: (this.#live && this.#output.columns) || undefined, ansi: this.#colour };
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let line = this.#lines.shift(); line !== undefined && this.#ending !== 'exit'; line = this.#lines.shift()) {
      if (leaving.has(line.trim())) this.#ending = 'exit';
      else await this.#run(line);
    }
    this.#busy = false;
    this.#lastInterrupt = false;
    if (this.#ending !== undefined) this.#finish();
    else if (this.#live) {
      this.#rl.setPrompt(this.#shell.prompt);
      this.#rl.prompt();
    }
  }

  async #run(line: string): Promise<void> {
    const json = wantsJson(line);
    const write = (part: Part): void => void this.#output.write(json ? `${toJson(part)}\n` : draw(part, this.#paper()));
    this.#running = this.#shell.start(line, write);
    const outcome = await this.#running.done;
    this.#running = undefined;
    this.#code = outcome.code;
    if (outcome.error === undefined) return;
    if (json) this.#output.write(`${JSON.stringify({ error: outcome.error, code: outcome.code })}\n`);
    else this.#output.write(this.#caret(line, outcome) + red(`${visibleError(outcome.error)}\n`, { ansi: this.#colour }));
  }

  /** Points at the wrong word, while the line above still stands on one row. */
  #caret(line: string, { at }: Outcome): string {
    if (!this.#live || at === undefined) return '';
    const column = columns(this.#shell.prompt) + columns(visible(line.slice(0, at)));
    return column < (this.#output.columns || 80) ? `${' '.repeat(column)}^\n` : '';
  }

  /** Takes a Tab: fills in what is certain, else shows the choice. */
  async #tab(): Promise<void> {
    const { line, cursor } = this.#rl;
    const found = await this.#shell.complete(line, cursor).catch(() => undefined);
    // The person may have typed on meanwhile.
    if (found === undefined || this.#rl.line !== line || this.#rl.cursor !== cursor || this.#busy) return;
    const { candidates, from, to, hint } = found;
    const fill = candidates.length === 1 ? `${candidates[0]!.word} ` : commonBegin(candidates);
    if (candidates.length > 0 && (candidates.length === 1 || fill.length > to - from)) {
      for (let i = from; i < to; i++) this.#rl.write(null, { name: 'backspace' });
      this.#rl.write(fill);
      return;
    }
    if (candidates.length > 0) this.print({ columns: ['word', 'meaning'], rows: candidates.map((c) => [c.word, c.help]) });
    if (hint !== '') this.print(hint);
  }

  /** Shows help for what stands before a `?`, unless it is part of a value (in quotes, in a URL). */
  async #question(): Promise<void> {
    if (this.#busy) return;
    const { line, cursor } = this.#rl;
    const before = line.slice(0, cursor - 1);
    if (line[cursor - 1] !== '?' || !/(^|\s)[\w-]*$/.test(before) || (before.match(/["']/g)?.length ?? 0) % 2 === 1) return;
    this.#rl.write(null, { name: 'backspace' });
    const parts = await this.#shell.help(`${before}?`).catch(() => []);
    for (const part of parts) this.print(part);
  }

  /** ^C: cancels the running verb; clears a line; twice on an empty line leaves. */
  #interrupt(): void {
    if (this.#running !== undefined) {
      this.#lines.length = 0;
      this.#running.cancel();
      return;
    }
    if (this.#rl.line === '' && this.#lastInterrupt) {
      this.#end('exit');
      return;
    }
    this.#lastInterrupt = this.#rl.line === '';
    this.#rl.write(null, { ctrl: true, name: 'e' });
    this.#rl.write(null, { ctrl: true, name: 'u' });
    this.#output.write(this.#lastInterrupt ? '\n(^C once more, or exit, to leave)\n' : '^C\n');
    this.#rl.prompt();
  }

  #end(why: Ended['why']): void {
    if (this.#ending !== undefined) return;
    this.#ending = why;
    if (why === 'exit') this.#running?.cancel();
    if (!this.#busy) this.#finish();
  }

  #finish(): void {
    this.#rl.close();
    this.#settle({ why: this.#ending ?? 'end', code: this.#code });
  }
}
