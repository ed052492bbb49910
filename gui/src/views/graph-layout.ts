import type { GraphEdge, GraphNode } from '../../../sdk/panel.ts';

export interface Placed { readonly node: GraphNode; readonly x: number; readonly y: number }
export interface Layout { readonly nodes: ReadonlyMap<string, Placed>; readonly width: number; readonly height: number }

export const NODE = { width: 164, height: 46, gapX: 64, gapY: 18, margin: 8 } as const;

/**
 * Layers from left to right along the edges, and within a layer each node near those it comes from (the barycentre method), which
 * keeps crossings few. Nodes on a circle of edges stay in the layer where they are met first.
 */
export function layOut(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Layout {
  const gapX = edges.some((e) => e.label !== undefined || e.rate !== undefined) ? NODE.gapX * 1.7 : NODE.gapX;
  const ids = new Set(nodes.map((n) => n.id));
  const real = edges.filter((e) => e.from !== e.to && ids.has(e.from) && ids.has(e.to));
  const layer = new Map<string, number>();
  const visit = (id: string, path: ReadonlySet<string>): number => {
    const known = layer.get(id);
    if (known !== undefined) return known;
    const before = real.filter((e) => e.to === id && !path.has(e.from)).map((e) => visit(e.from, new Set([...path, id])) + 1);
    const at = Math.max(0, ...before);
    layer.set(id, at);
    return at;
  };
  for (const { id } of nodes) visit(id, new Set([id]));

  const layers: GraphNode[][] = [];
  for (const node of nodes) (layers[layer.get(node.id)!] ??= []).push(node);
  const place = new Map<string, number>();
  for (const [i, column] of layers.entries()) {
    if (column === undefined) continue;
    const centre = (n: GraphNode, k: number): number => {
      const from = real.filter((e) => e.to === n.id).map((e) => place.get(e.from)).filter((p) => p !== undefined);
      return from.length === 0 ? k : from.reduce((a, b) => a + b, 0) / from.length;
    };
    const wanted = new Map(column.map((n, k) => [n.id, i === 0 ? k : centre(n, k)]));
    column.sort((a, b) => wanted.get(a.id)! - wanted.get(b.id)!);
    const tall = column.length;
    for (const [k, n] of column.entries()) place.set(n.id, k - (tall - 1) / 2);
  }
  const tallest = Math.max(1, ...layers.map((l) => l?.length ?? 0));
  const height = tallest * NODE.height + (tallest - 1) * NODE.gapY + 2 * NODE.margin;
  const placed = new Map<string, Placed>();
  for (const node of nodes) {
    placed.set(node.id, {
      node, x: NODE.margin + layer.get(node.id)! * (NODE.width + gapX),
      y: height / 2 + place.get(node.id)! * (NODE.height + NODE.gapY) - NODE.height / 2,
    });
  }
  return { nodes: placed, width: 2 * NODE.margin + layers.length * NODE.width + (layers.length - 1) * gapX, height };
}
