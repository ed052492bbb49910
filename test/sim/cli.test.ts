import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Part, toJson } from '../../kernel/cli/draw.ts';
import type { VerbFault } from '../../kernel/cli/errors.ts';
import { type Outcome, Session } from '../../kernel/cli/session.ts';
import { labVerbs } from '../../lab/verbs.ts';
import { type Bed, bed, settle } from './bed.ts';
import { errors, pingWorks } from './frames.ts';
import { addPluginVerbs } from './plugin-verbs.ts';

/** Stops the router, which others still need here. */
const ENDS = 'sys exit';

/** What a person or a broken script may type after a verb. None is a path: some verbs write files. */
const words = [
  '0', '1', '-1', '1e99', '3.14', '999999999999999999999', 'NaN', 'x'.repeat(300), '%s%n', '"two words"', '"', "'open", '\\', '__proto__', 'constructor', 'hasOwnProperty', 'undefined', 'null', '{}', '[1,2', '{"a":{"b":[]}}',
  'grüße', '\u202e', '\u0000\u001b[2J', '--', '--json', '-x', '*', 'on', 'yes', 'lan', 'wan', 'lan1', 'ip', '192.168.1.33', '10.0.0.0/8', '256.1.1.1', '00:a0:c5:01:02:03', 'a b c d e f g h',
];

describe('every verb of the router', () => {
  let b: Bed;
  let session: Session;
  let folder: string;
  let undo: (() => void)[] = [];
  const faults: string[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lancell-cli-'));
    b = await bed();
    const lab = labVerbs(b.lab, spec => b.router.tree.register(spec, 'lab'));
    undo = [addPluginVerbs(b), () => void lab.dispose()];
    session = new Session({ tree: b.router.tree, clock: b.clock, author: 'test', onFault: (f: VerbFault) => faults.push(f.message) });
    await b.advance(5000);
  });
  afterAll(async () => {
    session.close();
    for (const u of undo) u();
    await b.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a line for a second at most, then presses ^C. */
  async function run(line: string, shell = session): Promise<Outcome & { readonly parts: readonly Part[] }> {
    const parts: Part[] = [];
    const running = shell.start(line, p => parts.push(p));
    let outcome: Outcome | undefined;
    void running.done.then(o => { outcome = o; });
    for (let t = 0; t < 100 && !outcome; t++) {
      await new Promise<void>(r => { setImmediate(r); });
      if (!outcome && t % 10 === 9) b.clock.advance(100);
    }
    if (!outcome) running.cancel();
    return { ...await running.done, parts };
  }
  const verbs = () => b.router.tree.verbs().map(v => v.spec);
  /** Takes a word for the name of a file, and writes it where the tests run. */
  const writes = (path: string) => path === 'capture start';
  const needed = (path: string) => Object.values(verbs().find(v => v.path === path)!.args ?? {}).filter(a => !a.schema.safeParse(undefined).success).length;

  it('is there', () => {
    const paths = verbs().map(v => v.path);
    expect(paths.length).toBeGreaterThan(100);
    for (const p of ['ip arp ackGratuitous active', 'ip stroute config gateway', 'config commit confirm', 'plugin reload', 'flow list', 'lab exec']) expect(paths).toContain(p);
  });

  it('has help, for itself and each argument, in a few words', () => {
    const wordy: string[] = [];
    for (const v of verbs()) {
      if (v.help.length < 8 || v.help.length > 220 || /\n/.test(v.help)) wordy.push(`${v.path}: ${v.help}`);
      for (const [name, arg] of Object.entries(v.args ?? {})) if (arg.help === '' || arg.help.length > 140) wordy.push(`${v.path} <${name}>: ${arg.help}`);
      for (const ask of [`${v.path} ?`, `help ${v.path}`, v.path]) expect(JSON.stringify(b.router.tree.help(ask))).toContain(JSON.stringify(v.help).slice(1, -1));
    }
    expect(wordy).toEqual([]);
  });

  it('has help at every level above it', () => {
    const levels = new Set(verbs().flatMap(v => { const w = v.path.split(' '); return w.map((_, i) => w.slice(0, i).join(' ')); }));
    for (const level of levels) {
      const [help] = b.router.tree.help(`${level} ?`).slice(-1);
      expect(help && 'columns' in help ? help.rows.length : 0).toBeGreaterThan(0);
    }
  });

  it('can be completed, word by word, and so can its arguments', async () => {
    for (const v of verbs()) {
      const path = v.path.split(' ');
      for (let i = 0; i < path.length; i++) {
        const line = [...path.slice(0, i), path[i]!.slice(0, 1)].join(' ');
        const found = await session.complete(line, line.length);
        expect(found.candidates.map(c => c.word)).toContain(path[i]);
        expect(line.slice(found.from, found.to)).toBe(path[i]!.slice(0, 1));
      }
      const full = `${v.path} `;
      const found = await settle(b.clock, session.complete(full, full.length));
      if (Object.keys(v.args ?? {}).length > 0) expect(found.hint.length).toBeGreaterThan(3);
      for (const c of found.candidates) expect(c.word).not.toMatch(/\p{C}/u);
      for (const word of ['x', '"', '1', '__proto__', '?']) await settle(b.clock, session.complete(full + word, full.length + word.length));
    }
  });

  it('can be abbreviated as far as that is unique', async () => {
    expect((await run('flo l')).parts).toEqual((await run('flow list')).parts);
    expect((await run('ip a')).code).toBe(2);
  });

  it('without arguments does its work, or says what is missing and what is allowed', async () => {
    const silent: string[] = [];
    for (const v of verbs()) {
      if (v.path === ENDS) continue;
      const r = await run(v.path);
      if (needed(v.path) > 0 && (r.code !== 2 || !/is missing: .+; allowed: .+/.test(r.error ?? ''))) silent.push(`${v.path}: ${r.code} ${r.error}`);
      if (r.code !== 0 && r.code !== 130 && (r.error ?? '').length < 5) silent.push(`${v.path}: ${r.error}`);
    }
    expect(silent).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('with whatever arguments never breaks; it says what is allowed', async () => {
    const mute: string[] = [];
    for (const v of verbs()) {
      for (const word of words) {
        if (v.path === ENDS && (word === '--json' || word === '\\')) continue;
        // It would do it; test/house loads and unloads them a hundred times.
        if (v.path === 'plugin unload' && b.router.plugins.info(word)) continue;
        if (writes(v.path)) continue;
        const r = await run(`${v.path} ${word}`);
        if (r.code === 2 && !/allowed|too many|never closed|unknown|missing|ambiguous|may not/.test(r.error ?? '')) mute.push(`${v.path} ${word}: ${r.error}`);
        if (r.code === 1 && (r.error ?? '').length < 5) mute.push(`${v.path} ${word}: ${r.error}`);
      }
    }
    expect(faults).toEqual([]);
    expect(mute).toEqual([]);
  }, 60_000);

  it('with several arguments of any kind never breaks (fast-check)', async () => {
    const safe = verbs().filter(v => v.path !== ENDS && !/^(plugin (unload|remove)|link (open|close)|capture)/.test(v.path));
    await fc.assert(fc.asyncProperty(fc.constantFrom(...safe), fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 12 }).filter(s => !s.includes('/')))), async (v, args) => {
      await run(`${v.path} ${args.join(' ')}`);
      expect(faults).toEqual([]);
    }), { numRuns: 400, seed: 2 });
  }, 60_000);

  it('that writes a file writes it where it is told', async () => {
    const file = join(folder, 'a.pcapng');
    expect((await run(`capture start ${file} constructor`)).code).toBe(1);
    expect((await run(`capture start ${file} icmp`)).code).toBe(0);
    await pingWorks(b);
    expect((await run(`capture start ${file}`)).error).toContain('is running');
    expect(JSON.stringify((await run('capture stop')).parts)).toMatch(/"packets":[1-9]/);
    expect((await run(`capture start ${folder}`)).code).toBe(1);
    expect(readdirSync(folder)).toEqual(['a.pcapng']);
  });

  it('that reads gives output that is JSON', async () => {
    for (const v of verbs()) {
      if (v.access !== 'read') continue;
      const r = await run(`${v.path} --json`);
      for (const part of r.parts) {
        const text = toJson(part);
        expect(text).not.toContain('\n');
        expect(() => JSON.parse(text)).not.toThrow();
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }
    }
  });

  it('that changes something is refused to those who may only look', async () => {
    const viewer = new Session({ tree: b.router.tree, clock: b.clock, author: 'viewer', access: 'read' });
    for (const v of verbs()) {
      if (v.access === 'read') continue;
      const r = await run(v.path, viewer);
      expect(`${v.path}: ${r.code} ${r.error}`).toMatch(/: 2 .*may only look/);
    }
    viewer.close();
  });

  it('has left a router that works', async () => {
    await run('capture stop');
    await run('config discard');
    expect((await run('config reset factory')).code).toBe(0);
    for (const { id } of b.router.plugins.list()) expect(b.router.plugins.info(id)!.state).toBe('active');
    await b.advance(30_000);
    await run('ip route flush');
    await run('ip arp flush');
    expect(await pingWorks(b)).toBe(true);
    expect(errors(b).filter(e => !e.startsWith('cli'))).toEqual([]);
  });
});
