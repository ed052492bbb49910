import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Cell, Watching } from '../state/cell.ts';
import { panels } from '../state/panels.ts';
import { type Change, settings } from '../state/settings.ts';
import type { PanelInfo } from '../wire/messages.ts';
import { icon } from './icons.ts';
import { LightElement } from './light.ts';
import { hrefOf, route } from './route.ts';
import { type MenuSection, menuTree, pageOf } from './tree.ts';

const KEY = 'lancell.closed-sections';
const closed = new Cell<ReadonlySet<string>>(new Set(JSON.parse(localStorage.getItem(KEY) ?? '[]') as string[]));

/** The menu tree. Sections fold; the one that holds the page of the moment never does so by itself. */
export class Menu extends LightElement {
  constructor() {
    super();
    new Watching(this, panels, route, closed, settings.changes);
  }

  override render() {
    const here = route.value;
    const changed = changedPages(panels.value ?? [], settings.changes.value);
    return html`
      <a class="menu-head" href="#/" aria-current=${here === '' ? 'page' : nothing}>${icon('home')}Home</a>
      ${repeat(menuTree(panels.value ?? []), (s) => s.id, (s) => this.#section(s, here, changed))}`;
  }

  #section(section: MenuSection, here: string, changed: ReadonlySet<string>) {
    const open = !closed.value.has(section.id);
    const list = `menu-${section.id}`;
    const current = pageOf(here);
    return html`<div class="menu-section">
      <button class="menu-head" aria-expanded=${open} aria-controls=${list} @click=${() => toggle(section.id)}>${icon(section.icon)}${section.title}<span class="turn">${icon('turn', 14)}</span></button>
      <ul class="menu-items" id=${list} ?hidden=${!open}>${repeat(section.items, (item) => item.path, (item) => html`
        <li><a href=${hrefOf(item.path)} aria-current=${current === item.path ? 'page' : nothing}>${item.title}
          ${changed.has(item.path) ? html`<span class="changed dot" aria-hidden="true"></span><span class="visually-hidden">, has changes that are not applied</span>` : nothing}</a></li>`)}
      </ul></div>`;
  }
}

/** Pages where something is changed but not applied. Of a plugin with several pages the one that is named like the setting, else all. */
function changedPages(list: readonly PanelInfo[], changes: readonly Change[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { section, path } of changes) {
    const own = list.filter((p) => p.owner === section);
    const key = /^\w+/.exec(path.slice(section.length + 1))?.[0];
    const named = own.filter((p) => p.path.split('/').at(-1) === key);
    for (const p of named.length > 0 ? named : own) found.add(pageOf(p.path));
  }
  return found;
}

function toggle(id: string): void {
  const next = new Set(closed.value);
  if (!next.delete(id)) next.add(id);
  closed.value = next;
  localStorage.setItem(KEY, JSON.stringify([...next]));
}

customElements.define('lc-menu', Menu);
