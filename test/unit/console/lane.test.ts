import { describe, expect, it } from 'vitest';
import { Lane, LaneFull } from '../../../kernel/console/lane.ts';

describe('a lane', () => {
  it('does one thing after the other, refuses what is too much, and goes on after a failure', async () => {
    const lane = new Lane('backups', 3);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const work = (name: string) => async (): Promise<string> => {
      order.push(`${name} begins`);
      await new Promise<void>((resolve) => { ends.push(resolve); });
      order.push(`${name} ends`);
      if (name === 'a') throw new Error('a failed');
      return name;
    };
    const [a, b, c] = [lane.run(work('a')), lane.run(work('b')), lane.run(work('c'))];
    await expect(lane.run(work('d'))).rejects.toThrow(LaneFull);
    const next = async (): Promise<void> => { while (ends.length === 0) await Promise.resolve(); ends.shift()!(); };
    await next();
    await expect(a).rejects.toThrow('a failed');
    await next();
    expect(await b).toBe('b');
    const e = lane.run(work('e'));
    await next();
    await next();
    expect(await Promise.all([c, e])).toEqual(['c', 'e']);
    expect(order).toEqual(['a', 'b', 'c', 'e'].flatMap((n) => [`${n} begins`, `${n} ends`]));
  });
});
