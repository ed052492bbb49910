import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Cell, Watching } from '../state/cell.ts';
import { icon } from './icons.ts';
import { LightElement } from './light.ts';

interface Toast { readonly id: number; readonly text: string; readonly bad: boolean }

const SHOWN_MS = 6000;
const MOST = 4;
const toasts = new Cell<readonly Toast[]>([]);
let next = 1;

/** Says something in passing. What went wrong stays until it is closed. */
export function say(text: string, bad = false): void {
  const id = next++;
  toasts.value = [...toasts.value, { id, text: text.charAt(0).toUpperCase() + text.slice(1), bad }].slice(-MOST);
  if (!bad) setTimeout(() => close(id), SHOWN_MS);
}

/** The same for an error that somebody caught. */
export const complain = (error: unknown): void => say(error instanceof Error ? error.message : String(error), true);

const close = (id: number): void => { toasts.value = toasts.value.filter((t) => t.id !== id); };

export class Toasts extends LightElement {
  constructor() {
    super();
    new Watching(this, toasts);
  }

  override render() {
    return html`<div class="toasts" role="status" aria-live="polite" aria-relevant="additions">${repeat(toasts.value, (t) => t.id, (t) => html`
      <div class="toast ${t.bad ? 'bad' : ''}"><span class="grow">${t.text}</span>
        <button class="plain icon tight" @click=${() => close(t.id)} aria-label="Dismiss">${icon('close', 14)}</button></div>`)}</div>`;
  }
}
customElements.define('lc-toasts', Toasts);
