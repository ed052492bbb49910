import type { CommandSpec } from '../../sdk/cli.ts';
import { usageOf } from './args.ts';

export interface Verb {
  readonly spec: CommandSpec;
  /** Plugin id, or 'kernel'. */
  readonly owner: string;
}

/** A level of the tree; one with a verb may have further words below it (`commit` and `commit confirm`). */
export interface Level {
  readonly word: string;
  readonly below: ReadonlyMap<string, Level>;
  readonly verb: Verb | undefined;
}

/** The words of a level that this word may stand for: the exact one alone, or all that begin so. Case does not matter. */
export function matches(level: Level, word: string): Level[] {
  const exact = level.below.get(word);
  if (exact !== undefined) return [exact];
  const low = word.toLowerCase();
  const all = [...level.below.values()];
  const same = all.filter((l) => l.word.toLowerCase() === low);
  return same.length > 0 ? same : all.filter((l) => l.word.toLowerCase().startsWith(low));
}

/** 'ip arp add <ip> ether <mac>' */
export const usageLine = (path: readonly string[], verb: Verb): string => [...path, usageOf(verb.spec.args)].filter((p) => p !== '').join(' ');
