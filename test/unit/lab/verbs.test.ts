import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { memoryLab } from '../../../lab/memory/lab.ts';
import { labVerbs, words } from '../../../lab/verbs.ts';
import type { Lab } from '../../../lab/lab.ts';
import type { Args, CommandIo, CommandSpec, Disposable } from '../../../sdk/index.ts';

function verbsOf(lab: Lab) {
  const verbs = new Map<string, CommandSpec>();
  const command = <A extends Args>(spec: CommandSpec<A>): Disposable => {
    verbs.set(spec.path, spec as unknown as CommandSpec);
    return { dispose: () => { verbs.delete(spec.path); } };
  };
  const all = labVerbs(lab, command);
  const said: unknown[] = [];
  const io: CommandIo = { write: part => { said.push(part); }, signal: new AbortController().signal, author: 'test' };
  // biome-ignore lint/suspicious/noExplicitAny: arguments of any verb
  return { verbs, all, said, run: (path: string, args: any = {}) => verbs.get(path)?.run(args, io) };
}

const memory = () => memoryLab({ clock: new VirtualClock(), seed: 1, why: 'a test' });

describe('verbs of the lab', () => {
  it('split a line as a shell does', () => {
    expect(words(`curl -s "http://inet1/a b" 'x y'z`)).toEqual(['curl', '-s', 'http://inet1/a b', 'x yz']);
    expect(words('  ')).toEqual([]);
  });

  it('list hosts, run programs, and go away', async () => {
    const v = verbsOf(memory());
    expect(v.run('lab hosts')).toMatchObject({ rows: [['lan1', 'port1', 'lan', '192.168.1.33/24', 'dhcp', expect.anything()], expect.anything(), expect.anything(), expect.anything()] });
    expect(await v.run('lab exec', { host: 'lan1', program: '-- hostname' })).toEqual({ text: 'lan1' });
    await expect(v.run('lab exec', { host: 'lan1', program: 'vi' })).rejects.toThrow('vi: not found');
    await expect(v.run('lab exec', { host: 'lan1', program: ' ' })).rejects.toThrow('which program');
    await v.all.dispose();
    expect(v.verbs.size).toBe(0);
  });

  it('make a wire bad, and refuse what is no chance', () => {
    const v = verbsOf(memory());
    expect(v.run('lab wire', { wire: 'wan', loss: 5, delay: 20 })).toMatchObject({ facts: { 'loss %': 5, 'delay ms': 20, 'jitter ms': 0 } });
    const loss = v.verbs.get('lab wire')?.args?.['loss']?.schema;
    expect([loss?.safeParse('101').success, loss?.safeParse('x').success, loss?.safeParse('5').success]).toEqual([false, false, true]);
  });

  it('hand on the lines of a real process as they come', async () => {
    const lab: Lab = { ...memory(), kind: 'namespace', exec: (_host, argv) => ({ spawn: [], inside: [...argv] }) };
    const v = verbsOf(lab);
    expect(v.verbs.has('lab wire')).toBe(false);
    await v.run('lab exec', { host: 'lan1', program: `sh -c 'echo one; echo two'` });
    expect(v.said).toEqual([{ text: 'one' }, { text: 'two' }]);
    await expect(v.run('lab exec', { host: 'lan1', program: `sh -c 'exit 3'` })).rejects.toThrow('exit code 3');
  });
});
