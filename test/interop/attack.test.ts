/**
 * The console is attacked from the router's own host (bench/attackers.ts) while a numbered UDP stream crosses the router: none of it is lost, nothing is
 * changed, and every answer is a 4xx or what was asked for. How long packets wait meanwhile is measured by the benchmark (docs/performance.md).
 * Topology: bed.ts.
 */
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bed, note, root, SERVER } from './bed.ts';
import { lossless } from './drops.ts';
import { end, until } from './namespaces.ts';
import { dist } from './router-process.ts';

const PORT = 9;
const RATE = 5000;
const SECONDS = 3;

describe.skipIf(!root)('under attack', () => {
  const bed = new Bed();
  const { net } = bed;
  let settings = '';
  beforeAll(async () => {
    process.env['LANCELL_ADMIN_PASSWORD'] = 'correct horse battery staple';
    await bed.start().finally(() => { delete process.env['LANCELL_ADMIN_PASSWORD']; });
    // A host that has no such port would answer each packet.
    net.start('inet', ['socat', '-u', `UDP4-RECV:${PORT},bind=${SERVER}`, '/dev/null']);
    settings = await bed.router.exec('config history');
  });
  afterAll(() => bed.close());

  it.each(['log-ins', 'slow', 'restore', 'messages'])('%s: no packet is lost, nothing is changed', async (attack) => {
    const address = /live console: (\S+)/.exec(bed.router.output)?.[1] ?? '';
    let [attacked, dumped] = ['', ''];
    const attacker = net.start('router', [process.execPath, resolve(dist, 'bench/attackers.js'), address, attack], (text) => { attacked += text; });
    await until('the attack goes on', () => attacked.includes('attacking'), 20_000);
    const dump = net.start('inet', ['tcpdump', '-i', 'eth0', '-n', '-q', '-w', '/dev/null', '-B', '16384', `udp dst port ${PORT}`], (text) => { dumped += text; });
    await until('tcpdump listens', () => dumped.includes('listening'), 5000);
    /** What tcpdump says it has: it tells on SIGUSR1, and at its end. */
    const count = (what: string): number => Number([...dumped.matchAll(new RegExp(`(\\d+) packets? ${what}`, 'g'))].at(-1)?.[1] ?? 0);
    let sent = 0;
    await lossless(bed, async () => {
      sent = (JSON.parse(await net.sh('lan1', `exec ${process.execPath} ${resolve(dist, 'bench/steady.js')} ${SERVER} ${PORT} ${RATE} ${SECONDS}`)) as { sent: number }).sent;
      // It is handed packets up to a second late, and later on a busy machine.
      await until('all have arrived', () => { dump.kill('SIGUSR1'); return count('captured') >= sent; }, 5000).catch(() => {});
      await end(dump, 'SIGTERM');
      const missed = count('dropped by kernel');
      return { lost: Math.max(0, sent - count('captured') - missed), sent };
    });
    await end(attacker, 'SIGTERM');
    const arrived = count('captured');
    const done = JSON.parse(attacked.trim().split('\n').at(-1) ?? '{}') as Record<string, number>;
    note(`${attack}: ${arrived} of ${sent} packets; ${JSON.stringify(done)}`);
    // A busy machine does not let the sender have all of its time.
    expect(sent).toBeGreaterThan(RATE * SECONDS / 10);
    expect(arrived).toBeLessThanOrEqual(sent);
    expect(Object.keys(done).filter((what) => /^\d+$/.test(what) && !/^(200|4\d\d)$/.test(what))).toEqual([]);
    expect(bed.router.alive).toBe(true);
    expect(await bed.router.exec('config history')).toBe(settings);
  });
});
