import type { Table, Text } from '../../sdk/cli.ts';
import { argAt } from './args.ts';
import { shapeOf } from './schema.ts';
import { type Level, matches, usageLine } from './level.ts';
import type { VerbTree } from './tree.ts';
import type { Line, Word } from './words.ts';

/** What a level is about: its own verb's help, or the words below it. */
export function summary(level: Level): string {
  if (level.verb !== undefined) return level.verb.spec.help;
  const words = [...level.below.keys()].sort();
  return words.length > 6 ? `${words.slice(0, 6).join(', ')}, …` : words.join(', ');
}

/** What stands before the question mark: full words, and perhaps the begin of one. */
interface Question { readonly before: readonly Word[]; readonly partial: string }

/**
 * `?` alone at the end asks, anywhere. `?` on the end of a word asks only among verb words: an argument may hold one.
 * `help` asks as the first word, and as the word right after the verb; in quotes it is an ordinary word.
 */
function question(tree: VerbTree, line: Line): Question | undefined {
  const last = line.words.at(-1);
  const first = line.words[0];
  if (last === undefined || first === undefined) return undefined;
  const before = line.words.slice(0, -1);
  const unhelped = (words: readonly Word[]): readonly Word[] => (words[0]?.text === 'help' && !words[0].quoted ? words.slice(1) : words);
  if (!last.quoted && last.text === '?') return { before: unhelped(before), partial: '' };
  const verbEnd = tree.walk(line.words).used;
  if (!last.quoted && last.text.endsWith('?') && verbEnd >= before.length && tree.walk(before).used === before.length) {
    const partial = last.text.slice(0, -1);
    if (matches(tree.walk(unhelped(before)).level, partial).length > 0) return { before: unhelped(before), partial };
  }
  if (!first.quoted && first.text === 'help') return { before: line.words.slice(1), partial: '' };
  if (!last.quoted && last.text === 'help' && verbEnd === before.length) return { before, partial: '' };
  return undefined;
}

export const wantsHelp = (tree: VerbTree, line: Line): boolean => question(tree, line) !== undefined;

/** Help as data: usage and arguments of the verb, then the words that may follow. */
export function helpAt(tree: VerbTree, line: Line): readonly (Table | Text)[] {
  const { before, partial } = question(tree, line) ?? { before: line.words, partial: '' };
  const { level, path, used, ambiguous } = tree.walk(before);
  const shown = ambiguous.length > 0 ? ambiguous.map((w) => level.below.get(w)!) : matches(level, partial);
  const parts: (Table | Text)[] = [];
  const next = before[used];
  if (next !== undefined && ambiguous.length === 0 && level.verb?.spec.args === undefined) parts.push({ text: `unknown word '${next.text}'; allowed here:` });
  if (level.verb !== undefined && partial === '') parts.push(...verbHelp(level, path, before.length - used));
  const rows = [...shown].sort((a, b) => (a.word < b.word ? -1 : 1)).map((l) => [l.below.size > 0 ? `${l.word} …` : l.word, summary(l)]);
  if (rows.length > 0) parts.push({ columns: ['word', 'meaning'], rows });
  return parts.length > 0 ? parts : [{ text: 'no verbs are loaded' }];
}

function verbHelp(level: Level, path: readonly string[], given: number): (Table | Text)[] {
  const verb = level.verb!;
  const parts: (Table | Text)[] = [{ text: `${usageLine(path, verb)}\n  ${verb.spec.help}${verb.spec.access === 'read' ? '' : ' (changes the router)'}` }];
  const here = given > 0 ? argAt(verb.spec.args, given)?.[0] : undefined;
  const rows = Object.entries(verb.spec.args ?? {})
    .filter(([name]) => here === undefined || name === here)
    .map(([name, arg]) => [name, arg.help, shapeOf(arg.schema).description + (shapeOf(arg.schema).optional ? ' (optional)' : '')]);
  if (rows.length > 0) parts.push({ columns: ['argument', 'meaning', 'allowed'], rows });
  return parts;
}
