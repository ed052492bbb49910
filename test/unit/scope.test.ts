import { describe, expect, it } from 'vitest';
import { createScope } from '../../kernel/scope.ts';

const later = <T>(value: T) => new Promise<T>(resolve => setImmediate(resolve, value));

describe('scope', () => {
  it('gives back last in, first out, at once when nothing is asynchronous', () => {
    const seen: string[] = [];
    const scope = createScope('test');
    scope.add(() => { seen.push('a'); }, 'a');
    scope.add({ dispose: () => { seen.push('b'); } }, 'b');
    const inner = scope.child('inner');
    inner.add(() => { seen.push('inner 1'); }, '1');
    inner.add(() => { seen.push('inner 2'); }, '2');
    scope.add(() => { seen.push('c'); }, 'c');
    expect(scope.live).toEqual(['a', 'b', 'inner > 1', 'inner > 2', 'c']);
    expect(scope.dispose()).toBeUndefined();
    expect(seen).toEqual(['c', 'inner 2', 'inner 1', 'b', 'a']);
    expect(scope.live).toEqual([]);
    expect(scope.disposed).toBe(true);
    expect(inner.disposed).toBe(true);
  });

  it('waits for asynchronous disposers before what was claimed earlier goes', async () => {
    const seen: string[] = [];
    const scope = createScope('test');
    scope.add(() => { seen.push('file'); }, 'file');
    scope.add(async () => { await later(0); seen.push('writer'); }, 'writer');
    scope.add(() => { seen.push('first'); }, 'first');
    const ending = scope.dispose();
    expect(scope.live).toEqual(['file', 'writer']);
    expect(scope.dispose()).toBe(ending);
    await ending;
    expect(seen).toEqual(['first', 'writer', 'file']);
  });

  it('disposes each thing once, whoever asks', () => {
    let times = 0;
    const scope = createScope('test');
    const thing = scope.add(() => { times++; }, 'thing');
    const child = scope.child('child');
    child.add(() => { times++; }, 'below');
    void thing.dispose();
    void thing.dispose();
    void child.dispose();
    expect(scope.live).toEqual([]);
    void scope.dispose();
    void scope.dispose();
    expect(times).toBe(2);
  });

  it('goes on when one throws, and tells of all by name', async () => {
    const seen: string[] = [];
    const scope = createScope('vpn.ike');
    scope.add(() => { seen.push('last'); }, 'last');
    scope.add(() => Promise.reject(new Error('no answer')), 'socket');
    scope.add(() => { throw new Error('already closed'); }, 'file');
    const error: unknown = await Promise.resolve(scope.dispose()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors.map(String)).toEqual(['Error: file: already closed', 'Error: socket: no answer']);
    expect((error as AggregateError).message).toBe('vpn.ike: file: already closed; socket: no answer');
    expect(seen).toEqual(['last']);
    expect(scope.live).toEqual([]);
  });

  it('refuses what comes after dispose, and undoes it', () => {
    let undone = 0;
    const scope = createScope('test');
    void scope.dispose();
    expect(() => scope.add(() => { undone++; }, 'late')).toThrow('late: test is already disposed');
    expect(() => scope.child('late child')).toThrow('late child: test is already disposed');
    expect(undone).toBe(1);
  });

  it('does not wait for ever when it is given patience', async () => {
    const seen: string[] = [];
    const scope = createScope('test', { patience: (_done, label) => Promise.reject(new Error(`${label} takes too long`)) });
    scope.add(() => { seen.push('rest'); }, 'rest');
    scope.add(() => new Promise<void>(() => {}), 'stuck');
    await expect(scope.dispose()).rejects.toThrow('stuck takes too long');
    expect(seen).toEqual(['rest']);
    expect(scope.live).toEqual(['stuck']);
  });

  it('tells a watcher what comes and what goes, by full label', async () => {
    const seen: string[] = [];
    const scope = createScope('test', { watch: label => { seen.push(`+ ${label}`); return error => { seen.push(`- ${label}${error ? ` ${error}` : ''}`); }; } });
    scope.add(async () => { throw 'no'; }, 'slow');
    const child = scope.child('child');
    child.add(() => {}, 'inner');
    await expect(scope.dispose()).rejects.toThrow('test: slow: no');
    expect(seen).toEqual(['+ slow', '+ child > inner', '- child > inner', '- slow no']);
  });
});
