/**
 * A PPP that nobody here wrote: slirp, behind a PTY, with the host's stack at our end of the line.
 *
 *     n [curl, ping] ── ppp0 (TUN) ── ppp.probe: session, frames ── PTY ── slirp ── the machine's loopback: HTTP
 *
 * Needs root, iproute2, iputils-ping, curl, ethtool, python3, slirp; the program is started from the compiled output
 * (LANCELL_DIST, default dist), and from the source on Deno.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { format4 } from '../../sdk/wire/address.ts';
import { end, Namespaces, wait } from './namespaces.ts';

type Line = Record<string, unknown>;

/** What slirp gives its guest, and what stands for the machine it runs on. */
const GUEST = '10.0.2.15';
const HOST = '10.0.2.2';
const compiled = join(resolve(process.env['LANCELL_DIST'] ?? 'dist'), 'test/interop/ppp.probe.js');
const deno = [...(process.env['LANCELL_DENO']?.split(' ') ?? ['npx', '--yes', 'deno@2.9.6']), 'run', '-A', '--no-check', 'test/interop/ppp.probe.ts'];
const runtimes = [['Node', ['node', compiled]], ['Deno', deno]] as const;

const content = Buffer.alloc(3_000_000, Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join(''), 'latin1');
const home = mkdtempSync(join(tmpdir(), 'slirp-'));
let net: Namespaces;
let server: Server;
let port = 0;
let probe: Probe | undefined;

class Probe {
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;

  constructor(runtime: readonly string[], slirp: readonly string[], options: object) {
    const [file = '', ...args] = [...runtime, JSON.stringify({ netns: `/run/netns/${net.full('n')}`, device: 'ppp0', slirp, options })];
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, HOME: home } });
    createInterface(this.#child.stdout!).on('line', text => { this.lines.push(JSON.parse(text) as Line); });
  }

  say(command: string): void { this.#child.stdin?.write(`${command}\n`); }

  /** The next line of this kind; those before it are done with. */
  async line(kind: string, withinMs = 20_000): Promise<Line> {
    for (const last = Date.now() + withinMs; Date.now() < last; await wait(20)) {
      const at = this.lines.findIndex(l => l['kind'] === kind);
      if (at >= 0) return this.lines.splice(0, at + 1).at(-1)!;
    }
    throw new Error(`no ${kind} among ${JSON.stringify(this.lines)}`);
  }

  async end(): Promise<void> {
    this.say('end');
    const gone = new Promise<boolean>(done => { this.#child.once('exit', () => done(true)); });
    if (this.#child.exitCode === null && !await Promise.race([gone, wait(3000)])) await end(this.#child);
  }
}

/** The host's stack takes the address, as a WAN interface would. */
function configure(up: Line): void {
  const [local, peer] = [format4(up['local'] as number), format4(up['peer'] as number)];
  net.ip('n', 'addr', 'replace', local, 'peer', peer, 'dev', 'ppp0');
  net.ip('n', 'link', 'set', 'ppp0', 'up');
  net.ip('n', 'route', 'replace', 'default', 'dev', 'ppp0');
}

async function start(runtime: readonly string[], slirp: readonly string[], options: object = {}): Promise<Probe> {
  const p = probe = new Probe(runtime, ['ppp', 'mtu 1500', ...slirp], options);
  await p.line('ready');
  // What goes over a modem is finished packets of at most the MTU.
  await net.sh('n', 'ethtool -K ppp0 tx off tso off gso off');
  return p;
}

const answers = async (): Promise<boolean> => (await net.run('n', ['ping', '-c', '3', '-i', '0.2', '-W', '5', HOST])).out.includes('3 received');

beforeAll(async () => {
  if (process.env['LANCELL_DIST'] === undefined) execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test/interop/ppp.tsconfig.json'], { stdio: 'inherit' });
  server = createServer((_request, response) => { response.end(content); });
  await new Promise<void>(done => { server.listen(0, '127.0.0.1', done); });
  port = (server.address() as AddressInfo).port;
  for (const kind of ['pap', 'chap']) writeFileSync(join(home, `.${kind}-secrets`), `alice * sesame ${GUEST}\n`, { mode: 0o600 });
});
beforeEach(() => {
  net = new Namespaces('lcppp');
  net.add('n');
});
afterEach(async () => {
  await probe?.end();
  probe = undefined;
  await net.close();
});
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});

describe('slirp behind a PTY', () => {
  it.each(runtimes)('%s: dials, gets an address, carries ping and HTTP, loses the line, dials again, hangs up', { timeout: 90_000 }, async (_name, runtime) => {
    const p = await start(runtime, []);
    p.say('dial');
    const up = await p.line('network-up', 30_000);
    expect(format4(up['local'] as number)).toBe(GUEST);
    expect(up).toMatchObject({ mtu: 1500, mru: 1500 });
    configure(up);
    expect(await answers()).toBe(true);

    const file = join(home, 'got');
    const speed = (await net.sh('n', `curl -sf -o ${file} --max-time 30 -w '%{speed_download}' http://${HOST}:${port}/`)).trim();
    expect(Buffer.compare(readFileSync(file), content)).toBe(0);
    p.say('stats');
    const stats = await p.line('stats') as { frames?: object; line?: { rxBytes: number } };
    expect(stats.frames).toMatchObject({ fcs: 0, long: 0, aborted: 0, header: 0 });
    expect(stats.line!.rxBytes).toBeGreaterThan(content.length);
    process.stdout.write(`    ${_name}: ${(Number(speed) * 8 / 1e6).toFixed(0)} Mbit/s of HTTP through slirp\n`);

    p.say('kill');
    expect(await p.line('closed')).toMatchObject({ cause: 'line', why: expect.stringMatching(/^\/dev\/pts\/\d+: gone$/) });
    p.say('dial');
    configure(await p.line('network-up'));
    expect(await answers()).toBe(true);

    p.say('hang-up');
    expect(await p.line('closed')).toMatchObject({ cause: 'asked' });
  });

  it.each([['PAP', '+pap'], ['CHAP', '+chap']] as const)('lets us in by %s with the right password only', async (_name, flag) => {
    const login = { user: 'alice', password: 'sesame', allow: ['chap-md5', 'pap'] };
    const right = await start(runtimes[0][1], [flag], { login });
    right.say('dial');
    expect(await right.line('auth')).toMatchObject({ ok: true, who: 'we', user: 'alice' });
    configure(await right.line('network-up'));
    expect(await answers()).toBe(true);
    await right.end();

    const wrong = await start(runtimes[0][1], [flag], { login: { ...login, password: 'opensesame' } });
    wrong.say('dial');
    expect(await wrong.line('closed')).toMatchObject({ cause: 'auth', why: expect.stringMatching(/^the network refused user name or password: /) });
  });

  it('says so when it is asked who we are and may not tell', async () => {
    const p = await start(runtimes[0][1], ['+chap']);
    p.say('dial');
    expect(await p.line('closed', 45_000)).toMatchObject({ why: expect.stringContaining('CHAP-MD5') });
  });
});
