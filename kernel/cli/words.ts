/** One word of a line: its text without quotes and escapes, and where it stood. */
export interface Word {
  readonly text: string;
  /** Position of its first character (the quote, if it has one) and the position after its last. */
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

export interface Line {
  readonly raw: string;
  readonly words: readonly Word[];
  /** `| json` or `--json` stood at the end: the output is wanted as JSON. */
  readonly json: boolean;
  readonly problem: { readonly at: number; readonly message: string } | undefined;
}

/** Longer lines are refused; settings pasted as JSON fit easily. */
export const LONGEST_LINE = 65_536;

const space = (c: string): boolean => c === ' ' || c === '\t' || c === '\n' || c === '\r';
const escapable = new Set([' ', '\t', '"', "'", '\\', '?', '|']);
const inQuotes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** A quote is one only at the start of a word, so that `don't` and `{"a": 1}` are ordinary words. */
function quotedWord(raw: string, start: number): { word: Word; problem?: string } {
  const quote = raw[start]!;
  let text = '';
  let at = start + 1;
  for (; at < raw.length && raw[at] !== quote; at++) {
    if (raw[at] === '\\' && quote === '"' && at + 1 < raw.length) {
      at++;
      text += inQuotes[raw[at]!] ?? raw[at];
    } else text += raw[at];
  }
  if (at >= raw.length) return { word: { text, start, end: raw.length, quoted: true }, problem: `the ${quote} is never closed` };
  const word = { text, start, end: at + 1, quoted: true };
  const next = raw[at + 1];
  return next === undefined || space(next) ? { word } : { word, problem: `a space is missing after the closing ${quote}` };
}

function plainWord(raw: string, start: number): Word {
  let text = '';
  let at = start;
  for (; at < raw.length && !space(raw[at]!); at++) {
    if (raw[at] === '\\' && escapable.has(raw[at + 1] ?? '')) at++;
    text += raw[at];
  }
  return { text, start, end: at, quoted: raw[start] === '\\' };
}

/** Splits a line into words. Never throws: what is wrong stands in `problem`, with its position. */
export function splitLine(raw: string): Line {
  if (raw.length > LONGEST_LINE) {
    return { raw: '', words: [], json: false, problem: { at: LONGEST_LINE, message: `the line is longer than ${LONGEST_LINE} characters` } };
  }
  const words: Word[] = [];
  let problem: Line['problem'];
  for (let at = 0; at < raw.length; ) {
    if (space(raw[at]!)) { at++; continue; }
    if (raw[at] === '"' || raw[at] === "'") {
      const found = quotedWord(raw, at);
      words.push(found.word);
      if (found.problem !== undefined) problem ??= { at: found.word.quoted && found.word.end < raw.length ? found.word.end : at, message: found.problem };
      at = found.word.end;
    } else {
      words.push(plainWord(raw, at));
      at = words.at(-1)!.end;
    }
  }
  const form = outputForm(words);
  return { raw, words: words.slice(0, words.length - form), json: form > 0, problem };
}

/** How many words at the end only say that JSON is wanted. */
function outputForm(words: readonly Word[]): number {
  const last = words.at(-1);
  if (last === undefined || last.quoted) return 0;
  if (last.text === '--json' || last.text === '|json') return 1;
  const before = words.at(-2);
  return last.text === 'json' && before !== undefined && !before.quoted && before.text === '|' ? 2 : 0;
}

/** The word as it must be typed to mean this text. */
export function quoteWord(text: string): string {
  if (text !== '' && !/[\s"'\\|?]/.test(text) && text !== '--json' && text !== 'help') return text;
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
  return `"${escaped}"`;
}

/** What a `rest` argument takes: one quoted word without its quotes, anything else as it was typed. */
export function restOf(line: Line, from: number): string | undefined {
  const words = line.words.slice(from);
  const first = words[0];
  if (first === undefined) return undefined;
  return words.length === 1 && first.quoted ? first.text : line.raw.slice(first.start, words.at(-1)!.end);
}
