import type { CellularService } from './service.ts';
import { type Rung, rungs } from './modem/ladder.ts';
import { rungWords } from './modem/words.ts';

const MOST = 300;
const DAY_MS = 24 * 60 * 60_000;

/** What the steps of the ladder are called in a few words. */
const names: Readonly<Record<Rung, string>> = { redial: 'dial', reattach: 'leave and return', radio: 'radio off, on', reset: 'reset card', replug: 'power off, on', reboot: 'restart router' };

/** A step that was taken begins with its words; the plan for one has the reason in front. */
const stepOf = (words: string): number => rungs.findIndex(r => words.startsWith(`${rungWords[r]} (step `));

/** The history, newest first, and how often each step of the ladder was taken in the last 24 hours, by slot. */
export function timelineData(cellular: Pick<CellularService, 'timeline' | 'list'>, wall: number) {
  const all = cellular.timeline();
  const entries = all.map(e => ({ ...e, step: e.kind === 'recovery' ? stepOf(e.words) : -1 }));
  const slots = [...new Set([...cellular.list().map(s => s.slot), ...all.map(e => e.slot)])].sort((a, b) => a - b);
  const day = entries.filter(e => e.atMs > wall - DAY_MS);
  return {
    wall, slots, entries: entries.slice(-MOST).reverse(),
    ladder: slots.map(slot => ({ slot, steps: rungs.map((rung, i) => {
      const taken = day.filter(e => e.slot === slot && (rung === 'redial' ? e.kind === 'call' && e.words.startsWith('dials') : e.step === i));
      return { name: names[rung], times: taken.length, lastMs: taken.at(-1)?.atMs };
    }) })),
  };
}
