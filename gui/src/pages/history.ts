import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { changeList } from '../shell/change-bar.ts';
import { confirm } from '../shell/confirm.ts';
import { icon } from '../shell/icons.ts';
import { LightElement } from '../shell/light.ts';
import { go } from '../shell/route.ts';
import { complain, say } from '../shell/toasts.ts';
import { ago, dateTime, many } from '../shell/words.ts';
import { Watching } from '../state/cell.ts';
import { mayWrite, phase } from '../state/session.ts';
import { type Change, type HistoryDetail, type HistoryEntry, settings } from '../state/settings.ts';
import { wire } from '../wire/socket.ts';
import { pageHead } from './head.ts';

/** What was applied, by whom, and the way back. */
class HistoryPage extends LightElement {
  static override properties = { entry: {}, entries: { state: true }, detail: { state: true } };
  /** Number of the entry that is unfolded, from the address. */
  declare entry: string;
  declare entries: readonly HistoryEntry[] | undefined;
  declare detail: HistoryDetail | undefined;
  #read = '';

  constructor() {
    super();
    this.entry = '';
    new Watching(this, settings.newest, phase, wire.epoch);
  }

  protected override willUpdate(): void {
    const wanted = `${settings.newest.value} ${wire.epoch.value} ${this.entry}`;
    if (wanted === this.#read) return;
    this.#read = wanted;
    void this.#load(wanted);
  }

  async #load(wanted: string): Promise<void> {
    try {
      const entries = await settings.history();
      const n = Number(this.entry);
      const detail = this.entry !== '' && entries[n] !== undefined ? await settings.entry(n) : undefined;
      if (wanted !== this.#read) return;
      this.entries = entries;
      this.detail = detail;
    } catch (error) {
      complain(error);
    }
  }

  override render() {
    return html`${pageHead('Settings history', { crumb: 'Maintenance', about: 'Every change that was applied. Rolling back puts the settings of that time into force again; it is itself a change that can be undone.' })}
      ${this.entries === undefined ? nothing : html`<ol class="card history" aria-label="History, newest first">${repeat(this.entries, (e) => e.time, (e) => this.#entry(e))}</ol>`}`;
  }

  #entry(e: HistoryEntry) {
    const open = this.entry === String(e.n);
    const id = `history-${e.n}`;
    return html`<li class=${open ? 'open' : ''}>
      <div class="history-line">
        <button class="history-open" aria-expanded=${open} aria-controls=${id} @click=${() => go(open ? 'maintenance/history' : `maintenance/history/${e.n}`)}>
          <span class="turn">${icon('turn', 14)}</span>
          <span class="grow"><strong>${e.note || (e.changes === 0 ? 'No changes' : many(e.changes, 'change'))}</strong>${e.n === 0 ? html` <span class="chip accent">in force</span>` : nothing}
            <span class="muted small">${e.author} · <time datetime=${new Date(e.time).toISOString()} title=${dateTime(e.time)}>${ago(e.time)}</time>${e.note && e.changes > 0 ? ` · ${many(e.changes, 'change')}` : ''}</span></span>
        </button>
        ${e.n > 0 && mayWrite() ? html`<button class="button tight" @click=${() => this.#rollBack(e)}>Roll back to this</button>` : nothing}
      </div>
      <div id=${id} class="history-body" ?hidden=${!open}>${open && this.detail?.n === e.n ? html`<p class="muted small">${dateTime(e.time)}</p>${this.detail.changes.length === 0 ? html`<p class="muted">Nothing differed.</p>` : changeList(this.detail.changes)}` : nothing}</div>
    </li>`;
  }

  async #rollBack(e: HistoryEntry): Promise<void> {
    try {
      // The difference from then to now, turned round, is what a roll-back does.
      const changes: readonly Change[] = (await settings.since(e.n)).map(({ before, after, ...c }) => ({ ...c, ...(after === undefined ? {} : { before: after }), ...(before === undefined ? {} : { after: before }) }));
      const agreed = await confirm({
        title: `Roll back to ${dateTime(e.time)}?`, yes: 'Roll back',
        body: changes.length === 0 ? html`<p>Nothing differs from what is in force.</p>` : html`<p>${many(changes.length, 'setting')} will change at once:</p>${changeList(changes)}`,
      });
      if (!agreed) return;
      const done = await settings.rollback(e.n);
      say(done.length === 0 ? 'Nothing had to change' : `Rolled back, ${many(done.length, 'change')}`);
      go('maintenance/history');
    } catch (error) {
      complain(error);
    }
  }
}
customElements.define('lc-history-page', HistoryPage);
