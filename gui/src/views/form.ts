import { html, nothing } from 'lit';
import { LightElement } from '../shell/light.ts';
import { released } from '../shell/pointer.ts';
import { complain } from '../shell/toasts.ts';
import { mayWrite } from '../state/session.ts';
import { type Cell, Watching } from '../state/cell.ts';
import { type Json, type JsonSchema, type Path, type Section, settings } from '../state/settings.ts';
import { WireError } from '../wire/messages.ts';
import './form/collection.ts';
import type { Editor } from './form/editor.ts';
import { beginsWith, type Keys, put } from './form/keys.ts';
import { field } from './form/field.ts';
import { helpOf } from './form/help.ts';
import { group } from './form/group.ts';
import { isScalar, keysOf, nodeOf, same, schemaAt, valueAt } from './form/schema.ts';
import type { ViewContext } from './view.ts';

/** What was typed and is on its way, or was refused. */
interface Typed { readonly keys: Keys; readonly value: Json | undefined; readonly error?: string; readonly sent?: true }

let count = 0;

/** Settings of a plugin, or a part of them. Every edit goes into the candidate at once; the change bar applies it. */
class Form extends LightElement implements Editor {
  static override properties = { section: {}, path: {}, heading: {}, context: { attribute: false } };
  declare section: string;
  declare path: string;
  declare heading: string;
  declare context: ViewContext | undefined;
  readonly #id = `form-${++count}`;
  #held: { readonly cell: Cell<Section | undefined>; release(): void } | undefined;
  #heldFor = '';
  #unwatch: () => void = () => {};
  #typed: readonly Typed[] = [];

  constructor() {
    super();
    this.path = '';
    this.heading = '';
    new Watching(this, settings.changes, settings.problems);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Discarded or applied: what was refused meanwhile belongs to an edit that is over.
    this.#unwatch = settings.changes.watch((changes) => { if (changes.length === 0) this.#typed = []; });
    if (this.section) this.#hold();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch();
    this.#held?.release();
    this.#held = undefined;
    this.#heldFor = '';
  }

  protected override willUpdate(): void {
    if (this.isConnected && this.#heldFor !== `${this.section} ${this.path}`) this.#hold();
  }

  #hold(): void {
    this.#held?.release();
    this.#heldFor = `${this.section} ${this.path}`;
    const [first] = this.#base;
    const held = this.#held = settings.hold(this.section, typeof first === 'string' ? first : undefined);
    held.cell.watch(() => {
      // What the router has taken is in what it shows now.
      this.#typed = this.#typed.filter((t) => t.sent !== true);
      this.requestUpdate();
    });
  }

  get #shown(): Section | undefined { return this.#held?.cell.value; }
  get #base(): Keys { return keysOf(this.path); }

  override render() {
    const shown = this.#shown;
    if (shown === undefined) return html`<section class="card form-card loading" aria-busy="true"></section>`;
    const schema = schemaAt(shown.schema, this.#base, shown.candidate);
    if (schema === undefined) return html`<p class="note">There are no settings <span class="mono">${this.section}.${this.path}</span> just now.</p>`;
    const node = nodeOf(schema, shown.schema);
    const own = this.path === '' || node.schema.title === this.context?.title ? undefined : node.schema.title;
    const title = this.heading || (node.kind === 'list' || node.kind === 'record' || isScalar(node.kind) ? '' : own ?? (this.context?.title === 'Settings' ? '' : 'Settings'));
    const help = node.kind === 'object' ? helpOf(node.schema) : '';
    return html`<form class="card form-card" aria-label=${title || node.schema.title || 'Settings'} novalidate @submit=${(e: Event) => e.preventDefault()}>
      ${title ? html`<div class="card-head"><h2 class="grow">${title}</h2>${this.disabled ? html`<span class="chip">read only</span>` : nothing}</div>` : nothing}
      <div class="form-body">${help ? html`<p class="field-help group-help">${help}</p>` : nothing}${this.#content(schema)}</div>
    </form>`;
  }

  #content(schema: JsonSchema) {
    const { kind } = nodeOf(schema, this.root);
    if (kind === 'list' || kind === 'record') return this.#collections.draw(schema, this.#base, this);
    return isScalar(kind) ? html`<div class="fields">${field(schema, this.#base, this)}</div>` : group(schema, this.#base, this, this.#collections, 0);
  }

  readonly #collections = { draw: (schema: JsonSchema, keys: Keys, editor: Editor) => html`<lc-collection .schema=${schema} .keys=${keys} .editor=${editor} .storing=${this.#storing} .version=${{}}></lc-collection>` };
  readonly #storing = { add: (keys: Keys, entry: Json) => settings.set(this.#path(keys), entry) };

  #path(keys: Keys): Path { return [this.section, ...keys]; }

  // What fields see.

  get root(): JsonSchema { return this.#shown?.schema ?? {}; }
  get disabled(): boolean { return !mayWrite(); }

  value(keys: Keys): Json | undefined {
    let value = this.#shown?.candidate;
    for (const t of this.#typed) if (beginsWith(keys, t.keys) || beginsWith(t.keys, keys)) value = put(value, t.keys, t.value);
    return valueAt(value, keys);
  }

  changed(keys: Keys): boolean {
    const shown = this.#shown;
    // Of an entry that is new as a whole, the entry is marked and not each of its fields.
    if (shown === undefined || (keys.length > 1 && valueAt(shown.running, keys.slice(0, -1)) === undefined)) return false;
    return !same(valueAt(shown.candidate, keys), valueAt(shown.running, keys)) || this.#typed.some((t) => same(t.keys, keys) && !same(t.value, valueAt(shown.running, keys)));
  }

  error(keys: Keys): string | undefined {
    return this.#typed.find((t) => t.error !== undefined && same(t.keys, keys))?.error ?? settings.problems.value.find((p) => p.section === this.section && same(p.keys, keys))?.message;
  }

  wrongBelow(keys: Keys): boolean {
    return this.#typed.some((t) => t.error !== undefined && beginsWith(t.keys, keys)) || settings.problems.value.some((p) => p.section === this.section && beginsWith(p.keys, keys));
  }

  set(keys: Keys, value: Json | undefined): void { void this.#send(keys, value); }

  readonly undo = (keys: Keys): void => {
    this.#typed = this.#typed.filter((t) => !beginsWith(t.keys, keys));
    const shown = this.#shown;
    if (shown === undefined) return;
    // Somebody has set it, or it has its default: then it shall have that again.
    const value = valueAt(shown.set, keys) === undefined ? undefined : valueAt(shown.running, keys);
    if (same(valueAt(shown.candidate, keys), valueAt(shown.running, keys))) this.requestUpdate();
    else void this.#send(keys, value);
  };

  idOf(keys: Keys): string { return `${this.#id}-${keys.join('-').replace(/[^\w-]/g, '_')}`; }

  async #send(keys: Keys, value: Json | undefined): Promise<void> {
    const others = (): readonly Typed[] => this.#typed.filter((t) => !beginsWith(t.keys, keys));
    this.#typed = [...others(), { keys, value, sent: true }];
    void released().then(() => this.requestUpdate());
    try {
      if (value === undefined) await settings.delete(this.#path(keys));
      else await settings.set(this.#path(keys), value);
    } catch (error) {
      await released();
      const problems = error instanceof WireError ? error.answer?.['problems'] as readonly { keys: Keys; message: string }[] | undefined : undefined;
      if (problems?.[0] === undefined) {
        this.#typed = others();
        complain(error);
      } else this.#typed = [...others(), { keys, value, error: problems[0].message }];
      this.requestUpdate();
    }
  }
}
customElements.define('lc-form', Form);
