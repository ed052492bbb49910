import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { styled } from '../shell/styled.ts';
import { icon } from '../shell/icons.ts';
import { LightElement } from '../shell/light.ts';
import { complain, say } from '../shell/toasts.ts';
import { capitalised, inNumbers, many, spoken } from '../shell/words.ts';
import { RowDrag } from './drag.ts';
import { arrange, columnsOf, type Row, type Sorting } from './rows.ts';
import type { ViewContext, ViewOf } from './view.ts';

/** Rows drawn beyond what is in sight, so that a quick scroll shows no gap. */
const AHEAD = 12;
/** Tables that fit on a page need no filter. */
const FILTER_FROM = 8;
/** Below so many rows all are drawn. */
const VIRTUAL_FROM = 80;
const ROW_GUESS = 32;
const harsh = /^(delete|remove|drop|kick|forget|release|revoke|disconnect|clear|flush|block)/i;

let count = 0;

/** A table of any length: only the rows in sight are in the page. */
class TableView extends LightElement {
  static override properties = { view: { attribute: false }, context: { attribute: false }, filter: { state: true }, sorting: { state: true }, from: { state: true }, busy: { state: true } };
  declare view: ViewOf<'table'>;
  declare context: ViewContext | undefined;
  declare filter: string;
  declare sorting: Sorting | undefined;
  /** First row that is drawn. */
  declare from: number;
  declare busy: string;
  readonly #id = `table-${++count}`;
  #height = ROW_GUESS;
  #inSight = 20;
  #shown: readonly number[] = [];
  #sizes: ReturnType<typeof columnsOf> = [];
  /** What `#shown` was made from. */
  #by: readonly [(readonly Row[])?, string?, (Sorting | undefined)?] = [];
  readonly #drag = new RowDrag(this, {
    drawn: () => ({ first: this.from, rows: [...this.querySelectorAll<HTMLElement>('tbody tr[data-row]')] }),
    count: () => this.view.table.rows.length,
    move: (from, to) => void this.#act(this.view.move ?? '', { from, to, row: this.view.table.rows[from] }, `Moved to row ${to + 1}`),
  });

  constructor() {
    super();
    this.filter = '';
    this.from = 0;
    this.busy = '';
  }

  protected override updated(): void {
    const row = this.querySelector<HTMLElement>('tbody tr[data-row]');
    const box = this.querySelector<HTMLElement>('.table-scroll');
    if (row === null || box === null) return;
    const [height, inSight] = [row.offsetHeight || ROW_GUESS, Math.ceil(box.clientHeight / (row.offsetHeight || ROW_GUESS))];
    if (height === this.#height && inSight === this.#inSight) return;
    this.#height = height;
    this.#inSight = inSight;
    if (this.#shown.length >= VIRTUAL_FROM) this.requestUpdate();
  }

  override render() {
    const { table, rowActions = [], move } = this.view;
    const { columns, rows, title } = table;
    const shown = this.#arranged(rows);
    const virtual = shown.length >= VIRTUAL_FROM;
    const from = virtual ? Math.max(0, Math.min(this.from, shown.length - this.#inSight)) : 0;
    const to = virtual ? Math.min(shown.length, from + this.#inSight + 2 * AHEAD) : shown.length;
    const sizes = this.#sizes;
    const writes = this.context?.mayWrite === true;
    const movable = move !== undefined && writes;
    const kinds = movable ? sizes.map((k, c) => (c === 0 ? { width: k.width + 4, numeric: false } : k)) : sizes;
    const acts = writes ? rowActions : [];
    const actsWidth = acts.reduce((n, a) => n + a.length + 4, 0);
    const width = kinds.reduce((n, k) => n + k.width + 3, 0) + actsWidth;
    const named = `${this.#id}-title`;
    return html`<section class="card table-card" aria-labelledby=${title ? named : nothing}>
      ${title || rows.length > FILTER_FROM ? html`<div class="card-head table-tools">
        ${title ? html`<h2 id=${named} class="grow">${capitalised(title)}</h2>` : html`<span class="grow"></span>`}
        <span class="muted small" role="status">${this.filter === '' ? many(rows.length, 'row') : `${inNumbers(shown.length)} of ${inNumbers(rows.length)} rows`}</span>
        ${rows.length > FILTER_FROM || this.filter !== '' ? html`<label class="search">${icon('search', 16)}<span class="visually-hidden">Filter ${title ?? 'the table'}</span><input class="input" type="search" placeholder="Filter" .value=${this.filter} @input=${this.#filter}></label>` : nothing}
      </div>` : nothing}
      ${rows.length === 0 ? html`<p class="empty">Nothing here.</p>` : html`
      <div class="table-scroll" tabindex="0" role="group" aria-label="${title ?? 'Table'}, ${many(shown.length, 'row')}" @scroll=${virtual ? this.#scroll : nothing}>
        <table ${styled({ 'min-width': `${width}ch` })} aria-rowcount=${shown.length + 1}>
          <colgroup>${kinds.map((k) => html`<col ${styled({ width: `${k.width + 3}ch` })}>`)}${acts.length > 0 ? html`<col ${styled({ width: `${actsWidth}ch` })}>` : nothing}</colgroup>
          <thead><tr aria-rowindex="1">
            ${columns.map((name, c) => this.#head(name, c, kinds[c]?.numeric === true))}
            ${acts.length > 0 ? html`<th><span class="visually-hidden">Actions</span></th>` : nothing}
          </tr></thead>
          <tbody>
            ${from > 0 ? html`<tr class="spacer" aria-hidden="true"><td ${styled({ height: `${from * this.#height}px` })}></td></tr>` : nothing}
            ${repeat(shown.slice(from, to), (n, i) => (virtual ? i : n), (n, i) => html`<tr data-row=${n} aria-rowindex=${from + i + 2} class=${movable ? this.#drag.classOf(n) : ''}>
              ${columns.map((_, c) => this.#cell(rows[n]![c], kinds[c]?.numeric === true, movable && c === 0 ? this.#drag.handle(n, String(rows[n]![0] ?? 'row'), this.filter !== '' || this.sorting !== undefined) : nothing))}
              ${acts.length > 0 ? html`<td class="acts">${acts.map((a) => html`<button class="plain tight ${harsh.test(a) ? 'harsh' : ''}" ?disabled=${this.busy !== ''} aria-label="${spoken(a)} ${rows[n]![0] ?? ''}" @click=${() => this.#act(a, rows[n] as Row)}>${spoken(a)}</button>`)}</td>` : nothing}
            </tr>`)}
            ${to < shown.length ? html`<tr class="spacer" aria-hidden="true"><td ${styled({ height: `${(shown.length - to) * this.#height}px` })}></td></tr>` : nothing}
          </tbody>
        </table>
        ${shown.length === 0 ? html`<p class="empty">No row has “${this.filter}”.</p>` : nothing}
      </div>`}
    </section>`;
  }

  /** Scrolling draws often, with the same rows in the same order. */
  #arranged(rows: readonly Row[]): readonly number[] {
    const [last, filter, sorting] = this.#by;
    if (last !== rows) this.#sizes = columnsOf(this.view.table.columns, rows);
    if (last !== rows || filter !== this.filter || sorting !== this.sorting) this.#shown = arrange(rows, this.filter, this.sorting);
    this.#by = [rows, this.filter, this.sorting];
    return this.#shown;
  }

  #head(name: string, column: number, numeric: boolean) {
    const sorted = this.sorting?.column === column ? (this.sorting.down ? 'descending' : 'ascending') : undefined;
    return html`<th scope="col" class=${numeric ? 'number' : ''} aria-sort=${sorted ?? nothing}><button @click=${() => this.#sort(column)}>${capitalised(name)}<span class="sort ${sorted ?? ''}" aria-hidden="true">${sorted === undefined ? nothing : icon(sorted === 'ascending' ? 'up' : 'down', 14)}</span></button></th>`;
  }

  #cell(value: Row[number] | undefined, numeric: boolean, before: TemplateResult | typeof nothing) {
    const text = value === null || value === undefined || value === '' ? undefined : typeof value === 'number' ? inNumbers(value) : value;
    return html`<td class=${numeric ? 'number' : ''} title=${text !== undefined && text.length > 24 ? text : nothing}>${before}${text ?? html`<span class="muted">–</span>`}</td>`;
  }

  #filter = (event: Event): void => {
    this.filter = (event.target as HTMLInputElement).value;
    this.from = 0;
    const box = this.querySelector('.table-scroll');
    if (box !== null) box.scrollTop = 0;
  };

  #sort(column: number): void {
    const now = this.sorting;
    this.sorting = now?.column !== column ? { column, down: false } : now.down ? undefined : { column, down: true };
  }

  #scroll = (event: Event): void => {
    const top = Math.floor((event.target as HTMLElement).scrollTop / this.#height);
    // Drawn again only when what is drawn would soon run out.
    if (Math.abs(top - AHEAD - this.from) >= AHEAD / 2) this.from = Math.max(0, top - AHEAD);
  };

  async #act(action: string, input: unknown, done?: string): Promise<void> {
    this.busy = action;
    try {
      const parts = await this.context!.act(action, input);
      const [first] = parts;
      say(typeof first === 'string' ? first : done ?? `${spoken(action)}: done`);
    } catch (error) {
      complain(error);
    }
    this.busy = '';
  }
}
customElements.define('lc-table', TableView);
