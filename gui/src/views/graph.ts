import { html, nothing, svg } from 'lit';
import { LightElement } from '../shell/light.ts';
import { hrefOf } from '../shell/route.ts';
import { styled } from '../shell/styled.ts';
import { scaled } from '../shell/words.ts';
import { clip, edgeLabel, heightAt, type Layout, layOut, NODE, type Placed, roomFor } from './graph-layout.ts';
import type { ViewOf } from './view.ts';

/** A drawing is made smaller down to this; beyond, it is scrolled sideways. */
const SMALLEST = 0.72;

/** Things and what connects them, drawn from left to right. The same is there as a list for those who do not see it. */
class Graph extends LightElement {
  static override properties = { view: { attribute: false } };
  declare view: ViewOf<'graph'>;

  override render() {
    const { title, nodes, edges } = this.view;
    const layout = layOut(nodes, edges);
    const { nodes: placed, width, height } = layout;
    const name = (id: string): string => placed.get(id)?.node.label ?? id;
    return html`<section class="card" aria-label=${title}>
      ${title ? html`<h2 class="card-head">${title}</h2>` : nothing}
      <div class="graph" tabindex="0" role="group" aria-label="${title}, drawing">
        <svg width=${width} viewBox="0 0 ${width} ${height}" aria-hidden="true" ${styled({ 'min-width': `${width * SMALLEST}px` })}>
          ${edges.map((e) => this.#edge(placed.get(e.from), placed.get(e.to), layout, e.rate))}
          ${[...placed.values()].map((p) => this.#node(p, layout.box))}
          ${edges.map((e) => this.#label(placed.get(e.from), placed.get(e.to), layout, edgeLabel(e, e.rate === undefined ? '' : scaled(e.rate, 'bit/s'))))}
        </svg>
      </div>
      <ul class="visually-hidden">${nodes.map((n) => html`<li>${n.label}${n.detail ? `, ${n.detail}` : ''}${n.state ? `, ${n.state}` : ''}${edges.some((e) => e.from === n.id) ? `; leads to ${edges.filter((e) => e.from === n.id).map((e) => name(e.to)).join(', ')}` : ''}</li>`)}</ul>
    </section>`;
  }

  #node({ node, x, y }: Placed, width: number) {
    const box = svg`<g class="node ${node.state ?? ''}" transform="translate(${x} ${y})">
      <rect width=${width} height=${NODE.height} rx="7"/>
      <circle cx="15" cy=${NODE.height / 2} r="4"/>
      <text x=${NODE.before} y=${node.detail ? 20 : 28}>${clip(node.label, roomFor(width))}</text>
      ${node.detail ? svg`<text class="detail" x=${NODE.before} y="35">${clip(node.detail, roomFor(width, true))}</text>` : nothing}
      <title>${node.label}${node.detail ? ` – ${node.detail}` : ''}</title></g>`;
    return node.page === undefined ? box : svg`<a href=${hrefOf(node.page)} tabindex="-1">${box}</a>`;
  }

  #edge(from: Placed | undefined, to: Placed | undefined, { box }: Layout, rate: number | undefined) {
    if (from === undefined || to === undefined) return nothing;
    const { x1, y1, x2, y2, bend } = way(from, to, box);
    const weight = rate === undefined ? 1.25 : Math.min(5, 1 + Math.log10(1 + rate / 1e4));
    return svg`<path class="edge ${rate !== undefined && rate > 0 ? 'flows' : ''}" stroke-width=${weight} d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
  }

  /** In the gap behind the node that the edge comes from: further on it may pass behind other nodes. */
  #label(from: Placed | undefined, to: Placed | undefined, { box, gap }: Layout, label: string) {
    if (from === undefined || to === undefined || label === '') return nothing;
    const { x1, y1, x2, y2, bend } = way(from, to, box);
    const x = x1 + gap / 2;
    return svg`<text class="edge-label" x=${x} y=${heightAt(x, x1, y1, x2, y2, bend) - 5} text-anchor="middle">${label}</text>`;
  }
}

function way(from: Placed, to: Placed, box: number): { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number; readonly bend: number } {
  const [x1, x2] = [from.x + box, to.x];
  return { x1, y1: from.y + NODE.height / 2, x2, y2: to.y + NODE.height / 2, bend: Math.max(24, (x2 - x1) / 2) };
}
customElements.define('lc-graph', Graph);
