import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Loader } from '../../../kernel/plugins/loader.ts';
import { runtimeStripsTypes, translator } from '../../../kernel/plugins/third-party.ts';
import { definePlugin, z } from '../../../sdk/index.ts';
import { fakeKernel } from './fake-kernel.ts';

let root = '';
beforeEach(async () => { root = await realpath(await mkdtemp(join(tmpdir(), 'lancell-loader-'))); });
afterEach(() => rm(root, { recursive: true, force: true }));

/** Writes files given by path below the temporary folder. */
async function files(of: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(of)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
}
const copies = async (at: string) => (await readdir(join(root, at))).filter(name => name.includes('~')).length;
const amaro = 'amaro';
const canReadTypes = runtimeStripsTypes() || await import(/* @vite-ignore */ amaro).then(() => true, () => false);

describe('own plugins', () => {
  const plugin = `import { word } from './word.ts';\nexport default { id: 'own', version: word, setup() {} };\n`;

  it('are imported in place at first, and wholly fresh after an edit, relative imports too', async () => {
    await files({ 'plugins/own/plugin.ts': plugin, 'plugins/own/word.ts': `export const word: string = 'one';`, 'plugins/own/plugin.test.ts': 'syntax error here' });
    const loader = new Loader({ plugins: join(root, 'plugins') });
    const k = fakeKernel();
    await k.host.load(await loader.read(join(root, 'plugins/own')));
    expect(k.host.info('own')).toMatchObject({ version: 'one', folder: join(root, 'plugins/own') });
    expect(await copies('plugins')).toBe(0);
    for (const word of ['two', 'three', 'four']) {
      await files({ 'plugins/own/word.ts': `export const word: string = '${word}';` });
      await k.host.reload('own');
      expect(k.host.info('own')?.version).toBe(word);
      expect(await copies('plugins')).toBeLessThanOrEqual(2);
    }
    loader.close();
    expect(await copies('plugins')).toBe(0);
  });

  it('keep running when the new code cannot be read, and leave no copy of it', async () => {
    await files({ 'plugins/own2/plugin.ts': plugin.replace(`'own'`, `'own2'`), 'plugins/own2/word.ts': `export const word = 'one';` });
    const loader = new Loader({ plugins: join(root, 'plugins') });
    const k = fakeKernel();
    await k.host.load(await loader.read(join(root, 'plugins/own2')));
    await files({ 'plugins/own2/word.ts': `throw new Error('at import');` });
    await expect(k.host.reload('own2')).rejects.toThrow('own2: at import');
    expect(k.host.info('own2')).toMatchObject({ state: 'active', version: 'one' });
    expect(await copies('plugins')).toBe(0);
  });

  it('are found by the name of their folder', async () => {
    await files({ 'plugins/ip/plugin.ts': '', 'plugins/vpn/ike/plugin.ts': '', 'plugins/vpn/notes/readme.md': '', 'plugins/.ip~1-2/plugin.ts': '' });
    const loader = new Loader({ plugins: join(root, 'plugins') });
    expect([...await loader.discover()]).toEqual([['ip', join(root, 'plugins/ip')], ['vpn.ike', join(root, 'plugins/vpn/ike')]]);
  });

  it('sweeps what dead routers left, and nothing else', async () => {
    await files({
      'plugins/.a~999999999-2/plugin.ts': '', 'plugins/vpn/.ike~999999999-3/plugin.ts': '', 'plugins/.b~1-2/plugin.ts': '',
      [`plugins/.c~${process.pid}-2/plugin.ts`]: '', [`plugins/.d~${process.pid}-2/plugin.ts`]: '', 'plugins/.hidden/plugin.ts': '',
    });
    await utimes(join(root, `plugins/.d~${process.pid}-2`), 1, 1);
    await new Loader({ plugins: join(root, 'plugins'), state: join(root, 'state') }).sweep();
    expect((await readdir(join(root, 'plugins'))).sort()).toEqual(['.b~1-2', `.c~${process.pid}-2`, '.hidden', 'vpn']);
    expect(await readdir(join(root, 'plugins/vpn'))).toEqual([]);
  });
});

describe('third-party plugins', () => {
  const loaderHere = () => new Loader({ plugins: join(root, 'plugins'), state: join(root, 'state') });

  it('share the SDK, zod and rxjs of the router, wherever they lie', async () => {
    await files({
      'far/meter/plugin.js': [
        `import { definePlugin as define, z } from 'lancell/sdk';`,
        `import { Observable } from "rxjs";`,
        `import * as zod from 'zod';`,
        `import { word } from './lib/word.js';`,
        `export { word } from './lib/word.js';`,
        `export default define({ id: 'meter', version: word, title: String(z.string === zod.z.string && typeof Observable === 'function'), config: z.object({}), setup(ctx) { ctx.define = define; } });`,
      ].join('\n'),
      'far/meter/lib/word.js': `export const word = 'one';`,
      'far/meter/.git/config': 'not copied',
    });
    const loader = loaderHere();
    const k = fakeKernel();
    await k.host.load(await loader.read(join(root, 'far/meter')));
    expect(k.host.info('meter')).toMatchObject({ state: 'active', version: 'one', title: 'true' });
    await files({ 'far/meter/lib/word.js': `export const word = 'two';` });
    await k.host.reload('meter');
    expect(k.host.info('meter')?.version).toBe('two');
    expect((await readdir(join(root, 'far/meter'))).sort()).toEqual(['.git', 'lib', 'plugin.js']);
    expect(await copies('state/plugins/.gen')).toBe(2);
    loader.close();
    expect(await copies('state/plugins/.gen')).toBe(0);
    const read = await loaderHere().read(join(root, 'far/meter'));
    expect(definePlugin(read.def).config).toBeInstanceOf(z.ZodObject);
    read.discard?.();
    expect(await copies('state/plugins/.gen')).toBe(0);
  });

  it.runIf(canReadTypes)('may be TypeScript', async () => {
    await files({
      'far/typed/plugin.ts': `import { definePlugin, type Table } from 'lancell/sdk';\nimport type { Word } from './word.ts';\nimport { word } from './word.ts';\nconst t: Word = word;\nexport default definePlugin({ id: 'typed', version: t as string, setup(): void {} });`,
      'far/typed/word.ts': `export type Word = string;\nexport const word: Word = 'one';`,
    });
    const loader = loaderHere();
    expect((await loader.read(join(root, 'far/typed'))).def.version).toBe('one');
    await files({ 'far/typed/word.ts': 'export const word: = 1;' });
    await expect(loader.read(join(root, 'far/typed'))).rejects.toThrow('word.ts');
    loader.close();
  });

  it('are blamed for errors that nobody caught', async () => {
    await files({ 'far/guilty/plugin.js': `export default { id: 'guilty', title: '', setup(ctx) { globalThis.guilty = () => { throw new Error('late'); }; } };` });
    const loader = loaderHere();
    const k = fakeKernel();
    for (let round = 0; round < 2; round++) {
      if (round === 0) await k.host.load(await loader.read(join(root, 'far/guilty')));
      else await k.host.reload('guilty');
      let caught: unknown;
      try { (globalThis as unknown as { guilty(): void }).guilty(); } catch (error) { caught = error; }
      expect(k.host.blame(caught)).toBe('guilty');
    }
    expect(k.host.blame(new Error('ours'))).toBeUndefined();
    expect(k.host.blame('text')).toBeUndefined();
    loader.close();
  });

  it('say what is wrong with them', async () => {
    await files({
      'far/empty/readme.md': '', 'far/none/plugin.js': 'export const x = 1;', 'far/text/plugin.js': 'export default "hello";',
      'far/bad/plugin.js': `export default { id: 'Bad Id', needs: { a: 1 }, provides: {}, config: {}, state: 1, verify: 1, configVersion: 0, migrations: [1] };`,
      'far/defaults/plugin.js': `import { z } from 'lancell/sdk'; export default { id: 'x', config: z.object({ host: z.string() }), setup() {} };`,
      'far/foreign/plugin.js': `import x from 'no-such-package'; export default x;`,
      'far/missing/plugin.js': `import x from './nowhere.js'; export default x;`,
    });
    const loader = loaderHere();
    const reason = (name: string) => loader.read(join(root, 'far', name)).then(() => 'loaded', (e: Error) => e.message);
    expect(await reason('nowhere')).toBe(`${root}/far/nowhere does not exist`);
    expect(await reason('empty')).toBe(`${root}/far/empty has no plugin.ts or plugin.js, so it is no plugin`);
    expect(await reason('empty/readme.md')).toContain('is a file; a plugin is a folder');
    expect(await reason('none')).toContain('it has no default export; end it with: export default definePlugin');
    expect(await reason('text')).toContain('its default export is a string, not a plugin');
    expect((await reason('bad')).split('; ')).toHaveLength(10);
    expect(await reason('defaults')).toMatch(/its config must parse \{\} to working defaults \(host: /);
    expect(await reason('foreign')).toContain('no-such-package');
    expect(await reason('missing')).toContain('nowhere.js');
    expect(existsSync(join(root, 'state/plugins/.gen')) ? await copies('state/plugins/.gen') : 0).toBe(0);
  });
});

describe('translation', () => {
  it('rewrites what is imported, and nothing that only looks like it', async () => {
    const own = { root: new URL('file:///router/dist/'), extension: '.js' } as const;
    const source = [
      `import{z}from'lancell/sdk';`, `import 'lancell/sdk/wire/udp';`, `export * as arp from "lancell/sdk/wire/arp";`,
      `const sdk = await import('lancell/sdk/testing');`, `import fs from 'node:fs';`, `import x from 'other';`, `import y from './y.js';`,
      `export const from = 'lancell/sdk';`, `import type { T } from 'lancell/sdk';`, `import {\n  a,\n  b,\n} from 'lancell/sdk';`,
    ].join('\n');
    const { text, name } = await translator(own)(source, 'plugin.js', '/x/plugin.js');
    expect(name).toBe('plugin.js');
    expect(text.split('\n')).toEqual([
      `import{z}from'file:///router/dist/sdk/index.js';`, `import 'file:///router/dist/sdk/wire/udp.js';`, `export * as arp from "file:///router/dist/sdk/wire/arp.js";`,
      `const sdk = await import('file:///router/dist/sdk/testing/index.js');`, `import fs from 'node:fs';`, `import x from 'other';`, `import y from './y.js';`,
      `export const from = 'lancell/sdk';`, `import type { T } from 'lancell/sdk';`, 'import {', '  a,', '  b,', `} from 'file:///router/dist/sdk/index.js';`,
    ]);
  });
});
