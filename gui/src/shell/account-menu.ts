import { html } from 'lit';
import { Watching } from '../state/cell.ts';
import { logOut, phase } from '../state/session.ts';
import { icon } from './icons.ts';
import { LightElement } from './light.ts';
import { type Theme, theme } from './theme.ts';

const themes: readonly (readonly [Theme, string])[] = [['auto', 'System'], ['light', 'Light'], ['dark', 'Dark']];

/** Who is signed in, the colours, and the way out. */
export class AccountMenu extends LightElement {
  static override properties = { open: { state: true } };
  declare open: boolean;

  constructor() {
    super();
    this.open = false;
    new Watching(this, phase, theme);
    this.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || !this.open) return;
      this.open = false;
      this.querySelector('button')?.focus();
    });
    this.addEventListener('focusout', (e) => { if (this.open && e.relatedTarget !== null && !this.contains(e.relatedTarget as Node)) this.open = false; });
  }

  readonly #outside = (e: Event): void => { if (!this.contains(e.target as Node)) this.open = false; };
  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('pointerdown', this.#outside);
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('pointerdown', this.#outside);
  }

  override render() {
    const now = phase.value;
    const user = now.at === 'in' ? now.user : { name: '', role: 'viewer' };
    return html`<div class="popover-anchor">
      <button class="plain" aria-expanded=${this.open} aria-controls="account" aria-label="Account: ${user.name}" @click=${() => { this.open = !this.open; }}>${icon('user')}${icon('down', 14)}</button>
      <div class="popover" id="account" ?hidden=${!this.open}>
        <div class="head"><strong>${user.name}</strong><div class="muted small">${user.role}</div></div>
        <fieldset class="segments tight"><legend class="visually-hidden">Colours</legend>${themes.map(([value, name]) => html`
          <label><input type="radio" name="theme" .checked=${theme.value === value} @change=${() => { theme.value = value; }}>${name}</label>`)}</fieldset>
        <a class="item" href="#/maintenance/accounts" @click=${() => { this.open = false; }}>${icon('key')}Accounts and password</a>
        <a class="item" href="#/maintenance/history" @click=${() => { this.open = false; }}>${icon('history')}Settings history</a>
        <button class="item" @click=${() => void logOut()}>${icon('out')}Sign out</button>
      </div>
    </div>`;
  }
}
customElements.define('lc-account-menu', AccountMenu);
