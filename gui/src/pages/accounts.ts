import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { confirm } from '../shell/confirm.ts';
import { icon } from '../shell/icons.ts';
import { LightElement } from '../shell/light.ts';
import { complain, say } from '../shell/toasts.ts';
import { capitalised } from '../shell/words.ts';
import { Watching } from '../state/cell.ts';
import { isAdmin, phase } from '../state/session.ts';
import type { Part } from '../wire/messages.ts';
import { pageHead } from './head.ts';
import { drawParts } from './parts.ts';
import { rowsOf, sentence, verb } from './verb.ts';

const roles = ['admin', 'operator', 'viewer'] as const;
const about = { admin: 'everything', operator: 'all but accounts, foreign plugins, resets and restores', viewer: 'look only' };

/** Who may manage the router: people with passwords, programs with tokens. */
class AccountsPage extends LightElement {
  static override properties = { accounts: { state: true }, tokens: { state: true }, made: { state: true } };
  declare accounts: readonly (readonly (string | number | null)[])[];
  declare tokens: readonly (readonly (string | number | null)[])[];
  /** A password or token that is shown this once. */
  declare made: readonly Part[];

  constructor() {
    super();
    this.accounts = [];
    this.tokens = [];
    this.made = [];
    new Watching(this, phase);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#read();
  }

  async #read(): Promise<void> {
    if (!isAdmin()) return;
    try {
      this.accounts = rowsOf(await verb('sys accounts list'));
      this.tokens = rowsOf(await verb('sys token list'));
    } catch (error) {
      complain(error);
    }
  }

  override render() {
    const now = phase.value;
    const me = now.at === 'in' ? now.user.name : '';
    return html`${pageHead('Accounts', { crumb: 'Maintenance', about: 'People sign in with a password; programs bring a token.' })}
      <div class="stack">
        ${this.made.length > 0 ? html`<div class="note accent" role="status">${icon('key')}<div class="grow"><p><strong>Copy this now: it is not shown again.</strong></p>${drawParts(this.made)}</div><button class="plain icon" aria-label="Hide" @click=${() => { this.made = []; }}>${icon('close', 16)}</button></div>` : nothing}
        <section class="card" aria-labelledby="own-h"><h2 class="card-head" id="own-h">Your password</h2>
          <form class="inline-form" @submit=${this.#own}>
            <input class="visually-hidden" name="name" autocomplete="username" .value=${me} tabindex="-1" aria-hidden="true">
            <div class="field"><label for="new-password">New password</label><input class="input" id="new-password" name="password" type="password" minlength="8" required autocomplete="new-password" aria-describedby="own-help"><span class="field-help" id="own-help">At least 8 characters. All your log-ins end, this one too.</span></div>
            <button class="button">Change it</button>
          </form></section>
        ${isAdmin() ? html`${this.#people(me)}${this.#programs()}` : nothing}
      </div>`;
  }

  #people(me: string) {
    return html`<section class="card" aria-labelledby="people-h"><h2 class="card-head" id="people-h">People</h2>
      ${repeat(this.accounts, ([name]) => name, ([name, role, logins]) => html`<div class="account-row"><span class="grow"><strong>${name}</strong>${name === me ? html` <span class="chip accent">you</span>` : nothing} <span class="muted small">${Number(logins) > 0 ? 'signed in' : ''}</span></span>
        <select class="select tight" aria-label="Role of ${name}" ?disabled=${name === me} @change=${(e: Event) => this.#do('sys accounts role', String(name), (e.target as HTMLSelectElement).value)}>${roles.map((r) => html`<option value=${r} ?selected=${r === role}>${capitalised(r)}</option>`)}</select>
        <button class="plain harsh" ?disabled=${name === me} aria-label="Remove ${name}" @click=${() => this.#remove('sys accounts remove', String(name), 'The account ends, and its log-ins.')}>Remove</button></div>`)}
      <form class="inline-form" @submit=${this.#add} aria-label="Add an account">
        <div class="field"><label for="account-name">Name</label><input class="input" id="account-name" name="name" required autocomplete="off" autocapitalize="none" spellcheck="false"></div>
        <div class="field"><label for="account-role">Role</label><select class="select" id="account-role" name="role">${roles.map((r) => html`<option value=${r} ?selected=${r === 'viewer'}>${capitalised(r)}: ${about[r]}</option>`)}</select></div>
        <button class="button">${icon('plus', 16)}Add, with a made-up password</button>
      </form></section>`;
  }

  #programs() {
    return html`<section class="card" aria-labelledby="programs-h"><h2 class="card-head" id="programs-h">Tokens for programs</h2>
      ${repeat(this.tokens, ([name]) => name, ([name, role, areas, made, by, used]) => html`<div class="account-row"><span class="grow"><strong>${name}</strong> <span class="muted small">${role}, ${areas} · made ${made} by ${by}${used ? ` · last used ${used}` : ''}</span></span>
        <button class="plain harsh" aria-label="Remove the token ${name}" @click=${() => this.#remove('sys token remove', String(name), 'Programs that bring it are turned away at once.')}>Remove</button></div>`)}
      <form class="inline-form" @submit=${this.#addToken} aria-label="Add a token">
        <div class="field"><label for="token-name">What it is for</label><input class="input" id="token-name" name="name" required autocomplete="off" spellcheck="false"></div>
        <div class="field"><label for="token-role">Role</label><select class="select" id="token-role" name="role">${roles.map((r) => html`<option value=${r} ?selected=${r === 'viewer'}>${capitalised(r)}</option>`)}</select></div>
        <div class="field"><label for="token-areas">Areas</label><input class="input" id="token-areas" name="areas" autocomplete="off" spellcheck="false" placeholder="all" title="Plugins or parts of the router, with spaces between; empty: all"></div>
        <button class="button">${icon('plus', 16)}Add</button>
      </form></section>`;
  }

  async #do(path: string, ...args: string[]): Promise<readonly Part[] | undefined> {
    try {
      const parts = await verb(path, ...args);
      const text = sentence(parts);
      if (text !== '') say(text);
      return parts;
    } catch (error) {
      complain(error);
      return undefined;
    } finally {
      void this.#read();
    }
  }

  async #remove(path: string, name: string, what: string): Promise<void> {
    if (await confirm({ title: `Remove ${name}?`, body: html`<p>${what}</p>`, yes: 'Remove', danger: true })) await this.#do(path, name);
  }

  #own = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    if (await this.#do('sys password', String(new FormData(form).get('password'))) !== undefined) form.reset();
  };

  #add = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const parts = await this.#do('sys accounts add', String(data.get('name')).trim(), String(data.get('role')));
    if (parts === undefined) return;
    this.made = parts;
    form.reset();
  };

  #addToken = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const areas = String(data.get('areas')).split(/[\s,]+/).filter((a) => a !== '');
    const parts = await this.#do('sys token add', String(data.get('name')).trim(), String(data.get('role')), ...areas);
    if (parts === undefined) return;
    this.made = parts;
    form.reset();
  };
}
customElements.define('lc-accounts-page', AccountsPage);
