import { html, nothing } from 'lit';
import { Watching } from '../state/cell.ts';
import { mayWrite, phase } from '../state/session.ts';
import { type Change, type Json, settings } from '../state/settings.ts';
import { clockAhead } from '../wire/rest.ts';
import { wire } from '../wire/socket.ts';
import { icon } from './icons.ts';
import { LightElement } from './light.ts';
import { complain, say } from './toasts.ts';
import { countdown, many } from './words.ts';

const MINUTES = [1, 2, 5, 10, 30];

const word = (value: Json | undefined): string => {
  if (value === undefined || value === null) return 'not set';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (value === '') return 'empty';
  if (Array.isArray(value) && value.every((v) => typeof v !== 'object')) return value.length === 0 ? 'none' : value.map(word).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** Changes, one line each: the setting, what it was, what it becomes. */
export const changeList = (changes: readonly Change[]) => html`<dl class="changes">${changes.map((c) => html`
  <dt class="mono">${c.path}</dt>
  <dd>${c.secret ? html`<ins>changed</ins> <span class="muted">(secret)</span>` : html`<del>${word(c.before)}</del><span class="arrow" aria-hidden="true">→</span><span class="visually-hidden"> becomes </span><ins>${word(c.after)}</ins>`}</dd>`)}</dl>`;

/** What is not applied yet, or not confirmed yet: always in sight, from every page. */
export class ChangeBar extends LightElement {
  static override properties = { open: { state: true }, busy: { state: true }, minutes: { state: true } };
  declare open: boolean;
  declare busy: boolean;
  declare minutes: number;
  #tick = 0;

  constructor() {
    super();
    this.open = false;
    this.busy = false;
    this.minutes = 2;
    new Watching(this, settings.changes, settings.problems, settings.confirmBy, settings.authors, wire.state, phase);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#tick);
    this.#tick = 0;
  }

  protected override updated(): void {
    const waits = settings.confirmBy.value !== undefined;
    if (waits && this.#tick === 0) this.#tick = window.setInterval(() => this.requestUpdate(), 500);
    if (!waits && this.#tick !== 0) {
      clearInterval(this.#tick);
      this.#tick = 0;
    }
  }

  override render() {
    if (settings.confirmBy.value !== undefined) return this.#waiting(settings.confirmBy.value);
    const changes = settings.changes.value;
    if (changes.length === 0) return html`<div class="visually-hidden" role="status"></div>`;
    const wrong = settings.problems.value;
    const reachable = wire.state.value === 'open' && !this.busy;
    return html`<section class="change-bar ${wrong.length > 0 ? 'wrong' : ''}" aria-label="Changes that are not applied">
      <div class="line">
        <span class="count" role="status">${many(changes.length, 'change')} not applied</span>
        <button class="plain tight" aria-expanded=${this.open} aria-controls="change-words" @click=${() => { this.open = !this.open; }}>${this.open ? 'Hide' : 'Show'}</button>
        ${wrong.length > 0 ? html`<span class="bad small">${many(wrong.length, 'setting does', 'settings do')} not fit</span>` : this.open ? nothing : html`<span class="muted small change-hint">${changes[0]!.words}${changes.length > 1 ? ' …' : ''}</span>`}
        ${wrong.length > 0 || this.open ? html`<span class="grow"></span>` : nothing}
        ${mayWrite() ? html`<div class="row actions">
          <button class="button" ?disabled=${!reachable} @click=${() => this.#do(() => settings.discard(), 'Changes discarded')}>Discard</button>
          <span class="split">
            <button class="button" ?disabled=${!reachable || wrong.length > 0} title="Rolls back by itself unless you confirm in time" @click=${() => this.#apply(this.minutes)}><span class="wide">Apply, confirm within</span><span class="narrow">Try for</span></button>
            <select class="button apply-minutes" aria-label="Minutes to confirm" .value=${String(this.minutes)} @change=${(e: Event) => { this.minutes = Number((e.target as HTMLSelectElement).value); }}>
              ${MINUTES.map((m) => html`<option value=${m} ?selected=${m === this.minutes}>${m} min</option>`)}
            </select>
          </span>
          <button class="button primary" ?disabled=${!reachable || wrong.length > 0} @click=${() => this.#apply()}>Apply</button>
        </div>` : nothing}
      </div>
      <div class="words" id="change-words" ?hidden=${!this.open} tabindex="0" role="group" aria-label="The changes in words">
        ${changeList(changes)}
        ${wrong.map((p) => html`<p class="field-error">${icon('alert', 16)}<span><span class="mono">${p.path}</span>: ${p.message}</span></p>`)}
        ${settings.authors.value.length > 1 ? html`<p class="muted small">Edited by ${settings.authors.value.join(', ')}; Apply applies all of it.</p>` : nothing}
      </div>
    </section>`;
  }

  #waiting(deadline: number) {
    const left = deadline - Date.now() - clockAhead;
    const reachable = wire.state.value === 'open' && !this.busy;
    return html`<section class="change-bar waits" aria-label="Confirm the changes">
      <div class="line">
        <span class="timer" role="timer" aria-live="off">${countdown(left)}</span>
        <span class="grow" role="status">${wire.state.value === 'open' ? 'Applied. Keep these settings? Otherwise they are rolled back by themselves.' : 'The router cannot be reached with the new settings. It will roll back by itself.'}</span>
        ${mayWrite() ? html`<div class="row actions">
          <button class="button" ?disabled=${!reachable} @click=${() => this.#do(() => settings.rollback(1), 'Rolled back')}>Roll back now</button>
          <button class="button primary" ?disabled=${!reachable} @click=${() => this.#do(() => settings.confirm(), 'Settings kept')}>Keep these settings</button>
        </div>` : nothing}
      </div>
    </section>`;
  }

  #apply(minutes?: number): Promise<void> {
    return this.#do(() => settings.commit(minutes), minutes === undefined ? 'Applied' : '');
  }

  async #do(work: () => Promise<unknown>, done: string): Promise<void> {
    this.busy = true;
    try {
      await work();
      this.open = false;
      if (done !== '') say(done);
    } catch (error) {
      complain(error);
    }
    this.busy = false;
  }
}
customElements.define('lc-change-bar', ChangeBar);
