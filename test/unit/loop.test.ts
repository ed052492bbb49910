import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import { Loop } from '../../kernel/loop.ts';
import type { Engine } from '../../kernel/packet/engine.ts';

/** An engine with so many batches to do, each of which takes 1 ms. */
function rig(work: number, breath: () => void = () => {}) {
  const clock = new VirtualClock();
  const engine = { held: false, left: work, breaths: 0, breathe(): boolean { this.breaths++; breath(); if (this.left === 0) return false; this.left--; clock.advance(1); return true; } };
  const loop = new Loop(engine as unknown as Engine, clock);
  return { clock, engine, loop };
}

describe('between messages', () => {
  it('packets have their turn, unless they just had it', () => {
    const { clock, engine, loop } = rig(5);
    clock.advance(10);
    loop.between();
    expect(engine.left).toBe(0);
    const { breaths } = engine;
    loop.between();
    expect(engine.breaths).toBe(breaths);
    clock.advance(5);
    loop.between();
    expect(engine.breaths).toBeGreaterThan(breaths);
    loop.close();
  });

  it('a steady stream of packets does not keep the message waiting for ever', () => {
    const { clock, engine, loop } = rig(1_000_000);
    clock.advance(10);
    loop.between();
    expect(engine.left).toBeGreaterThan(1_000_000 - 100);
    loop.close();
  });

  it('nothing happens inside a breath, while the engine is held, or after the end', () => {
    let inside = 0;
    const { clock, engine, loop } = rig(3, () => { clock.advance(10); loop.between(); inside++; });
    clock.advance(10);
    engine.held = true;
    loop.between();
    expect(engine.breaths).toBe(0);
    engine.held = false;
    loop.between();
    expect(inside).toBe(engine.breaths);
    loop.close();
    const { breaths } = engine;
    clock.advance(10);
    loop.between();
    expect(engine.breaths).toBe(breaths);
  });
});
