import { describe, expect, it } from 'vitest';
import { UsageError, VerbFault } from '../../../kernel/cli/errors.ts';
import { VerbTree } from '../../../kernel/cli/tree.ts';
import { type Args, CliError, type CommandIo, type Reply, type Table, type Text, z } from '../../../sdk/index.ts';

const io: CommandIo = { write: () => {}, signal: new AbortController().signal, author: 'test' };

function sample(): VerbTree {
  const tree = new VerbTree();
  const add = (path: string, args?: Args, access: 'read' | 'write' = 'write'): void => {
    tree.register({ path, help: `does ${path}`, access, ...(args === undefined ? {} : { args }), run: (a) => `${path} ${JSON.stringify(a)}` }, 'test');
  };
  add('ip arp status', undefined, 'read');
  add('ip arp ackGratuitous active', { on: { schema: z.enum(['yes', 'no']).optional(), help: 'react' } });
  add('ip arp ackGratuitous forceUpdate', { on: { schema: z.boolean(), help: 'overwrite' } });
  add('ip address');
  add('sys log mail port', { port: { schema: z.int().min(1).max(65535).optional(), help: 'SMTP port' } });
  add('sys logs', undefined, 'read');
  add('sys hostname', { name: { schema: z.string().max(30).optional(), help: 'name' } });
  add('commit', { note: { schema: z.string().optional(), help: 'why' } });
  add('commit confirm', { minutes: { schema: z.number().positive(), help: 'minutes' } });
  add('echo', { times: { schema: z.number(), help: 'n' }, text: { schema: z.string(), help: 'words', rest: true } });
  return tree;
}

const failure = async (tree: VerbTree, line: string): Promise<UsageError> => {
  const e = await tree.run(line, io).then(() => undefined, (x: unknown) => x);
  expect(e).toBeInstanceOf(UsageError);
  return e as UsageError;
};
const textOf = (reply: Reply): string => JSON.stringify(reply);

describe('verb tree', () => {
  it.each([
    ['ip arp status', 'ip arp status {}'],
    ['i ar s', 'ip arp status {}'],
    ['IP ARP STATUS', 'ip arp status {}'],
    ['ip arp ackg a yes', 'ip arp ackGratuitous active {"on":"yes"}'],
    ['ip arp ackg a y', 'ip arp ackGratuitous active {"on":"yes"}'],
    ['ip arp ackg a', 'ip arp ackGratuitous active {}'],
    ['ip arp ackg f on', 'ip arp ackGratuitous forceUpdate {"on":true}'],
    ['ip arp ackg f no', 'ip arp ackGratuitous forceUpdate {"on":false}'],
    ['sys log mail port 25', 'sys log mail port {"port":25}'],
    ['sys log m p', 'sys log mail port {}'],
    ['sys logs', 'sys logs {}'],
    ['commit', 'commit {}'],
    ['commit because', 'commit {"note":"because"}'],
    ['commit conf 5', 'commit confirm {"minutes":5}'],
    ['commit "confirm"', 'commit {"note":"confirm"}'],
    ['commit "help"', 'commit {"note":"help"}'],
    ['echo 2 a  "b c" --json', 'echo {"times":2,"text":"a  \\"b c\\""}'],
    ['sys hostname what?', 'sys hostname {"name":"what?"}'],
  ])('%s', async (line, reply) => expect(await sample().run(line, io)).toBe(reply));

  it.each([
    ['ip a', "'a' is ambiguous: address, arp", 3, ['address', 'arp']],
    ['ip foo', "unknown word 'foo'; allowed: address, arp", 3, ['address', 'arp']],
    ['foo', "unknown word 'foo'; allowed: commit, echo, ip, sys", 0, ['commit', 'echo', 'ip', 'sys']],
    ['ip arp', "'ip arp' is not complete; next: ackGratuitous, status", 7, ['ackGratuitous', 'status']],
    ['ip arp status now', "'now' is one word too many", 14, []],
    ['sys log mail port 0', "'0' is not a valid port; allowed: a whole number from 1 to 65535", 18, []],
    ['sys log mail port x', "'x' is not a valid port; allowed: a whole number from 1 to 65535", 18, []],
    ['ip arp ackg a maybe', "'maybe' is not a valid on; allowed: one of yes, no", 14, ['yes', 'no']],
    ['ip arp ackg f', 'on is missing: overwrite; allowed: yes or no', 14, []],
    ['echo 1', 'text is missing: words; allowed: text', 7, []],
    ['sys hostname "x', 'the " is never closed', 13, []],
  ])('%s is refused with what is allowed', async (line, message, at, allowed) => {
    const e = await failure(sample(), line);
    expect([e.message, e.at, e.allowed]).toEqual([message, at, allowed]);
  });

  it('does nothing for an empty line', async () => expect(await sample().run('  ', io)).toBeUndefined());

  it.each([
    ['?', ['commit …', 'echo', 'ip …', 'sys …']],
    ['help', ['commit …', 'echo', 'ip …', 'sys …']],
    ['ip ?', ['address', 'arp …']],
    ['help ip', ['address', 'arp …']],
    ['ip help', ['address', 'arp …']],
    ['help ip ?', ['address', 'arp …']],
    ['ip ar?', ['arp …']],
    ['ip a?', ['address', 'arp …']],
    ['ip a ?', ['address', 'arp …']],
    ['ip arp ackg ?', ['active', 'forceUpdate']],
    ['ip zzz ?', ['address', 'arp …']],
  ])('answers %s with the words of that level', async (line, words) => {
    const parts = (await sample().run(line, io)) as readonly (Table | Text)[];
    const table = parts.find((p): p is Table => 'columns' in p);
    expect(table?.rows.map((r) => r[0])).toEqual(words);
  });

  it.each([
    ['sys log mail port ?', 'sys log mail port [port]'],
    ['sys log mail port help', 'a whole number from 1 to 65535 (optional)'],
    ['commit ?', 'commit confirm'],
    ['echo 1 ?', 'words'],
    ['echo ?', 'echo <times> <text…>'],
    ['ip arp ackg active ?', 'active [yes|no]'],
    ['ip arp status ?', 'does ip arp status'],
  ])('answers %s with usage', async (line, text) => expect(textOf(await sample().run(line, io))).toContain(text));

  it('keeps what a viewer may do apart', async () => {
    const tree = sample();
    const viewer = (verb: { spec: { path: string; access?: string } }) => (verb.spec.access === 'read' ? undefined : `'${verb.spec.path}' is not for you`);
    expect(await tree.run('ip arp status', io, viewer)).toBe('ip arp status {}');
    await expect(tree.run('ip address', io, viewer)).rejects.toThrow("'ip address' is not for you");
    expect(await tree.run('ip address ?', io, viewer)).toBeDefined();
  });

  it('leaves nothing behind', () => {
    const tree = new VerbTree();
    const spec = { help: '', run: () => {} };
    const a = tree.register({ ...spec, path: 'commit' }, 'a');
    const b = tree.register({ ...spec, path: 'commit confirm now' }, 'b');
    a.dispose();
    expect(tree.verbs().map((v) => v.spec.path)).toEqual(['commit confirm now']);
    b.dispose();
    b.dispose();
    expect(tree.root.below.size).toBe(0);
  });

  it('does not take away the verb of another that came later', () => {
    const tree = new VerbTree();
    const spec = { path: 'x y', help: '', run: () => {} };
    const old = tree.register(spec, 'a');
    old.dispose();
    tree.register(spec, 'b');
    old.dispose();
    expect(tree.verbs().map((v) => v.owner)).toEqual(['b']);
  });

  it('refuses a path twice, naming both plugins, and bad paths', () => {
    const tree = new VerbTree();
    const spec = { path: 'x', help: '', run: () => {} };
    tree.register(spec, 'a');
    expect(() => tree.register(spec, 'b')).toThrow("the verb 'x' (plugin b) exists already: it belongs to a");
    for (const path of ['', 'x ?', 'a "b"', 'help x']) expect(() => tree.register({ ...spec, path }, 'b')).toThrow(/plugin b/);
  });

  it('tells a refusal from a fault', async () => {
    const tree = new VerbTree();
    tree.register({ path: 'no', help: '', run: () => { throw new CliError('not today'); } }, 'p');
    tree.register({ path: 'bug', help: '', run: async () => { throw new TypeError('x is undefined'); } }, 'p');
    await expect(tree.run('no', io)).rejects.toThrow(/^not today$/);
    const fault = await tree.run('bug', io).catch((e: unknown) => e);
    expect(fault).toBeInstanceOf(VerbFault);
    expect((fault as Error).message).toBe("the verb 'bug' of plugin p failed: x is undefined");
  });
});
