import { html, nothing } from 'lit';
import { icon } from '../shell/icons.ts';
import { LightElement } from '../shell/light.ts';
import { hrefOf } from '../shell/route.ts';
import { dateTime, inNumbers, many, octets } from '../shell/words.ts';
import { Watching } from '../state/cell.ts';
import { panels } from '../state/panels.ts';
import { plugins } from '../state/plugins.ts';
import { mayWrite, phase } from '../state/session.ts';
import { type Section, settings } from '../state/settings.ts';
import '../views/form.ts';
import { pageHead } from './head.ts';
import { pluginVerb, unload } from './plugin-acts.ts';

/** One plugin: what it is, what it holds, what went wrong with it, its pages and all its settings. */
class PluginPage extends LightElement {
  static override properties = { plugin: {}, busy: { state: true } };
  declare plugin: string;
  declare busy: boolean;
  #undo: (() => void)[] = [];
  #held: { readonly cell: { readonly value: Section | undefined; watch(fn: () => void): () => void }; release(): void } | undefined;

  constructor() {
    super();
    this.busy = false;
    new Watching(this, plugins, panels, phase);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const undo of this.#undo.splice(0)) undo();
    this.#held?.release();
    this.#held = undefined;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('plugin')) return;
    this.#held?.release();
    this.#held = settings.hold(this.plugin);
    this.#undo.push(this.#held.cell.watch(() => this.requestUpdate()));
  }

  override render() {
    const p = plugins.value.find((each) => each.id === this.plugin);
    const crumb = html`<a href="#/maintenance/plugins">Plugins</a>`;
    if (p === undefined) return html`${pageHead(this.plugin, { crumb })}<p class="note">${icon('plug')}<span>There is no plugin of this name just now.</span></p>`;
    const pages = (panels.value ?? []).filter((panel) => panel.owner === p.id);
    const counted = Object.entries(p.counters);
    const held = new Map<string, number>();
    for (const label of p.holds) held.set(label, (held.get(label) ?? 0) + 1);
    return html`${pageHead(p.title || p.id, { crumb, about: p.why, actions: mayWrite() ? html`
        <button class="button" ?disabled=${this.busy} @click=${() => this.#do('reload')}>${icon('reload', 16)}Reload</button>
        <button class="button danger" ?disabled=${this.busy} @click=${() => this.#do('unload')}>Unload</button>` : html`` })}
      <div class="stack">
        <lc-facts .view=${{ kind: 'facts', facts: { facts: {
          state: p.state, id: p.id, version: p.version || null, generation: p.generation, needs: p.needs.join(', ') || 'nothing', provides: p.provides.join(', ') || 'nothing',
          'if it is down': p.failClosed ? 'nothing new is forwarded' : 'the router goes on', folder: p.folder ?? 'built in',
          memory: p.memory === undefined ? 'not measured' : `${octets(p.memory.bytes)}, ${p.memory.how}`,
        } } }}></lc-facts>
        ${pages.length > 0 ? html`<section class="card" aria-label="Pages"><h2 class="card-head">Pages</h2><ul class="link-list">${pages.map((panel) => html`<li><a href=${hrefOf(panel.path)}>${panel.title}</a> <span class="muted small">${panel.path}</span></li>`)}</ul></section>` : nothing}
        ${p.faults.length > 0 ? html`<lc-table .view=${{ kind: 'table', table: { title: 'Faults', columns: ['last', 'count', 'where', 'what'], rows: p.faults.map((f) => [dateTime(f.when), f.count, f.place, f.message]) } }}></lc-table>` : nothing}
        ${counted.length > 0 ? html`<section class="card" aria-label="Counters"><h2 class="card-head">Counters</h2><dl class="facts">${counted.map(([name, n]) => html`<div><dt class="mono">${name}</dt><dd>${inNumbers(n)}</dd></div>`)}</dl></section>` : nothing}
        <section class="card" aria-label="What it holds"><h2 class="card-head">Holds ${many(p.holds.length, 'thing')}</h2>
          <p class="empty small">Unloading gives all of this back.</p>
          <ul class="ledger">${[...held].map(([label, n]) => html`<li class="mono">${label}${n > 1 ? html` <span class="muted">× ${n}</span>` : nothing}</li>`)}</ul></section>
        ${this.#held?.cell.value === undefined ? nothing : html`<lc-form .section=${p.id} .heading=${'All settings'}></lc-form>`}
      </div>`;
  }

  async #do(what: string): Promise<void> {
    this.busy = true;
    await (what === 'unload' ? unload(this.plugin) : pluginVerb(what, this.plugin));
    this.busy = false;
  }
}
customElements.define('lc-plugin-page', PluginPage);
