import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { BadDocument, parseDocument } from '../../../kernel/config/document.ts';
import { Locked } from '../../../kernel/config/lock.ts';
import { openStore, type Store } from '../../../kernel/config/store.ts';
import { lan, notes, rig, temporaryDir } from './rig.ts';

const doc = (ip: string) => ({ format: 1 as const, sections: { lan: { version: 1, settings: { interfaces: { lan: { ip } } } } } });

describe('a state directory', () => {
  it('keeps what was committed over a restart, readable by its owner only', async () => {
    const dir = temporaryDir();
    const first = await rig(dir);
    first.config.attach(lan());
    first.config.set('lan', ['mtu'], 1400, 'test');
    await first.config.commit({ author: 'test' });
    await first.config.close();
    expect(statSync(join(dir, 'config.json')).mode & 0o077).toBe(0);
    const second = await rig(dir);
    second.config.attach(lan());
    expect(second.config.running<{ mtu: number }>('lan').mtu).toBe(1400);
    expect(second.config.history().map((e) => e.author)).toEqual(['test', 'start']);
    await second.config.close();
  });

  const bad: [string, string, RegExp][] = [
    ['empty', '', /empty/], ['truncated', '{"format":1,"sections":{"lan":{"ver', /cut off/], ['not JSON', 'hello', /not JSON/],
    ['of a newer format', '{"format":2,"sections":{}}', /newer/], ['without format', '{"sections":{}}', /format/], ['an array', '[]', /no settings document/],
    ['null', 'null', /no settings document/], ['without sections', '{"format":1}', /sections/], ['with a broken section', '{"format":1,"sections":{"lan":3}}', /'lan'/],
    ['with a hostile key', '{"format":1,"sections":{"lan":{"version":1,"settings":{"__proto__":{"x":1}}}}}', /__proto__/],
    ['nested without end', `{"format":1,"sections":{"lan":{"version":1,"settings":{"a":${'['.repeat(5000)}${']'.repeat(5000)}}}}}`, /deeper/],
  ];
  it.each(bad)('loads the last good settings when config.json is %s', async (_what, text, why) => {
    expect(() => parseDocument(text)).toThrow(BadDocument);
    const dir = temporaryDir();
    const first = await rig(dir);
    first.config.attach(lan());
    first.config.set('lan', ['mtu'], 1300, 'test');
    await first.config.commit({ author: 'test' });
    await first.config.close();
    writeFileSync(join(dir, 'config.json'), text);
    const second = await rig(dir);
    second.config.attach(lan());
    expect(second.config.running<{ mtu: number }>('lan').mtu).toBe(1300);
    const kept = readdirSync(join(dir, 'bad'));
    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatch(/^2008-01-01T.*config\.json$/);
    expect(readFileSync(join(dir, 'bad', kept[0] as string), 'utf8')).toBe(text);
    expect(second.log.lines.join('\n')).toMatch(why);
    expect(second.log.lines.join('\n')).toMatch(/instead/);
    expect(parseDocument(readFileSync(join(dir, 'config.json'), 'utf8'))).toEqual(second.config.document);
    await second.config.close();
  });

  it('falls back from config.json over a bad history to the user-defined default, then to the factory defaults', async () => {
    const dir = temporaryDir();
    await (await rig(dir)).config.close();
    writeFileSync(join(dir, 'default.json'), JSON.stringify(doc('10.9.9.9')));
    for (const name of readdirSync(join(dir, 'history'))) writeFileSync(join(dir, 'history', name), '{"format":1');
    writeFileSync(join(dir, 'config.json'), 'x');
    const second = await rig(dir);
    expect(second.config.document).toEqual(doc('10.9.9.9'));
    await second.config.close();
    for (const name of ['default.json', 'config.json', ...readdirSync(join(dir, 'history')).map((n) => `history/${n}`)]) writeFileSync(join(dir, name), '');
    const third = await rig(dir);
    expect(third.config.document.sections).toEqual({});
    await third.config.close();
  });

  it('takes a file that died between write and rename for what it is', async () => {
    const dir = temporaryDir();
    const first = await rig(dir);
    first.config.attach(lan());
    first.config.set('lan', ['mtu'], 1300, 'test');
    await first.config.commit({ author: 'test' });
    await first.config.close();
    writeFileSync(join(dir, '.config.json.4242.tmp'), '{"format":1,"sec');
    writeFileSync(join(dir, 'history', '.000003.json.4242.tmp'), '{"for');
    const second = await rig(dir);
    second.config.attach(lan());
    expect(second.config.running<{ mtu: number }>('lan').mtu).toBe(1300);
    expect([...readdirSync(dir), ...readdirSync(join(dir, 'history'))].filter((n) => n.includes('tmp'))).toEqual([]);
    await second.config.close();
  });

  it('notes a config.json that was changed by hand', async () => {
    const dir = temporaryDir();
    await (await rig(dir)).config.close();
    writeFileSync(join(dir, 'config.json'), JSON.stringify(doc('10.1.1.1')));
    const second = await rig(dir);
    expect(second.config.document).toEqual(doc('10.1.1.1'));
    expect(second.config.history()[0]).toMatchObject({ author: 'start', note: 'found at start', changes: [{ path: 'lan.interfaces.lan.ip', secret: true }] });
    await second.config.close();
  });
});

describe('a crash', () => {
  // The disk takes `n` more writes, then nothing, as when the power goes; not even the taking back reaches it.
  const failingAfter = (n: number) => (store: Store): Store & { armed: boolean } => {
    let left = n;
    const cut = <A extends unknown[]>(write: (...args: A) => Promise<void>) => async (...args: A): Promise<void> => {
      if (wrapped.armed && left-- <= 0) throw new Error('power cut');
      await write(...args);
    };
    const wrapped = {
      armed: false, dir: store.dir, load: () => store.load(), close: () => store.close(),
      writeConfig: cut((d: Parameters<Store['writeConfig']>[0]) => store.writeConfig(d)), writeEntry: cut((e: Parameters<Store['writeEntry']>[0]) => store.writeEntry(e)),
      removeEntry: cut((seq: number) => store.removeEntry(seq)), writeDefault: cut((d: Parameters<Store['writeDefault']>[0]) => store.writeDefault(d)),
      writePending: cut((w: Parameters<Store['writePending']>[0]) => store.writePending(w)),
    };
    return wrapped;
  };

  it.each([0, 1, 2, 3].flatMap((n) => [[n, undefined], [n, 5]] as const))('after %i writes of a commit (confirm %s) leaves the old settings or the new', async (n, minutes) => {
    const dir = temporaryDir();
    const first = await rig(dir, undefined, failingAfter(n));
    first.config.attach(lan());
    first.config.set('lan', ['mtu'], 1300, 'test');
    (first.store as Store & { armed: boolean }).armed = true;
    const done = await first.config.commit({ author: 'test', ...(minutes !== undefined && { confirmMinutes: minutes }) }).then(() => true, () => false);
    await first.store.close();
    const second = await rig(dir);
    second.config.attach(lan());
    expect(second.config.running<{ mtu: number }>('lan').mtu).toBe(done && minutes === undefined ? 1300 : 1500);
    expect(second.config.history()[0]?.document).toEqual(second.config.document);
    expect(second.log.lines.filter((l) => l.startsWith('error'))).toEqual([]);
    await second.config.close();
    const third = await rig(dir);
    expect(third.config.document).toEqual(second.config.document);
    await third.config.close();
  });
});

describe('the lock', () => {
  const open = (dir: string) => openStore(dir, notes(), () => 0);

  it('refuses a second router and names the pid of the first', async () => {
    const dir = temporaryDir();
    const first = await open(dir);
    await expect(open(dir)).rejects.toThrow(Locked);
    await expect(open(dir)).rejects.toThrow(new RegExp(`pid ${process.pid}`));
    await first.close();
    await (await open(dir)).close();
    expect(existsSync(join(dir, 'lock'))).toBe(false);
  });

  it('lets exactly one of many win', async () => {
    const dir = temporaryDir();
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: spawnSync('true').pid, started: '1' }));
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => open(dir)));
    const won = results.filter((r) => r.status === 'fulfilled');
    expect(won).toHaveLength(1);
    await won[0]?.value.close();
  });

  it.each([
    ['of a dead process', () => JSON.stringify({ pid: spawnSync('true').pid })],
    ['whose pid was used again', () => JSON.stringify({ pid: process.pid, started: '1' })],
    ['that is junk', () => 'junk'],
    ['that is empty', () => ''],
  ])('takes over a lock %s', async (_what, content) => {
    const dir = temporaryDir();
    writeFileSync(join(dir, 'lock'), content());
    await (await open(dir)).close();
  });

  it('respects a living process without a start time', async () => {
    const dir = temporaryDir();
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: process.ppid }));
    await expect(open(dir)).rejects.toThrow(`pid ${process.ppid}`);
  });
});
