import { html, nothing } from 'lit';
import { Watching } from '../state/cell.ts';
import { plugins } from '../state/plugins.ts';
import { icon } from '../shell/icons.ts';
import { LightElement } from '../shell/light.ts';
import { wire } from '../wire/socket.ts';
import type { ViewContext, ViewOf } from './view.ts';

interface PluginElement extends HTMLElement { data: unknown; mayWrite: boolean; act: ViewContext['act'] }

const file = /^[\w-]+(\.[\w-]+)*(\/[\w-]+(\.[\w-]+)*)*\.m?js$/;
const tagName = /^[a-z][a-z0-9-]*$/;
let made = 0;
/** One class per module and generation of its plugin: a name, once defined, cannot be defined again. */
const tags = new Map<string, Promise<string>>();

/** Why a plugin's element is not shown; undefined: it may be. */
export function refuses(view: ViewOf<'element'>, owner: string): string | undefined {
  const prefix = owner.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  if (!tagName.test(view.tag) || !(view.tag === prefix || view.tag.startsWith(`${prefix}-`))) return `its tag is '${view.tag}', but must begin with '${prefix}-'`;
  return file.test(view.module) ? undefined : `'${view.module}' is no name of a script of the plugin`;
}

function tagOf(owner: string, { tag, module }: ViewOf<'element'>, generation: string): Promise<string> {
  const key = `${owner} ${module} ${generation}`;
  const known = tags.get(key);
  if (known !== undefined) return known;
  const address = `/plugin/${encodeURIComponent(owner)}/@${generation}/${module}`;
  const defined = import(/* @vite-ignore */ address).then(({ default: kind }: { default?: unknown }) => {
    if (typeof kind !== 'function' || !(kind.prototype instanceof HTMLElement)) throw new Error(`${module} has no default export that is a class of HTMLElement`);
    const name = `${tag}-v${++made}`;
    customElements.define(name, kind as CustomElementConstructor);
    return name;
  });
  tags.set(key, defined);
  defined.catch(() => tags.delete(key));
  return defined;
}

/** Runs what a plugin's class does. The browser reports what its constructor or its callbacks throw to the window, not to who called. */
function fenced<T>(run: () => T): T {
  let fault: { readonly error: unknown } | undefined;
  const take = (event: ErrorEvent): void => {
    event.preventDefault();
    fault ??= { error: event.error ?? event.message };
  };
  window.addEventListener('error', take);
  try {
    const done = run();
    if (fault !== undefined) throw fault.error;
    return done;
  } finally {
    window.removeEventListener('error', take);
  }
}

/** A custom element that a plugin ships; exchanged in place when the plugin is reloaded. */
class ElementView extends LightElement {
  static override properties = { view: { attribute: false }, context: { attribute: false }, problem: { state: true } };
  declare view: ViewOf<'element'>;
  declare context: ViewContext;
  declare problem: string;
  #element: PluginElement | undefined;
  #shown = '';

  constructor() {
    super();
    this.problem = '';
    new Watching(this, plugins);
  }

  override render() {
    return html`${this.problem ? html`<p class="note bad" role="alert">${icon('alert')}<span>The element of plugin ${this.context.owner} cannot be shown: ${this.problem}.</span></p>` : nothing}<div class="plugin-element"></div>`;
  }

  protected override updated(): void {
    const generation = plugins.value.find((p) => p.id === this.context.owner)?.generation;
    if (generation === undefined) return;
    // After the router was started again its generations count from 1 anew.
    const version = `${generation}.${wire.epoch.value}`;
    const shown = `${version} ${this.view.tag} ${this.view.module}`;
    if (this.#shown !== shown) {
      this.#shown = shown;
      void this.#exchange(version, shown);
    } else if (this.#element !== undefined) {
      const element = this.#element;
      try {
        fenced(() => {
          element.mayWrite = this.context.mayWrite;
          element.data = this.view.data;
        });
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  async #exchange(version: string, shown: string): Promise<void> {
    try {
      const why = refuses(this.view, this.context.owner);
      if (why !== undefined) throw new Error(why);
      const name = await tagOf(this.context.owner, this.view, version);
      if (this.#shown !== shown) return;
      this.#element = fenced(() => {
        const element = document.createElement(name) as PluginElement;
        element.act = (action, input) => this.context.act(action, input);
        element.mayWrite = this.context.mayWrite;
        element.data = this.view.data;
        this.querySelector('.plugin-element')?.replaceChildren(element);
        return element;
      });
      this.problem = '';
    } catch (error) {
      if (this.#shown !== shown) return;
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#element = undefined;
    this.querySelector('.plugin-element')?.replaceChildren();
    this.problem = error instanceof Error ? error.message : String(error);
  }
}
customElements.define('lc-element', ElementView);
