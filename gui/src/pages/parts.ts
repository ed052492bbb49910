import { html, type TemplateResult } from 'lit';
import type { Part } from '../wire/messages.ts';
import '../views/facts.ts';
import '../views/table.ts';

/** Control characters of terminals would be shown as odd boxes; in the output of verbs they mean nothing to a page. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
const harmless = (text: string): string => text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '·');

/** What a verb or an action gave. */
export const drawParts = (parts: readonly Part[]): TemplateResult => html`<div class="stack">${parts.map((part) => {
  if (typeof part === 'string') return html`<p class="note">${harmless(part)}</p>`;
  if ('columns' in part) return html`<lc-table .view=${{ kind: 'table', table: part }}></lc-table>`;
  if ('facts' in part) return html`<lc-facts .view=${{ kind: 'facts', facts: part }}></lc-facts>`;
  return html`<pre class="card pad">${harmless(part.text)}</pre>`;
})}</div>`;
