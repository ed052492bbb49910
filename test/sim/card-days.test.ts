import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../plugins/cellular-cards/contract.ts';
import { LADDER, rungs } from '../../plugins/cellular-cards/core/modem/ladder.ts';
import { type CardBed, cardBed } from './cards.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
/** LANCELL_MILLION=1 has all of them, about half a minute of them. */
const long = process.env['LANCELL_MILLION'] === '1';
/** A card that is asked for its level during a call costs more time to simulate, so that it has fewer days. */
const runs: readonly (readonly [string, number])[] = long ? [['ac850', 30], ['kpc680', 3], ['ac881', 1]] : [['ac850', 3], ['kpc680', 2]];

/** What goes wrong besides calls that drop and towers that fall silent: one mishap every six hours, each for some minutes. */
const mishaps: readonly ((b: CardBed, model: string) => () => void)[] = [
  b => { b.cards.rack.card().fault = 'silent'; return () => { for (const c of b.cards.rack.cards()) c.fault = 'none'; }; },
  b => { b.cards.carrier.refusing = 'BUSY'; return () => { b.cards.carrier.refusing = undefined; }; },
  b => { b.cards.rack.card().restart('it crashed'); return () => {}; },
  b => { b.cards.carrier.denied = true; b.cards.rack.airChanged(); return () => { b.cards.carrier.denied = false; b.cards.rack.airChanged(); }; },
  (b, model) => { b.cards.rack.remove(); return () => { b.cards.rack.insert(b.cards.shelf.card(model)); }; },
  b => { b.cards.rack.card().fault = 'no-carrier'; return () => { for (const c of b.cards.rack.cards()) c.fault = 'none'; }; },
];

describe('days of drops and recoveries', () => {
  it.each(runs)('a %s: %i of them end online, and the daily limits are kept', async (model, days) => {
    const b = await cardBed({ seed: days, lab: { carrier: { dropsPerDay: 10, outagesPerDay: 2 } } });
    const entries: TimelineEntry[] = [];
    const heard = b.router.bus.on('card/timeline', e => { entries.push(e); }, 'test');
    await b.pass(2000);
    b.cards.rack.insert(b.cards.shelf.card(model));
    await b.until(() => b.status()?.phase === 'online');
    let onlineMs = 0;
    for (let quarter = 0; quarter < days * 4; quarter++) {
      const over = mishaps[(quarter + days) % mishaps.length]!(b, model);
      await b.pass(15 * 60_000, 2000);
      over();
      for (let m = 15; m < 6 * 60; m++) {
        await b.pass(60_000, 20_000);
        if (b.status()?.phase === 'online') onlineMs += 60_000;
      }
    }
    await b.until(() => b.status()?.phase === 'online', HOUR);
    const dials = entries.filter(e => e.words.startsWith('dials')).map(e => e.atMs);
    const inADay = (times: readonly number[]): number => Math.max(0, ...times.map(t => times.filter(u => u >= t && u < t + DAY).length));
    expect(inADay(dials)).toBeLessThanOrEqual(LADDER.redial.mostPerDay);
    const steps = entries.flatMap(e => {
      const m = /\(step (\d) of \d, number (\d+) today\)/.exec(e.words);
      return m ? [{ rung: rungs[Number(m[1])]!, at: e.atMs }] : [];
    });
    for (const rung of rungs) expect(inADay(steps.filter(s => s.rung === rung).map(s => s.at)), rung).toBeLessThanOrEqual(LADDER[rung].mostPerDay);
    expect(b.router.plugins.faults()).toEqual([]);
    const share = onlineMs / (days * 4 * 345 * 60_000);
    const used = rungs.slice(1).map(r => `${r} ${steps.filter(s => s.rung === r).length}`).join(', ');
    process.stdout.write(`    ${model}, ${days} d: ${b.cards.carrier.taken} calls, ${dials.length} dialled (most in a day ${inADay(dials)}), online ${(share * 100).toFixed(1)} % of the time between mishaps; ${used}\n`);
    expect(share).toBeGreaterThan(0.9);
    heard.dispose();
    await b.stop();
  }, 120_000);
});
