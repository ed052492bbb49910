/** What parsers give: names as in the standards, values plain; undefined is a field that is not there. */
export type Facts = Readonly<Record<string, unknown>>;

/** The text behind `tag` of the first line that has it, in any case, with or without colon and blanks. */
export function after(lines: readonly string[], tag: string): string | undefined {
  for (const line of lines) {
    const rest = behind(line, tag);
    if (rest !== undefined) return rest;
  }
  return undefined;
}

/** As `after`, of every line. */
export const allAfter = (lines: readonly string[], tag: string): string[] => lines.flatMap(line => behind(line, tag) ?? []);

function behind(line: string, tag: string): string | undefined {
  const text = line.trimStart();
  if (text.slice(0, tag.length).toUpperCase() !== tag.toUpperCase()) return undefined;
  const rest = text.slice(tag.length);
  return /^[A-Z0-9]/i.test(rest) ? undefined : rest.replace(/^\s*:?\s*/, '').trimEnd();
}

/** Comma-separated fields, blanks around them dropped. Commas within quotes and parentheses separate nothing; quotes are taken off. */
export function fields(text: string): string[] {
  const out: string[] = [];
  let field = '';
  let quoted = false;
  let depth = 0;
  for (const c of text) {
    if (c === '"') quoted = !quoted;
    if (!quoted && c === '(') depth++;
    if (!quoted && c === ')') depth = Math.max(0, depth - 1);
    if (c === ',' && !quoted && depth === 0) {
      out.push(unquoted(field));
      field = '';
    } else field += c;
  }
  out.push(unquoted(field));
  return out;
}

export function unquoted(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"') && !trimmed.slice(1, -1).includes('"') ? trimmed.slice(1, -1) : trimmed.replace(/^"|"$/g, '');
}

/** A decimal number, blanks and quotes aside; undefined for anything else. */
export function int(text: string | undefined): number | undefined {
  const trimmed = text === undefined ? '' : unquoted(text);
  return /^[+-]?\d{1,15}$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** As `int`, with a fraction. */
export function decimal(text: string | undefined): number | undefined {
  const trimmed = text === undefined ? '' : unquoted(text);
  return /^[+-]?\d{1,12}(\.\d{1,12})?$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** Undefined for nothing and for blanks only. */
export const some = (text: string | undefined): string | undefined => (text === undefined || text.trim() === '' ? undefined : text.trim());

/** '(0-2,5)' and '0-2,5' are 0, 1, 2, 5. At most 256 numbers. */
export function numbers(text: string): number[] {
  const out: number[] = [];
  for (const part of text.replace(/[()]/g, '').split(',')) {
    const range = /^\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?$/.exec(part);
    if (!range) continue;
    const first = Number(range[1]);
    const last = range[2] === undefined ? first : Number(range[2]);
    for (let n = first; n <= last && out.length < 256; n++) out.push(n);
  }
  return out;
}

/** Strings within quotes: ("IRA","GSM") is IRA, GSM. */
export const strings = (text: string): string[] => [...text.matchAll(/"([^"]*)"/g)].map(m => m[1]!);

/** The top-level (…) groups of a text, without their parentheses; nested ones stay in. */
export function groups(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    if (quoted) continue;
    if (text[i] === '(' && depth++ === 0) start = i + 1;
    if (text[i] === ')' && depth > 0 && --depth === 0) out.push(text.slice(start, i));
  }
  return out;
}

/**
 * A string parameter as it goes into a command: quotes and what is outside of printable ASCII as \hh (V.250 §5.4.2.2), so that
 * nothing typed into a field can end the string or the line. A backslash stays: most cards take it as it is.
 */
export const parameter = (text: string): string =>
  `"${[...text].map(c => (c === '"' || c < ' ' || c > '~' ? [...new TextEncoder().encode(c)].map(o => `\\${o.toString(16).toUpperCase().padStart(2, '0')}`).join('') : c)).join('')}"`;
