import { html, nothing } from 'lit';
import { changeList } from '../shell/change-bar.ts';
import { confirm } from '../shell/confirm.ts';
import { icon } from '../shell/icons.ts';
import { LightElement } from '../shell/light.ts';
import { complain, say } from '../shell/toasts.ts';
import { dateTime, many, octets } from '../shell/words.ts';
import { Watching } from '../state/cell.ts';
import { isAdmin, phase } from '../state/session.ts';
import { type Change, type Problem, settings } from '../state/settings.ts';
import { download, upload } from '../wire/rest.ts';
import { pageHead } from './head.ts';

interface Report { readonly made: number; readonly router: string; readonly changes: readonly Change[]; readonly problems: readonly Problem[]; readonly notes: readonly string[]; readonly restored: boolean }

const ENCRYPTED = 'LANCELLB';

/** All settings into a file and back, and the ways to begin anew. */
class BackupPage extends LightElement {
  static override properties = { busy: { state: true }, file: { state: true }, encrypted: { state: true }, report: { state: true }, error: { state: true } };
  declare busy: boolean;
  declare file: File | undefined;
  declare encrypted: boolean;
  declare report: Report | undefined;
  declare error: string;

  constructor() {
    super();
    this.busy = false;
    this.encrypted = false;
    this.error = '';
    new Watching(this, phase);
  }

  override render() {
    const head = pageHead('Backup and restore', { crumb: 'Maintenance', about: 'A backup holds all settings of all plugins, passwords and keys included.' });
    if (!isAdmin()) return html`${head}<p class="note">${icon('key')}<span>Backups show secrets: they are for administrators.</span></p>`;
    return html`${head}<div class="stack">
      <section class="card" aria-labelledby="backup-h"><h2 class="card-head" id="backup-h">Download a backup</h2>
        <form class="form-body" @submit=${this.#download}><div class="fields"><div class="field"><label for="backup-pass">Passphrase</label>
          <input class="input" id="backup-pass" name="passphrase" type="password" autocomplete="new-password" aria-describedby="backup-help">
          <span class="field-help" id="backup-help">Encrypts the file. Without one, anybody who gets the file can read every secret in it.</span></div></div>
          <div class="row"><button class="button" ?disabled=${this.busy}>${icon('download', 16)}Download</button></div></form></section>

      <section class="card" aria-labelledby="restore-h"><h2 class="card-head" id="restore-h">Restore</h2>
        <form class="form-body" @submit=${this.#look}>
          <div class="fields">
            <div class="field"><label for="restore-file">Backup file</label><input class="input file" id="restore-file" name="file" type="file" required @change=${this.#chosen}></div>
            ${this.encrypted ? html`<div class="field"><label for="restore-pass">Its passphrase</label><input class="input" id="restore-pass" name="passphrase" type="password" autocomplete="off" required></div>` : nothing}
          </div>
          <div role="alert">${this.error ? html`<p class="field-error">${icon('alert', 16)}<span>${this.error}</span></p>` : nothing}</div>
          <div class="row"><button class="button" ?disabled=${this.busy || this.file === undefined}>See what it would change</button><span class="muted small">Nothing changes yet.</span></div>
        </form>
        ${this.report === undefined ? nothing : this.#report(this.report)}</section>

      <section class="card" aria-labelledby="reset-h"><h2 class="card-head" id="reset-h">Begin anew</h2><div class="choices">
        <div><p><strong>Save as my defaults</strong></p><p class="muted small">What runs now becomes what a reset goes back to.</p><button class="button" ?disabled=${this.busy} @click=${this.#saveDefault}>Save as my defaults</button></div>
        <div><p><strong>Reset to my defaults</strong></p><p class="muted small">All settings back to what was saved that way; to the factory’s where nothing was.</p><button class="button danger" ?disabled=${this.busy} @click=${() => this.#reset('user')}>Reset to my defaults …</button></div>
        <div><p><strong>Factory reset</strong></p><p class="muted small">All settings as they come with the router. The history keeps today’s.</p><button class="button danger" ?disabled=${this.busy} @click=${() => this.#reset('factory')}>Factory reset …</button></div>
      </div></section></div>`;
  }

  #report({ made, router, changes, problems, notes, restored }: Report) {
    if (restored) return html`<div class="report" role="status"><p class="row ok">${icon('check')}Restored: ${many(changes.length, 'change')}.</p></div>`;
    return html`<div class="report" role="status">
      <h3>This backup of ${dateTime(made)}, made by version ${router}, ${problems.length > 0 ? 'does not fit' : changes.length === 0 ? 'is what runs already' : `would make ${many(changes.length, 'change')}`}</h3>
      ${notes.slice(1).map((n) => html`<p class="muted small">${n}</p>`)}
      ${problems.map((p) => html`<p class="field-error">${icon('alert', 16)}<span><span class="mono">${p.path}</span>: ${p.message}</span></p>`)}
      ${changes.length > 0 ? html`<div class="report-changes" tabindex="0" role="group" aria-label="Changes">${changeList(changes)}</div>` : nothing}
      ${problems.length === 0 && changes.length > 0 ? html`<div class="row"><button class="button primary" ?disabled=${this.busy} @click=${this.#restore}>Restore now</button><button class="button" @click=${() => { this.report = undefined; }}>Cancel</button></div>` : nothing}
    </div>`;
  }

  async #work(work: () => Promise<void>, failed: (text: string, error: unknown) => void = (_text, error) => complain(error)): Promise<void> {
    this.busy = true;
    try {
      await work();
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error), error);
    }
    this.busy = false;
  }

  #download = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const passphrase = String(new FormData(form).get('passphrase') ?? '');
    void this.#work(async () => {
      const { blob, name } = passphrase === '' ? await download('GET', '/backup') : await download('POST', '/backup', { passphrase });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = name ?? 'lancell.backup';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      form.reset();
      say(`Saved as ${link.download}, ${octets(blob.size)}`);
    });
  };

  #chosen = async (event: Event): Promise<void> => {
    this.file = (event.target as HTMLInputElement).files?.[0];
    this.report = undefined;
    this.error = '';
    this.encrypted = this.file !== undefined && await this.file.slice(0, ENCRYPTED.length).text() === ENCRYPTED;
  };

  #send(dryRun: boolean): Promise<Report> {
    const passphrase = this.querySelector<HTMLInputElement>('#restore-pass')?.value ?? '';
    return upload<Report>(`/restore?dryRun=${dryRun}`, this.file!, passphrase === '' ? {} : { 'lancell-passphrase': encodeURIComponent(passphrase) });
  }

  #look = (event: SubmitEvent): void => {
    event.preventDefault();
    this.error = '';
    void this.#work(async () => { this.report = await this.#send(true); }, (text) => { this.error = text; });
  };

  #restore = (): void => { void this.#work(async () => { this.report = await this.#send(false); say('Restored'); }, (text) => { this.error = text; }); };

  #saveDefault = (): void => { void this.#work(async () => { await settings.saveDefault(); say('Saved: a reset goes back to what runs now'); }); };

  async #reset(to: 'user' | 'factory'): Promise<void> {
    const agreed = await confirm({
      title: to === 'factory' ? 'Reset everything to factory defaults?' : 'Reset everything to your defaults?', yes: 'Reset', danger: true,
      body: html`<p>All settings change at once. The router may get another address: this page then finds nobody here any more. Accounts stay.</p>`,
    });
    if (!agreed) return;
    await this.#work(async () => {
      const done = await settings.reset(to);
      say(`${done.to === 'user' ? 'Your defaults' : 'Factory defaults'} loaded, ${many(done.changes.length, 'change')}`);
    });
  }
}
customElements.define('lc-backup-page', BackupPage);
