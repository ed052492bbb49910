import { capital, controls, h, press, redraw, Said, sheet } from '/element/v1.js';

const groups = [
  ['Connection', ['enabled', 'nailedUp', 'idleTimeout', 'roaming', 'networkType']],
  ['SIM and access point', ['pin', 'apn', 'auth', 'user', 'password', 'phone', 'cid']],
  ['Addresses', ['ip', 'dns', 'metric']],
  ['Recovery', ['recovery.replug', 'recovery.restart']],
];
const auths = [['chap/pap', 'CHAP or PAP'], ['chap', 'CHAP'], ['pap', 'PAP'], ['none', 'None']];
const restarts = [['off', 'Off'], ['process', 'The router'], ['reboot', 'The whole machine']];
const switches = new Set(['enabled', 'nailedUp', 'roaming', 'recovery.replug']);
const numbers = new Set(['idleTimeout', 'cid', 'metric']);
const secrets = new Set(['pin', 'password']);
/** So long it says that it was saved. */
const SAID_MS = 4000;
const idOf = (key) => key.replace('.', '-');

/** Settings of the cellular interface. What the inserted card does not have is not shown; nothing is stored before Save. */
export default class SettingsForm extends HTMLElement {
  /** Set by the console. */
  act;
  #mayWrite = true;
  #data;
  /** key → what was entered and is not stored. */
  #changes = new Map();
  #problems = new Map();
  #said = new Said();
  #timer;
  #fields = h('div', { class: 'stack' });
  #saveButton = h('button', { class: 'button primary' }, 'Save');
  #discard = h('button', { type: 'button', class: 'button', onclick: () => this.#forget() }, 'Discard');
  #hint = h('span', { class: 'small' }, 'Changes are in force when they are saved.');
  #foot = h('div', { class: 'foot' }, h('div', { class: 'grow' }, this.#hint, this.#said.element), this.#discard, this.#saveButton);

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, look];
    root.append(h('form', { class: 'stack', 'aria-label': 'Cellular settings', novalidate: true, onsubmit: (event) => this.#save(event) }, this.#fields, this.#foot));
  }

  set mayWrite(may) { this.#mayWrite = may; }

  set data(data) {
    this.#data = data;
    this.#draw();
  }

  #forget() {
    this.#changes.clear();
    this.#problems.clear();
    this.#said.clear();
    this.#draw(true);
  }

  #draw(anew = false) {
    const { fields, types, hidden, sim, card } = this.#data;
    // What somebody types in stays as it is while the card goes on talking.
    const key = JSON.stringify([fields, types, hidden, sim, card, this.#mayWrite, [...this.#problems]]);
    if (anew) this.#fields.drawnFor = undefined;
    const focused = this.shadowRoot.activeElement?.id;
    const before = this.#fields.drawnFor;
    redraw(this.#fields, key, () => groups.map(([title, keys]) => {
      const shown = keys.filter((k) => !hidden.includes(k)).map((k) => this.#field(fields.find((f) => f.key === k)));
      return h('section', { class: 'card', 'aria-label': title }, h('div', { class: 'card-head' }, h('h2', { class: 'grow' }, title), title === 'SIM and access point' && card && h('span', { class: 'muted small' }, `for the ${card}`)), h('div', { class: 'fields' }, shown));
    }));
    if (before !== this.#fields.drawnFor && focused) this.shadowRoot.getElementById(focused)?.focus();
    this.#mark();
  }

  #mark() {
    const n = this.#changes.size;
    const said = !this.#said.element.hidden;
    this.#foot.hidden = n === 0 && !said;
    this.#hint.hidden = said;
    this.#discard.hidden = this.#saveButton.hidden = n === 0;
    const idle = this.shadowRoot.getElementById('idleTimeout');
    if (idle) idle.disabled = !this.#mayWrite || this.#value('nailedUp') === true;
  }

  #value(key) { return this.#changes.has(key) ? this.#changes.get(key) : this.#data.fields.find((f) => f.key === key).value; }

  #change(key, value) {
    const { value: stored } = this.#data.fields.find((f) => f.key === key);
    if (JSON.stringify(value) === JSON.stringify(stored)) this.#changes.delete(key);
    else this.#changes.set(key, value);
    this.#said.clear();
    this.#mark();
  }

  #field(field) {
    const { key, title, help, set } = field;
    const id = idOf(key);
    const problem = this.#problems.get(key);
    const extra = this.#extra(field);
    const described = [help && !(extra && key === 'networkType') && `${id}-help`, problem && `${id}-error`].filter(Boolean).join(' ') || undefined;
    const wiring = { id, 'aria-describedby': described, 'aria-invalid': problem ? 'true' : undefined, disabled: !this.#mayWrite };
    const below = [extra, help && !(extra && key === 'networkType') && h('span', { class: 'help', id: `${id}-help` }, help), problem && h('span', { class: 'error', id: `${id}-error` }, capital(problem))];
    const control = this.#control(field, wiring);
    if (switches.has(key)) return h('div', { class: 'field switched' }, h('div', { class: 'row' }, h('label', { class: 'grow', for: id }, title), control), below);
    return h('div', { class: 'field' }, h('label', { for: id }, title), set && secrets.has(key) ? h('div', { class: 'with' }, control, h('button', { type: 'button', class: 'button plain', disabled: !this.#mayWrite, onclick: (e) => this.#remove(key, e.target) }, 'Remove')) : control, below);
  }

  #remove(key, button) {
    this.#changes.set(key, '');
    const input = this.shadowRoot.getElementById(idOf(key));
    input.value = '';
    input.placeholder = 'is removed when you save';
    button.disabled = true;
    this.#mark();
  }

  #control({ key, unit, set }, wiring) {
    const value = this.#value(key);
    if (switches.has(key)) return h('span', { class: 'switch' }, h('input', { ...wiring, type: 'checkbox', role: 'switch', checked: value === true, onchange: (e) => this.#change(key, e.target.checked) }), h('span'));
    if (key === 'auth') return this.#select(wiring, auths, value, (v) => this.#change(key, v));
    if (key === 'recovery.restart') return this.#select(wiring, restarts, value, (v) => this.#change(key, v));
    if (key === 'networkType') return this.#networkType(wiring, value);
    if (numbers.has(key)) {
      const input = h('input', { ...wiring, class: 'input number', type: 'number', value, oninput: (e) => this.#change(key, e.target.value === '' ? null : Number(e.target.value)) });
      return unit ? h('div', { class: 'with' }, input, h('span', { class: 'muted' }, unit)) : input;
    }
    if (key === 'dns') return h('input', { ...wiring, class: 'input', placeholder: 'from the network', value: value.join(' '), oninput: (e) => this.#change(key, e.target.value.split(/[\s,]+/).filter((a) => a !== '')) });
    const secret = secrets.has(key);
    return h('input', {
      ...wiring, class: 'input', type: secret ? 'password' : 'text', autocomplete: secret ? 'new-password' : 'off', inputmode: key === 'pin' ? 'numeric' : undefined, spellcheck: 'false', value,
      placeholder: secret ? (set ? (this.#changes.get(key) === '' ? 'is removed when you save' : '•••• is stored') : 'none') : key === 'ip' ? 'from the network' : key === 'phone' ? 'what the card needs' : '',
      oninput: (e) => { if (secret && e.target.value === '') { this.#changes.delete(key); this.#mark(); } else this.#change(key, e.target.value); },
    });
  }

  #select(wiring, choices, value, change) {
    const select = h('select', { ...wiring, class: 'select', onchange: () => change(select.value) }, choices.map(([id, words]) => h('option', { value: id }, words)));
    select.value = value;
    return select;
  }

  /** The list is the card's own; what was stored for another card stays to be seen. */
  #networkType(wiring, value) {
    const { types } = this.#data;
    const choices = [['', 'As the card has it'], ...(types?.choices ?? []).map((c) => [c.id, c.id === types.now ? `${c.title} (in use)` : c.title])];
    if (!choices.some(([id]) => id === value)) choices.push([value, `${value} (not of this card)`]);
    return this.#select({ ...wiring, disabled: wiring.disabled || types === undefined || types.fixed !== '' }, choices, value, (v) => this.#change('networkType', v));
  }

  #extra({ key }) {
    const { types, sim, card } = this.#data;
    if (key === 'pin' && sim) return h('span', { class: 'sim small' }, `SIM: ${sim}`);
    if (key !== 'networkType') return undefined;
    if (types === undefined) return h('span', { class: 'help' }, card ? 'The card has not given its list yet.' : 'The list comes from the card, once one is inserted.');
    return h('span', { class: 'help' }, types.fixed || 'From the list that this card gives.');
  }

  async #save(event) {
    event.preventDefault();
    await press(this.#saveButton, this.#said, async () => {
      const [table] = await this.act('save', Object.fromEntries(this.#changes));
      this.#problems = new Map(table?.rows ?? []);
      if (this.#problems.size > 0) {
        this.#draw();
        this.shadowRoot.querySelector('[aria-invalid]')?.focus();
        throw new Error('Nothing was saved: see the fields that are marked.');
      }
      this.#changes.clear();
      this.#draw(true);
    }, 'saved');
    this.#mark();
    clearTimeout(this.#timer);
    if (this.#changes.size === 0) this.#timer = setTimeout(() => { this.#said.clear(); this.#mark(); }, SAID_MS);
  }
}

const look = sheet(`
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(280px, 100%), 1fr)); gap: var(--space-4) var(--space-5); padding: var(--space-4); }
.switched { align-content: start; }
.switched .row { flex-wrap: nowrap; min-height: var(--control); }
.with { display: flex; align-items: center; gap: var(--space-2); }
.number { max-width: 120px; }
.sim { font-weight: 560; }
.foot { position: sticky; bottom: var(--space-3); z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2); padding: 10px var(--space-4); border: 1px solid color-mix(in srgb, var(--accent) 40%, transparent); border-radius: var(--radius-l); background: var(--raised); box-shadow: var(--shadow-l); }
`);
