/**
 * From a LAN host through the whole router and a card on a real PTY to a PPP that nobody here wrote:
 *
 *     lan1 ── p1 ── [router] ── PTY ── simulated card ── PTY ── slirp ── the machine's loopback: HTTP
 *
 * Needs root, iproute2, iputils-ping, curl, slirp. The program is compiled here unless LANCELL_DIST names a build with it.
 */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { note } from './bed.ts';
import { compileProbe, Probe } from './cellular-probe.ts';
import { Namespaces, until } from './namespaces.ts';

/** What slirp gives its guest, and what stands for the machine it runs on. */
const GUEST = '10.0.2.15';
const HOST = '10.0.2.2';
const content = Buffer.from(Array.from({ length: 2_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

describe('a card on a PTY, and slirp behind it', () => {
  const net = new Namespaces('lccell');
  let server: Server;
  let port = 0;
  let router: Probe;

  beforeAll(async () => {
    compileProbe();
    server = createServer((_request, response) => { response.end(content); });
    await new Promise<void>(done => { server.listen(0, '127.0.0.1', done); });
    port = (server.address() as AddressInfo).port;
    for (const name of ['router', 'lan1']) net.add(name);
    net.wire('router', 'p1', 'lan1', 'eth0');
    await net.sh('lan1', 'ip addr add 192.168.1.201/24 dev eth0; ip route add default via 192.168.1.1');
    router = await Probe.start({ netns: `/run/netns/${net.full('router')}`, device: 'p1' });
  });
  afterAll(async () => {
    await router?.end();
    await net.close();
    server?.close();
  });

  it.each(['ac881', 'e620', 'ec500'])('%s: a LAN host reaches through it, the line drops and comes back, the card is pulled', { timeout: 120_000 }, async (model) => {
    expect((await router.verb(`lab card insert ${model}`)).text).toContain('slot 1');
    const status = await router.online();
    expect(status).toMatch(new RegExp(`^IP address +${GUEST.replaceAll('.', '\\.')}$`, 'm'));
    const { ttys } = await router.verb('lab card list');
    expect(ttys.filter(path => /^\/dev\/pts\/\d+$/.test(path)).length).toBeGreaterThanOrEqual(3);
    await until('a ping passes', async () => (await net.run('lan1', ['ping', '-c', '1', '-W', '1', HOST])).code === 0);
    const [speed = '', hash = ''] = (await net.sh('lan1', `curl -sf --max-time 40 -o /dev/shm/${model} -w '%{speed_download}' http://${HOST}:${port}/; echo; sha256sum < /dev/shm/${model}; rm /dev/shm/${model}`)).split('\n');
    expect(hash).toContain(createHash('sha256').update(content).digest('hex'));
    note(`${model}: ${(Number(speed) * 8 / 1e6).toFixed(0)} Mbit/s of HTTP through router, PTYs and slirp`);

    // slirp dies, as when the network hangs up without a word.
    router.say('kill');
    await until('the call is gone', async () => !/^state +online$/m.test((await router.verb('wwan status')).text));
    await router.online();
    await until('a ping passes again', async () => (await net.run('lan1', ['ping', '-c', '1', '-W', '1', HOST])).code === 0);

    expect((await router.verb('lab card remove')).text).toContain('is out');
    await until('all ports are closed', async () => (await router.verb('lab card list')).ttys.length === 0);
    expect((await router.verb('wwan status')).text).not.toMatch(/online/);
  });
});
