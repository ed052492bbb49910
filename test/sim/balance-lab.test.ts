import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVER } from '../../lab/topology.ts';
import { type CardBed, cardBed } from './cards.ts';

/**
 *                               ┌── wan ──────────────────────────────┐
 *     lan1, lan2 ── router ─────┤                                     ├── inet1, 203.0.113.10
 *                               └── a simulated card ── carrier ──────┘
 *
 * The whole router with its firewall, and TCP of hosts that lose packets now and then.
 */
describe('load balancing in the memory lab', () => {
  let b: CardBed;

  beforeAll(async () => {
    b = await cardBed({ seed: 7, lab: { conditions: { loss: 0.002, delayMs: 20 } } });
    await b.pass(5000);
    b.cards.rack.insert(b.cards.shelf.card('ac881'));
    await b.until(() => b.status()?.phase === 'online');
    await set('mode active/active', 'balance.stickiness off');
  });
  afterAll(() => b.stop());

  const set = async (...lines: string[]) => { for (const line of [...lines.map(l => `config set failover.${l}`), 'config commit']) expect(await b.verb(line)).toMatchObject({ code: 0 }); };
  /** Which way each of n pages came; those that did not come in time are missing. */
  const ways = async (n: number) => {
    const pages: string[] = [];
    for (let i = 0; i < n; i++) pages.push((await b.exec(i % 2 ? 'lan1' : 'lan2', `curl -s http://${SERVER}/`)).output);
    return { wan: pages.filter(p => p.includes('198.51.100.2')).length, card: pages.filter(p => p.includes('100.64.')).length };
  };

  it('shares pages out by turns', async () => {
    expect(await ways(30)).toEqual({ wan: 15, card: 15 });
    await set('balance.wan.ratio 2');
    expect(await ways(30)).toEqual({ wan: 20, card: 10 });
    await set('balance.wan.ratio 1');
  }, 60_000);

  it('brings large files over both at once, whole, while rules change', async () => {
    const loads = Array.from({ length: 8 }, (_, i) => b.lab.exec(i % 2 ? 'lan1' : 'lan2', ['curl', '-s', '-i', `http://${SERVER}/bytes/600000`]) as Promise<{ output: string; code: number }>);
    let ended = 0;
    for (const load of loads) void load.then(() => { ended++; });
    await b.pass(200, 20);
    const at = () => new Map(b.router.engine.flows.list(f => f.original.dport === 80 && ['syn-sent', 'syn-recv', 'established'].includes(f.state)).map(f => [f.id, b.router.links.byId(f.outLink)!.name]));
    const before = at();
    expect([...before.values()].sort()).toEqual(['cellular', 'cellular', 'cellular', 'cellular', 'wan', 'wan', 'wan', 'wan']);
    for (let i = 0; i < 10; i++) {
      b.router.engine.flows.bumpEpoch('a test');
      await b.pass(100, 20);
      for (const [id, way] of at()) expect([id, way]).toEqual([id, before.get(id)]);
    }
    expect(ended).toBeLessThan(8);
    await b.until(() => ended === 8);
    for (const load of await Promise.all(loads)) expect([load.code, load.output.includes('200 OK')]).toEqual([0, true]);
  }, 120_000);

  it('leaves out an uplink that stops answering, and takes it in again', async () => {
    await set('wan.active on');
    await b.pass(10_000);
    b.lab.wires.get('wan')!.set({ loss: 1 });
    await b.pass(30_000);
    expect(await ways(10)).toEqual({ wan: 0, card: 10 });
    b.lab.wires.get('wan')!.set({ loss: 0 });
    await b.pass(30_000);
    expect(await ways(10)).toEqual({ wan: 5, card: 5 });
  }, 120_000);
});
