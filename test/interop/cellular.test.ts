/**
 * From a LAN host through the whole router and a card on a real PTY to a PPP that nobody here wrote:
 *
 *     lan1 ── p1 ── [router] ── PTY ── simulated card ── PTY ── slirp ── the machine's loopback: HTTP
 *
 * Needs root, iproute2, iputils-ping, curl, slirp. The program is compiled here unless LANCELL_DIST names a build with it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { note } from './bed.ts';
import { end, Namespaces, until, wait } from './namespaces.ts';

/** What slirp gives its guest, and what stands for the machine it runs on. */
const GUEST = '10.0.2.15';
const HOST = '10.0.2.2';
const compiled = join(resolve(process.env['LANCELL_DIST'] ?? 'dist'), 'test/interop/cellular.probe.js');
const content = Buffer.from(Array.from({ length: 2_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

interface Answer { readonly code: number; readonly text: string; readonly ttys: readonly string[] }

/** The router, and its console. */
class Probe {
  readonly child: ChildProcess;
  readonly #lines: string[] = [];

  constructor(argument: object) {
    this.child = spawn('node', [compiled, JSON.stringify(argument)], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface(this.child.stdout!).on('line', l => { this.#lines.push(l); });
  }

  async next<T>(withinMs = 20_000): Promise<T> {
    return JSON.parse(await until('the router answers', () => this.#lines.shift(), withinMs)) as T;
  }

  async verb(line: string): Promise<Answer> {
    this.child.stdin?.write(`${line}\n`);
    return this.next<Answer>();
  }
}

describe('a card on a PTY, and slirp behind it', () => {
  const net = new Namespaces('lccell');
  let server: Server;
  let port = 0;
  let router: Probe;

  beforeAll(async () => {
    if (process.env['LANCELL_DIST'] === undefined) execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test/interop/ppp.tsconfig.json'], { stdio: 'inherit' });
    server = createServer((_request, response) => { response.end(content); });
    await new Promise<void>(done => { server.listen(0, '127.0.0.1', done); });
    port = (server.address() as AddressInfo).port;
    for (const name of ['router', 'lan1']) net.add(name);
    net.wire('router', 'p1', 'lan1', 'eth0');
    await net.sh('lan1', 'ip addr add 192.168.1.201/24 dev eth0; ip route add default via 192.168.1.1');
    router = new Probe({ netns: `/run/netns/${net.full('router')}`, device: 'p1' });
    const { plugins } = await router.next<{ plugins: string[] }>(30_000);
    expect(plugins.filter(p => !p.endsWith(' active'))).toEqual([]);
  });
  afterAll(async () => {
    router?.child.stdin?.write('end\n');
    for (let i = 0; i < 200 && router?.child.exitCode === null; i++) await wait(50);
    if (router) await end(router.child);
    await net.close();
    server?.close();
  });

  const online = () => until('the card is online', async () => {
    const { text } = await router.verb('wwan status');
    return /^state +online$/m.test(text) ? text : undefined;
  }, 60_000);

  it.each(['ac881', 'e620', 'ec500'])('%s: a LAN host reaches through it, the line drops and comes back, the card is pulled', { timeout: 120_000 }, async (model) => {
    expect((await router.verb(`lab card insert ${model}`)).text).toContain('slot 1');
    const status = await online();
    expect(status).toMatch(new RegExp(`^IP address +${GUEST.replaceAll('.', '\\.')}$`, 'm'));
    const { ttys } = await router.verb('lab card list');
    expect(ttys.filter(path => /^\/dev\/pts\/\d+$/.test(path)).length).toBeGreaterThanOrEqual(3);
    await until('a ping passes', async () => (await net.run('lan1', ['ping', '-c', '1', '-W', '1', HOST])).code === 0);
    const [speed = '', hash = ''] = (await net.sh('lan1', `curl -sf --max-time 40 -o /dev/shm/${model} -w '%{speed_download}' http://${HOST}:${port}/; echo; sha256sum < /dev/shm/${model}; rm /dev/shm/${model}`)).split('\n');
    expect(hash).toContain(createHash('sha256').update(content).digest('hex'));
    note(`${model}: ${(Number(speed) * 8 / 1e6).toFixed(0)} Mbit/s of HTTP through router, PTYs and slirp`);

    // slirp dies, as when the network hangs up without a word.
    router.child.stdin?.write('kill\n');
    await until('the call is gone', async () => !/^state +online$/m.test((await router.verb('wwan status')).text));
    await online();
    await until('a ping passes again', async () => (await net.run('lan1', ['ping', '-c', '1', '-W', '1', HOST])).code === 0);

    expect((await router.verb('lab card remove')).text).toContain('is out');
    await until('all ports are closed', async () => (await router.verb('lab card list')).ttys.length === 0);
    expect((await router.verb('wwan status')).text).not.toMatch(/online/);
  });
});
