import { html, nothing } from 'lit';
import { icon } from '../../shell/icons.ts';
import { LightElement } from '../../shell/light.ts';
import { wire } from '../../wire/socket.ts';
import { readTrace, type Step, silent, type Trace } from './trace.ts';

const MOST = 4;

/** Follows the next packets that fit a filter through every stage, and shows what each decided. Fires `leave`. */
class Explain extends LightElement {
  static override properties = { filter: {}, running: { state: true }, traces: { state: true }, problem: { state: true }, all: { state: true } };
  /** Host, port and protocol to wait for. */
  declare filter: string;
  declare running: number | undefined;
  declare traces: readonly Trace[];
  declare problem: string;
  declare all: boolean;

  constructor() {
    super();
    this.traces = [];
    this.problem = '';
    this.all = false;
  }

  protected override firstUpdated(): void { void this.#run(); }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  async #run(): Promise<void> {
    this.#stop();
    this.traces = [];
    this.problem = '';
    const { id, done } = wire.start({ type: 'run', line: `trace packet ${MOST} ${this.filter}` }, (part) => {
      const trace = typeof part === 'object' && 'text' in part ? readTrace(part.text) : undefined;
      if (trace !== undefined && this.running === id) this.traces = [...this.traces, trace];
    });
    this.running = id;
    try {
      await done;
    } catch (error) {
      if (this.running === id && error instanceof Error && !/cancel/i.test(error.message)) this.problem = error.message;
    }
    if (this.running === id) this.running = undefined;
  }

  #stop = (): void => {
    if (this.running !== undefined) wire.cancel(this.running);
    this.running = undefined;
  };

  #submit = (e: Event): void => {
    e.preventDefault();
    this.filter = this.querySelector<HTMLInputElement>('.explain-filter')!.value.trim();
    void this.#run();
  };

  override render() {
    return html`<section class="card explain" aria-label="Explain this packet">
      <div class="card-head"><h2>Explain this packet</h2><span class="grow"></span>
        <label class="row small"><input type="checkbox" .checked=${this.all} @change=${(e: Event) => { this.all = (e.target as HTMLInputElement).checked; }}> stages that only watched</label>
        <button class="plain icon" aria-label="Close the explanation" @click=${() => this.dispatchEvent(new CustomEvent('leave'))}>${icon('close', 16)}</button></div>
      <form class="capture-form" @submit=${this.#submit}>
        <label class="field broad"><span class="label">Follow packets with</span><input class="input mono explain-filter" .value=${this.filter} spellcheck="false" autocomplete="off"></label>
        <button class="button" type="submit">${icon('reload', 16)}Again</button>${this.running === undefined ? nothing : html`<button class="button" type="button" @click=${this.#stop}>Stop</button>`}
      </form>
      ${this.problem ? html`<p class="note bad explain-note" role="alert">${this.problem}</p>` : nothing}
      ${this.running !== undefined && this.traces.length < MOST ? html`<p class="explain-note muted" role="status"><span class="pulse" aria-hidden="true"></span>${this.traces.length === 0 ? 'A packet that has passed cannot be asked any more: waiting for the next one like it …' : 'Waiting for more …'}</p>` : nothing}
      <div class="traces">${this.traces.map((t) => this.#trace(t))}</div>
    </section>`;
  }

  #trace(t: Trace) {
    const dropped = /^drop/i.test(t.outcome);
    return html`<article class="trace" aria-label="Packet ${t.number}">
      <header><span class="chip accent">in on ${t.link}</span> <span class="mono small">${t.before}</span></header>
      <ol>${t.steps.filter((s) => this.all || !silent(s)).map((s) => this.#step(s))}</ol>
      <footer class=${dropped ? 'bad' : 'ok'}>${icon(dropped ? 'close' : 'check', 16)}<span>${t.outcome}</span></footer>
    </article>`;
  }

  #step({ where, who, says, inner }: Step) {
    return html`<li class="${inner ? 'inner' : ''} ${/^drop|refus|denied|object(?!s$)/i.test(says) ? 'bad' : ''}"><span class="where">${where}</span><span class="who">${who || '—'}</span><span class="says">${says || html`<span class="muted">passed</span>`}</span></li>`;
  }
}
customElements.define('lc-explain', Explain);
