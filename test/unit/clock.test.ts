import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RealClock, VirtualClock } from '../../kernel/clock.ts';

describe('VirtualClock', () => {
  it('fires in order of time, then of arming', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push(`late ${clock.now()}`));
    clock.after(10, () => seen.push(`first ${clock.now()}`));
    clock.after(10, () => seen.push(`second ${clock.now()}`));
    expect(clock.next()).toBe(10);
    clock.advance(15);
    expect(seen).toEqual(['first 10', 'second 10']);
    expect(clock.now()).toBe(15);
    clock.advance(5);
    expect(seen).toEqual(['first 10', 'second 10', 'late 20']);
    expect(clock.next()).toBeUndefined();
  });

  it('fires what is armed on the way, and repeats until disposed', () => {
    const clock = new VirtualClock(1000);
    const seen: number[] = [];
    const beat = clock.every(10, () => {
      seen.push(clock.now());
      if (seen.length === 3) void beat.dispose();
    });
    clock.after(5, () => clock.after(1, () => seen.push(clock.now())));
    clock.advance(100);
    expect(seen).toEqual([6, 10, 20]);
    expect(clock.wall()).toBe(1100);
    expect(clock.next()).toBeUndefined();
  });

  it('never fires after dispose, not even of two due at once', () => {
    const clock = new VirtualClock();
    let fired = false;
    clock.after(10, () => void other.dispose());
    const other = clock.after(10, () => { fired = true; });
    clock.advance(10);
    void other.dispose();
    expect(fired).toBe(false);
  });

  it('says so when time does not pass', () => {
    const clock = new VirtualClock();
    const again = () => { clock.after(0, again); };
    again();
    expect(() => clock.advance(1)).toThrow(/without time passing/);
    expect(() => clock.after(Number.NaN, () => {})).toThrow(TypeError);
  });

  it('any mixture of arming and disarming fires what is left, sorted', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 200 }), plan => {
      const clock = new VirtualClock();
      const seen: number[] = [];
      const timers = plan.map(([ms], i) => clock.after(ms, () => seen.push(i)));
      plan.forEach(([, keep], i) => { if (!keep) void timers[i]?.dispose(); });
      clock.advance(50);
      const wanted = plan.map(([ms, keep], i) => ({ ms, keep, i })).filter(t => t.keep).sort((a, b) => a.ms - b.ms || a.i - b.i);
      expect(seen).toEqual(wanted.map(t => t.i));
    }), { numRuns: 100 });
  });
});

describe('RealClock', () => {
  it('keeps the same order, and nothing fires after close', async () => {
    const clock = new RealClock();
    const seen: string[] = [];
    let cancelled = false;
    await new Promise<void>(done => {
      clock.after(2, () => { seen.push('late'); done(); });
      clock.after(1, () => seen.push('early'));
      void clock.after(1, () => { cancelled = true; }).dispose();
      clock.after(2 ** 32, () => seen.push('in 49 days'));
    });
    expect(seen).toEqual(['early', 'late']);
    expect(cancelled).toBe(false);
    let fired = false;
    clock.after(0, () => { fired = true; });
    clock.close();
    clock.after(0, () => { fired = true; });
    await new Promise(setImmediate);
    expect(fired).toBe(false);
  });
});
