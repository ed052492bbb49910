/**
 * Cell-Sentry's counters survive kill -9 with at most ten seconds of traffic uncounted.
 *
 *     lan1 ── p1 ── [router, killed again and again] ── PTY ── simulated card ── PTY ── slirp in cell: 203.0.113.10, web
 *
 * Needs root, iproute2, curl, slirp. The program is compiled here unless LANCELL_DIST names a build with it.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { note, root, SERVER } from './bed.ts';
import { compileProbe, Probe } from './cellular-probe.ts';
import { end, Namespaces, until, wait } from './namespaces.ts';
import { dist } from './router-process.ts';

/** Octets per second of the download. */
const RATE = 400_000;
const LIMIT_MS = 10_000;

describe.skipIf(!root)("a router that is killed, and its card's budget", () => {
  const net = new Namespaces('lcbud');
  const state = root ? mkdtempSync(join(tmpdir(), 'lcbud-')) : '';
  let router: Probe | undefined;

  const start = async (): Promise<Probe> => {
    router = await Probe.start({
      netns: `/run/netns/${net.full('router')}`, device: 'p1', beyond: net.full('cell'), state,
      settings: { 'cellular-cards.sentry': { enabled: true, timeZone: 'UTC', data: { enabled: true, quota: 100_000 } } },
    });
    await router.verb('lab card insert ac881');
    await router.online();
    return router;
  };
  /** Octets that the card's interface has received and sent. */
  const carried = async (): Promise<number> => {
    const row = (await router!.verb('link list')).text.split('\n').find(l => l.startsWith('cellular'))!.trim().split(/\s+/);
    // … packets in, out, octets in, out, dropped
    return Number(row.at(-3)) + Number(row.at(-2));
  };
  /** What the journal on disk has, of the newer file that can be read. */
  const onDisk = (): number => {
    const folder = join(state, 'data', 'cellular-cards.sentry');
    const found = readdirSync(folder).filter(n => n.startsWith('budget.')).flatMap(n => {
      try { return [JSON.parse(readFileSync(join(folder, n), 'utf8')) as { serial: number; accounts: Record<string, { budget: { rx: number; tx: number } }> }]; } catch { return []; }
    }).sort((a, b) => b.serial - a.serial)[0];
    return Object.values(found?.accounts ?? {}).reduce((sum, a) => sum + a.budget.rx + a.budget.tx, 0);
  };

  beforeAll(async () => {
    compileProbe();
    for (const name of ['router', 'lan1', 'cell']) net.add(name);
    net.wire('router', 'p1', 'lan1', 'eth0');
    await net.sh('lan1', 'ip addr add 192.168.1.201/24 dev eth0; ip route add default via 192.168.1.1');
    await net.sh('cell', `ip addr add ${SERVER}/32 dev lo`);
    net.start('cell', [process.execPath, resolve(dist, 'lab/namespace/servers.js'), 'http']);
  });
  afterAll(async () => {
    await router?.end();
    await net.close();
    if (state !== '') rmSync(state, { recursive: true, force: true });
  });

  it('has counted all but ten seconds after kill -9, twice in a row, and nothing twice', { timeout: 180_000 }, async () => {
    let all = 0;
    let lost = 0;
    for (const [round, ms] of [13_300, 8_700].entries()) {
      await start();
      await until('the server answers', async () => (await net.run('lan1', ['curl', '-s', '-m', '2', `http://${SERVER}/`])).code === 0);
      const before = await carried();
      const load = net.start('lan1', ['curl', '-s', '-o', '/dev/null', '--limit-rate', String(RATE), `http://${SERVER}/bytes/100000000`]);
      await wait(ms);
      const now = await carried();
      await router!.kill();
      await end(load);
      expect(now - before).toBeGreaterThan(RATE * ms / 1000 / 2);
      all += now;
      const missing = all - onDisk();
      const rate = (now - before) / ms;
      note(`round ${round + 1}: killed after ${(now / 1e6).toFixed(2)} MB at ${(rate * 8).toFixed(0)} kbit/s; ${((missing - lost) / 1e6).toFixed(2)} MB of them uncounted, those of ${((missing - lost) / rate / 1000).toFixed(1)} s`);
      // What went by between the look and the kill is counted by nobody but the journal.
      expect(missing - lost).toBeGreaterThan(-rate * 2000);
      expect(missing - lost).toBeLessThan(rate * LIMIT_MS);
      lost = missing;
    }
    // The next run begins with what is there, and a router that ends in order loses nothing.
    await start();
    const kept = onDisk();
    await net.sh('lan1', `curl -sf -m 30 -o /dev/null http://${SERVER}/bytes/3000000`);
    await router!.end();
    expect(onDisk() - kept).toBeGreaterThan(3_000_000);
    expect(onDisk() - kept).toBeLessThan(3_500_000);
    expect(router!.child.exitCode).toBe(0);
    router = undefined;
  });
});
