import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentHash } from '../../lab/content.ts';
import { type Fetched, fetchOver } from '../../lab/memory/http-client.ts';
import { kib, liveOctets } from '../house/heap.ts';
import { type Bed, bed, settle } from './bed.ts';
import { errors, ip } from './frames.ts';

const RELOADS = 100;
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
  });
  afterAll(() => b.stop());

  const leases = async () => (await b.verb('ip dhcp lan status')).text.replace(/ +\d+$/gm, '');

  it.each(['nat', 'ip', 'lan', 'wan'])(`of ${'%s'}, ${RELOADS} times, is not noticed`, async id => {
    const lan1 = b.lab.stacks.get('lan1')!;
    const before = { leases: await leases(), lease: lan1.lease, generation: b.router.plugins.info(id)!.generation };
    let fetched: Fetched | undefined;
    const download = fetchOver(lan1.tcp, { address: SERVER, port: 80, host: 'inet1', path: `/bytes/${OCTETS}` }).then(f => { fetched = f; });
    await b.advance(200);
    const tcpFlows = () => b.router.engine.flows.list(f => f.original.proto === 6 && f.original.dport === 80 && f.state === 'established').map(f => ({ id: f.id, outside: f.reply.dport }));
    const mapping = tcpFlows();
    expect(mapping).toHaveLength(1);
    const ping = b.lab.exec('lan1', ['ping', '-q', '-c', '300', '-i', '0.01', '203.0.113.10']) as Promise<{ output: string; code: number }>;
    const heap: (number | undefined)[] = [];
    for (let i = 0; i < RELOADS; i++) {
      await settle(b.clock, b.router.plugins.reload(id));
      // Never at the same point of a round trip.
      await b.advance(i % 17 + 3);
      if (i === 20 || i === RELOADS - 1) heap.push(await liveOctets());
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
    if (heap[0] !== undefined) console.log(`reload ${id}: heap ${kib(heap[0])} after 20, ${kib(heap[1]!)} after ${RELOADS}`);
  });
});
