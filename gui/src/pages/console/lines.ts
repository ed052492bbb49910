import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../../shell/icons.ts';
import { LightElement } from '../../shell/light.ts';
import { inNumbers } from '../../shell/words.ts';
import { wire } from '../../wire/socket.ts';
import '../../style/live.css';

export const MOST_LINES = 500;

/** A stream of lines with filters, that can be held: the newest below, as in a terminal. */
export abstract class LiveLines<T> extends LightElement {
  static override properties = { lines: { state: true }, held: { state: true }, missed: { state: true }, waiting: { state: true }, problem: { state: true } };
  declare lines: readonly T[];
  declare held: boolean;
  declare missed: number;
  /** Lines that came while the stream was held. */
  declare waiting: readonly T[];
  declare problem: string;
  #undo: () => void = () => {};
  #follows = true;
  #connection = 0;

  protected abstract readonly stream: string;
  protected abstract readonly heading: string;
  protected abstract filter(): Record<string, unknown>;
  protected abstract drawLine(line: T): TemplateResult;
  protected abstract drawFilters(): TemplateResult;
  protected keeps(_line: T): boolean { return true; }

  constructor() {
    super();
    this.lines = [];
    this.waiting = [];
    this.held = false;
    this.missed = 0;
    this.problem = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.listen();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#undo();
  }

  /** Subscribes anew, with the filter of the moment. */
  protected listen(): void {
    this.#undo();
    this.lines = [];
    this.waiting = [];
    this.problem = '';
    this.#undo = wire.subscribe(this.stream, {
      items: (items, missed) => {
        // A new connection tells the old lines again.
        if (this.#connection !== wire.epoch.value) this.lines = this.waiting = [];
        this.#connection = wire.epoch.value;
        this.missed += missed;
        const all = [...this.held ? this.waiting : this.lines, ...items as readonly T[]].slice(-MOST_LINES);
        if (this.held) this.waiting = all;
        else this.lines = all;
      },
      closed: (why) => { this.problem = why; },
    }, this.filter());
  }

  #hold = (): void => {
    this.held = !this.held;
    if (this.held) return;
    this.lines = [...this.lines, ...this.waiting].slice(-MOST_LINES);
    this.waiting = [];
  };

  #clear = (): void => {
    this.lines = [];
    this.waiting = [];
    this.missed = 0;
  };

  protected override willUpdate(_changed: Map<string, unknown>): void {
    const box = this.querySelector('.live-lines');
    if (box !== null) this.#follows = box.scrollHeight - box.scrollTop - box.clientHeight < 32;
  }

  protected override updated(_changed: Map<string, unknown>): void {
    const box = this.querySelector('.live-lines');
    if (box !== null && this.#follows) box.scrollTop = box.scrollHeight;
  }

  override render() {
    const shown = this.lines.filter((l) => this.keeps(l));
    return html`<section class="card" aria-label=${this.heading}>
      <div class="card-head live-tools">${this.drawFilters()}<span class="grow"></span>
        <button class="button" aria-pressed=${this.held} @click=${this.#hold}>${icon(this.held ? 'turn' : 'hold', 16)}${this.held ? `Go on${this.waiting.length > 0 ? ` (${this.waiting.length} new)` : ''}` : 'Pause'}</button>
        <button class="plain" @click=${this.#clear}>Clear</button></div>
      ${this.problem ? html`<p class="note bad" role="alert">${this.problem}</p>` : nothing}
      ${this.missed > 0 ? html`<p class="live-missed small muted">${inNumbers(this.missed)} lines were left out because they came faster than this browser could take them.</p>` : nothing}
      <div class="live-lines" tabindex="0" role="log" aria-live="off" aria-label=${this.heading}>
        ${shown.length === 0 ? html`<p class="empty">${this.lines.length === 0 ? 'Nothing yet. What happens from now on appears here.' : 'No line fits the filter.'}</p>` : shown.map((l) => this.drawLine(l))}
      </div>
    </section>`;
  }
}
