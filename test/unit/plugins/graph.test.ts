import { describe, expect, it } from 'vitest';
import { drawGraph, startOrder } from '../../../kernel/plugins/graph.ts';

const node = (id: string, needs: string[] = [], provides: string[] = []) => ({ id, needs, provides });

describe('order of starting', () => {
  it('puts providers before users, else keeps the order given', () => {
    const { order, blocked } = startOrder(
      [node('nat', ['routes', 'clock']), node('lan', ['routes'], ['leases']), node('ip', [], ['routes']), node('dns', ['leases'])],
      service => service === 'clock',
    );
    expect(order).toEqual(['ip', 'nat', 'lan', 'dns']);
    expect(blocked.size).toBe(0);
  });

  it('names what is missing, and who waits because of it', () => {
    const { order, blocked } = startOrder([node('c', ['b.x']), node('b', ['nowhere'], ['b.x']), node('a')], () => false);
    expect(order).toEqual(['a']);
    expect(blocked.get('b')).toBe('waits for nowhere, which no loaded plugin provides');
    expect(blocked.get('c')).toBe('waits for b.x from b, which cannot start');
  });

  it('names every step of a circle, and only its members', () => {
    const { order, blocked } = startOrder(
      [node('user', ['a.x']), node('a', ['b.y'], ['a.x']), node('b', ['c.z'], ['b.y']), node('c', ['a.x'], ['c.z'])], () => false);
    expect(order).toEqual([]);
    const sentence = 'a needs b.y from b, b needs c.z from c, c needs a.x from a: a circle, none of them can start';
    for (const id of ['a', 'b', 'c']) expect(blocked.get(id)).toBe(sentence);
    expect(blocked.get('user')).toBe('waits for a.x from a, which cannot start');
  });

  it('does not let a plugin wait for itself', () => {
    expect(startOrder([node('ddns', ['ddns.providers'], ['ddns.providers'])], () => false).order).toEqual(['ddns']);
  });

  it('draws who uses whom', () => {
    const active = { state: 'active' };
    expect(drawGraph([
      { ...node('ip', [], ['ip.routes']), ...active },
      { ...node('lan', ['ip.routes'], ['lan.leases']), ...active },
      { ...node('dns', ['lan.leases', 'ip.routes']), ...active },
      { ...node('nat', ['ip.routes', 'gone.x']), state: 'waiting' },
      { ...node('a', ['b'], ['a']), state: 'waiting' }, { ...node('b', ['a'], ['b']), state: 'waiting' },
    ]).split('\n')).toEqual([
      'ip',
      '├─ lan (ip.routes)',
      '│  └─ dns (lan.leases)',
      '├─ dns (ip.routes)',
      '└─ nat [waiting] (ip.routes) needs gone.x',
      'a [waiting]',
      '└─ b [waiting] (a)',
    ]);
  });
});
