import { z } from 'zod';
import { type Args, CliError, type CommandSpec, type Reply, type Table } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Committed, Config } from './commit.ts';
import { type Change, differences, hides, inWords } from './diff.ts';
import { isObject, type Json, own, same, sectionOf } from './document.ts';
import { covered, wordOf } from './effective.ts';
import { complete, noSuch, resolve, type Target } from './paths.ts';
import { anything, childKeys, elementOf, isContainer, optionsOf, peel } from './schema.ts';
import { spell } from './spelling.ts';
import { expected, readValue } from './words.ts';

const pathHelp = 'dotted (lan.interfaces[0].ip) or as words (lan interfaces 0 ip)';
const minutes = z.int().min(1).max(1440);
const time = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 19);

/** Registers the `config …` verbs; disposing takes them away. */
export function configVerbs(config: Config, command: <A extends Args>(spec: CommandSpec<A>) => Disposable): Disposable {
  const held: Disposable[] = [];
  const verb = <const A extends Args>(spec: CommandSpec<A>): void => { held.push(command(spec)); };
  const path = (help: string, which: 'running' | 'candidate') => ({
    schema: z.string(), help, rest: true, complete: (word: string) => complete(word, config.known(which)),
  });

  verb({
    path: 'config show', access: 'read', help: 'show the running settings, defaults included; secrets are covered',
    args: { path: { ...path(`which: ${pathHelp}`, 'running'), schema: z.string().optional() } },
    run: ({ path: text }) => (text === undefined ? showAll(config) : show(config, resolve(text, config.known('running')))),
  });
  verb({
    path: 'config set', help: 'set a value in the candidate; a list also takes add <value> and remove <value>',
    args: { setting: path(`a path, ${pathHelp}, then the value`, 'candidate') },
    run: ({ setting }, io) => {
      const target = resolve(setting, config.known('candidate'));
      return edited(target, config.set(target.id, target.keys, newValue(target), io.author));
    },
  });
  verb({
    path: 'config delete', help: 'give a setting its default again in the candidate, or take away an entry of a list or record',
    args: { path: path(pathHelp, 'candidate') },
    run: ({ path: text }, io) => {
      const target = resolve(text, config.known('candidate'));
      if (target.rest !== '') throw noSuch(target, target.rest);
      return edited(target, config.delete(target.id, target.keys, io.author));
    },
  });
  verb({
    path: 'config diff', access: 'read', help: 'what the candidate would change; with a number, what changed since that entry of the history',
    args: { entry: { schema: z.int().min(0).optional(), help: 'entry of config history' } },
    run: ({ entry }) => {
      const changes = config.diff(entry);
      return changes.length === 0 ? 'no differences' : changeTable(changes);
    },
  });
  const commit = async (author: string, how: { confirmMinutes?: number; note?: string } = {}): Promise<Reply> =>
    committed(await config.commit({ author, ...how }));
  verb({ path: 'config commit', help: 'check the candidate, put it into force and store it; all or nothing', run: (_, io) => commit(io.author) });
  verb({
    path: 'config commit note', help: 'commit with a note for the history',
    args: { note: { schema: z.string().max(500), help: 'why', rest: true } },
    run: ({ note }, io) => commit(io.author, { note }),
  });
  verb({
    path: 'config commit confirm', help: 'commit, and roll back by itself unless config confirm follows in time',
    args: { minutes: { schema: minutes, help: 'how long to wait for config confirm' } },
    run: (args, io) => commit(io.author, { confirmMinutes: args.minutes }),
  });
  verb({
    path: 'config confirm', help: 'keep what was committed with config commit confirm',
    run: async () => { await config.confirm(); return 'confirmed'; },
  });
  verb({ path: 'config discard', help: 'forget the candidate', run: () => (config.discard() ? 'the candidate is discarded' : 'there is no candidate') });
  verb({
    path: 'config rollback', help: 'put earlier settings into force again',
    args: { entry: { schema: z.int().min(1), help: 'entry of config history', complete: () => config.history().slice(1).map((_, i) => String(i + 1)) } },
    run: async ({ entry }, io) => committed(await config.rollback(entry, io.author)),
  });
  verb({
    path: 'config history', access: 'read', help: 'the last commits; with a number, what that one changed',
    args: { entry: { schema: z.int().min(0).optional(), help: 'entry of this list' } },
    run: ({ entry }) => history(config, entry),
  });
  verb({
    path: 'config save', help: 'write the running settings to the state directory once more (every commit does)',
    run: async () => {
      if (config.directory === undefined) throw new CliError('the router runs without a state directory: settings last until it stops');
      await config.save();
      return `saved in ${config.directory}`;
    },
  });
  verb({
    path: 'config default save', help: 'make the running settings the user-defined default that config reset loads',
    run: async () => { await config.saveDefault(); return 'saved as the user-defined default'; },
  });
  verb({
    path: 'config reset', help: 'all settings back to the user-defined default, or to the factory defaults',
    args: { to: { schema: z.enum(['user', 'factory']).default('user'), help: 'user: the user-defined default, if there is one' } },
    run: async ({ to }, io) => {
      const done = await config.reset(to, io.author);
      return `${done.to === 'user' ? 'user-defined default' : 'factory defaults'} loaded, ${count(done.changes.length)}`;
    },
  });
  return { dispose: async () => { for (const d of held.splice(0).reverse()) await d.dispose(); } };
}

/** The value that stands behind the path; `add` and `remove` make a list one longer or shorter. */
function newValue(target: Target): Json {
  const { path, schema, rest } = target;
  if (schema === anything) throw new CliError(`the plugin of ${path} is not loaded; its settings stay as they are`);
  const { core } = peel(schema);
  const element = elementOf(core);
  const [, word, text] = /^(add|remove)(?:\s+([\s\S]+))?$/.exec(rest) ?? [];
  if (element !== undefined && word !== undefined) {
    if (text === undefined) throw new CliError(`${path}: ${word} what?`);
    const value = readValue(path, element, unquote(text));
    const list = Array.isArray(target.value) ? (target.value as Json[]) : [];
    if (word === 'add') return [...list, value];
    const left = list.filter((each) => !same(each, value));
    if (left.length === list.length) throw new CliError(`${path} has no entry ${unquote(text)}; it has: ${hides(schema, null, target.keys) ? '(secret)' : wordOf(covered(schema, list, target.keys.at(-1)))}`);
    return left;
  }
  if (rest === '') throw new CliError(`${path}: a value is missing; allowed: ${isContainer(core) ? `one of ${childKeys(core, target.value).join(', ') || 'JSON'}, or JSON` : expected(schema)}`);
  if (isContainer(core) && optionsOf(core).length === 0 && !/^[[{]/.test(rest)) throw noSuch(target, rest);
  return readValue(path, schema, rest);
}

const unquote = (text: string): string => /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;

function edited(target: Target, changes: readonly Change[]): Reply {
  if (changes.length === 0) return `${target.path}: nothing changes`;
  return { text: [...changes.map(inWords), 'in force after config commit'].join('\n') };
}

const count = (n: number): string => `${n} ${n === 1 ? 'change' : 'changes'}`;

function committed(done: Committed): Reply {
  if (done.changes.length === 0) return 'nothing to commit';
  const waits = done.confirmBy === undefined ? [] : [`rolls back at ${time(done.confirmBy)} UTC unless you type: config confirm`];
  return { text: [...done.changes.map(inWords), `committed, ${count(done.changes.length)}`, ...waits].join('\n') };
}

function changeTable(changes: readonly Change[]): Table {
  const word = (c: Change, v: Json | undefined): string => (c.secret ? '(changed)' : wordOf(v));
  return { columns: ['setting', 'before', 'after'], rows: changes.map((c) => [c.path, word(c, c.before), word(c, c.after)]) };
}

function history(config: Config, n: number | undefined): Reply {
  const entries = config.history();
  if (n === undefined) {
    return { columns: ['entry', 'time', 'author', 'changes', 'note'], rows: entries.map((e, i) => [i, time(e.time), e.author, e.changes.length, e.note]) };
  }
  const entry = entries[n];
  if (entry === undefined) throw new CliError(`the history has no entry ${n}; it goes from 0 to ${entries.length - 1}`);
  return [{ facts: { time: time(entry.time), author: entry.author, note: entry.note } }, changeTable(entry.changes)];
}

function showAll(config: Config): Table {
  const known = config.known('running');
  return { columns: ['setting', 'value', 'from'], rows: known.ids.flatMap((id) => rowsOf(config, id, [], covered(known.schema(id), known.settings(id)))) };
}

function show(config: Config, target: Target): Reply {
  if (target.rest !== '') throw noSuch(target, target.rest);
  const known = config.known('running');
  const schema = known.schema(target.id);
  if (schema === undefined) return { columns: ['setting', 'value', 'from'], rows: rowsOf(config, target.id, [], {}) };
  let value: Json | undefined = covered(schema, known.settings(target.id));
  for (const key of target.keys) value = value === '(secret)' ? value : own(value, key);
  if (isObject(value) || (Array.isArray(value) && value.some((v) => typeof v === 'object'))) {
    return { columns: ['setting', 'value', 'from'], rows: rowsOf(config, target.id, target.keys, value) };
  }
  return wordOf(value);
}

/** A row per value. Settings of a plugin that is not loaded are only named: nobody knows which of them are secret. */
function rowsOf(config: Config, id: string, keys: Target['keys'], shown: Json): (readonly string[])[] {
  const stored = sectionOf(config.document, id)?.settings;
  if (!config.sections.some((s) => s.id === id)) return [[id, '(plugin not loaded)', 'kept']];
  const leaves = differences(undefined, shown, false, keys);
  return leaves.map((leaf) => {
    let at: Json | undefined = stored;
    for (const key of leaf.keys) at = own(at, key);
    return [spell(id, leaf.keys), wordOf(leaf.after), at === undefined ? 'default' : 'set'];
  });
}
