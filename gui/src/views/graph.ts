import { html, nothing, svg } from 'lit';
import { LightElement } from '../shell/light.ts';
import { hrefOf } from '../shell/route.ts';
import { scaled } from '../shell/words.ts';
import { layOut, NODE, type Placed } from './graph-layout.ts';
import type { ViewOf } from './view.ts';

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Things and what connects them, drawn from left to right. The same is there as a list for those who do not see it. */
class Graph extends LightElement {
  static override properties = { view: { attribute: false } };
  declare view: ViewOf<'graph'>;

  override render() {
    const { title, nodes, edges } = this.view;
    const { nodes: placed, width, height } = layOut(nodes, edges);
    const name = (id: string): string => placed.get(id)?.node.label ?? id;
    return html`<section class="card" aria-label=${title}>
      ${title ? html`<h2 class="card-head">${title}</h2>` : nothing}
      <div class="graph" tabindex="0" role="group" aria-label="${title}, drawing">
        <svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" aria-hidden="true">
          ${edges.map((e) => this.#edge(placed.get(e.from), placed.get(e.to), e.label ?? (e.rate === undefined ? '' : scaled(e.rate, 'bit/s')), e.rate))}
          ${[...placed.values()].map((p) => this.#node(p))}
        </svg>
      </div>
      <ul class="visually-hidden">${nodes.map((n) => html`<li>${n.label}${n.detail ? `, ${n.detail}` : ''}${n.state ? `, ${n.state}` : ''}${edges.some((e) => e.from === n.id) ? `; leads to ${edges.filter((e) => e.from === n.id).map((e) => name(e.to)).join(', ')}` : ''}</li>`)}</ul>
    </section>`;
  }

  #node({ node, x, y }: Placed) {
    const box = svg`<g class="node ${node.state ?? ''}" transform="translate(${x} ${y})">
      <rect width=${NODE.width} height=${NODE.height} rx="7"/>
      <circle cx="15" cy=${NODE.height / 2} r="4"/>
      <text x="28" y=${node.detail ? 20 : 28}>${clip(node.label, 17)}</text>
      ${node.detail ? svg`<text class="detail" x="28" y="35">${clip(node.detail, 19)}</text>` : nothing}
      <title>${node.label}${node.detail ? ` – ${node.detail}` : ''}</title></g>`;
    return node.page === undefined ? box : svg`<a href=${hrefOf(node.page)} tabindex="-1">${box}</a>`;
  }

  #edge(from: Placed | undefined, to: Placed | undefined, label: string, rate: number | undefined) {
    if (from === undefined || to === undefined) return nothing;
    const [x1, y1, x2, y2] = [from.x + NODE.width, from.y + NODE.height / 2, to.x, to.y + NODE.height / 2];
    const bend = Math.max(24, (x2 - x1) / 2);
    const weight = rate === undefined ? 1.25 : Math.min(5, 1 + Math.log10(1 + rate / 1e4));
    return svg`<path class="edge ${rate !== undefined && rate > 0 ? 'flows' : ''}" stroke-width=${weight} d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>
      ${label ? svg`<text class="edge-label" x=${(x1 + x2) / 2} y=${(y1 + y2) / 2 - 5} text-anchor="middle">${label}</text>` : nothing}`;
  }
}
customElements.define('lc-graph', Graph);
