import type { Facts, Reply, Table, Text } from '../../sdk/cli.ts';
import { columns, padEnd, padStart, visible, visibleLines, wrap } from './width.ts';

export type Part = string | Table | Facts | Text;

export interface Paper {
  /** Terminal columns; without it nothing is wrapped. */
  readonly width?: number | undefined;
  readonly ansi?: boolean | undefined;
}

const GAP = '  ';
/** A column is not made narrower than this, however narrow the terminal. */
const NARROWEST = 10;

const bold = (text: string, paper: Paper): string => (paper.ansi === true ? `\x1b[1m${text}\x1b[0m` : text);
const dim = (text: string, paper: Paper): string => (paper.ansi === true ? `\x1b[2m${text}\x1b[0m` : text);
export const red = (text: string, paper: Paper): string => (paper.ansi === true ? `\x1b[31m${text}\x1b[0m` : text);

/** The parts a reply is made of. */
export function partsOf(reply: Reply): readonly Part[] {
  if (reply === undefined) return [];
  return Array.isArray(reply) ? (reply as readonly Part[]) : [reply as Part];
}

/** One part as text that ends in a line feed. What came from outside is made harmless (see visible). */
export function draw(part: Part, paper: Paper = {}): string {
  if (typeof part === 'string') return lines(visibleLines(part));
  if ('columns' in part) return drawTable(part, paper);
  return 'facts' in part ? drawFacts(part, paper) : lines(visibleLines(part.text));
}

const lines = (all: readonly string[]): string => all.map((l) => `${l}\n`).join('');
const titled = (title: string | undefined, paper: Paper): string[] => (title === undefined ? [] : [bold(visible(title), paper)]);
const cell = (value: string | number | null | undefined): string => (value === null || value === undefined ? '-' : visible(String(value)));

function drawTable(table: Table, paper: Paper): string {
  const heads = table.columns.map(visible);
  const rows = table.rows.map((row) => heads.map((_, i) => cell(row[i])));
  const right = heads.map((_, i) => table.rows.some((r) => typeof r[i] === 'number') && table.rows.every((r) => r[i] === null || r[i] === undefined || typeof r[i] === 'number'));
  const widths = narrowed(heads.map((h, i) => rows.reduce((w, r) => Math.max(w, columns(r[i]!)), columns(h))), paper.width);
  const out = titled(table.title, paper);
  const put = (cells: readonly string[], style: (text: string) => string): void => {
    const wrapped = cells.map((c, i) => wrap(c, widths[i]!));
    const height = Math.max(...wrapped.map((w) => w.length), 1);
    for (let y = 0; y < height; y++) {
      const row = wrapped.map((w, i) => (right[i] ? padStart : padEnd)(w[y] ?? '', widths[i]!));
      out.push(style(row.join(GAP).trimEnd()));
    }
  };
  put(heads, (t) => bold(t, paper));
  if (paper.ansi !== true) out.push(widths.map((w) => '-'.repeat(w)).join(GAP));
  for (const row of rows) put(row, (t) => t);
  if (rows.length === 0) out.push(dim('(none)', paper));
  return lines(out);
}

/** Takes from the widest columns until the table fits, or until all are narrow: then it runs over the edge. */
function narrowed(wanted: readonly number[], width: number | undefined): number[] {
  const widths = [...wanted];
  if (width === undefined) return widths;
  let over = widths.reduce((a, b) => a + b, 0) + GAP.length * (widths.length - 1) - width;
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= NARROWEST) break;
    widths[widest]!--;
    over--;
  }
  return widths;
}

function drawFacts(facts: Facts, paper: Paper): string {
  const entries = Object.entries(facts.facts).map(([k, v]) => [visible(k), cell(v)] as const);
  const keys = entries.reduce((w, [k]) => Math.max(w, columns(k)), 0);
  const room = paper.width === undefined ? Number.POSITIVE_INFINITY : Math.max(NARROWEST, paper.width - keys - GAP.length);
  const out = titled(facts.title, paper);
  for (const [key, value] of entries) {
    wrap(value, room).forEach((text, i) => {
      out.push((i === 0 ? `${dim(padEnd(key, keys), paper)}${GAP}${text}` : `${' '.repeat(keys)}${GAP}${text}`).trimEnd());
    });
  }
  return lines(out);
}

/** JSON of a part: tables as arrays of objects, facts as an object, text as a string. One line, no raw control characters. */
export function toJson(part: Part): string {
  return escapeJson(JSON.stringify(plain(part)));
}

function plain(part: Part): unknown {
  if (typeof part === 'string') return part;
  if ('columns' in part) return part.rows.map((row) => Object.fromEntries(part.columns.map((c, i) => [c, row[i] ?? null])));
  return 'facts' in part ? part.facts : part.text;
}

/** JSON escapes C0 only; a terminal also obeys C1 and direction marks. */
const escapeJson = (json: string): string => json.replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202f\u2066-\u2069\ufeff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
