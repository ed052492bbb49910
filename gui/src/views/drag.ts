import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { icon } from '../shell/icons.ts';

interface Rows {
  /** The rows that are drawn, in order; `first` is the number of the first of them. */
  drawn(): { readonly first: number; readonly rows: readonly HTMLElement[] };
  count(): number;
  move(from: number, to: number): void;
}

/** Puts rows into another order: by dragging a handle with mouse or finger, or with the arrow keys on it. */
export class RowDrag implements ReactiveController {
  /** While dragging: the row that moves, and the gap where it would go (0: before the first). */
  from: number | undefined;
  gap: number | undefined;
  readonly #host: ReactiveControllerHost;
  readonly #rows: Rows;

  constructor(host: ReactiveControllerHost, rows: Rows) {
    this.#host = host;
    this.#rows = rows;
    host.addController(this);
  }

  hostDisconnected(): void { this.#end(); }

  /** The handle of row n; `what` names the row for those who do not see it. */
  handle(n: number, what: string, disabled = false): TemplateResult {
    return html`<button type="button" class="plain icon tight grip" ?disabled=${disabled} data-row=${n} aria-label="Move ${what}; row ${n + 1} of ${this.#rows.count()}. Use the arrow keys."
      @pointerdown=${(e: PointerEvent) => this.#start(e, n)} @pointermove=${this.#drag} @pointerup=${this.#drop} @pointercancel=${this.#cancel}
      @keydown=${(e: KeyboardEvent) => this.#key(e, n)}>${icon('grip', 16)}</button>`;
  }

  /** Class names of row n. */
  classOf(n: number): string {
    if (this.from === undefined || this.gap === undefined) return '';
    const target = this.gap === this.from || this.gap === this.from + 1 ? undefined : this.gap;
    return `${n === this.from ? 'dragged' : ''} ${n === target ? 'gap-before' : ''} ${n === this.#rows.count() - 1 && target === n + 1 ? 'gap-after' : ''}`;
  }

  #start(event: PointerEvent, n: number): void {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.from = n;
    this.gap = n;
    this.#host.requestUpdate();
  }

  #drag = (event: PointerEvent): void => {
    if (this.from === undefined) return;
    const { first, rows } = this.#rows.drawn();
    let gap = first + rows.length;
    for (const [i, row] of rows.entries()) {
      const { top, height } = row.getBoundingClientRect();
      if (event.clientY < top + height / 2) { gap = first + i; break; }
    }
    if (gap === this.gap) return;
    this.gap = gap;
    this.#host.requestUpdate();
  };

  #drop = (): void => {
    const { from, gap } = this;
    this.#end();
    if (from === undefined || gap === undefined || gap === from || gap === from + 1) return;
    this.#rows.move(from, gap > from ? gap - 1 : gap);
  };

  #cancel = (): void => this.#end();

  #end(): void {
    this.from = undefined;
    this.gap = undefined;
    this.#host.requestUpdate();
  }

  #key(event: KeyboardEvent, n: number): void {
    const to = event.key === 'ArrowUp' ? n - 1 : event.key === 'ArrowDown' ? n + 1 : undefined;
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= this.#rows.count()) return;
    this.#rows.move(n, to);
    // The handle that moved keeps the focus, wherever it is drawn now.
    const host = this.#host as ReactiveControllerHost & HTMLElement;
    void this.#host.updateComplete.then(() => host.querySelector<HTMLElement>(`.grip[data-row="${to}"]`)?.focus());
  }
}
