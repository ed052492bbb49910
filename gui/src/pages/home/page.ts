import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ShownZone } from '../../../../sdk/neighbourhood.ts';
import { LightElement } from '../../shell/light.ts';
import { inNumbers, octets, scaled } from '../../shell/words.ts';
import { Watching } from '../../state/cell.ts';
import { panels } from '../../state/panels.ts';
import '../../style/home.css';
import { wire } from '../../wire/socket.ts';
import { pageHead } from '../head.ts';
import './alerts.ts';
import './picture.ts';
import { type LinkSample, Samples } from './samples.ts';
import { sparkline } from './sparkline.ts';
import './tile.ts';

/** A sparkline of less than this would show noise as mountains: bit/s. */
const QUIET_LINE = 20_000;

/** 3 d 4 h, 12 min 5 s: the two largest steps. */
function duration(ms: number): string {
  const s = Math.floor(ms / 1000);
  const steps = [[Math.floor(s / 86_400), 'd'], [Math.floor(s / 3600) % 24, 'h'], [Math.floor(s / 60) % 60, 'min'], [s % 60, 's']] as const;
  const first = steps.findIndex(([n]) => n > 0);
  return first < 0 ? '0 s' : steps.slice(first, first + 2).map(([n, unit]) => `${n} ${unit}`).join(' ');
}

const since = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** How the router is, at a glance. */
class HomePage extends LightElement {
  static override properties = { zones: { state: true } };
  declare zones: readonly ShownZone[] | undefined;
  #undo: () => void = () => {};
  readonly #samples = new Samples(this);

  constructor() {
    super();
    new Watching(this, panels);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#undo = wire.subscribe('neighbourhood', { items: (items) => { this.zones = items.at(-1) as readonly ShownZone[]; } });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#undo();
  }

  override render() {
    const now = this.#samples.newest;
    const tiles = (panels.value ?? []).filter((p) => p.path.startsWith('home/'));
    return html`${pageHead('Home', {})}
      <div class="home">
        <section class="card home-picture" aria-labelledby="picture-head">
          <h2 class="card-head" id="picture-head">Network</h2>
          <lc-network-picture .zones=${this.zones}></lc-network-picture>
        </section>
        <div class="home-stats">${now === undefined ? nothing : this.#stats(now)}</div>
        <section class="card home-links" aria-labelledby="links-head">
          <h2 class="card-head" id="links-head">Interfaces</h2>
          ${now === undefined ? nothing : html`<table><thead><tr><th scope="col">Interface</th><th scope="col" class="number">In</th><th scope="col" class="number">Out</th><th scope="col" class="minute">Last minute</th></tr></thead>
            <tbody>${repeat(now.links, (l) => l.name, (l) => this.#link(l))}</tbody></table>`}
        </section>
        <lc-alerts></lc-alerts>
        <div class="home-tiles">${repeat(tiles, (t) => t.path, (t) => html`<lc-home-tile .panel=${t}></lc-home-tile>`)}</div>
      </div>`;
  }

  #stats(now: NonNullable<Samples['newest']>): TemplateResult {
    const loads = this.#samples.loads();
    const load = loads.at(-1)?.value;
    const part = now.maxFlows > 0 ? now.flows / now.maxFlows : 0;
    return html`
      ${stat('Sessions', inNumbers(now.flows), `of ${inNumbers(now.maxFlows)}`, sparkline([this.#samples.flows()], now.maxFlows / 200), part > 0.95 ? 'bad' : part > 0.8 ? 'warn' : '')}
      ${stat('Processor', load === undefined ? '–' : `${(load * 100).toFixed(load < 0.1 ? 1 : 0)} %`, 'for packets', sparkline([loads], 0.05), (load ?? 0) > 0.9 ? 'bad' : (load ?? 0) > 0.7 ? 'warn' : '')}
      ${stat('Memory', octets(now.rss), 'in use', sparkline([this.#samples.memory()], now.rss * 1.5))}
      ${stat('Up time', duration(now.upMs), `since ${since.format(now.at - now.upMs)}`)}`;
  }

  #link(link: LinkSample) {
    const rates = this.#samples.rates(link.name);
    const [inNow, outNow] = [rates.in.at(-1)?.value, rates.out.at(-1)?.value];
    const lost = link.rxDropped + link.txDropped + link.txErrors;
    return html`<tr class=${link.up ? '' : 'down'}>
      <th scope="row"><span class="dot ${link.up ? 'ok' : 'faint'}" aria-hidden="true"></span>${link.name}<span class="visually-hidden">${link.up ? ', up' : ', down'}</span>${link.up ? nothing : html` <span class="chip" aria-hidden="true">down</span>`}${lost > 0 ? html` <span class="chip warn" title="Packets that could not be taken or sent">${inNumbers(lost)} lost</span>` : nothing}</th>
      <td class="number in">${speed(inNow)}</td><td class="number out">${speed(outNow)}</td>
      <td class="minute">${sparkline([rates.in, rates.out], QUIET_LINE)}</td></tr>`;
  }
}
customElements.define('lc-home-page', HomePage);

/** Whole bits: nobody sends half of one. */
const speed = (rate: number | undefined): string => (rate === undefined ? '–' : scaled(Math.round(rate), 'bit/s'));

const stat = (title: string, value: string, about: string, line: TemplateResult | typeof nothing = nothing, level = ''): TemplateResult => html`<section class="card stat ${level}" aria-label=${title}>
  <h2>${title}</h2><p><strong>${value}</strong> <span class="muted small nowrap">${about}</span></p>${line}</section>`;
