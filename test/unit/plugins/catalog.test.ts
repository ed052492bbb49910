import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Catalog, onDemandFrom } from '../../../kernel/plugins/catalog.ts';
import { Loader } from '../../../kernel/plugins/loader.ts';
import { isOnDemand, OnDemandFolders } from '../../../kernel/plugins/on-demand.ts';
import { PluginStore } from '../../../kernel/plugins/store.ts';
import { definePlugin } from '../../../sdk/index.ts';
import { fakeKernel } from './fake-kernel.ts';

const plain = definePlugin({ id: 'cards.plain', setup(ctx) { ctx.clock.every(1000, () => {}); } });
const lame = definePlugin({ id: 'cards.lame', setup() { throw new Error('no'); } });

describe('plugins on demand', () => {
  it('are loaded and unloaded as asked, however often, and leave nothing', async () => {
    const k = fakeKernel();
    const catalog = new Catalog(k.host, onDemandFrom([{ def: plain, manifest: { model: 'P' } }]));
    expect(await catalog.list()).toEqual([{ id: 'cards.plain', folder: undefined, manifest: { model: 'P' }, problem: undefined }]);
    await Promise.all([catalog.load('cards.plain'), catalog.load('cards.plain')]);
    expect(k.state('cards.plain')).toBe('active');
    await Promise.all([catalog.unload('cards.plain'), catalog.load('cards.plain'), catalog.unload('cards.plain'), catalog.unload('cards.plain')]);
    expect([k.state('cards.plain'), k.residue(), k.clock.next()]).toEqual(['gone', [], undefined]);
  });

  it('stay when a person loaded them', async () => {
    const k = fakeKernel();
    const catalog = new Catalog(k.host, onDemandFrom([{ def: plain, manifest: {} }]));
    await k.load(plain);
    await catalog.load('cards.plain');
    await catalog.unload('cards.plain');
    expect(k.state('cards.plain')).toBe('active');
  });

  it('say why they do not start, and go all the same', async () => {
    const k = fakeKernel();
    const catalog = new Catalog(k.host, onDemandFrom([{ def: lame, manifest: {} }]));
    await expect(catalog.load('cards.lame')).rejects.toThrow('cards.lame is failed: setup: no');
    await expect(catalog.load('cards.none')).rejects.toThrow('there is no plugin cards.none');
    await catalog.unload('cards.lame');
    expect(k.state('cards.lame')).toBe('gone');
  });

  it('end quietly with a router that stops meanwhile', async () => {
    const k = fakeKernel();
    const catalog = new Catalog(k.host, onDemandFrom([{ def: plain, manifest: {} }]));
    await catalog.load('cards.plain');
    await Promise.all([k.host.stopAll(), catalog.unload('cards.plain')]);
    expect(k.state('cards.plain')).toBe('gone');
  });
});

describe('folders of plugins on demand', () => {
  let root = '';
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const made = (id: string, version = '1') => `export default { id: '${id}', version: '${version}', setup() {} };\n`;
  beforeEach(() => { root = realpathSync(mkdtempSync(join(tmpdir(), 'lancell-catalog-'))); });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('are those with a manifest, installed ones too; a bad manifest is told, not thrown', async () => {
    put('plugins/ip/plugin.ts', made('ip'));
    put('plugins/cards/a/plugin.ts', made('cards.a'));
    put('plugins/cards/a/card.json', '{"model":"A"}');
    put('plugins/cards/b/plugin.ts', made('cards.b'));
    put('plugins/cards/b/card.json', '{"model":');
    put('state/plugins/their.card/plugin.ts', made('their.card'));
    put('state/plugins/their.card/card.json', '{"model":"T"}');
    put('state/plugins/other/plugin.ts', made('other'));
    const loader = new Loader({ plugins: join(root, 'plugins'), state: join(root, 'state') });
    const folders = new OnDemandFolders(loader, new PluginStore(join(root, 'state'), loader));
    const list = await folders.list();
    expect(list.map(p => [p.id, p.manifest])).toEqual([['cards.a', { model: 'A' }], ['cards.b', undefined], ['their.card', { model: 'T' }]]);
    expect(list[1]?.problem).toContain('card.json: ');
    expect([...(await loader.discover())].filter(([, folder]) => !isOnDemand(folder)).map(([id]) => id)).toEqual(['ip']);
  });

  it('are read once, and again when a file of theirs changed', async () => {
    put('plugins/cards/c/plugin.js', made('cards.c'));
    put('plugins/cards/c/plugin.ts', made('cards.c'));
    put('plugins/cards/c/card.json', '{}');
    const loader = new Loader({ plugins: join(root, 'plugins') });
    const k = fakeKernel();
    const catalog = new Catalog(k.host, new OnDemandFolders(loader, undefined));
    const round = async () => {
      await catalog.load('cards.c');
      const def = k.host.info('cards.c');
      await catalog.unload('cards.c');
      return def?.version;
    };
    expect(await round()).toBe('1');
    const before = loader.folderOf('cards.c');
    expect(await round()).toBe('1');
    for (const name of ['plugin.js', 'plugin.ts']) put(`plugins/cards/c/${name}`, made('cards.c', '2.0'));
    expect([await round(), await round()]).toEqual(['2.0', '2.0']);
    expect([loader.folderOf('cards.c'), k.residue()]).toEqual([before, []]);
    put('plugins/cards/d/plugin.ts', made('somebody.else'));
    put('plugins/cards/d/card.json', '{}');
    await expect(catalog.load('cards.d')).rejects.toThrow('the plugin in the folder of cards.d calls itself somebody.else');
    loader.close();
  });
});
