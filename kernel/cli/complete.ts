import type { Args } from '../../sdk/cli.ts';
import type { Clock } from '../../sdk/clock.ts';
import { argAt } from './args.ts';
import { summary } from './help.ts';
import type { VerbTree } from './tree.ts';
import { shapeOf } from './schema.ts';
import { quoteWord, splitLine } from './words.ts';

export interface Candidate {
  /** As it is to be typed, quoted where needed. */
  readonly word: string;
  readonly help: string;
}

export interface Completion {
  /** The part of the line that a candidate replaces. */
  readonly from: number;
  readonly to: number;
  readonly candidates: readonly Candidate[];
  /** What is expected here when there is nothing to choose from: '<port> SMTP port: a whole number from 1 to 65535'. */
  readonly hint: string;
}

/** A completer of a plugin that has not answered by then is left alone. */
const PATIENCE_MS = 2000;
const MOST = 200;

/** What may stand at the cursor. Never throws, whatever a plugin's completer does. */
export async function complete(tree: VerbTree, text: string, cursor: number, clock: Clock): Promise<Completion> {
  const to = Math.max(0, Math.min(cursor, text.length));
  const line = splitLine(text.slice(0, to));
  const last = line.words.at(-1);
  // The word under the cursor, or a new one after a space.
  const current = last !== undefined && last.end === to ? last : undefined;
  const from = current?.start ?? to;
  const before = current === undefined ? line.words : line.words.slice(0, -1);
  const { level, used } = tree.walk(before[0]?.text === 'help' && !before[0].quoted ? before.slice(1) : before);
  const given = before.length - used - (before[0]?.text === 'help' ? 1 : 0);
  const begin = current?.text ?? '';
  const low = begin.toLowerCase();
  const candidates: Candidate[] = [];
  if (given === 0 && current?.quoted !== true) {
    for (const next of level.below.values()) if (next.word.toLowerCase().startsWith(low)) candidates.push({ word: next.word, help: summary(next) });
    candidates.sort((a, b) => (a.word < b.word ? -1 : 1));
  }
  const found = level.verb === undefined ? undefined : argAt(level.verb.spec.args, given);
  if (found === undefined) return { from, to, candidates, hint: '' };
  const [name, arg] = found;
  const shape = shapeOf(arg.schema);
  // An argument that takes the rest of the line is told all of it so far; what it offers stands for the last word.
  const typed = arg.rest === true ? text.slice(before[before.length - given + restAt(level.verb!.spec.args)]?.start ?? from, to) : begin;
  const offered = arg.complete === undefined ? undefined : await patiently(async () => arg.complete!(typed), clock);
  const words = new Set([...(offered ?? []), ...shape.choices, ...(shape.kinds.has('boolean') ? ['on', 'off'] : [])]);
  for (const word of words) {
    if (word.toLowerCase().startsWith(low)) candidates.push({ word: quoteWord(word), help: arg.help });
  }
  const hint = `${shape.optional ? `[${name}]` : `<${name}>`} ${arg.help}: ${shape.description}`;
  return { from, to, candidates: candidates.slice(0, MOST), hint };
}

/** How many arguments stand before the one that takes the rest. */
const restAt = (args: Args | undefined): number => Object.values(args ?? {}).findIndex((a) => a.rest === true);

async function patiently(ask: () => Promise<readonly string[]>, clock: Clock): Promise<readonly string[] | undefined> {
  let stop = (): void => {};
  const late = new Promise<undefined>((resolve) => {
    const timer = clock.after(PATIENCE_MS, () => resolve(undefined));
    stop = () => void timer.dispose();
  });
  try {
    const words = await Promise.race([ask(), late]);
    return Array.isArray(words) ? words.filter((w) => typeof w === 'string') : undefined;
  } catch {
    return undefined;
  } finally {
    stop();
  }
}

/** What all candidates begin with, so that a face can fill it in before it shows the choice. */
export function commonBegin(candidates: readonly Candidate[]): string {
  const first = candidates[0]?.word ?? '';
  let length = first.length;
  for (const { word } of candidates) while (!word.toLowerCase().startsWith(first.slice(0, length).toLowerCase())) length--;
  return first.slice(0, length);
}
