import type { Args, ArgValues, CommandIo, CommandSpec, Facts, Reply, Table, Text } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { parseArgs } from './args.ts';
import { isCliError, reasonOf, UsageError, VerbFault } from './errors.ts';
import { helpAt, wantsHelp } from './help.ts';
import { type Level, matches, type Verb } from './level.ts';
import { splitLine, type Word } from './words.ts';

interface Node extends Level { readonly below: Map<string, Node>; verb: Verb | undefined }

/** How far the words of a line lead into the tree. */
export interface Walk {
  readonly level: Level;
  /** The full words of that level. */
  readonly path: readonly string[];
  /** How many words of the line were verb words; the rest are arguments. */
  readonly used: number;
  /** The next word begins several words of this level, and is not an argument. */
  readonly ambiguous: readonly string[];
}

const wordOfPath = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** All verbs of the router. Commands come and go with their plugins. */
export class VerbTree {
  readonly #root: Node = { word: '', below: new Map(), verb: undefined };

  get root(): Level { return this.#root; }

  /** Adds a verb; disposing takes it away again, and the levels that stood for it alone. */
  register<A extends Args>(spec: CommandSpec<A>, owner: string): Disposable {
    const words = spec.path.trim().split(/\s+/);
    const bad = words.find((w) => !wordOfPath.test(w));
    if (bad !== undefined) throw new Error(`'${bad}' cannot be a word of the verb '${spec.path}' (plugin ${owner})`);
    if (words[0] === 'help') throw new Error(`'help' is the console's own word; the verb '${spec.path}' (plugin ${owner}) needs another`);
    let node = this.#root;
    for (const word of words) {
      let next = node.below.get(word);
      if (next === undefined) node.below.set(word, next = { word, below: new Map(), verb: undefined });
      node = next;
    }
    if (node.verb !== undefined) throw new Error(`the verb '${spec.path}' (plugin ${owner}) exists already: it belongs to ${node.verb.owner}`);
    const verb: Verb = { spec, owner };
    node.verb = verb;
    return { dispose: () => this.#remove(words, verb) };
  }

  #remove(words: readonly string[], verb: Verb): void {
    const way: Node[] = [this.#root];
    for (const word of words) {
      const next = way.at(-1)!.below.get(word);
      if (next === undefined) return;
      way.push(next);
    }
    const leaf = way.at(-1)!;
    if (leaf.verb !== verb) return;
    leaf.verb = undefined;
    for (let i = way.length - 1; i > 0 && way[i]!.verb === undefined && way[i]!.below.size === 0; i--) way[i - 1]!.below.delete(way[i]!.word);
  }

  /** Every verb, by path. */
  verbs(): Verb[] {
    const found: Verb[] = [];
    const visit = (level: Level): void => {
      if (level.verb !== undefined) found.push(level.verb);
      for (const next of level.below.values()) visit(next);
    };
    visit(this.#root);
    return found.sort((a, b) => (a.spec.path < b.spec.path ? -1 : 1));
  }

  /**
   * Follows words down the tree. A quoted word is never a verb word, so `sys hostname "display"` can set that name;
   * where a verb with arguments stands, a word that fits no further verb word is its argument.
   */
  walk(words: readonly Word[]): Walk {
    let level: Level = this.#root;
    const path: string[] = [];
    for (const [i, word] of words.entries()) {
      if (word.quoted) return { level, path, used: i, ambiguous: [] };
      const found = matches(level, word.text);
      if (found.length !== 1) {
        const takesArgs = Object.keys(level.verb?.spec.args ?? {}).length > 0;
        return { level, path, used: i, ambiguous: takesArgs ? [] : found.map((l) => l.word).sort() };
      }
      level = found[0]!;
      path.push(level.word);
    }
    return { level, path, used: words.length, ambiguous: [] };
  }

  /** Help for what stands before `?`, or after `help`. */
  help(line: string): readonly (Table | Facts | Text)[] {
    return helpAt(this, splitLine(line));
  }

  /**
   * Runs one line. Throws UsageError when the line is wrong, CliError when the verb refuses, VerbFault when it breaks.
   * @param refuse says why this verb may not be run by whoever asks; undefined: it may.
   */
  async run(text: string, io: CommandIo, refuse: (verb: Verb) => string | undefined = () => undefined): Promise<Reply> {
    const line = splitLine(text);
    if (line.problem !== undefined) throw new UsageError(line.problem.message, line.problem.at);
    if (line.words.length === 0) return undefined;
    if (wantsHelp(this, line)) return helpAt(this, line);
    const { level, path, used, ambiguous } = this.walk(line.words);
    const next = line.words[used];
    const verb = level.verb;
    const allowed = [...level.below.keys()].sort();
    if (ambiguous.length > 0) throw new UsageError(`'${next!.text}' is ambiguous: ${ambiguous.join(', ')}`, next!.start, ambiguous);
    if (verb === undefined) {
      if (next === undefined) throw new UsageError(`'${path.join(' ')}' is not complete; next: ${allowed.join(', ')}`, line.words.at(-1)!.end + 1, allowed);
      throw new UsageError(`unknown word '${next.text}'; allowed: ${allowed.join(', ') || 'nothing (no verbs are loaded)'}`, next.start, allowed);
    }
    if (next !== undefined && verb.spec.args === undefined && allowed.length > 0) {
      throw new UsageError(`unknown word '${next.text}'; allowed: ${allowed.join(', ')}, or nothing`, next.start, allowed);
    }
    const refused = refuse(verb);
    if (refused !== undefined) throw new UsageError(refused, line.words[0]!.start);
    return this.#call(verb, path, parseArgs(verb.spec.args ?? {}, line, used), io);
  }

  async #call(verb: Verb, path: readonly string[], args: Record<string, unknown>, io: CommandIo): Promise<Reply> {
    try {
      return await verb.spec.run(args as ArgValues<Args>, io);
    } catch (e) {
      if (isCliError(e) || io.signal.aborted) throw e;
      throw new VerbFault(`the verb '${path.join(' ')}' of plugin ${verb.owner} failed: ${reasonOf(e)}`, { cause: e });
    }
  }
}
