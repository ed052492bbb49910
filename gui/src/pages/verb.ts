import type { Part } from '../wire/messages.ts';
import { wire } from '../wire/socket.ts';

/** A word of the command line as it has to be typed. */
const quoted = (word: string): string => (/^[\w./:@~-]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`);

/** Runs a verb with its arguments as they are. Rejects with WireError. */
export const verb = (path: string, ...args: readonly string[]): Promise<readonly Part[]> => wire.run([path, ...args.map(quoted)].join(' '));

/** What a verb said, where that is a sentence. */
export const sentence = (parts: readonly Part[]): string => parts.map((p) => (typeof p === 'string' ? p : 'text' in p ? p.text : '')).filter((t) => t !== '').join(' ');

/** Rows of the first table that a verb gave. */
export const rowsOf = (parts: readonly Part[]): readonly (readonly (string | number | null)[])[] => parts.flatMap((p) => (typeof p === 'object' && 'rows' in p ? [p.rows] : []))[0] ?? [];
