import { columns, visible } from '../../../../kernel/cli/width.ts';
import type { Part, TablePart, Value } from '../../wire/messages.ts';

/** Wider terminals wrap cells, as every terminal does; here a row would fall apart. */
const PHONE = 60;
/** Tables of fewer columns are read well enough with wrapped cells. */
const FEW = 3;
const GAP = 2;

const wide = (value: Value | undefined): number => columns(visible(value === null || value === undefined ? '-' : String(value)));

/** A table that does not fit on a narrow terminal becomes a record for each row, named by its first cell. */
export function narrowed(part: Part, width: number): readonly Part[] {
  if (typeof part === 'string' || !('columns' in part) || width > PHONE || part.columns.length <= FEW || fits(part, width)) return [part];
  const [first = '', ...rest] = part.columns;
  // A record has each name once: 'packets in, out, octets in, out'.
  const heads = rest.map((head, i) => (rest.indexOf(head) === i ? head : `${head} (${rest.slice(0, i + 1).filter((h) => h === head).length})`));
  const records = part.rows.map((row): Part => {
    const name = row[0];
    return { title: `\u25b8 ${typeof name === 'number' || name === null || name === undefined ? `${first} ${name ?? '-'}` : name}`, facts: Object.fromEntries(heads.map((head, i) => [head, row[i + 1] ?? null])) };
  });
  return [...part.title === undefined ? [] : [part.title], ...records.length === 0 ? ['(none)'] : records];
}

const fits = ({ columns: heads, rows }: TablePart, width: number): boolean =>
  heads.reduce((sum, head, i) => sum + rows.reduce((most, row) => Math.max(most, wide(row[i])), wide(head)), GAP * (heads.length - 1)) <= width;
