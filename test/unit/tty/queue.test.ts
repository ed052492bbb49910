import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OctetQueue } from '../../../kernel/tty/queue.ts';

it('a queue of octets gives back what went in, in order, round and round', () => {
  const step = fc.oneof(fc.record({ push: fc.uint8Array({ maxLength: 12 }) }), fc.record({ shift: fc.nat(12) }));
  fc.assert(fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
    const queue = new OctetQueue(16);
    const model: number[] = [];
    for (const s of steps) {
      if ('push' in s) {
        if (s.push.length > queue.room) continue;
        queue.push(s.push, 0, s.push.length);
        model.push(...s.push);
      } else {
        const n = Math.min(s.shift, queue.run);
        expect([...queue.ring.subarray(queue.start, queue.start + n)]).toEqual(model.splice(0, n));
        queue.shift(n);
      }
      expect(queue.length).toBe(model.length);
      expect(queue.run).toBeLessThanOrEqual(queue.length);
    }
  }), { numRuns: 500 });
});
