import { describe, expect, it } from 'vitest';
import { bench, card, TestSource } from './bench.ts';

const ac881 = { model: 'AC881', usb: ['1199:6851'], storage: ['1199:0fff'] };
const e620 = { model: 'E620', usb: ['12d1:1001'], storage: ['12d1:1001'] };
const e630 = { model: 'E630', usb: ['12d1:1001'] };
const ac860 = { model: 'AC860', pcmcia: [{ manf: '0192', card: '0710' }] };

describe('slots', () => {
  it('load the plugins of a card before its modem is told of, and unload them after it is gone', async () => {
    const b = bench({ 'cards.ac881': ac881, 'cards.e620': e620 });
    b.source.insert(card({ key: 'a', usb: '1199:6851' }));
    await b.settle();
    expect(b.seen).toEqual(['load cards.ac881', 'modem a']);
    expect(b.slots.list()).toMatchObject([{ face: 'modem', device: { slot: 1 } }]);
    b.source.remove('a');
    await b.settle();
    expect(b.seen.slice(2)).toEqual(['removed a', 'unload cards.ac881']);
    expect(b.slots.list()).toEqual([]);
    expect(b.timeline).toEqual(['1: inserted: Maker Model (1199:6851)', '1: removed']);
  });

  it('load every plugin that knows an id, and keep a plugin while any card needs it', async () => {
    const b = bench({ 'cards.e620': e620, 'cards.e630': e630, 'cards.ac860': ac860 });
    b.source.insert(card({ key: 'a', usb: '12d1:1001', slot: 1 }));
    b.source.insert(card({ key: 'b', usb: '12d1:1001', slot: 2 }));
    b.source.insert(card({ key: 'c', pcmcia: { manf: '0192', card: '0710' }, slot: 3 }));
    await b.settle();
    expect([...b.loaded].sort()).toEqual(['cards.ac860', 'cards.e620', 'cards.e630']);
    b.source.remove('a');
    b.source.remove('c');
    await b.settle();
    expect([...b.loaded].sort()).toEqual(['cards.e620', 'cards.e630']);
    b.source.remove('b');
    await b.settle();
    expect([...b.loaded]).toEqual([]);
  });

  it('hand a card on that no plugin knows, or whose plugin does not load, and say so', async () => {
    const b = bench({ 'cards.broken': ac881, 'cards.nonsense': 'what?' });
    b.source.insert(card({ key: 'a', usb: '1199:6851' }));
    b.source.insert(card({ key: 'b', usb: 'dead:beef', slot: 2 }));
    await b.settle();
    expect(b.seen.sort()).toEqual(['modem a', 'modem b']);
    expect(b.timeline).toContain('1: plugin not loaded: cards.broken is failed');
    expect(b.log.ring.lines().filter(l => l.level === 'warn').map(l => l.msg)).toEqual([expect.stringContaining('the card plugin cards.nonsense cannot be used')]);
  });

  it('tell nothing of a card that goes before its plugins are there, and unload those', async () => {
    const b = bench({ 'cards.ac881': ac881 });
    b.source.insert(card({ key: 'a', usb: '1199:6851' }));
    b.source.remove('a');
    await b.settle();
    b.source.insert(card({ key: 'b', usb: '1199:6851' }));
    await Promise.resolve();
    await Promise.resolve();
    b.source.remove('b');
    await b.settle();
    expect(b.seen.filter(s => /^(?:modem|removed)/.test(s))).toEqual([]);
    expect([...b.loaded]).toEqual([]);
  });

  it('see sources that come late, and forget the cards of one that goes', async () => {
    const b = bench({ 'cards.ac881': ac881 });
    const late = new TestSource();
    late.insert(card({ key: 'z', usb: '1199:6851', slot: 4 }));
    b.sources.push(late);
    await b.advance(1000);
    expect(b.seen).toEqual(['load cards.ac881', 'modem z']);
    b.sources.pop();
    await b.advance(1000);
    expect(b.seen.slice(2)).toEqual(['removed z', 'unload cards.ac881']);
    expect(late.watchers).toBe(0);
  });

  it('leave nothing when they end, whatever sits in them', async () => {
    const b = bench({ 'cards.ac881': ac881 });
    b.source.insert(card({ key: 'a', usb: '1199:6851' }));
    b.source.insert(card({ key: 'b', usb: '1199:0fff', slot: 2, ports: [] }));
    await b.settle();
    b.slots.dispose();
    await b.settle();
    expect([[...b.loaded], b.source.watchers, b.clock.next()]).toEqual([[], 0, undefined]);
    b.source.insert(card({ key: 'c', usb: '1199:6851' }));
    await b.settle();
    expect([...b.loaded]).toEqual([]);
  });
});
