import type { Host } from '../host.ts';

/** A program of the virtual shell: prints lines, resolves with its exit code. */
export type Program = (host: Host, args: readonly string[], say: (line: string) => void) => Promise<number>;

export interface Parsed { readonly options: ReadonlyMap<string, string>; readonly words: readonly string[]; readonly unknown: string | undefined }

/**
 * Splits arguments as getopt does. `flags`: letters; those followed by ':' take a value, as in 'c:s'.
 */
export function getopt(args: readonly string[], flags: string): Parsed {
  const options = new Map<string, string>();
  const words: string[] = [];
  let unknown: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!/^-[A-Za-z0-9]/.test(arg)) { words.push(arg); continue; }
    for (let k = 1; k < arg.length; k++) {
      const letter = arg[k] ?? '';
      const where = flags.indexOf(letter);
      if (where < 0) { unknown ??= letter; continue; }
      if (flags[where + 1] !== ':') { options.set(letter, ''); continue; }
      options.set(letter, arg.slice(k + 1) || (args[++i] ?? ''));
      break;
    }
  }
  return { options, words, unknown };
}

/** A count or time among the options; the default when absent, undefined when it is no number in range. */
export function numberIn(p: Parsed, letter: string, fallback: number, least: number, most: number): number | undefined {
  const text = p.options.get(letter);
  if (text === undefined) return fallback;
  const n = Number(text);
  return text !== '' && n >= least && n <= most ? n : undefined;
}

export const pause = (host: Host, ms: number): Promise<void> => new Promise(resolve => { host.clock.after(ms, resolve); });

/** Milliseconds as ping prints them: three digits or decimals, whichever is more. */
export const ms = (n: number): string => n.toFixed(n < 10 ? 3 : n < 100 ? 1 : 0);
