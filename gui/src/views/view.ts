import { html, type TemplateResult } from 'lit';
import type { View } from '../../../sdk/panel.ts';
import type { Part } from '../wire/messages.ts';
import './chart.ts';
import './element.ts';
import './facts.ts';
import './form.ts';
import './gauge.ts';
import './graph.ts';
import './log.ts';
import './table.ts';
import './tabs.ts';
import './lazy.ts';

/** What a view may do and has to know beyond its data. */
export interface ViewContext {
  /** Path of the panel. */
  readonly panel: string;
  readonly title: string;
  /** Id of the plugin that brings it. */
  readonly owner: string;
  readonly mayWrite: boolean;
  /** Runs an action of the panel. Rejects with WireError. */
  act(action: string, input: unknown): Promise<readonly Part[]>;
}

export type ViewOf<K extends View['kind']> = Extract<View, { kind: K }>;

/** One custom element per kind; each gets `view` and `context`. */
export function drawView(view: View, context: ViewContext): TemplateResult {
  switch (view.kind) {
    case 'form': return html`<lc-form .section=${view.settings} .path=${view.path ?? ''} .heading=${view.title ?? ''} .context=${context}></lc-form>`;
    case 'table': return html`<lc-table .view=${view} .context=${context}></lc-table>`;
    case 'facts': return html`<lc-facts .view=${view}></lc-facts>`;
    case 'chart': return html`<lc-chart .view=${view}></lc-chart>`;
    case 'gauge': return html`<lc-gauge .view=${view}></lc-gauge>`;
    case 'log': return html`<lc-log .view=${view}></lc-log>`;
    case 'graph': return html`<lc-graph .view=${view}></lc-graph>`;
    case 'element': return html`<lc-element .view=${view} .context=${context}></lc-element>`;
    case 'tabs': return html`<lc-tabs .view=${view} .context=${context}></lc-tabs>`;
    case 'terminal': case 'capture': return html`<lc-lazy .view=${view} .context=${context}></lc-lazy>`;
    case 'stack': return html`<div class="stack">
      ${view.title && view.title !== context.title ? html`<h2>${view.title}</h2>` : ''}
      ${grouped(view.views).map((group) => Array.isArray(group) ? html`<div class=${`${group[0]?.kind}s`}>${group.map((v) => drawView(v, context))}</div>` : drawView(group as View, context))}
    </div>`;
    default: return html`<p class="note">${`This console is too old to show a view of the kind '${(view as { kind: string }).kind}'.`}</p>`;
  }
}

/** Neighbouring gauges stand side by side; so do forms of a part of the settings, where they are small (views.css). */
function grouped(views: readonly View[]): readonly (View | View[])[] {
  const out: (View | View[])[] = [];
  for (const view of views) {
    const last = out.at(-1);
    if (view.kind !== 'gauge' && (view.kind !== 'form' || !view.path)) out.push(view);
    else if (Array.isArray(last) && last[0]?.kind === view.kind) last.push(view);
    else out.push([view]);
  }
  return out;
}
