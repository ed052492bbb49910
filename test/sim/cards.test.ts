import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { format4 } from '../../sdk/wire/address.ts';
import { type CardBed, cardBed, originals } from './cards.ts';

/**
 *     lan1 ── port1 ── router ── a simulated card ── carrier ── inet1 (100.64.0.1)
 *
 * Every card: in, online by itself, a page and 200,000 octets over it, its level and technology, out, and nothing left.
 */
describe('every simulated card', () => {
  let b: CardBed;
  const table: string[][] = [];
  beforeAll(async () => { b = await cardBed(); await b.pass(5000); });
  afterAll(async () => {
    await b.stop();
    const all = [['card', 'online', 'technology', 'signal', 'bars', 'hardware number', 'carrier', 'live', 'page from', 'traffic', 'left'], ...table];
    const widths = all[0]!.map((_, i) => Math.max(...all.map(r => r[i]!.length)));
    process.stdout.write(`${all.map(r => `    ${r.map((c, i) => c.padEnd(widths[i]!)).join('  ')}`).join('\n')}\n`);
  });

  const other = ['ec300', 'gtmax72-express', 'generic-3gpp', 'ec25', 'rm502q', 'em7455', 'le910', 'sim7600', 'me909u', 'toby-l2'];
  it('is here', () => {
    expect(originals.length).toBe(22);
    expect(b.cards.shelf.models().toSorted()).toEqual([...originals, ...other].sort());
  });

  it.each([...originals, ...other])('%s', async model => {
    const file = b.cards.shelf.card(model);
    const before = b.held();
    expect(b.cards.rack.insert(file, 1)).toBe(1);
    const onlineMs = await b.until(() => b.status()?.phase === 'online');
    const s = b.status()!;
    expect(format4(s.ip)).toMatch(/^100\.64\.0\./);
    const page = await b.exec('lan1', 'curl -s http://carrier/');
    expect(page.output).toContain(format4(s.ip));
    const rx = b.status()!.rxBytes;
    const got = await b.exec('lan1', 'curl -s -i http://100.64.0.1/bytes/200000');
    expect(got.code).toBe(0);
    await b.pass(20_000, 500);
    const after = b.status()!;
    expect(after.phase).toBe('online');
    expect(after.rxBytes - rx).toBeGreaterThan(200_000);
    expect(after.technology?.value).toBeDefined();
    expect(after.signal?.value.dbm ?? after.signal?.value.quality).toBeDefined();
    expect(['home']).toContain(after.registration?.state);
    const id = after.identity!;
    expect(id.imei ?? id.esn).toBeDefined();
    b.cards.rack.remove(1);
    await b.pass(5000, 500);
    // Nothing happens but that time passes.
    await b.until(() => b.router.engine.flows.size <= before.flows, 400_000, 5000);
    expect(b.held()).toEqual(before);
    expect(b.cellular().list().filter(x => x.phase !== 'empty')).toEqual([]);
    const level = after.signal!;
    table.push([
      file.model, `${(onlineMs / 1000).toFixed(1)} s`, after.technology!.value, level.value.dbm === undefined ? `${level.value.quality} dB` : `${level.value.dbm} dBm`, String(level.value.bars),
      id.imei ?? id.meid ?? id.esn ?? '', after.registration?.carrier ?? after.registration?.network ?? '', level.stale ? 'aged' : 'yes', page.output.match(/100\.64\.0\.\d+/)?.[0] ?? '', `${Math.round((after.rxBytes - rx) / 1000)} kB`, 'nothing',
    ]);
  }, 60_000);
});
