import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files, hits, root, topLevel } from './tree.ts';

const sources = files(['kernel', 'sdk', 'plugins', 'lab', 'examples', 'tools', 'bench', 'bin']);
const tests = files(['test']);
const unitTests = tests.filter(s => !s.path.startsWith('test/interop/') && !s.path.startsWith('test/house/'));
const words = [...sources, ...tests.filter(s => !s.path.startsWith('test/house/')), ...files(['docs'], ['.md', '.svg'])];

describe('the house', () => {
  it('has a tidy front', () => {
    const known = new Set([
      '.ci', '.gitignore', '.lancell', 'LICENSE', 'README.md', 'bench', 'bin', 'biome.json', 'deno.json', 'deno.lock', 'dist', 'docs', 'examples', 'gui', 'kernel', 'lab', 'node_modules',
      'package-lock.json', 'package.json', 'plugins', 'sdk', 'test', 'tools', 'tsconfig.build.json', 'tsconfig.json', 'vitest.browser.config.ts', 'vitest.config.ts', 'vitest.interop.config.ts',
    ]);
    expect(topLevel().filter(name => !known.has(name))).toEqual([]);
  });

  it('has files that can be read in one go', () => {
    expect(sources.filter(s => s.lines > 400).map(s => `${s.path}: ${s.lines} lines`)).toEqual([]);
  });

  it('names files after what is in them', () => {
    expect([...sources, ...tests].map(s => s.path).filter(p => /(^|[/-])(utils?|helpers?|common|managers?|base)(\.|-|\/)/.test(p))).toEqual([]);
    expect([...sources, ...tests].map(s => basename(s.path)).filter(n => n !== n.toLowerCase())).toEqual([]);
    expect(hits(sources, /^export (abstract )?(class|interface) (I[A-Z][a-z]\w*|\w+Impl|\w+Manager)\b/)).toEqual([]);
  });

  it('exports by name; the only default export is a plugin', () => {
    expect(hits(sources, /^export default /, (_line, path) => /(^|\/)plugin\.ts$/.test(path) || path === 'kernel/plugins/scaffold.ts')).toEqual([]);
  });

  it('leaves nothing for later', () => {
    expect(hits([...sources, ...tests.filter(s => s.path !== 'test/house/rules.test.ts')], /\b(TODO|FIXME|XXX)\b|not (yet )?implemented/i)).toEqual([]);
  });

  it('runs all of its tests', () => {
    expect(hits(tests, /\b(it|test|describe)\.(only|todo|skip)\b(?!If)|\bx(it|describe)\(/, (_line, path) => path === 'test/house/rules.test.ts')).toEqual([]);
  });

  it('waits in virtual time: no test of the quick suite sleeps', () => {
    /** A leaked timer of the process is the thing under test; nothing waits for it. */
    const mayWait = ['test/unit/testing/harness.test.ts'];
    const slow = /(setTimeout|setInterval|sleep)\((.*[,\s(])?(\d{3,}|\d[\d_]*_\d{3})\b/;
    expect(hits(unitTests, slow, (_line, path) => mayWait.includes(path))).toEqual([]);
    expect(hits(unitTests, /from 'node:timers\/promises'/)).toEqual([]);
    expect(hits(unitTests, /Atomics\.wait\(|execSync\(`?'?sleep/)).toEqual([]);
  });

  it('speaks of itself only', () => {
    expect(hits([...words, { path: 'README.md', text: textOf('README.md'), lines: 0 }], /\.\.\/shared|\/work\/(main|shared)\b/)).toEqual([]);
    const elsewhere = ['package.json', 'deno.json', 'vitest.config.ts', 'tsconfig.json', 'biome.json'];
    expect(elsewhere.filter(name => textOf(name).includes('../shared'))).toEqual([]);
  });

  it('takes its packages from whichever registry npm is told to use', () => {
    const lock = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, { resolved?: string }> };
    expect(Object.entries(lock.packages).filter(([, p]) => /^\w+:\/\//.test(p.resolved ?? '')).map(([name]) => name)).toEqual([]);
    const named = ['package.json', 'deno.json', '.npmrc', '.ci/run', 'deno.lock'].filter(name => /registry|https?:\/\/[^\s"]*npm/i.test(textOf(name)));
    expect(named).toEqual([]);
  });
});

/** Empty where there is no such file. */
function textOf(name: string): string {
  try { return readFileSync(join(root, name), 'utf8'); } catch { return ''; }
}
