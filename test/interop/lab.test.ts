/**
 * What a newcomer does: `lancell start`, then `lancell lab exec lan1 -- curl -s http://inet1/`; as root, as an ordinary user, and in
 * the memory lab.
 */
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { note, root } from './bed.ts';
import { type Ran, run, until } from './namespaces.ts';
import { dist, lancell, program, RouterProcess } from './router-process.ts';

const page = ['curl', '-s', '-m', '2', 'http://inet1/'];
const USER = `lci${process.pid}`;

interface Place { readonly state: string; readonly before?: readonly string[]; readonly program?: string }

/** What both namespace labs must show. The router is stopped (SIGSTOP), goes on, and is killed at the end. */
async function shows(kind: 'namespace' | 'memory', place: Place): Promise<void> {
  const { state, before = [] } = place;
  const main = place.program ?? program;
  const began = Date.now();
  const router = await RouterProcess.start(['start', '--lab', kind], place);
  const upMs = Date.now() - began;
  try {
    const exec = (...argv: string[]): Promise<Ran> => lancell(state, ['lab', 'exec', 'lan1', '--', ...argv], before, main);
    const direct = kind === 'namespace' ? await router.inLab('lan1', page) : undefined;
    const fetch = (): Promise<Ran> => direct ? run([...before, ...direct]) : exec(...page);
    await until('the page comes', async () => (await fetch()).code === 0, 15_000);
    note(`${kind} lab${before.length > 0 ? ' as an ordinary user' : ''}: up after ${upMs} ms, the first page through the router after ${Date.now() - began} ms`);

    const sent = async () => Number((await router.table('link list')).rows.find((r) => r[0] === 'wan')?.[6]);
    const earlier = await sent();
    const said = await exec(...page);
    expect(said.out).toContain('this is inet1');
    // Through the translation: the server sees the router.
    expect(said.out).toContain('you are 198.51.100.2');
    expect(await sent()).toBeGreaterThan(earlier + 4);
    expect((await router.table('flow list tcp port 80')).rows.length).toBeGreaterThan(0);
    expect((await exec('ping', '-c', '2', 'inet1')).out).toMatch(/ 2 (packets )?received/);
    expect((await exec('traceroute', 'inet1')).out).toMatch(/1 .*192\.168\.1\.1[\s\S]*2 .*203\.0\.113\.10/);
    expect((await exec('false')).code).not.toBe(0);

    if (direct) {
      const inner = await innermost(router.child.pid ?? 0);
      process.kill(inner, 'SIGSTOP');
      expect((await fetch()).code).not.toBe(0);
      process.kill(inner, 'SIGCONT');
      await until('the page comes again', async () => (await fetch()).code === 0);
    }
    await router.kill();
    const after = await exec(...page);
    expect(after.code).not.toBe(0);
    if (direct) await until('the hosts are gone with the router', async () => (await fetch()).code !== 0);
  } finally {
    await router.kill();
  }
}

/** The router itself, below the programs that entered a user namespace for it. */
async function innermost(pid: number): Promise<number> {
  for (let at = pid; ;) {
    const children = readFileSync(`/proc/${at}/task/${at}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    const next = children.find((c) => readFileSync(`/proc/${c}/cmdline`, 'utf8').includes('main.js\0start'));
    if (next === undefined) return at;
    at = next;
  }
}

describe.skipIf(!root)('the labs', () => {
  const folder = root ? mkdtempSync(join(tmpdir(), 'lci-lab-')) : tmpdir();
  const home = join(folder, 'home');
  let user: Place;
  beforeAll(async () => {
    chmodSync(folder, 0o755);
    expect((await run(['useradd', '--no-create-home', '--home-dir', home, '--shell', '/bin/sh', USER])).code).toBe(0);
    const [uid = 0, gid = 0] = (await run(['sh', '-c', `id -u ${USER}; id -g ${USER}`])).out.trim().split('\n').map(Number);
    mkdirSync(home);
    chownSync(home, uid, gid);
    // A copy that everybody may read: the working tree need not be.
    const copy = join(folder, 'lancell');
    cpSync(dist, join(copy, 'dist'), { recursive: true });
    cpSync('package.json', join(copy, 'package.json'));
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    await run(['chmod', '-R', 'a+rX', copy]);
    const before = ['env', `HOME=${home}`, 'setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--inh-caps=-all', '--'];
    user = { state: join(home, 'state'), before, program: join(copy, 'dist/kernel/main.js') };
    writeFileSync(join(home, 'probe'), '');
  });
  afterAll(async () => {
    await run(['userdel', USER]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('namespace lab, as root', () => shows('namespace', { state: join(folder, 'root') }));

  it('namespace lab, as an ordinary user', async (ctx) => {
    const may = await run([...(user.before ?? []), 'unshare', '--user', '--map-root-user', 'unshare', '-n', '-m', 'true']);
    if (may.code !== 0) {
      note(`user namespaces are closed here: ${may.out.trim()}`);
      ctx.skip();
    }
    await shows('namespace', user);
  });

  it('memory lab, as an ordinary user', () => shows('memory', { ...user, state: join(home, 'memory') }));

  it('leaves no namespace, no process and no device behind', async () => {
    // What has ended and was not waited for by process 1 is a zombie, and holds nothing. The last ones may take a moment to end.
    const left = async () => (await run(['sh', '-c', 'ps -u "$0" -o stat=,pid=,args= | grep -v "^Z"', USER])).out;
    for (let i = 0; i < 150 && await left() !== ''; i++) await new Promise(r => { setTimeout(r, 100); });
    expect(await left()).toBe('');
    expect((await run(['sh', '-c', 'ip -o link | grep -E "port[0-9]|wan" || true'])).out).toBe('');
  });
});
