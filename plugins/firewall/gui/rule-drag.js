import { h } from '/element/v1.js';

/** Nearer to the edge than this, in CSS pixels, the list scrolls along. */
const EDGE = 44;
/** A press that goes no further is no drag. */
const SLOP = 4;

/**
 * Drags a row to another place with mouse, pen or finger. The rows under it come and go while the list scrolls, so the scroller holds the
 * pointer, and places are worked out from heights. `drop(from, to)` gets places counted from 0.
 */
export class RowDrag {
  /** The press that has just ended was a drag: the click that follows means nothing. */
  dragged = false;
  #list;
  #from;
  #gap;
  #startY = 0;
  #y = 0;
  #pointer = 0;
  #frame = 0;
  #line = h('div', { class: 'gap', hidden: true, 'aria-hidden': 'true' });

  constructor(list) {
    this.#list = list;
    list.rows.append(this.#line);
    list.scroller.addEventListener('pointermove', (event) => { if (event.pointerId === this.#pointer) this.#moved(event); });
    list.scroller.addEventListener('pointerup', (event) => { if (event.pointerId === this.#pointer) this.#end(true); });
    list.scroller.addEventListener('pointercancel', () => this.#end(false));
    list.scroller.addEventListener('keydown', (event) => { if (event.key === 'Escape' && this.#from !== undefined) this.#end(false); });
  }

  start(event, index) {
    if (event.button !== 0 || event.currentTarget.disabled) return;
    this.#list.scroller.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.dragged = false;
    this.#from = this.#gap = index;
    this.#startY = this.#y = event.clientY;
  }

  #moved(event) {
    if (this.#from === undefined) return;
    this.#y = event.clientY;
    if (!this.dragged && Math.abs(this.#y - this.#startY) < SLOP) return;
    this.dragged = true;
    this.#list.scroller.classList.add('dragging');
    this.#draw();
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#scroll);
  }

  #draw() {
    const { rows, height, total } = this.#list;
    const y = this.#y - rows.getBoundingClientRect().top;
    this.#gap = Math.max(0, Math.min(total(), Math.round(y / height())));
    this.#line.hidden = this.#gap === this.#from || this.#gap === this.#from + 1;
    this.#line.style.setProperty('top', `${this.#gap * height()}px`);
    for (const line of rows.querySelectorAll('.dragged')) if (Number(line.dataset.index) !== this.#from) line.classList.remove('dragged');
    rows.querySelector(`[data-index="${this.#from}"]`)?.classList.add('dragged');
  }

  #scroll = () => {
    this.#frame = 0;
    if (this.#from === undefined) return;
    const { top, bottom } = this.#list.scroller.getBoundingClientRect();
    const over = this.#y < top + EDGE ? this.#y - top - EDGE : this.#y > bottom - EDGE ? this.#y - bottom + EDGE : 0;
    if (over !== 0) {
      this.#list.scroller.scrollTop += Math.max(-28, Math.min(28, over / 2));
      this.#draw();
    }
    this.#frame = requestAnimationFrame(this.#scroll);
  };

  #end(dropped) {
    const [from, gap] = [this.#from, this.#gap];
    this.#from = undefined;
    this.#pointer = 0;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#line.hidden = true;
    this.#list.scroller.classList.remove('dragging');
    for (const line of this.#list.rows.querySelectorAll('.dragged')) line.classList.remove('dragged');
    if (!dropped || !this.dragged || from === undefined || gap === from || gap === from + 1) return;
    this.#list.drop(from, gap > from ? gap - 1 : gap);
  }
}
