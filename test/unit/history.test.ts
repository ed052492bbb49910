import { describe, expect, it } from 'vitest';
import { ChartHistory, Growth } from '../../sdk/index.ts';

describe('the history of a chart', () => {
  it('keeps the newest points, and no more than it has room for', () => {
    const history = new ChartHistory(3);
    for (let i = 1; i <= 5; i++) history.add([i * 10_000, i]);
    expect(history.points()).toEqual([[30_000, 3], [40_000, 4], [50_000, 5]]);
    expect(history.points(1)).toEqual([[50_000, 5]]);
  });
});

describe('the growth of a count', () => {
  it('is per second; the first reading, and one after the count began anew, give none', () => {
    const growth = new Growth();
    expect([growth.read(100, 0), growth.read(300, 2000), growth.read(5, 3000), growth.read(15, 3500)]).toEqual([0, 100, 0, 20]);
  });
});
