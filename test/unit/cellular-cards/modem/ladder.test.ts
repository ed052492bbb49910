import { describe, expect, it } from 'vitest';
import { Ladder, type Rung } from '../../../../plugins/cellular-cards/core/modem/ladder.ts';

const all = () => true;
const steps = (ladder: Ladder, trouble: Parameters<Ladder['next']>[0], n: number, has: (rung: Rung) => boolean = all, apartMs = 3_600_000): Rung[] =>
  Array.from({ length: n }, (_, i) => {
    const { rung } = ladder.next(trouble, has, i * apartMs);
    ladder.use(rung, i * apartMs);
    return rung;
  });

describe('the recovery ladder', () => {
  it('tries the same thrice, then a stronger step each time', () => {
    expect(steps(new Ladder(() => 0.5), 'call', 16)).toEqual([
      'redial', 'redial', 'redial', 'reattach', 'redial', 'redial', 'radio', 'redial', 'redial', 'reset', 'redial', 'redial', 'replug', 'redial', 'redial', 'reboot',
    ]);
  });

  it('skips what the card and the slot cannot do', () => {
    expect(new Set(steps(new Ladder(() => 0.5), 'call', 40, r => r === 'redial' || r === 'radio'))).toEqual(new Set(['redial', 'radio']));
  });

  it('waits twice as long each time, up to a limit', () => {
    const ladder = new Ladder(() => 0.5);
    const waits = Array.from({ length: 12 }, (_, i) => ladder.next('call', () => false, i * 1_000_000).inMs / 1000);
    expect(waits.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(waits.at(-1)).toBe(600);
  });

  it('forgives after a call that stood, and only then', () => {
    const ladder = new Ladder(() => 0.5);
    steps(ladder, 'call', 5);
    ladder.online(100_000_000);
    ladder.offline(100_010_000);
    expect(ladder.failures).toBe(5);
    ladder.online(100_020_000);
    ladder.offline(100_090_000);
    expect(ladder.next('call', all, 100_090_000).inMs).toBe(5000);
  });

  it('never takes a stronger step for a wrong password', () => {
    expect(new Set(steps(new Ladder(() => 0.5), 'login', 50))).toEqual(new Set(['redial']));
  });

  it('keeps the distance between steps', () => {
    const rungs = steps(new Ladder(() => 0.5), 'service', 200, r => r === 'redial' || r === 'reset', 60_000);
    const at = rungs.flatMap((r, i) => (r === 'reset' ? [i] : []));
    expect(at.length).toBeGreaterThan(5);
    expect(Math.min(...at.slice(1).map((n, i) => n - at[i]!))).toBeGreaterThanOrEqual(10);
  });

  it('takes the power from a card that says nothing', () => {
    expect(steps(new Ladder(() => 0.5), 'silent', 4)).toEqual(['redial', 'replug', 'reboot', 'replug']);
  });
});
