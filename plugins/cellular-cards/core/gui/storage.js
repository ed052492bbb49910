import { controls, h, press, redraw, Said, sheet } from '/element/v1.js';
import { octets } from './words.js';

/** Built-in memory of cards: which card shows it, what lies there, and the way back to the modem. */
export default class Storage extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #said = new Said();
  #cards = h('div', { class: 'stack' });
  #disc = h('section', { class: 'card', hidden: true, 'aria-labelledby': 'disc-title' });

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, look];
    root.append(h('div', { class: 'stack' },
      h('p', { class: 'muted' }, 'Some cards bring their programs along on a built-in disc, and show that first. The router turns them into modems by itself. The disc can be read here; nothing is ever written to it, and nothing of it is run.'),
      this.#said.element, this.#cards, this.#disc));
  }

  set data({ cards }) {
    redraw(this.#cards, JSON.stringify([cards, this.mayWrite]), () => (cards.length === 0 ? h('section', { class: 'card' }, h('p', { class: 'empty muted' }, 'No card is inserted.')) : cards.map((c) => this.#card(c))));
    if (!cards.some((c) => c.slot === this.#open && c.disc)) this.#disc.hidden = true;
  }

  #open = 0;

  #card({ slot, title, shows, bytes, words, disc, modem, has }) {
    const does = (label, action) => {
      const button = h('button', { type: 'button', class: 'button', onclick: () => { void press(button, this.#said, () => this.act(action, { slot })); } }, label);
      return button;
    };
    const files = h('button', { type: 'button', class: 'button', onclick: () => { void press(files, this.#said, () => this.#list(slot, title, '/')); } }, 'Files');
    return h('section', { class: 'card', 'aria-label': `Slot ${slot}` },
      h('div', { class: 'card-head' }, h('h2', { class: 'grow' }, `Slot ${slot}: ${title}`), this.mayWrite && disc && files, this.mayWrite && !disc && modem && has && does('Show its disc', 'showDisc'), this.mayWrite && !modem && does('Make it a modem', 'useModem')),
      h('div', { class: 'card-body' }, h('p', {}, `Shows ${shows}${bytes === null ? '' : `, ${octets(bytes)}`}.${modem && !has ? ' It has no storage that the router knows of.' : ''}`), words && h('p', { class: 'muted' }, words)));
  }

  async #list(slot, title, path) {
    const [table] = await this.act('files', { slot, path });
    this.#open = slot;
    this.#disc.hidden = false;
    const enter = (name) => { this.#list(slot, title, name).catch((error) => this.#said.wrong(error)); };
    const parent = path.replace(/[^/]+\/?$/, '') || '/';
    this.#disc.replaceChildren(
      h('div', { class: 'card-head' }, h('h2', { id: 'disc-title', class: 'grow' }, `Disc of ${title}`), h('span', { class: 'mono small muted' }, path)),
      h('ul', { class: 'files' }, path !== '/' && h('li', {}, h('button', { type: 'button', class: 'button plain', onclick: () => enter(parent) }, 'up')),
        (table?.rows ?? []).map(([name, directory, size]) => h('li', {}, directory ? h('button', { type: 'button', class: 'button plain', onclick: () => enter(`${path}${name}/`) }, `${name}/`) : h('span', { class: 'name' }, name), h('span', { class: 'muted' }, size === null ? '' : octets(size))))),
      h('p', { class: 'muted small foot' }, 'To copy a file to the router: ', h('span', { class: 'mono' }, `wwan storage copy ${slot} PATH`)));
  }
}

const look = sheet(`
.empty { padding: var(--space-4); }
.files li { display: flex; align-items: center; justify-content: space-between; gap: var(--space-3); min-height: 34px; padding: 0 var(--space-4); border-bottom: 1px solid var(--line); overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.files .name { padding: 0 8px; }
.foot { padding: 10px var(--space-4); }
`);
