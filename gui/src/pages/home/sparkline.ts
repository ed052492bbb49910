import { html, svg, type TemplateResult } from 'lit';

const WIDTH = 120;
const HEIGHT = 30;
/** Places for one value a second. */
const PLACES = 60;

/** The last minute as small lines, all on one scale; the newest value is at the right. Decorative: the number stands beside it. */
export function sparkline(lines: readonly (readonly number[])[], least: number): TemplateResult {
  const top = Math.max(least, ...lines.flat());
  const points = (values: readonly number[]): string => values.map((v, i) => `${(WIDTH - (values.length - 1 - i) * WIDTH / (PLACES - 1)).toFixed(1)},${(HEIGHT - 1.5 - v / top * (HEIGHT - 3)).toFixed(1)}`).join(' ');
  return html`<svg class="sparkline" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${lines.map((values, i) => {
    if (values.length < 2) return svg``;
    const line = points(values);
    const begin = line.slice(0, line.indexOf(','));
    return svg`<polygon class="s${i + 1}" points="${begin},${HEIGHT} ${line} ${WIDTH},${HEIGHT}"/><polyline class="s${i + 1}" points=${line} vector-effect="non-scaling-stroke"/>`;
  })}</svg>`;
}
