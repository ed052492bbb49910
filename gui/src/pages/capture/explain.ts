import { html, nothing } from 'lit';
import { icon } from '../../shell/icons.ts';
import { LightElement } from '../../shell/light.ts';
import { wire } from '../../wire/socket.ts';
import { inner, type Step, silent, type Trace } from './trace.ts';

const MOST = 4;

/** Follows the next packets that fit a filter through every stage, and shows what each decided. Fires `leave`. */
class Explain extends LightElement {
  static override properties = { filter: {}, running: { state: true }, traces: { state: true }, problem: { state: true }, all: { state: true } };
  /** Host, port and protocol to wait for. */
  declare filter: string;
  declare running: boolean;
  declare traces: readonly Trace[];
  declare problem: string;
  declare all: boolean;
  #undo: () => void = () => {};

  constructor() {
    super();
    this.running = false;
    this.traces = [];
    this.problem = '';
    this.all = false;
  }

  protected override firstUpdated(): void { this.#run(); }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  #run(): void {
    this.#stop();
    this.traces = [];
    this.problem = '';
    this.running = true;
    this.#undo = wire.subscribe('trace', {
      items: (items) => {
        this.traces = [...this.traces, ...items as readonly Trace[]].slice(-MOST);
        if (this.traces.length >= MOST) this.#stop();
      },
      closed: (why) => {
        this.running = false;
        this.problem = why;
      },
    }, { filter: this.filter, most: MOST });
  }

  #stop = (): void => {
    this.#undo();
    this.#undo = () => {};
    this.running = false;
  };

  #submit = (e: Event): void => {
    e.preventDefault();
    this.filter = this.querySelector<HTMLInputElement>('.explain-filter')!.value.trim();
    this.#run();
  };

  override render() {
    return html`<section class="card explain" aria-label="Explain this packet">
      <div class="card-head"><h2>Explain this packet</h2><span class="grow"></span>
        <label class="row small"><input type="checkbox" .checked=${this.all} @change=${(e: Event) => { this.all = (e.target as HTMLInputElement).checked; }}> stages that only watched</label>
        <button class="plain icon" aria-label="Close the explanation" @click=${() => this.dispatchEvent(new CustomEvent('leave'))}>${icon('close', 16)}</button></div>
      <form class="capture-form" @submit=${this.#submit}>
        <label class="field broad"><span class="label">Follow packets with</span><input class="input mono explain-filter" .value=${this.filter} spellcheck="false" autocomplete="off"></label>
        <button class="button" type="submit">${icon('reload', 16)}Again</button>${!this.running ? nothing : html`<button class="button" type="button" @click=${this.#stop}>Stop</button>`}
      </form>
      ${this.problem ? html`<p class="note bad explain-note" role="alert">${this.problem}</p>` : nothing}
      ${this.running && this.traces.length < MOST ? html`<p class="explain-note muted" role="status"><span class="pulse" aria-hidden="true"></span>${this.traces.length === 0 ? 'A packet that has passed cannot be asked any more: waiting for the next one like it …' : 'Waiting for more …'}</p>` : nothing}
      <div class="traces">${this.traces.map((t) => this.#trace(t))}</div>
    </section>`;
  }

  #trace(t: Trace) {
    const dropped = t.end === 'dropped';
    return html`<article class="trace" aria-label="Packet ${t.number}">
      <header><span class="chip accent">in on ${t.link}</span> <span class="mono small">${t.before}</span></header>
      <ol>${t.steps.filter((s) => this.all || !silent(s)).map((s) => this.#step(s))}</ol>
      <footer class=${dropped ? 'bad' : 'ok'}>${icon(dropped ? 'close' : 'check', 16)}<span>${t.outcome}</span></footer>
    </article>`;
  }

  #step(step: Step) {
    const { slot, stage, verdict, words } = step;
    return html`<li class="${inner(step) ? 'inner' : ''} ${verdict === 'drop' || verdict === 'refuse' ? 'bad' : ''}"><span class="where">${slot}</span><span class="who">${stage || '—'}</span><span class="says">${words || html`<span class="muted">passed</span>`}</span></li>`;
  }
}
customElements.define('lc-explain', Explain);
