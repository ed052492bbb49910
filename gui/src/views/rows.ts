import type { Value } from '../wire/messages.ts';

export type Row = readonly Value[];
export interface Sorting { readonly column: number; readonly down: boolean }

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function before(a: Value | undefined, b: Value | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a === null || a === undefined || a === '') return b === null || b === undefined || b === '' ? 0 : 1;
  if (b === null || b === undefined || b === '') return -1;
  return natural.compare(String(a), String(b));
}

/** Numbers of the rows to show, in their order. Every word of the filter has to be somewhere in the row. */
export function arrange(rows: readonly Row[], filter: string, sorting: Sorting | undefined): readonly number[] {
  const words = filter.toLowerCase().split(/\s+/).filter((w) => w !== '');
  const found: number[] = [];
  for (const [i, row] of rows.entries()) {
    if (words.length > 0) {
      const text = row.join(' ').toLowerCase();
      if (!words.every((w) => text.includes(w))) continue;
    }
    found.push(i);
  }
  if (sorting === undefined) return found;
  const { column, down } = sorting;
  return found.sort((a, b) => (down ? -1 : 1) * before(rows[a]![column], rows[b]![column]) || a - b);
}

const SAMPLE = 300;
const NARROWEST = 5;
/** A column '#' counts the rows. */
const COUNT = 2;
const WIDEST = 38;

/** Of each column its width in characters, and whether it holds numbers only. Looks at the first rows only. */
export function columnsOf(names: readonly string[], rows: readonly Row[]): readonly { readonly width: number; readonly numeric: boolean }[] {
  return names.map((name, c) => {
    // Heads are set smaller than cells, but have a mark for the order.
    let width = Math.ceil(name.length * 0.9) + 2;
    let numeric = true;
    let seen = false;
    for (const row of rows.slice(0, SAMPLE)) {
      const value = row[c];
      if (value === null || value === undefined) continue;
      seen = true;
      if (typeof value !== 'number') numeric = false;
      // Numbers are shown in groups of three.
      const length = String(value).length;
      width = Math.max(width, typeof value === 'number' ? Math.ceil(length * 1.34) : length);
    }
    return { width: Math.min(WIDEST, Math.max(name === '#' ? COUNT : NARROWEST, width)), numeric: numeric && seen };
  });
}
