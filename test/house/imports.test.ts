import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files, type Source } from './tree.ts';

/**
 * Who may import whom:
 *
 *     sdk/wire ◄── sdk ◄── kernel ◄── lab, test (anything)
 *                   ▲
 *                   └── plugins/x  (its own folder, and contract.ts of other plugins)
 */
const all = files(['kernel', 'sdk', 'plugins', 'lab', 'examples']);

interface Import { readonly from: string; readonly what: string; /** Path from the root, or undefined for a package. */ readonly path: string | undefined; readonly typeOnly: boolean }

/** Statements stand at the beginning of a line; `import('…')` anywhere. What a template would write is indented or quoted. */
const statement = /^(?:import|export)\s(type\s)?[^;'"`]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm;
const dynamic = /(?:import|typeof import)\('([^']+)'\)/g;

const importsOf = (s: Source): Import[] => {
  const made = (what: string, typeOnly: boolean): Import => ({ from: s.path, what, typeOnly, path: what.startsWith('.') ? posix.normalize(posix.join(posix.dirname(s.path), what)) : undefined });
  return [
    ...[...s.text.matchAll(statement)].map(m => made((m[2] ?? m[3])!, m[1] !== undefined)),
    ...[...s.text.matchAll(dynamic)].filter(m => m[1] !== 'x').map(m => made(m[1]!, false)),
  ];
};
/** Writes other people's plugins: its imports are text. */
const TEMPLATES = ['kernel/plugins/scaffold.ts'];
const imports = all.flatMap(importsOf).filter(i => !(TEMPLATES.includes(i.from) && (i.what.startsWith('lancell/') || i.what === './plugin.ts' || i.what === 'vitest')));

const words = (list: readonly Import[]): string[] => list.map(i => `${i.from} imports ${i.what}`);
const builtin = (what: string): boolean => what.startsWith('node:') && builtinModules.includes(what.slice(5));
const inside = (i: Import, ...folders: string[]): boolean => i.path !== undefined && folders.some(f => i.path!.startsWith(`${f}/`));

describe('imports', () => {
  it('are found at all', () => {
    expect(all.length).toBeGreaterThan(150);
    expect(imports.length).toBeGreaterThan(all.length);
  });

  it('name builtin modules with node:, and files with their ending', () => {
    expect(words(imports.filter(i => builtinModules.includes(i.what)))).toEqual([]);
    expect(words(imports.filter(i => i.path !== undefined && !/\.(ts|mjs)$/.test(i.path)))).toEqual([]);
    const known = new Set(all.map(s => s.path));
    expect(words(imports.filter(i => i.path !== undefined && !known.has(i.path)))).toEqual([]);
  });

  it('of sdk/wire and sdk/crypto: themselves', () => {
    for (const part of ['sdk/wire', 'sdk/crypto']) {
      expect(words(imports.filter(i => i.from.startsWith(`${part}/`) && !inside(i, part) && !(part === 'sdk/crypto' && i.what === 'node:crypto')))).toEqual([]);
    }
  });

  it('of sdk: itself, zod and types of rxjs; its harness for authors also the router it starts', () => {
    const mine = imports.filter(i => i.from.startsWith('sdk/') && !i.from.startsWith('sdk/crypto/'));
    const wrong = mine.filter(i => !inside(i, 'sdk') && i.what !== 'zod' && !(i.what === 'rxjs' && i.typeOnly));
    expect(words(wrong.filter(i => !i.from.startsWith('sdk/testing/')))).toEqual([]);
    expect(words(wrong.filter(i => i.from.startsWith('sdk/testing/') && !inside(i, 'kernel', 'lab', 'plugins') && !builtin(i.what)))).toEqual([]);
  });

  it('of the kernel: sdk and itself; only where the program is put together, the lab and the plugins too', () => {
    const composition = ['kernel/main.ts', 'kernel/router/run.ts'];
    const packages = ['zod', 'rxjs', 'tsyringe', 'koffi', 'eventemitter3', 'pino', 'ws', 'amaro', 'hono', 'hono/utils/http-status', '@hono/node-server', '@peculiar/x509', 'ssh2'];
    const wrong = imports.filter(i => i.from.startsWith('kernel/') && !inside(i, 'kernel', 'sdk') && !builtin(i.what) && !packages.includes(i.what));
    expect(words(wrong.filter(i => !(composition.includes(i.from) && inside(i, 'lab', 'plugins'))))).toEqual([]);
    expect(words(imports.filter(i => i.from.startsWith('kernel/') && inside(i, 'sdk/testing')))).toEqual([]);
  });

  it('of a plugin: sdk, rxjs, its own folder, and contracts of others', () => {
    /** For chance, and for files in the plugin's own folder (ctx.folder). Sockets and processes come from ctx. */
    const everybody = ['node:crypto', 'node:fs', 'node:fs/promises', 'node:path'];
    /** What the field of a plugin needs besides, by its folder. */
    const field: Readonly<Record<string, readonly string[]>> = {};
    const wrong = imports.filter(i => {
      if (!i.from.startsWith('plugins/')) return false;
      const [, own = ''] = i.from.split('/');
      if (inside(i, 'sdk', `plugins/${own}`)) return inside(i, 'sdk/testing') && !i.from.endsWith('.test.ts');
      if (i.what === 'rxjs' || everybody.includes(i.what) || /^plugins\/[^/]+(\/[^/]+)*\/contract\.ts$/.test(i.path ?? '')) return false;
      return !(field[own]?.includes(i.what) || (i.from.endsWith('.test.ts') && i.what === 'vitest'));
    });
    expect(words(wrong)).toEqual([]);
  });

  it('of a contract: sdk, types and contracts only, for it is shared', () => {
    const wrong = imports.filter(i => /^plugins\/.*\/contract\.ts$/.test(i.from) && !inside(i, 'sdk') && !i.path?.endsWith('/contract.ts') && !i.typeOnly);
    expect(words(wrong)).toEqual([]);
  });

  it('of an example: what a stranger can import', () => {
    const wrong = imports.filter(i => i.from.startsWith('examples/') && !(i.path?.startsWith(i.from.split('/').slice(0, 3).join('/')) || ['lancell/sdk', 'lancell/sdk/testing', 'rxjs', 'vitest', 'zod'].includes(i.what) || i.what.startsWith('lancell/sdk/wire/') || builtin(i.what)));
    expect(words(wrong)).toEqual([]);
  });

  it("of a plugin's element: from /element/v1.js what it uses of that, for no compiler looks at it", () => {
    const [offered] = files(['gui/public/element'], ['v1.js']);
    const names = [...offered!.text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(m => m[1]!);
    expect(names).toContain('redraw');
    const wrong = files(['plugins', 'examples', 'test/browser'], ['.js']).flatMap(s => {
      const [statement = '', list = ''] = /^import \{ (.*) \} from '\/element\/v1\.js';$/m.exec(s.text) ?? [];
      const taken = list.split(', ').filter(n => n !== '');
      const text = s.text.replace(statement, '');
      const used = (name: string): boolean => new RegExp(`(?<![\\w.#'-])${name}\\(`).test(text) && !new RegExp(`(?:function|const|class) ${name}\\b|^import \\{.*\\b${name}\\b`, 'm').test(text);
      return [...taken.filter(n => !names.includes(n)), ...names.filter(n => !taken.includes(n) && used(n))].map(n => `${s.path}: ${n}`);
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['tsyringe', 'kernel/di.ts'], ['koffi', 'kernel/links/ffi.ts'], ['eventemitter3', 'kernel/events.ts'], ['pino', 'kernel/log.ts'], ['ws', 'kernel/console/websocket.ts'],
  ])('of %s: %s alone', (name, where) => {
    expect([...new Set(imports.filter(i => i.what === name || i.what.startsWith(`${name}/`)).map(i => i.from))]).toEqual([where]);
  });
});
