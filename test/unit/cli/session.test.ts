import { describe, expect, it } from 'vitest';
import type { Part } from '../../../kernel/cli/draw.ts';
import type { VerbFault } from '../../../kernel/cli/errors.ts';
import { Session } from '../../../kernel/cli/session.ts';
import { VerbTree } from '../../../kernel/cli/tree.ts';
import { VirtualClock } from '../../../kernel/clock.ts';
import { CliError, type CommandIo } from '../../../sdk/index.ts';

function open(access: 'read' | 'write' = 'write') {
  const tree = new VerbTree();
  const faults: VerbFault[] = [];
  const seen: CommandIo[] = [];
  tree.register({ path: 'count', help: '', access: 'read', run: (_a, io) => { io.write('one'); io.write('two'); return [{ text: 'three' }, { facts: { n: 4 } }]; } }, 't');
  tree.register({ path: 'wait', help: '', run: (_a, io) => { seen.push(io); return new Promise<void>(() => {}); } }, 't');
  tree.register({ path: 'no', help: '', run: () => { throw new CliError('not today'); } }, 't');
  tree.register({ path: 'bug', help: '', run: () => { throw new Error('oops'); } }, 't');
  const session = new Session({ tree, clock: new VirtualClock(), author: 'tester', access, onFault: (f) => faults.push(f) });
  const run = async (line: string) => {
    const parts: Part[] = [];
    return { outcome: await session.start(line, (p) => parts.push(p)).done, parts };
  };
  return { session, faults, seen, run };
}

describe('a session', () => {
  it('gives the output in order, then the end', async () => {
    expect(await open().run('count')).toEqual({ outcome: { code: 0 }, parts: ['one', 'two', { text: 'three' }, { facts: { n: 4 } }] });
  });

  it('tells refusals, mistakes and faults apart', async () => {
    const { run, faults } = open();
    expect((await run('no')).outcome).toEqual({ code: 1, error: 'not today' });
    expect((await run('nope')).outcome).toMatchObject({ code: 2, at: 0, allowed: ['bug', 'count', 'no', 'wait'] });
    expect(faults).toEqual([]);
    expect((await run('bug')).outcome).toEqual({ code: 1, error: "the verb 'bug' of plugin t failed: oops" });
    expect(faults).toHaveLength(1);
  });

  it('does not wait for a verb that ignores ^C, and takes nothing from it afterwards', async () => {
    const { session, seen } = open();
    const parts: Part[] = [];
    const running = session.start('wait', (p) => parts.push(p));
    running.cancel();
    expect(await running.done).toEqual({ code: 130, error: 'cancelled' });
    expect(seen[0]!.signal.aborted).toBe(true);
    seen[0]!.write('late');
    expect(parts).toEqual([]);
    expect(session.running).toBe(0);
  });

  it('lets a viewer only look', async () => {
    const { run } = open('read');
    expect((await run('count')).outcome.code).toBe(0);
    expect((await run('no')).outcome).toMatchObject({ code: 2, error: "'no' changes the router; a viewer may only look" });
  });

  it('bounds what runs, and cancels it when it closes', async () => {
    const { session, seen } = open();
    const running = Array.from({ length: 17 }, () => session.start('wait', () => {}));
    expect((await running[16]!.done).error).toBe('16 verbs are running already');
    session.close();
    expect((await Promise.all(running.slice(0, 16).map((r) => r.done))).every((o) => o.code === 130)).toBe(true);
    expect(seen.every((io) => io.signal.aborted)).toBe(true);
    expect((await session.start('count', () => {}).done).error).toBe('the session is closed');
  });
});
