import { expect, it } from 'vitest';
import { cardBed } from './cards.ts';

/**
 *     router ── AirCard 881 ── a carrier that takes no call
 *
 * All the chance there is in the cellular plugin comes in by one argument: the same seed is the same day.
 */
async function day(seed: number): Promise<string[]> {
  const b = await cardBed({ seed });
  b.cards.carrier.refusing = 'NO CARRIER';
  b.cards.rack.insert(b.cards.shelf.card('ac881'), 1);
  await b.pass(300_000);
  const told = b.cellular().timeline(1).map(e => `${e.atMs} ${e.words}`);
  await b.stop();
  return told;
}

it('the same seed gives the same timeline to the millisecond, another one another', async () => {
  const first = await day(7);
  expect(first.length).toBeGreaterThan(10);
  expect(await day(7)).toEqual(first);
  expect(await day(8)).not.toEqual(first);
}, 60_000);
