import { CliError } from '../../sdk/cli.ts';
import { DEEPEST, type Keys, LONGEST_KEY, reserved } from './document.ts';

/** A name that needs no brackets. */
export const plainKey = /^[A-Za-z_][\w-]*$/;

/** The dotted spelling: `lan.interfaces[0].ip`, `dns.hosts["a.example"]`. */
export function spell(id: string, keys: Keys): string {
  return id + keys.map((k) => (typeof k === 'number' ? `[${k}]` : plainKey.test(k) ? `.${k}` : `[${JSON.stringify(k)}]`)).join('');
}

const part = /\.?(?:([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\])/y;

/** The steps of a path in dotted spelling. Throws CliError with what is wrong. */
export function steps(word: string): string[] {
  const found: string[] = [];
  part.lastIndex = 0;
  while (part.lastIndex < word.length) {
    const at = part.lastIndex;
    const match = part.exec(word);
    if (match === null || (at === 0 && word.startsWith('.'))) throw new CliError(`'${clip(word)}' is no path: it goes wrong at '${clip(word.slice(at))}'; write lan.interfaces[0].ip or lan.hosts["a.example"]`);
    found.push(checkKey(match[3] === undefined ? match[1] ?? match[2] ?? '' : match[3].replace(/\\(.)/g, '$1')));
    if (found.length > DEEPEST) throw new CliError(`the path has more than ${DEEPEST} steps`);
  }
  return found;
}

/** Throws CliError for a name that may not be part of a path. */
export function checkKey(key: string): string {
  if (reserved.has(key)) throw new CliError(`'${key}' cannot be the name of a setting`);
  if (key.length > LONGEST_KEY) throw new CliError(`'${clip(key)}' is longer than ${LONGEST_KEY} characters`);
  return key;
}

/** For error texts: hostile input is not repeated at length. */
export const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);
