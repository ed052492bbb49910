import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { GraphNode } from '../../../sdk/panel.ts';
import { icon } from '../shell/icons.ts';
import { LightElement } from '../shell/light.ts';
import { hrefOf } from '../shell/route.ts';
import { inNumbers, many, octets } from '../shell/words.ts';
import { Watching } from '../state/cell.ts';
import { type Plugin, plugins } from '../state/plugins.ts';
import { isAdmin, mayWrite, phase } from '../state/session.ts';
import '../views/graph.ts';
import { pageHead } from './head.ts';
import { pluginVerb, unload } from './plugin-acts.ts';
import './plugin-install.ts';
import './plugin.ts';

/** 'ok', 'warn', 'bad': how a state is to be taken. */
export const gravity = (state: string): 'ok' | 'warn' | 'bad' | 'off' => (state === 'active' ? 'ok' : state === 'failed' ? 'bad' : state === 'gone' || state === 'stopped' ? 'off' : 'warn');

/** What plugins need and who provides it, as a drawing: providers left, those who need them right. */
export function needsGraph(list: readonly Plugin[]): { nodes: readonly GraphNode[]; edges: readonly { from: string; to: string }[] } {
  const by = new Map(list.flatMap((p) => p.provides.map((t) => [t, p.id] as const)));
  const edges = list.flatMap((p) => [...new Set(p.needs.map((t) => by.get(t.replace(/\?$/, ''))).filter((id) => id !== undefined && id !== p.id))].map((from) => ({ from: from!, to: p.id })));
  return { nodes: list.map((p) => ({ id: p.id, label: p.id, detail: p.state === 'active' ? p.title : p.state, state: gravity(p.state), page: `maintenance/plugins/${p.id}` })), edges };
}

/** The plugins of the router as they are now. */
class PluginsPage extends LightElement {
  static override properties = { busy: { state: true } };
  declare busy: string;

  constructor() {
    super();
    this.busy = '';
    new Watching(this, plugins, phase);
  }

  override render() {
    const list = plugins.value;
    const running = list.filter((p) => p.state === 'active').length;
    return html`${pageHead('Plugins', { crumb: 'Maintenance', about: list.length === 0 ? '' : `${running} of ${many(list.length, 'plugin')} running. Everything the router does beyond moving packets comes from one of them.` })}
      <div class="stack">
        <div class="card plugin-list" role="list" aria-label="Plugins">${repeat(list, (p) => p.id, (p) => this.#row(p))}</div>
        ${list.length > 1 ? html`<lc-graph .view=${{ kind: 'graph', title: 'Who needs whom', ...needsGraph(list) }}></lc-graph>` : nothing}
        ${isAdmin() ? html`<lc-plugin-install></lc-plugin-install>` : nothing}
      </div>`;
  }

  #row(p: Plugin) {
    const faults = p.faults.reduce((sum, f) => sum + f.count, 0);
    const counted = Object.values(p.counters).reduce((sum, n) => sum + n, 0);
    return html`<div class="plugin-row" role="listitem">
      <div class="grow"><a class="plugin-name" href=${hrefOf(`maintenance/plugins/${p.id}`)}>${p.title || p.id}</a>
        <span class="muted small"><span class="mono">${p.id}</span>${p.version ? html` · ${p.version}` : nothing} · generation ${p.generation}</span>
        ${p.why && p.state !== 'active' ? html`<p class="small">${p.why}</p>` : nothing}</div>
      <span class="chip ${gravity(p.state)}"><span class="dot" aria-hidden="true"></span>${p.state}</span>
      ${faults > 0 ? html`<a class="chip bad" href=${hrefOf(`maintenance/plugins/${p.id}`)}>${many(faults, 'fault')}</a>` : nothing}
      <span class="muted small holds">holds ${p.holds.length}${counted > 0 ? html` · counted ${inNumbers(counted)}` : nothing}${p.memory === undefined ? nothing : html` · <span title=${p.memory.how}>${octets(p.memory.bytes)}</span>`}</span>
      ${mayWrite() ? html`<span class="row-actions">
        <button class="plain" ?disabled=${this.busy !== ''} aria-label="Reload ${p.id}" @click=${() => this.#do('reload', p.id)}>${icon('reload', 16)}Reload</button>
        <button class="plain harsh" ?disabled=${this.busy !== ''} aria-label="Unload ${p.id}" @click=${() => this.#do('unload', p.id)}>Unload</button></span>` : nothing}
    </div>`;
  }

  async #do(what: string, id: string): Promise<void> {
    this.busy = id;
    await (what === 'unload' ? unload(id) : pluginVerb(what, id));
    this.busy = '';
  }
}
customElements.define('lc-plugins-page', PluginsPage);
