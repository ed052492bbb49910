import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heightAt, layOut, NODE } from '../../../gui/src/views/graph-layout.ts';

const node = (id: string) => ({ id, label: id });

describe('the layout of a graph', () => {
  it('puts each node right of those it comes from', () => {
    const { nodes } = layOut(['c', 'b', 'a'].map(node), [{ from: 'a', to: 'b' }, { from: 'b', to: 'c' }, { from: 'a', to: 'c' }]);
    expect([nodes.get('a')!.x < nodes.get('b')!.x, nodes.get('b')!.x < nodes.get('c')!.x]).toEqual([true, true]);
  });
  it('has a place of its own for every node, inside the drawing, whatever the edges', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }).chain((n) => fc.tuple(fc.constant(n), fc.array(fc.tuple(fc.nat(n), fc.nat(n)), { maxLength: 30 }))), ([n, pairs]) => {
      const { nodes, width, height, box } = layOut(Array.from({ length: n }, (_, i) => node(String(i))), pairs.map(([a, b]) => ({ from: String(a), to: String(b) })));
      const places = [...nodes.values()];
      expect(places).toHaveLength(n);
      expect(new Set(places.map((p) => `${p.x} ${p.y}`)).size).toBe(n);
      for (const { x, y } of places) expect(x >= 0 && y >= 0 && x + box <= width && y + NODE.height <= height + 0.01).toBe(true);
    }), { numRuns: 200 });
  });
  it('leaves room between the layers for what stands on the edges, and in the nodes for their names', () => {
    const plain = layOut([node('a'), node('b')], [{ from: 'a', to: 'b' }]);
    const wordy = layOut([node('a'), { id: 'b', label: 'a name of some length' }], [{ from: 'a', to: 'b', label: 'as long as this' }]);
    expect([wordy.gap > plain.gap, wordy.box > plain.box]).toEqual([true, true]);
  });
  it('knows how high an edge is anywhere', () => expect([heightAt(0, 0, 10, 100, 50, 50), heightAt(50, 0, 10, 100, 50, 50), heightAt(100, 0, 10, 100, 50, 50)].map(Math.round)).toEqual([10, 30, 50]));
});
