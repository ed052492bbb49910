import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { Sweep } from '../../../../plugins/firewall/sweep.ts';
import type { FlowView } from '../../../../sdk/index.ts';

/** `n` flows, the even numbers; those of `forbidden` are not to stay. */
function rig(n: number, forbidden: (id: number) => boolean) {
  const clock = new VirtualClock();
  const alive = new Set(Array.from({ length: n }, (_, i) => i * 2));
  let pieces = 0;
  let seen = 0;
  let most = 0;
  const flows = {
    max: n * 2,
    view: (id: number) => alive.has(id) ? { id } as FlowView : undefined,
    cut: (id: number, why: string) => { expect(why).toBe('no longer allowed'); alive.delete(id); },
  };
  const sweep = new Sweep({ after: (ms, fn) => clock.after(ms, () => { pieces++; seen = 0; fn(); most = Math.max(most, seen); }) }, flows, f => { seen++; return !forbidden(f.id); });
  return { clock, alive, sweep, get pieces() { return pieces; }, get most() { return most; } };
}

describe('the walk over all flows after a change of rules', () => {
  it('ends what is no longer allowed, a bounded piece at a time', () => {
    const r = rig(10_000, id => id % 4 === 0);
    r.sweep.start();
    expect(r.alive.size).toBe(10_000);
    r.clock.advance(1);
    expect(r.alive.size).toBe(5000);
    expect([r.most, r.pieces]).toEqual([256, 40]);
    expect(r.clock.next()).toBeUndefined();
  });

  it('does not look at many numbers without a flow at once either', () => {
    const r = rig(20_000, () => false);
    r.alive.clear();
    r.sweep.start();
    r.clock.advance(1);
    expect([r.pieces, r.most]).toEqual([3, 0]);
  });

  it('begins anew when rules change while it is under way, and there is one walk only', () => {
    let wrong = -1;
    const r = rig(1000, id => id === wrong);
    r.sweep.start();
    r.sweep.start();
    r.clock.advance(0);
    wrong = 0;
    r.sweep.start();
    r.clock.advance(1);
    expect(r.alive.has(0)).toBe(false);
    expect(r.clock.next()).toBeUndefined();
  });
});
