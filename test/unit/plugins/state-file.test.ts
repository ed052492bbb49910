import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { FolderFile } from '../../../kernel/plugins/state-file.ts';
import { definePlugin, type StateFile } from '../../../sdk/index.ts';
import { harness } from '../../../sdk/testing/index.ts';

let folder: string;
let clock: VirtualClock;
let failures: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lancell-file-'));
  clock = new VirtualClock();
  failures = [];
});
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });
const file = (name = 'a.json', ...at: [string | undefined] | []) => new FolderFile({ folder: at.length === 0 ? folder : at[0], name, clock, failed: error => failures.push(error) });
const text = (): string => readFileSync(join(folder, 'a.json'), 'utf8');
/** Until the disk has done what the clock began. */
const until = async (done: () => boolean): Promise<void> => { while (!done()) await new Promise<void>(resolve => { setImmediate(resolve); }); };

describe('a file of a plugin', () => {
  it('is there as a whole when write returns, for its owner only, and nothing beside it', () => {
    const f = file();
    expect(f.read()).toBeUndefined();
    f.write('one');
    f.write('two');
    expect([f.read(), file().read(), text()]).toEqual(['two', 'two', 'two']);
    expect(readdirSync(folder)).toEqual(['a.json']);
    expect(statSync(join(folder, 'a.json')).mode & 0o777).toBe(0o600);
  });

  it('written soon: once for many changes, with what is so by then', async () => {
    const f = file();
    let n = 0;
    let asked = 0;
    const say = () => { asked++; return String(n); };
    for (n = 1; n < 5; n++) f.soon(say);
    expect(readdirSync(folder)).toEqual([]);
    clock.advance(1000);
    await until(() => readdirSync(folder).includes('a.json'));
    expect([text(), asked]).toEqual(['5', 1]);
    await f.dispose();
    expect([asked, clock.next()]).toEqual([1, undefined]);
  });

  it('what waits at the end is written then, and nothing afterwards', async () => {
    const f = file();
    f.soon(() => 'last');
    await f.dispose();
    expect(text()).toBe('last');
    f.soon(() => 'too late');
    clock.advance(5000);
    expect(text()).toBe('last');
    expect(clock.next()).toBeUndefined();
  });

  it('what is written at once is newer than what was on its way', async () => {
    const f = file();
    f.soon(() => 'old');
    clock.advance(1000);
    f.write('new');
    await f.dispose();
    expect(text()).toBe('new');
    f.soon(() => 'x');
    expect(text()).toBe('new');
    const g = file();
    g.soon(() => 'old');
    g.write('new again');
    clock.advance(5000);
    await g.dispose();
    expect(text()).toBe('new again');
  });

  it('failures are told: write throws, soon reports; the old text stays', async () => {
    file().write('good');
    const gone = file('a.json', join(folder, 'a.json', 'below'));
    expect(() => gone.write('x')).toThrow();
    gone.soon(() => 'x');
    clock.advance(1000);
    await gone.dispose();
    const bad = file();
    bad.soon(() => { throw new Error('no text'); });
    await bad.dispose();
    expect(failures.map(String)).toEqual([expect.stringContaining('ENOTDIR'), 'Error: no text']);
    expect(text()).toBe('good');
  });

  it('without a folder keeps nothing and asks for nothing', async () => {
    const f = file('a.json', undefined);
    f.write('x');
    f.soon(() => { throw new Error('asked'); });
    clock.advance(5000);
    await f.dispose();
    expect([f.read(), failures, clock.next()]).toEqual([undefined, [], undefined]);
  });

  it('has a name that stays in the folder', () => {
    for (const name of ['', '.', '..', '../x', 'a/b', '.hidden', 'a\0', 'a b', 'x'.repeat(65), '/etc/passwd']) expect(() => file(name), name).toThrow('is no name of a file');
    for (const name of ['a', 'leases.json', 'a..b', '0', 'x'.repeat(64)]) expect(() => file(name), name).not.toThrow();
  });
});

describe('ctx.file', () => {
  it('is one file for one name, refuses names that are none, and is given back at unload', async () => {
    let made: StateFile[] = [];
    let problem = '';
    const h = await harness(definePlugin({ id: 'test.files', setup(ctx) {
      made = [ctx.file('a.json'), ctx.file('a.json'), ctx.file('b.json')];
      try { ctx.file('../a.json'); } catch (error) { problem = String(error); }
    } }));
    expect(made[0]).toBe(made[1]);
    expect(made[0]).not.toBe(made[2]);
    expect(problem).toContain('is no name of a file');
    await h.close();
  });
});
