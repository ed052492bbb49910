import { html, nothing } from 'lit';
import { logIn, setUp } from '../state/session.ts';
import { icon, mark } from './icons.ts';
import { LightElement } from './light.ts';

/** The screen before everything else: signing in, or making the first account. */
export class Gate extends LightElement {
  static override properties = { mode: {}, why: {}, error: { state: true }, busy: { state: true }, shown: { state: true } };
  declare mode: 'login' | 'setup';
  declare why: string;
  declare error: string;
  declare busy: boolean;
  declare shown: boolean;

  constructor() {
    super();
    this.mode = 'login';
    this.why = '';
    this.error = '';
    this.busy = false;
    this.shown = false;
  }

  protected override firstUpdated(): void {
    this.querySelector('input')?.focus();
  }

  override render() {
    const first = this.mode === 'setup';
    return html`<main class="gate"><div class="gate-card">
      <div class="brand">${mark}<span>lancell</span></div>
      <h1>${first ? 'Set up this router' : 'Sign in'}</h1>
      ${first ? html`<p class="muted">Make the first account. The router printed a one-time code when it started; it shows that you are the one who may.</p>` : nothing}
      ${this.why && !this.error ? html`<p class="note accent" role="status">${this.why}</p>` : nothing}
      <form @submit=${this.#submit}>
        ${first ? html`<div class="field"><label for="code">Set-up code</label><input class="input mono" id="code" name="code" required autocomplete="one-time-code" autocapitalize="characters" spellcheck="false"></div>` : nothing}
        <div class="field"><label for="name">Name</label><input class="input" id="name" name="name" required autocomplete="username" autocapitalize="none" spellcheck="false" .value=${first ? 'admin' : ''}></div>
        <div class="field"><label for="password">Password</label>
          <input class="input" id="password" name="password" required type=${this.shown ? 'text' : 'password'} minlength=${first ? 8 : nothing} autocomplete=${first ? 'new-password' : 'current-password'} aria-describedby=${first ? 'password-help' : nothing}>
          ${first ? html`<span class="field-help" id="password-help">At least 8 characters. A few words are better than a few signs.</span>` : nothing}</div>
        <label class="row small"><input type="checkbox" .checked=${this.shown} @change=${(e: Event) => { this.shown = (e.target as HTMLInputElement).checked; }}>Show the password</label>
        <div role="alert">${this.error ? html`<p class="field-error">${icon('alert', 16)}<span>${this.error}</span></p>` : nothing}</div>
        <button class="button primary" aria-busy=${this.busy} ?disabled=${this.busy}>${this.busy ? 'One moment …' : first ? 'Make the account and sign in' : 'Sign in'}</button>
      </form>
      <p class="gate-foot">${first ? 'Lost the code? Restart the router: it prints a new one.' : location.protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(location.host) ? 'This connection is not encrypted. Use https:// where the network is not yours.' : nothing}</p>
    </div></main>`;
  }

  #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const field = (name: string): string => String(new FormData(event.target as HTMLFormElement).get(name) ?? '');
    this.busy = true;
    this.error = '';
    try {
      if (this.mode === 'setup') await setUp(field('code').trim(), field('name').trim(), field('password'));
      else await logIn(field('name').trim(), field('password'));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.error = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/\.\.$/, '.');
      await this.updateComplete;
      this.querySelector<HTMLInputElement>(this.mode === 'setup' ? '#code' : '#password')?.select();
    }
    this.busy = false;
  };
}
customElements.define('lc-gate', Gate);
