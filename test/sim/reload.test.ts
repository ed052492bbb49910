import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentHash } from '../../lab/content.ts';
import { type Fetched, fetchOver } from '../../lab/memory/http-client.ts';
import { seeded } from '../../sdk/testing/random.ts';
import { kib, liveOctets } from '../house/heap.ts';
import { type Bed, bed, settle } from './bed.ts';
import { errors, ip } from './frames.ts';

/** A hundred with LANCELL_MILLION=1; test/interop/reload.test.ts has as many, between real kernels. */
const RELOADS = process.env['LANCELL_MILLION'] === '1' ? 100 : 25;
const OCTETS = 4_000_000;
const SERVER = ip('203.0.113.10');

/**
 *     lan1 ── GET /bytes, ping -i 0.01 ──► router ──► inet1
 *                                            ▲
 *                           plugin reload ───┘ 100 times
 */
describe('a reload under traffic', () => {
  let b: Bed;
  beforeAll(async () => {
    // 10 ms each way, so that the download is under way while plugins come and go.
    b = await bed({ lab: { conditions: { delayMs: 5 } } });
    await b.advance(10_000);
    // Once before anything is measured: tables and compiled code are there then.
    await settle(b.clock, fetchOver(b.lab.stacks.get('lan2')!.tcp, { address: SERVER, port: 80, host: 'inet1', path: `/bytes/${OCTETS}` }), 600_000);
    for (const id of ['nat', 'ip', 'lan', 'wan']) for (let i = 0; i < 10; i++) await settle(b.clock, b.router.plugins.reload(id));
    await b.advance(1000);
  });
  afterAll(() => b.stop());

  const leases = async () => (await b.verb('ip dhcp lan status')).text.replace(/ +\d+$/gm, '');

  it.each(['nat', 'ip', 'lan', 'wan'])(`of ${'%s'}, ${RELOADS} times, is not noticed`, async id => {
    const lan1 = b.lab.stacks.get('lan1')!;
    const before = { leases: await leases(), lease: lan1.lease, generation: b.router.plugins.info(id)!.generation, heap: await liveOctets() };
    let fetched: Fetched | undefined;
    const download = fetchOver(lan1.tcp, { address: SERVER, port: 80, host: 'inet1', path: `/bytes/${OCTETS}` }).then(f => { fetched = f; });
    await b.advance(200);
    const tcpFlows = () => b.router.engine.flows.list(f => f.original.proto === 6 && f.original.dport === 80 && f.state === 'established').map(f => ({ id: f.id, outside: f.reply.dport }));
    const mapping = tcpFlows();
    expect(mapping).toHaveLength(1);
    const ping = b.lab.exec('lan1', ['ping', '-q', '-c', '300', '-i', '0.01', '203.0.113.10']) as Promise<{ output: string; code: number }>;
    for (let i = 0; i < RELOADS; i++) {
      await settle(b.clock, b.router.plugins.reload(id));
      // Never at the same point of a round trip.
      await b.advance(i % 17 + 3);
      expect(fetched).toBeUndefined();
    }
    expect(tcpFlows()).toEqual(mapping);
    await settle(b.clock, download, 600_000);
    expect(fetched).toMatchObject({ ok: true, status: 200 });
    if (fetched?.ok) expect(createHash('sha256').update(fetched.body).digest('hex')).toBe(contentHash(OCTETS));
    expect((await settle(b.clock, ping)).output).toContain('300 packets transmitted, 300 received, 0% packet loss');
    expect(b.router.plugins.residue()).toEqual([]);
    expect(b.router.plugins.info(id)!.generation).toBe(before.generation + RELOADS);
    expect(b.router.plugins.faults()).toEqual([]);
    expect(errors(b)).toEqual([]);
    // Nothing was refused for the want of a plugin that was just being exchanged.
    expect(b.router.engine.counters.list().map(c => c.name).filter(n => /guarding|nobody decides|no route|stray|without a connection/.test(n))).toEqual([]);
    expect(await leases()).toEqual(before.leases);
    expect(lan1.lease).toEqual(before.lease);
    await b.advance(1000);
    expect(b.router.engine.pool.available).toBe(b.router.engine.pool.size);
    fetched = undefined;
    const heap = await liveOctets();
    if (before.heap === undefined || heap === undefined) return;
    console.log(`${RELOADS} reloads of ${id} under traffic: heap ${kib(before.heap)} before, ${kib(heap)} after`);
    // Generous: what the log keeps, and what the runtime compiled meanwhile.
    expect(heap - before.heap).toBeLessThan(4 * 1024 * 1024);
  });

  it('of any of them, in any order, lets new connections begin as well', async () => {
    const random = seeded(9);
    const order = ['nat', 'ip', 'lan', 'wan'];
    const pages: Promise<{ output: string; code: number }>[] = [];
    for (let i = 0; i < RELOADS; i++) {
      pages.push(b.lab.exec(i % 2 ? 'lan1' : 'lan2', ['curl', '-s', '-S', i % 3 ? 'http://203.0.113.10/' : 'http://inet1/']) as Promise<{ output: string; code: number }>);
      await b.advance(random() * 20);
      await settle(b.clock, b.router.plugins.reload(order[Math.floor(random() * 4)]!));
      await b.advance(random() * 20);
    }
    const got = await Promise.all(pages.map(p => settle(b.clock, p)));
    expect(got.filter(g => g.code !== 0 || !g.output.includes('you are 198.51.100.2'))).toEqual([]);
    expect(b.router.plugins.residue()).toEqual([]);
    expect(errors(b)).toEqual([]);
  });
});
