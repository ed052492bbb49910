import { capital, controls, h, press, redraw, Said, sheet } from '/element/v1.js';
import { octets } from './words.js';

const FROM = '/api/v1/panels/network%2Fcellular%2Fstorage/downloads/';
const address = (kind, query) => `${FROM}${kind}?${new URLSearchParams(query)}`;

/** Built-in memory of cards: which card shows it, what lies there, what is being fetched of it, and the way back to the modem. */
export default class Storage extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #said = new Said();
  #cards = h('div', { class: 'stack' });
  #transfers = h('section', { class: 'card transfers', hidden: true, 'aria-label': 'Downloads' });
  #disc = h('section', { class: 'card', hidden: true, 'aria-labelledby': 'disc-title' });
  /** Slot of the disc that is shown. */
  #open = 0;
  /** Counts what was asked for: an answer that comes late is left out. */
  #asked = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, look];
    root.append(h('div', { class: 'stack' },
      h('p', { class: 'muted' }, 'Some cards bring their programs along on a built-in disc, and show that first. The router turns them into modems by itself. The disc can be read here; nothing is ever written to it, and nothing of it is run.'),
      this.#said.element, this.#cards, this.#transfers, this.#disc));
  }

  set data({ cards, missing, transfers }) {
    redraw(this.#cards, JSON.stringify([cards, missing, this.mayWrite]), () => [
      missing.map(({ slot, words }) => h('section', { class: 'card', 'aria-label': `Slot ${slot}` }, h('div', { class: 'card-body' }, h('p', {}, `Slot ${slot} is empty: ${words}.`)))),
      cards.length === 0 && missing.length === 0 ? h('section', { class: 'card' }, h('p', { class: 'empty muted' }, 'No card is inserted.')) : cards.map((c) => this.#card(c)),
    ]);
    this.#transfers.hidden = transfers.length === 0;
    redraw(this.#transfers, JSON.stringify(transfers), () => transfers.map(transferRow));
    if (!cards.some((c) => c.slot === this.#open && c.disc)) {
      this.#asked++;
      this.#disc.hidden = true;
    }
  }

  #card({ slot, title, shows, bytes, words, disc, modem, has }) {
    const does = (label, action) => {
      const button = h('button', { type: 'button', class: 'button', onclick: () => { void press(button, this.#said, () => this.act(action, { slot })); } }, label);
      return button;
    };
    const files = h('button', { type: 'button', class: 'button', onclick: () => { void press(files, this.#said, () => this.#list(slot, title, '/')); } }, 'Files');
    return h('section', { class: 'card', 'aria-label': `Slot ${slot}` },
      h('div', { class: 'card-head' }, h('h2', { class: 'grow' }, `Slot ${slot}: ${title}`), disc && files, this.mayWrite && !disc && modem && has && does('Show its disc', 'showDisc'), this.mayWrite && !modem && does('Make it a modem', 'useModem')),
      h('div', { class: 'card-body' }, h('p', {}, `Shows ${shows}${bytes === null ? '' : `, ${octets(bytes)}`}.${modem && !has ? ' It has no storage that the router knows of.' : ''}`), words && h('p', { class: 'muted' }, words)));
  }

  async #list(slot, title, path) {
    const asked = ++this.#asked;
    this.#open = slot;
    const [table] = await this.act('files', { slot, path });
    // Another directory was asked for meanwhile, or the card has gone.
    if (asked !== this.#asked) return;
    this.#disc.hidden = false;
    const rows = table?.rows ?? [];
    const enter = (to) => {
      this.#said.clear();
      this.#list(slot, title, to).then(() => this.#disc.querySelector('.place [aria-current]')?.focus(), (error) => this.#said.wrong(error));
    };
    this.#disc.replaceChildren(
      h('div', { class: 'card-head' }, h('h2', { id: 'disc-title', class: 'grow' }, `Disc of ${title}`), h('span', { class: 'small muted' }, table?.title ?? '')),
      h('nav', { class: 'place', 'aria-label': 'Place on the disc' }, places(path).map(([name, to]) => (to === path
        ? h('span', { tabindex: '-1', 'aria-current': 'location' }, name) : [h('button', { type: 'button', class: 'button plain', onclick: () => enter(to) }, name), h('span', { class: 'muted', 'aria-hidden': 'true' }, '/')]))),
      rows.length === 0 ? h('p', { class: 'empty muted' }, 'There is nothing in it.') : h('ul', { class: 'files' }, rows.map(([name, directory, size]) => h('li', {}, directory
        ? h('button', { type: 'button', class: 'button plain', onclick: () => enter(`${path}${name}/`) }, `${name}/`)
        : h('a', { class: 'name', href: address('file', { slot, path: `${path}${name}` }), download: '' }, name), h('span', { class: 'muted' }, size === null ? '' : octets(size))))),
      h('p', { class: 'muted small foot' }, h('a', { href: address('image', { slot }), download: '' }, 'The whole disc as one file'), ' · To copy a file to the router: ', h('span', { class: 'mono' }, `wwan storage copy ${slot} PATH`)));
  }
}

/** The way from the root to here: names, and the path of each. */
function places(path) {
  const parts = path.split('/').filter((p) => p !== '');
  return [['Disc', '/'], ...parts.map((name, i) => [name, `/${parts.slice(0, i + 1).join('/')}/`])];
}

function transferRow({ slot, name, bytes, done, state, words }) {
  const part = bytes === 0 ? 100 : Math.floor((done / bytes) * 100);
  return h('div', { class: `transfer ${state}` }, h('span', { class: 'name' }, name), h('span', { class: 'muted' }, `slot ${slot}`),
    h('progress', { max: 100, value: part, 'aria-label': `Download of ${name}` }),
    h('span', { class: 'muted' }, state === 'running' ? `${part} %, ${octets(done)} of ${octets(bytes)}` : state === 'finished' ? `Fetched, ${octets(bytes)}` : capital(words)));
}

const look = sheet(`
.empty { padding: var(--space-4); }
.files li { display: flex; align-items: center; justify-content: space-between; gap: var(--space-3); min-height: 34px; padding: 0 var(--space-4); border-bottom: 1px solid var(--line); overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.files .name { padding: 4px 8px; }
.files .muted { white-space: nowrap; }
.place { display: flex; flex-wrap: wrap; align-items: center; gap: 2px; padding: 8px var(--space-4); border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.place [aria-current] { padding: 0 8px; font-weight: 600; }
.transfer { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-3); padding: 8px var(--space-4); font-variant-numeric: tabular-nums; }
.transfer .name { overflow-wrap: anywhere; font-weight: 600; }
.transfer progress { flex: 1; min-width: 120px; accent-color: var(--accent); }
.foot { padding: 10px var(--space-4); overflow-wrap: anywhere; }
`);
