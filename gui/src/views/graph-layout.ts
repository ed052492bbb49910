import type { GraphEdge, GraphNode } from '../../../sdk/panel.ts';

export interface Placed { readonly node: GraphNode; readonly x: number; readonly y: number }
/** `box`: how wide every node is; `gap`: the room between two layers. */
export interface Layout { readonly nodes: ReadonlyMap<string, Placed>; readonly width: number; readonly height: number; readonly box: number; readonly gap: number }

export const NODE = { least: 120, most: 250, height: 46, gapX: 64, gapY: 18, margin: 8, before: 28, behind: 14 } as const;
/** Letters of a node and of what stands on an edge, in px: as wide as they come in the fonts we ask for. */
const LETTER = 8;
const SMALL_LETTER = 6.9;
/** Longest text beside an edge; the rest of it is cut. */
const EDGE_MOST = 22;

export const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
/** How many letters fit into a node. */
export const roomFor = (box: number, small = false): number => Math.floor((box - NODE.before - NODE.behind) / (small ? SMALL_LETTER : LETTER));
export const edgeLabel = (edge: GraphEdge, rate: string): string => clip(edge.label ?? rate, EDGE_MOST);

/**
 * Layers from left to right along the edges, and within a layer each node near those it comes from (the barycentre method), which
 * keeps crossings few. Nodes on a circle of edges stay in the layer where they are met first.
 */
export function layOut(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Layout {
  const letters = Math.max(0, ...edges.map((e) => Math.min(EDGE_MOST, e.label?.length ?? (e.rate === undefined ? 0 : 12))));
  const gap = Math.max(NODE.gapX, letters * SMALL_LETTER + 20);
  const wanted = Math.max(0, ...nodes.map((n) => Math.max(n.label.length * LETTER, (n.detail?.length ?? 0) * SMALL_LETTER))) + NODE.before + NODE.behind;
  const box = Math.ceil(Math.max(NODE.least, Math.min(NODE.most, wanted)));
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
    const near = new Map(column.map((n, k) => [n.id, i === 0 ? k : centre(n, k)]));
    column.sort((a, b) => near.get(a.id)! - near.get(b.id)!);
    const tall = column.length;
    for (const [k, n] of column.entries()) place.set(n.id, k - (tall - 1) / 2);
  }
  const tallest = Math.max(1, ...layers.map((l) => l?.length ?? 0));
  const height = tallest * NODE.height + (tallest - 1) * NODE.gapY + 2 * NODE.margin;
  const placed = new Map<string, Placed>();
  for (const node of nodes) {
    placed.set(node.id, {
      node, x: NODE.margin + layer.get(node.id)! * (box + gap),
      y: height / 2 + place.get(node.id)! * (NODE.height + NODE.gapY) - NODE.height / 2,
    });
  }
  return { nodes: placed, width: 2 * NODE.margin + layers.length * box + (layers.length - 1) * gap, height, box, gap };
}

/** The point at `x` of the curve that an edge is drawn as: from (x1, y1) to (x2, y2), level at both ends. */
export function heightAt(x: number, x1: number, y1: number, x2: number, y2: number, bend: number): number {
  let [low, high] = [0, 1];
  const at = (t: number, a: number, b: number, c: number, d: number): number => a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t * t * (1 - t) + d * t ** 3;
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (at(middle, x1, x1 + bend, x2 - bend, x2) < x) low = middle;
    else high = middle;
  }
  return at(low, y1, y1, y2, y2);
}
