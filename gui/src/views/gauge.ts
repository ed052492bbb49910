import { html } from 'lit';
import { styled } from '../shell/styled.ts';
import { LightElement } from '../shell/light.ts';
import { inNumbers } from '../shell/words.ts';
import type { ViewOf } from './view.ts';

/** A part of a whole, as a bar; it warns when little is left. */
class Gauge extends LightElement {
  static override properties = { view: { attribute: false } };
  declare view: ViewOf<'gauge'>;

  override render() {
    const { title, value, max, unit } = this.view;
    const part = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
    const level = part >= 0.95 ? 'bad' : part >= 0.8 ? 'warn' : '';
    return html`<section class="card gauge ${level}" aria-label=${title}>
      <div class="row"><h2 class="grow">${title}</h2><span class="muted small">${Math.round(part * 100)} %</span></div>
      <div class="gauge-bar" role="meter" aria-label=${title} aria-valuemin="0" aria-valuemax=${max} aria-valuenow=${value} aria-valuetext="${inNumbers(value)} of ${inNumbers(max)} ${unit}"><span ${styled({ width: `${part * 100}%` })}></span></div>
      <p class="gauge-value"><strong>${inNumbers(value)}</strong> <span class="muted">of ${inNumbers(max)} ${unit}</span></p>
    </section>`;
  }
}
customElements.define('lc-gauge', Gauge);
