import { describe, expect, it } from 'vitest';
import { Check } from '../../../plugins/failover/check.ts';
import { choose } from '../../../plugins/failover/choice.ts';

/** Runs a check; `answers` says for each question whether it is answered. Gives the questions at which the verdict turned. */
function run(answers: readonly boolean[], tolerance = 3): string[] {
  const check = new Check({ periodMs: 5000, timeoutMs: 3000, tolerance });
  const turns: string[] = [];
  let n = 0;
  let now = 0;
  const take = (outs: ReturnType<Check['step']>): void => {
    for (const out of outs) {
      if (out.kind === 'health') turns.push(`${n} ${out.good}`);
      else if (answers[n++]) take(check.step({ kind: 'answer', seq: out.seq }, now));
    }
  };
  take(check.step({ kind: 'start' }, 0));
  while (n < answers.length) take(check.step({ kind: 'tick' }, now = check.deadline()!));
  take(check.step({ kind: 'tick' }, now + 3000));
  return turns;
}

describe('a connectivity check', () => {
  it('turns after as many failures in a row as it tolerates', () => {
    expect(run([true, false, false, true, false, false, false, false])).toEqual(['7 false']);
    expect(run([false], 1)).toEqual(['1 false']);
  });
  it('turns back as slowly', () => expect(run([false, false, false, true, false, true, true, true])).toEqual(['3 false', '8 true']));
  it('takes late and foreign answers for none', () => {
    const check = new Check({ periodMs: 5000, timeoutMs: 3000, tolerance: 1 });
    check.step({ kind: 'start' }, 0);
    expect(check.step({ kind: 'answer', seq: 77 }, 10)).toEqual([]);
    expect(check.step({ kind: 'tick' }, 3000)).toEqual([{ kind: 'health', good: false }]);
    expect(check.step({ kind: 'answer', seq: 1 }, 3001)).toEqual([]);
  });
  it('knows nothing of an uplink without an address', () => {
    const check = new Check({ periodMs: 5000, timeoutMs: 3000, tolerance: 1 });
    check.step({ kind: 'start' }, 0);
    check.step({ kind: 'tick' }, 3000);
    expect(check.step({ kind: 'stop' }, 3100)).toEqual([{ kind: 'health', good: true }]);
    expect(check.deadline()).toBeUndefined();
  });
});

describe('the choice', () => {
  const wan = { name: 'wan', metric: 1, up: true, good: true };
  const cell = { name: 'cellular', metric: 2, up: true, good: true };
  it.each([
    [[wan, cell], undefined, true, 'wan', false], [[{ ...wan, good: false }, cell], 'wan', true, 'cellular', true], [[{ ...wan, up: false }, { ...cell, up: false }], 'wan', true, undefined, true],
    [[wan, cell], 'cellular', true, 'wan', false], [[wan, cell], 'cellular', false, 'cellular', false], [[wan, { ...cell, up: false }], 'cellular', false, 'wan', false], [[{ ...wan, up: false }], 'wan', true, undefined, false],
    [[wan, { ...cell, metric: 0 }], 'wan', true, 'cellular', false],
  ] as const)('%j, now %s, fall-back %s: %s, stand-in wanted: %s', (all, present, fallBack, use, standIn) => {
    expect(choose(all, present, fallBack)).toEqual({ use, standIn });
  });
});
