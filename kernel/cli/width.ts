/**
 * Text from the network (host names, SSIDs, log lines) may hold anything. What would move the cursor, start an escape
 * sequence, reverse the writing direction or be invisible is shown as its code instead.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufeff\ufff9-\ufffb\ufffe\uffff\p{Cs}]|[\u{e0000}-\u{e0fff}]/gu;
const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line in which every character can be seen. */
export function visible(text: string): string {
  return text.replace(unseen, (c) => {
    const code = c.codePointAt(0)!;
    return short[c] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`);
  });
}

/** Lines and tabs are the author's; everything else as `visible`. */
export function visibleLines(text: string): string[] {
  return text.replace(/\r\n/g, '\n').replace(/\n$/, '').split('\n').map((line) => visible(expandTabs(line)));
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line;
  let out = '';
  for (const c of line) out += c === '\t' ? ' '.repeat(8 - (columns(out) % 8)) : c;
  return out;
}

const combining = /^[\p{Mn}\p{Me}]$/u;
const emoji = /^\p{Emoji_Presentation}$/u;
// East Asian Wide and Fullwidth blocks (Unicode TR 11), by first and last code point.
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], [0x2e80, 0x303e], [0x3041, 0x33ff], [0x3400, 0x4dbf], [0x4e00, 0x9fff], [0xa000, 0xa4cf], [0xa960, 0xa97f],
  [0xac00, 0xd7a3], [0xf900, 0xfaff], [0xfe30, 0xfe6f], [0xff00, 0xff60], [0xffe0, 0xffe6], [0x1f300, 0x1f64f], [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** Terminal columns that one character takes: 0, 1 or 2. */
export function columnsOf(c: string): number {
  const code = c.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (combining.test(c)) return 0;
  if (emoji.test(c)) return 2;
  return wide.some(([low, high]) => code >= low && code <= high) ? 2 : 1;
}

export function columns(text: string): number {
  let n = 0;
  for (const c of text) n += columnsOf(c);
  return n;
}

export const padEnd = (text: string, to: number): string => text + ' '.repeat(Math.max(0, to - columns(text)));
export const padStart = (text: string, to: number): string => ' '.repeat(Math.max(0, to - columns(text))) + text;

/** Breaks text into lines of at most `to` columns, at spaces where there are some. */
export function wrap(text: string, to: number): string[] {
  if (columns(text) <= to) return [text];
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const c of text) {
    const w = columnsOf(c);
    if (used + w > to && line !== '') {
      const at = c === ' ' ? -1 : line.lastIndexOf(' ');
      lines.push((at > 0 ? line.slice(0, at) : line).trimEnd());
      line = at > 0 ? line.slice(at + 1) : '';
      used = columns(line);
      if (c === ' ' && line === '') continue;
    }
    line += c;
    used += w;
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** An error of several lines: each made visible, later ones indented so that none passes for output of its own. */
export const visibleError = (text: string): string => text.split('\n').map(visible).join('\n  ');
