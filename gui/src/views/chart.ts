import { html } from 'lit';
import type uPlot from 'uplot';
import { Watching } from '../state/cell.ts';
import { LightElement } from '../shell/light.ts';
import { colours } from '../shell/theme.ts';
import { scaled, timeOfDay } from '../shell/words.ts';
import type { ViewOf } from './view.ts';

const WINDOW_SEC = 300;
/** Beyond it the axis tells no seconds. */
const LONG_SEC = 1800;
const DAY_SEC = 86_400;
const HEIGHT = 200;
const MOST_SERIES = 6;
/** Room for the values beside the lines, in px. */
const AXIS_LEAST = 44;
const AXIS_MOST = 110;
const LETTER = 7;

type Columns = [number[], ...(number | null)[][]];

const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
/** Over days the day, over hours no seconds. */
const timeLabel = (ms: number, spanSec: number): string => (spanSec > 2 * DAY_SEC ? dayMonth.format(ms) : timeOfDay(ms).slice(0, spanSec > LONG_SEC ? 5 : 8));

/** From zero on; but levels in dBm are far below it, and would be a line at the lower edge. */
function yRange(low: number | null, high: number | null): [number, number] {
  if (low !== null && high !== null && high < 0) return [Math.floor(low / 10) * 10 - 10, Math.min(-1, Math.ceil(high / 10) * 10 + 10)];
  return [Math.min(0, low ?? 0), Math.max(high ?? 1, 1) * 1.08];
}

/** Lines over time, live or past. The library that draws them is fetched with the first chart. */
class Chart extends LightElement {
  static override properties = { view: { attribute: false } };
  declare view: ViewOf<'chart'>;
  #plot: uPlot | undefined;
  #loading = false;
  #drawnWith = '';
  #kept: (readonly number[])[] = [];
  #resize: ResizeObserver | undefined;

  constructor() {
    super();
    new Watching(this, colours);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize?.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#drawnWith = '';
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('view')) return;
    const { live, points, windowSec = WINDOW_SEC } = this.view;
    if (live !== true) {
      this.#kept = [...points];
      return;
    }
    const newest = this.#kept.at(-1)?.[0] ?? 0;
    this.#kept.push(...points.filter((p) => (p[0] ?? 0) > newest));
    const oldest = (this.#kept.at(-1)?.[0] ?? 0) - windowSec * 1000;
    this.#kept = this.#kept.filter((p) => (p[0] ?? 0) >= oldest);
  }

  override render() {
    const { title, unit, series } = this.view;
    const last = this.#kept.at(-1);
    return html`<section class="card chart" aria-label=${title}>
      <div class="card-head"><h2 class="grow">${title}</h2>
        <ul class="legend">${series.slice(0, MOST_SERIES).map((name, i) => html`<li><span class="swatch s${i + 1}" aria-hidden="true"></span>${name} <strong>${last?.[i + 1] === undefined ? '–' : scaled(last[i + 1]!, unit)}</strong></li>`)}</ul></div>
      <div class="plot" role="img" aria-label=${this.#inWords()}></div>
    </section>`;
  }

  #inWords(): string {
    const { title, unit, series } = this.view;
    if (this.#kept.length === 0) return `${title}: no values yet`;
    return `${title}. ${series.map((name, i) => {
      const values = this.#kept.map((p) => p[i + 1] ?? 0);
      return `${name}: now ${scaled(values.at(-1) ?? 0, unit)}, at most ${scaled(Math.max(...values), unit)}`;
    }).join('; ')}`;
  }

  protected override updated(): void {
    const look = `${colours.value} ${this.view.unit} ${this.view.series.join('\n')}`;
    if (this.#plot !== undefined && this.#drawnWith === look) this.#plot.setData(this.#columns());
    else void this.#draw(look);
  }

  #columns(): Columns {
    const points = this.#kept;
    return [points.map((p) => (p[0] ?? 0) / 1000), ...this.view.series.slice(0, MOST_SERIES).map((_, i) => points.map((p) => p[i + 1] ?? null))];
  }

  async #draw(look: string): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    const [{ default: Plot }] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]);
    this.#loading = false;
    const box = this.querySelector<HTMLElement>('.plot');
    if (!this.isConnected || box === null) return;
    this.#plot?.destroy();
    this.#drawnWith = look;
    const style = getComputedStyle(this);
    const probe = document.createElement('span');
    this.append(probe);
    const colour = (name: string): string => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const { unit, series, live, windowSec = WINDOW_SEC } = this.view;
    const axis = { stroke: colour('muted'), font: `12px ${style.fontFamily}`, grid: { stroke: colour('line'), width: 1 }, ticks: { show: false } };
    this.#plot = new Plot({
      width: box.clientWidth || 300, height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, points: { size: 6 } },
      scales: {
        x: { range: (_plot, low, high) => (live === true || low === high ? [high - windowSec, high] : [low, high]) },
        y: { range: (_plot, low, high) => yRange(low, high) },
      },
      axes: [
        { ...axis, space: 80, size: 30, values: (plot, ticks) => ticks.map((t) => timeLabel(t * 1000, live === true ? windowSec : (plot.scales['x']?.max ?? 0) - (plot.scales['x']?.min ?? 0))) },
        { ...axis, size: (_plot, words) => Math.min(AXIS_MOST, Math.max(AXIS_LEAST, ...(words ?? []).map((w) => w.length * LETTER + 16))), values: (_plot, ticks) => ticks.map((t) => scaled(t, unit)) },
      ],
      series: [{}, ...series.slice(0, MOST_SERIES).map((label, i) => ({ label, stroke: colour(`series-${i + 1}`), width: 1.75, points: { show: false }, ...(i === 0 ? { fill: colour('accent-soft'), fillTo: (plot: uPlot) => ((plot.scales['y']?.max ?? 0) < 0 ? plot.scales['y']?.min ?? 0 : 0) } : {}) }))],
    }, this.#columns(), box);
    probe.remove();
    this.#resize?.disconnect();
    this.#resize = new ResizeObserver(() => { if (this.#plot !== undefined && box.clientWidth > 0) this.#plot.setSize({ width: box.clientWidth, height: HEIGHT }); });
    this.#resize.observe(box);
  }
}
customElements.define('lc-chart', Chart);
