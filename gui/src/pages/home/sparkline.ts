import { html, svg, type TemplateResult } from 'lit';

const WIDTH = 120;
const HEIGHT = 30;
/** The whole width, in ms. */
const SHOWN_MS = 60_000;

/** A value and when it was: ms since the epoch. */
export interface Reading { readonly at: number; readonly value: number }

/**
 * The last minute as small lines, all on one scale; now is at the right edge, a minute ago at the left one, however little is
 * known of it. Decorative: the number stands beside it.
 */
export function sparkline(lines: readonly (readonly Reading[])[], least: number): TemplateResult {
  const all = lines.flat();
  const top = Math.max(least, ...all.map((r) => r.value));
  const now = Math.max(...all.map((r) => r.at));
  const x = (at: number): string => (WIDTH * (1 - (now - at) / SHOWN_MS)).toFixed(1);
  const points = (readings: readonly Reading[]): string => readings.map((r) => `${x(r.at)},${(HEIGHT - 1.5 - r.value / top * (HEIGHT - 3)).toFixed(1)}`).join(' ');
  return html`<svg class="sparkline" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path class="axis" d="M0 ${HEIGHT - 1}H${WIDTH}" vector-effect="non-scaling-stroke"/>${lines.map((readings, i) => {
    if (readings.length < 2) return svg``;
    const line = points(readings);
    return svg`<polygon class="s${i + 1}" points="${x(readings[0]!.at)},${HEIGHT} ${line} ${WIDTH},${HEIGHT}"/><polyline class="s${i + 1}" points=${line} vector-effect="non-scaling-stroke"/>`;
  })}</svg>`;
}
