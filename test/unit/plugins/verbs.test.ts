import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Loader } from '../../../kernel/plugins/loader.ts';
import { scaffold } from '../../../kernel/plugins/scaffold.ts';
import { PluginStore } from '../../../kernel/plugins/store.ts';
import { pluginVerbs } from '../../../kernel/plugins/verbs.ts';
import { runtimeStripsTypes } from '../../../kernel/plugins/third-party.ts';
import { definePlugin, type Table, token } from '../../../sdk/index.ts';
import { tgz, zip } from './archives.ts';
import { fakeKernel } from './fake-kernel.ts';

const amaro = 'amaro';
const canReadTypes = runtimeStripsTypes() || await import(/* @vite-ignore */ amaro).then(() => true, () => false);

let root = '';
beforeEach(async () => { root = await realpath(await mkdtemp(join(tmpdir(), 'lancell-verbs-'))); });
afterEach(() => rm(root, { recursive: true, force: true }));

function session(withStore = true) {
  const k = fakeKernel();
  const loader = new Loader({ plugins: join(root, 'plugins'), state: join(root, 'state') });
  const store = withStore ? new PluginStore(join(root, 'state'), loader) : undefined;
  const held = pluginVerbs({ host: k.host, loader, store, clock: k.clock, command: spec => k.services.command(spec as never, 'kernel') });
  const abort = new AbortController();
  const written: unknown[] = [];
  const run = async (path: string, args: object = {}): Promise<unknown> =>
    k.verbs.get(path)?.run(args as never, { write: part => { written.push(part); }, signal: abort.signal, author: 'test' });
  return { k, loader, held, run, abort, written };
}

async function plugin(path: string, text: string): Promise<string> {
  await mkdir(join(root, path), { recursive: true });
  await writeFile(join(root, path, 'plugin.js'), text);
  return join(root, path);
}
const named = (id: string, version: string, setup = '') => `export default { id: '${id}', version: '${version}', setup(ctx) {${setup}} };`;

describe('plugin verbs', () => {
  it('load from a folder, list, inform, reload, unload', async () => {
    const c = session();
    const folder = await plugin('far/meter', named('meter', '1', `ctx.on('link/up', () => { throw new Error('oops'); });`));
    expect(await c.run('plugin load', { plugin: folder })).toBe('meter active (generation 1)');
    c.k.bus.emit('link/up', { link: 1, name: 'eth0' });
    expect(await c.run('plugin list')).toMatchObject({ rows: [['meter', 'active', '1', 1, 1, 1, '']] });
    expect(await c.run('plugin info', { id: 'meter' })).toMatchObject([
      { facts: { id: 'meter', folder } }, { rows: [['listener link/up']] }, { rows: [['meter', 'listener link/up', 1, '2008-01-01 00:00:00', 'oops']] },
    ]);
    await plugin('far/meter', named('meter', '2'));
    expect(await c.run('plugin reload', { id: 'meter' })).toBe('meter active (generation 2)');
    expect(await c.run('plugin faults', {})).toMatchObject({ rows: [['meter', 'listener link/up', 1, '2008-01-01 00:00:00', 'oops']] });
    expect(await c.run('plugin unload', { id: 'meter' })).toBe('meter is unloaded');
    expect(await c.run('plugin residue')).toBeUndefined();
    expect(await c.run('plugin load', { plugin: 'meter' })).toBe('meter active (generation 3)');
    await expect(c.run('plugin load', { plugin: 'meter' })).rejects.toThrow('meter is loaded already; to read it anew: plugin reload meter');
    void c.held.dispose();
    expect([...c.k.verbs.keys()]).toEqual([]);
    c.loader.close();
  });

  it('answer mistakes with sentences', async () => {
    const c = session(false);
    await mkdir(join(root, 'plugins/nat'), { recursive: true });
    await writeFile(join(root, 'plugins/nat/plugin.ts'), '');
    for (const [verb, args, sentence] of [
      ['plugin load', { plugin: 'nta' }, 'there is no plugin nta; there are nat; from elsewhere give the absolute path'],
      ['plugin load', { plugin: `${root}/nowhere` }, 'nowhere does not exist'],
      ['plugin info', { id: 'x' }, 'no plugin x is loaded'],
      ['plugin unload', { id: 'x' }, 'no plugin x is loaded'],
      ['plugin install', { folder: root }, 'without a state directory'],
    ] as const) {
      await expect(c.run(verb, args)).rejects.toMatchObject({ name: 'CliError', message: expect.stringContaining(sentence) });
    }
  });

  it('tell what was left behind, and draw the graph', async () => {
    const c = session();
    const A = token<object>('a.svc');
    await c.k.load(
      definePlugin({ id: 'a', provides: [A], setup(ctx) { ctx.provide(A, {}); } }),
      definePlugin({ id: 'b', needs: { a: A }, setup(ctx) { ctx.scope.add(() => { throw new Error('stuck'); }, 'file'); } }));
    expect(await c.run('plugin graph')).toEqual({ text: 'a\n└─ b (a.svc)' });
    const reply = (await c.run('plugin unload', { id: 'b' })) as [unknown, Table];
    expect(reply[1].rows).toEqual([['b', 1, 'file', 'stuck']]);
    expect(await c.run('plugin residue')).toMatchObject({ rows: [['b', 1, 'file', 'stuck']] });
  });

  it('install for every start, replace what was installed, and remove', async () => {
    const c = session();
    const folder = await plugin('far/whatever', named('meter', '1'));
    expect(await c.run('plugin install', { folder })).toBe('meter active (generation 1)');
    await plugin('far/whatever', named('meter', '2'));
    expect(await c.run('plugin install', { folder })).toBe('meter active (generation 2)');
    expect(c.k.host.info('meter')).toMatchObject({ version: '2', folder: join(root, 'state/plugins/meter') });
    expect(await c.run('plugin installed')).toMatchObject({ rows: [['meter', join(root, 'state/plugins/meter')]] });
    await plugin('far/whatever', 'export default 1;');
    await expect(c.run('plugin install', { folder })).rejects.toThrow('its default export is a number');
    expect(await readFile(join(root, 'state/plugins/meter/plugin.js'), 'utf8')).toContain(`version: '2'`);
    await expect(c.run('plugin remove', { id: 'x' })).rejects.toThrow('x is not installed; installed: meter');
    expect(await c.run('plugin remove', { id: 'meter' })).toBe('meter is removed');
    expect(c.k.state('meter')).toBe('gone');
    c.loader.close();
    expect(await readdir(join(root, 'state/plugins'))).toEqual(['.gen']);
    expect(await readdir(join(root, 'state/plugins/.gen'))).toEqual([]);
  });

  it('install with the packages a plugin needs to run, and without those of its tests', async () => {
    const c = session();
    const folder = await plugin('far/whatever', named('meter', '1'));
    const files: Record<string, string> = {
      'package.json': JSON.stringify({ dependencies: { '@a/b': '1', zod: '4' }, devDependencies: { lancell: 'file:/', vitest: '4' } }),
      'node_modules/@a/b/package.json': JSON.stringify({ dependencies: { c: '1', '@a/b': '1' } }), 'node_modules/c/index.js': '',
      'node_modules/lancell/index.js': '', 'node_modules/vitest/index.js': '', 'node_modules/zod/index.js': '',
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await c.run('plugin install', { folder });
    expect((await readdir(join(root, 'state/plugins/meter/node_modules'))).sort()).toEqual(['@a', 'c']);
    c.loader.close();
  });

  it('install from an archive and from a single file, and keep what was installed when one is bad', async () => {
    const c = session();
    const at = async (name: string, data: string | Uint8Array): Promise<string> => { await writeFile(join(root, name), data); return join(root, name); };
    const install = (folder: string) => c.run('plugin install', { folder });
    expect(await install(await at('meter-1.tgz', tgz([{ path: 'package/plugin.js', data: named('meter', '1') }, { path: 'package/package.json', data: '{"scripts":{"install":"touch /tmp/never"}}' }])))).toBe('meter active (generation 1)');
    expect(await install(await at('meter-2.zip', zip([{ path: 'meter/plugin.js', data: named('meter', '2') }])))).toBe('meter active (generation 2)');
    expect(await install(await at('some-meter.mjs', named('meter', '3')))).toBe('meter active (generation 3)');
    expect(c.k.host.info('meter')).toMatchObject({ version: '3', folder: join(root, 'state/plugins/meter') });
    for (const [name, data, sentence] of [
      ['evil.tgz', tgz([{ path: 'plugin.js', data: named('meter', '4') }, { path: '../../evil.js', data: 'x' }]), "'../../evil.js' leads out of the folder"],
      ['link.zip', zip([{ path: 'plugin.js', data: '/etc/passwd', mode: 0o120777 }]), "'plugin.js' is a link"],
      ['none.tgz', tgz([{ path: 'readme.md', data: 'x' }]), 'none.tgz has no plugin.ts or plugin.js'],
      ['broken.js', 'export default {', 'broken: '],
      ['notes.txt', 'x', 'can be installed'],
    ] as const) {
      await expect(install(await at(name, data))).rejects.toMatchObject({ name: 'CliError', message: expect.stringContaining(sentence) });
    }
    await expect(install(join(root, 'nowhere.tgz'))).rejects.toThrow('does not exist');
    expect(c.k.host.info('meter')).toMatchObject({ version: '3', state: 'active' });
    expect(await readdir(join(root, 'state/plugins'))).toEqual(expect.arrayContaining(['meter']));
    c.loader.close();
  });

  it('watch until the session goes', async () => {
    const c = session();
    const folder = await plugin('far/meter', named('meter', '1'));
    const watching = c.run('plugin watch', { folder });
    while (c.written.length === 0) await c.k.settle();
    expect(c.written).toEqual(['meter active (generation 1)']);
    c.abort.abort();
    await watching;
    expect(c.k.state('meter')).toBe('active');
    c.loader.close();
  });
});

describe('scaffold', () => {
  it('writes a plugin named after its folder, into a new folder only', async () => {
    const made = await scaffold(join(root, 'My Meter'));
    expect(made).toEqual({ id: 'my-meter', files: ['plugin.ts', 'plugin.test.ts', 'README.md', 'package.json', 'tsconfig.json'] });
    await expect(scaffold(join(root, 'My Meter'))).rejects.toThrow('is not empty');
    await expect(scaffold(join(root, '42'))).rejects.toThrow('does not begin with a letter');
  });

  it.runIf(canReadTypes)('writes one that loads, listens and carries its state over', async () => {
    const c = session();
    expect(await c.run('plugin new', { folder: join(root, 'counter') })).toContain('counter: plugin.ts');
    expect(await c.run('plugin load', { plugin: join(root, 'counter') })).toBe('counter active (generation 1)');
    c.k.bus.emit('link/up', { link: 1, name: 'eth0' });
    await c.run('plugin reload', { id: 'counter' });
    expect(await c.run('counter show')).toEqual({ facts: { greeting: 'hello', links: 'eth0' } });
    c.loader.close();
  });
});
