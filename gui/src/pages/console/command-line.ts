import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { draw, type Part as Drawable } from '../../../../kernel/cli/draw.ts';
import { columns, visible } from '../../../../kernel/cli/width.ts';
import type { Part } from '../../wire/messages.ts';
import { WireError } from '../../wire/messages.ts';
import { wire } from '../../wire/socket.ts';
import { LineEditor } from './line-editor.ts';
import { narrowed } from './narrow.ts';
import { withSheets } from './sheets.ts';

const HISTORY = 'lancell.history';
const SCROLLBACK = 5000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what keys send
const keys = /\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z]|[\s\S])|[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+/g;

interface Completion { readonly from: number; readonly to: number; readonly candidates: readonly { readonly word: string; readonly help: string }[]; readonly hint: string }

/** The command line of the router in a terminal: editing and drawing here, words and verbs there. */
export class CommandLine {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #undoSheets: () => void;
  readonly #editor = new LineEditor(kept());
  readonly #resize: ResizeObserver;
  readonly #waiting: string[] = [];
  #running: number | undefined;
  #busy = false;
  /** Row of the cursor, counted from the one with the prompt. */
  #row = 0;

  constructor(box: HTMLElement) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#terminal = new Terminal({
      theme: themeOf(box), fontFamily: getComputedStyle(box).fontFamily, fontSize: 13, lineHeight: 1.25,
      convertEol: true, scrollback: SCROLLBACK, cursorBlink: !calm, screenReaderMode: true, macOptionIsMeta: true,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#undoSheets = withSheets(() => this.#terminal.open(box));
    this.#terminal.textarea?.setAttribute('aria-label', 'Command line of the router. Tab completes, Shift and Tab leaves.');
    this.#terminal.attachCustomKeyEventHandler((e) => this.#ours(e));
    this.#terminal.onData((data) => this.#typed(data));
    this.#resize = new ResizeObserver(() => this.#fit.fit());
    this.#resize.observe(box);
    this.#fit.fit();
    this.#prompt();
  }

  focus(): void { this.#terminal.focus(); }
  recolour(box: HTMLElement): void { this.#terminal.options.theme = themeOf(box); }

  /** As if somebody had typed it. */
  type(line: string): void { this.#typed(`${line}\r`); }

  dispose(): void {
    if (this.#running !== undefined) wire.cancel(this.#running);
    this.#resize.disconnect();
    this.#terminal.dispose();
    this.#undoSheets();
  }

  /** False: the browser keeps the key. Shift+Tab leads out, so that the keyboard is not trapped; ^C copies while text is selected. */
  #ours(e: KeyboardEvent): boolean {
    if (e.key === 'Tab' && e.shiftKey) return false;
    const control = e.ctrlKey || e.metaKey;
    if (control && e.key === 'c' && this.#terminal.hasSelection()) return false;
    return !(control && e.key === 'v');
  }

  #typed(data: string): void {
    for (const [key] of data.matchAll(keys)) {
      if (key === '\x03') this.#interrupt();
      else if (this.#busy) this.#waiting.push(key);
      else this.#key(key);
    }
  }

  #key(key: string): void {
    if (key === '\r' || key === '\n') void this.#enter();
    else if (key === '\t') void this.#complete();
    else if (key === '\x0c') { this.#terminal.clear(); this.#row = 0; this.#draw(); }
    else if (key === '?' && this.#asksHelp()) void this.#help();
    else if (this.#editor.key(key)) this.#draw();
    else if (key >= ' ' && !key.startsWith('\x7f')) { this.#editor.insert(key); this.#draw(); }
  }

  get #promptText(): string { return wire.welcome.value?.prompt ?? 'lancell> '; }

  #prompt(): void {
    this.#row = 0;
    this.#draw();
  }

  /** Draws prompt and line again; the line may be longer than a row. */
  #draw(): void {
    const { line, cursor } = this.#editor;
    const width = this.#terminal.cols;
    const prompt = this.#promptText;
    const until = (text: string): number => columns(prompt) + columns(text);
    const end = until(visible(line));
    const at = until(visible(line.slice(0, cursor)));
    const up = this.#row > 0 ? `\x1b[${this.#row}A` : '';
    // A row that is exactly full leaves the cursor on it: a blank makes it wrap.
    const full = end > 0 && end % width === 0 ? ' \b' : '';
    const back = Math.floor(end / width) - Math.floor(at / width);
    this.#terminal.write(`${up}\r\x1b[J\x1b[1m${prompt}\x1b[0m${visible(line)}${full}${back > 0 ? `\x1b[${back}A` : ''}\r${at % width > 0 ? `\x1b[${at % width}C` : ''}`);
    this.#row = Math.floor(at / width);
  }

  #show(part: Part): void {
    const width = this.#terminal.cols;
    for (const each of narrowed(part, width)) this.#terminal.write(draw(each as Drawable, { width, ansi: true }));
  }

  async #enter(): Promise<void> {
    this.#editor.cursor = this.#editor.line.length;
    this.#draw();
    this.#terminal.write('\n');
    const line = this.#editor.take();
    keep(this.#editor.history);
    this.#busy = true;
    if (line.trim() === 'clear') this.#terminal.clear();
    else if (line.trim() !== '') await this.#run(line);
    this.#running = undefined;
    this.#busy = false;
    this.#prompt();
    for (let key = this.#waiting.shift(); key !== undefined; key = this.#waiting.shift()) {
      this.#key(key);
      if (this.#busy) break;
    }
  }

  async #run(line: string): Promise<void> {
    const { id, done } = wire.start({ type: 'run', line }, (part) => this.#show(part));
    this.#running = id;
    try {
      await done;
    } catch (error) {
      const at = error instanceof WireError && typeof error.answer?.['at'] === 'number' ? error.answer['at'] : undefined;
      const column = columns(this.#promptText) + columns(visible(line.slice(0, at ?? 0)));
      const caret = at !== undefined && column < this.#terminal.cols ? `${' '.repeat(column)}^\n` : '';
      this.#terminal.write(`${caret}\x1b[31m${visible(error instanceof Error ? error.message : String(error))}\x1b[0m\n`);
    }
  }

  #interrupt(): void {
    this.#waiting.length = 0;
    if (this.#running !== undefined) {
      this.#terminal.write('^C\n');
      wire.cancel(this.#running);
      return;
    }
    if (this.#busy) return;
    this.#editor.cursor = this.#editor.line.length;
    this.#draw();
    this.#terminal.write('^C\n');
    this.#editor.clear();
    this.#prompt();
  }

  /** Writes below the line that is being typed, and draws that again. */
  #below(parts: readonly Part[]): void {
    const { cursor } = this.#editor;
    this.#editor.cursor = this.#editor.line.length;
    this.#draw();
    this.#terminal.write('\n');
    for (const part of parts) this.#show(part);
    this.#editor.cursor = cursor;
    this.#prompt();
  }

  async #complete(): Promise<void> {
    const { line, cursor } = this.#editor;
    const found = await wire.ask({ type: 'complete', line, cursor }).catch(() => undefined) as Completion | undefined;
    // Somebody may have typed on meanwhile.
    if (found === undefined || this.#editor.line !== line || this.#editor.cursor !== cursor || this.#busy) return;
    const { candidates, from, to, hint } = found;
    const [first] = candidates;
    const fill = candidates.length === 1 ? `${first!.word} ` : common(candidates.map((c) => c.word));
    if (candidates.length === 1 || fill.length > to - from) {
      this.#editor.replace(from, to, fill);
      this.#draw();
    } else if (candidates.length > 0) this.#below([{ columns: ['word', 'meaning'], rows: candidates.map((c) => [c.word, c.help]) }]);
    else if (hint !== '') this.#below([hint]);
  }

  /** A question mark asks, unless it is part of a value: in quotes, in a URL. */
  #asksHelp(): boolean {
    const before = this.#editor.line.slice(0, this.#editor.cursor);
    return /(^|\s)[\w-]*$/.test(before) && (before.match(/["']/g)?.length ?? 0) % 2 === 0;
  }

  async #help(): Promise<void> {
    const before = this.#editor.line.slice(0, this.#editor.cursor);
    const answer = await wire.ask({ type: 'help', line: `${before}?` }).catch(() => undefined);
    if (answer !== undefined && !this.#busy) this.#below(answer['parts'] as readonly Part[]);
  }
}

const common = (words: readonly string[]): string => {
  let begin = words[0] ?? '';
  for (const word of words) while (!word.startsWith(begin)) begin = begin.slice(0, -1);
  return begin;
};

function kept(): readonly string[] {
  try {
    const lines: unknown = JSON.parse(localStorage.getItem(HISTORY) ?? '[]');
    return Array.isArray(lines) ? lines.filter((l) => typeof l === 'string') : [];
  } catch {
    return [];
  }
}

/** Lines with a password in them are not kept: whoever opens this browser later could read them. */
const keep = (lines: readonly string[]): void => localStorage.setItem(HISTORY, JSON.stringify(lines.filter((l) => !/passw|secret|psk|passphrase/i.test(l))));

/** The colours of the page as it stands; xterm wants them as they are computed. */
function themeOf(box: HTMLElement): ITheme {
  const probe = document.createElement('span');
  probe.hidden = true;
  box.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const theme = {
    background: colour('term-bg'), foreground: colour('text'), cursor: colour('accent'), cursorAccent: colour('term-bg'), selectionBackground: colour('selection'),
    red: colour('bad'), green: colour('ok'), yellow: colour('warn'), blue: colour('accent'), cyan: colour('accent'), magenta: colour('series-3'), white: colour('muted'), brightBlack: colour('muted'),
    scrollbarSliderBackground: colour('line'), scrollbarSliderHoverBackground: colour('line-strong'), scrollbarSliderActiveBackground: colour('line-strong'),
  };
  probe.remove();
  return theme;
}
