import { describe, expect, it } from 'vitest';
import { ScanWatch, SENDERS } from '../../../../plugins/firewall/scan.ts';

const watch = () => new ScanWatch({ threshold: 20, windowMs: 10_000 });
const BAD = 0xcb007109;
const US = 0xc6336402;

describe('a port scan', () => {
  it('is told of once, when so many ports were tried', () => {
    const w = watch();
    const told = Array.from({ length: 200 }, (_, port) => w.note(BAD, US, port, port)).flatMap((kind, port) => kind ? [[kind, port]] : []);
    expect(told).toHaveLength(1);
    expect(told[0]![0]).toBe('port scan');
    // A few ports may share a bit.
    expect(told[0]![1]).toBeGreaterThanOrEqual(19);
    expect(told[0]![1]).toBeLessThan(25);
  });

  it('is told of again in the next window', () => {
    const w = watch();
    for (let port = 0; port < 100; port++) w.note(BAD, US, port, 0);
    const again = Array.from({ length: 100 }, (_, port) => w.note(BAD, US, port, 10_000)).filter(Boolean);
    expect(again).toEqual(['port scan']);
  });

  it('is not one when the same port is tried a thousand times, or few ports in each window', () => {
    const w = watch();
    for (let i = 0; i < 1000; i++) expect(w.note(BAD, US, 80, i)).toBeUndefined();
    for (let i = 0; i < 1000; i++) expect(w.note(BAD + 1, US, i, i * 1000)).toBeUndefined();
  });

  it('over many hosts is a sweep', () => {
    const w = watch();
    const told = Array.from({ length: 100 }, (_, i) => w.note(BAD, US + i, 23, 0)).filter(Boolean);
    expect(told).toEqual(['host sweep']);
  });

  it('from more senders than there is room for forgets the oldest, and goes on finding new ones', () => {
    const w = watch();
    for (let i = 0; i < SENDERS * 20; i++) w.note(i, US, 1, i);
    const told = Array.from({ length: 60 }, (_, port) => w.note(BAD, US, port, 20_000)).filter(Boolean);
    expect(told).toEqual(['port scan']);
  });
});
