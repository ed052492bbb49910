import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { icon } from '../../shell/icons.ts';
import { LightElement } from '../../shell/light.ts';
import { complain } from '../../shell/toasts.ts';
import { many } from '../../shell/words.ts';
import type { Json, JsonSchema, Step } from '../../state/settings.ts';
import { WireError } from '../../wire/messages.ts';
import { RowDrag } from '../drag.ts';
import { DraftEditor, type Editor } from './editor.ts';
import type { Keys } from './keys.ts';
import { control, mark, plainly } from './field.ts';
import { type Collections, group, wholeError } from './group.ts';
import { helpOf, titleOf } from './help.ts';
import { beginning, isObject, isScalar, nodeOf } from './schema.ts';

const MOST_COLUMNS = 5;

/** How entries are added and moved at the router; a draft keeps them in itself. */
export interface Storing {
  /** Rejects with WireError, whose answer may have `problems`. */
  add(keys: Keys, entry: Json): Promise<void>;
}

const cell = (value: Json | undefined): string => {
  if (value === undefined || value === null || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.filter((v) => typeof v !== 'object').join(', ') || many(value.length, 'entry', 'entries') : isObject(value) ? many(Object.keys(value).length, 'entry', 'entries') : String(value);
};

/** A list or a record: entries as rows, unfolded to edit, in any order for lists. */
class Collection extends LightElement {
  static override properties = { version: { attribute: false }, schema: { attribute: false }, keys: { attribute: false }, editor: { attribute: false }, storing: { attribute: false }, open: { state: true }, draft: { state: true }, name: { state: true }, nameError: { state: true } };
  declare schema: JsonSchema;
  declare keys: Keys;
  declare editor: Editor;
  declare storing: Storing | undefined;
  /** Another one each time the editor may have changed, for it is always the same object. */
  declare version: object;
  /** The entry that is unfolded. */
  declare open: Step | undefined;
  declare draft: DraftEditor | undefined;
  /** Key of the entry of a record that is being added. */
  declare name: string;
  declare nameError: string;
  readonly #drag = new RowDrag(this, {
    drawn: () => ({ first: 0, rows: [...this.querySelectorAll<HTMLElement>(':scope > fieldset > .entries > .entry')] }),
    count: () => this.#steps().length,
    move: (from, to) => this.#move(from, to),
  });

  constructor() {
    super();
    this.name = '';
    this.nameError = '';
  }

  #steps(): readonly Step[] {
    const value = this.editor.value(this.keys);
    return Array.isArray(value) ? value.map((_, i) => i) : isObject(value) ? Object.keys(value) : [];
  }

  readonly #inner: Collections = { draw: (schema, keys, editor) => html`<lc-collection .schema=${schema} .keys=${keys} .editor=${editor} .storing=${editor === this.editor ? this.storing : undefined} .version=${{}}></lc-collection>` };

  override render() {
    const { editor, keys } = this;
    const node = nodeOf(this.schema, editor.root);
    const list = node.kind === 'list';
    const item = (list ? node.schema.items : node.schema.additionalProperties) as JsonSchema;
    const kind = nodeOf(item, editor.root);
    const simple = isScalar(kind.kind);
    const steps = this.#steps();
    const help = helpOf(node.schema);
    const full = node.schema.maxItems !== undefined && steps.length >= node.schema.maxItems;
    const columns = simple ? [] : this.#columns(item);
    return html`<fieldset class="group collection ${list && steps.length > 1 && !editor.disabled ? '' : 'still'} ${editor.changed(keys) ? 'changed' : ''}">
      <legend><span>${titleOf(node.schema, keys)}</span>${steps.length > 0 && !simple ? html`<span class="muted small">${steps.length}</span>` : nothing}${mark(keys, editor)}</legend>
      ${help ? html`<p class="field-help group-help">${help}</p>` : nothing}
      ${wholeError(keys, editor)}
      ${!simple && steps.length > 0 ? html`<div class="entry-heads" aria-hidden="true"><span class="lead"></span>${list ? nothing : html`<span>Name</span>`}${columns.map((c) => html`<span>${titleOf(nodeOf(c.schema, editor.root).schema, [c.key])}</span>`)}<span class="tail"></span></div>` : nothing}
      <div class="entries ${simple ? 'simple' : ''}" role="list">${repeat(steps, (s) => s, (s, i) => simple ? this.#simple(item, s, i, list) : this.#entry(item, columns, s, i, list))}</div>
      ${this.draft !== undefined ? this.#adding(item, simple, list) : editor.disabled ? (steps.length === 0 ? html`<p class="muted small">None.</p>` : nothing) : html`
        <div class="row"><button type="button" class="button tight add" ?disabled=${full} @click=${this.#begin}>${icon('plus', 16)}Add</button>
          ${full ? html`<span class="muted small">${many(node.schema.maxItems!, 'entry', 'entries')} are the most.</span>` : steps.length === 0 ? html`<span class="muted small">None yet.</span>` : nothing}</div>`}
    </fieldset>`;
  }

  /** The first plain settings of an entry say what it is. */
  #columns(item: JsonSchema): readonly { readonly key: string; readonly schema: JsonSchema }[] {
    const { schema, kind, variants } = nodeOf(item, this.editor.root);
    const properties = kind === 'variant' ? variants[0]?.schema.properties : schema.properties;
    return Object.entries(properties ?? {}).filter(([, s]) => { const { kind: k } = nodeOf(s, this.editor.root); return isScalar(k) && k !== 'secret' && k !== 'json'; }).slice(0, MOST_COLUMNS).map(([key, s]) => ({ key, schema: s }));
  }

  #entry(item: JsonSchema, columns: readonly { readonly key: string }[], step: Step, i: number, list: boolean): TemplateResult {
    const { editor } = this;
    const keys = [...this.keys, step];
    const open = this.open === step;
    const value = editor.value(keys);
    const what = list ? cell(isObject(value) ? value[columns[0]?.key ?? ''] : value) : String(step);
    const id = editor.idOf(keys);
    return html`<div class="entry ${open ? 'open' : ''} ${editor.changed(keys) ? 'changed' : ''} ${editor.wrongBelow(keys) ? 'wrong' : ''} ${this.#drag.classOf(i)}" role="listitem">
      <div class="entry-line">
        <span class="lead">${list && !editor.disabled && this.#steps().length > 1 ? this.#drag.handle(i, what) : nothing}</span>
        <button type="button" class="entry-open" aria-expanded=${open} aria-controls="${id}-body" @click=${() => { this.open = open ? undefined : step; }}>
          <span class="visually-hidden">${open ? 'Fold' : 'Edit'}${editor.wrongBelow(keys) ? ', something does not fit' : ''}: </span>${list ? nothing : html`<span><strong>${step}</strong></span>`}${columns.map((c) => html`<span>${cell(isObject(value) ? value[c.key] : undefined)}</span>`)}
        </button>
        <span class="tail">${editor.wrongBelow(keys) ? html`<span class="bad" title="Something does not fit">${icon('alert', 16)}</span>` : nothing}
          ${editor.disabled ? nothing : html`<button type="button" class="plain icon tight harsh" aria-label="Remove ${what}" @click=${() => this.#remove(step)}>${icon('trash', 16)}</button>`}
          <span class="turn" aria-hidden="true">${icon('turn', 14)}</span></span>
      </div>
      ${open ? html`<div class="entry-body" id="${id}-body">${group(item, keys, editor, this.#inner, 2)}</div>` : nothing}
    </div>`;
  }

  #simple(item: JsonSchema, step: Step, i: number, list: boolean): TemplateResult {
    const { editor } = this;
    const keys = [...this.keys, step];
    const id = editor.idOf(keys);
    const error = editor.error(keys);
    const label = list ? `${titleOf(nodeOf(this.schema, editor.root).schema, this.keys)} ${i + 1}` : String(step);
    return html`<div class="entry ${editor.changed(keys) ? 'changed' : ''} ${this.#drag.classOf(i)}" role="listitem"><div class="entry-line">
      ${list ? nothing : html`<label class="entry-name" for=${id}>${step}</label>`}
      ${control(nodeOf(item, editor.root), keys, editor, { id, described: error ? `${id}-error` : nothing, invalid: error ? 'true' : nothing }, label)}
      ${editor.disabled ? nothing : html`${list && this.#steps().length > 1 ? this.#drag.handle(i, label) : nothing}<button type="button" class="plain icon tight harsh" aria-label="Remove ${label}" @click=${() => this.#remove(step)}>${icon('trash', 16)}</button>`}</div>
      ${error ? html`<span class="field-error" id="${id}-error">${icon('alert', 16)}<span>${plainly(error)}</span></span>` : nothing}</div>`;
  }

  #adding(item: JsonSchema, simple: boolean, list: boolean): TemplateResult {
    const draft = this.draft!;
    const id = `${this.editor.idOf(this.keys)}-name`;
    return html`<div class="entry adding open"><div class="entry-body">
      ${list ? nothing : html`<div class="field"><label for=${id}>Name</label><input class="input" id=${id} autocomplete="off" spellcheck="false" aria-invalid=${this.nameError ? 'true' : nothing} .value=${this.name} @input=${(e: Event) => { this.name = (e.target as HTMLInputElement).value; this.nameError = ''; }}>
        ${this.nameError ? html`<span class="field-error">${icon('alert', 16)}<span>${this.nameError}</span></span>` : nothing}</div>`}
      ${simple ? html`<div class="field">${control(nodeOf(item, draft.root), draft.base, draft, { id: draft.idOf(draft.base), described: nothing, invalid: draft.error(draft.base) ? 'true' : nothing }, 'New entry')}${wholeError(draft.base, draft)}</div>` : group(item, draft.base, draft, this.#inner, 2)}
      <div class="row"><button type="button" class="button primary tight" @click=${this.#add}>Add entry</button><button type="button" class="button tight" @click=${() => this.#close()}>Cancel</button></div>
    </div></div>`;
  }

  #begin = (): void => {
    const { editor, keys } = this;
    const node = nodeOf(this.schema, editor.root);
    const list = node.kind === 'list';
    const item = (list ? node.schema.items : node.schema.additionalProperties) as JsonSchema;
    let entry = beginning(item, editor.root);
    // Numbered rows: the next free number.
    const numbered = nodeOf(item, editor.root).schema.properties?.['index'];
    if (isObject(entry) && numbered !== undefined && entry['index'] === undefined) {
      const taken = this.#steps().map((s) => editor.value([...keys, s, 'index'])).filter((n) => typeof n === 'number');
      entry = { ...entry, index: Math.max(numbered.minimum ?? 1, ...taken.map((n) => n + 1)) };
    }
    this.name = '';
    this.draft = new DraftEditor(editor.root, [...keys, list ? this.#steps().length : ''], entry, editor.idOf(keys), () => this.requestUpdate());
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('.adding input, .adding select, .adding textarea')?.focus());
  };

  #close(): void {
    this.draft = undefined;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('.add')?.focus());
  }

  #add = async (): Promise<void> => {
    const draft = this.draft!;
    const list = draft.base.at(-1) !== '';
    if (!list && (this.name === '' || this.#steps().includes(this.name))) {
      this.nameError = this.name === '' ? 'a name is needed' : `there is '${this.name}' already`;
      return;
    }
    const keys = [...this.keys, list ? this.#steps().length : this.name];
    try {
      if (this.storing === undefined) this.editor.set(keys, draft.entry ?? null);
      else await this.storing.add(keys, draft.entry ?? null);
      this.#close();
    } catch (error) {
      const problems = error instanceof WireError ? error.answer?.['problems'] as readonly { keys: Keys; message: string }[] | undefined : undefined;
      if (problems === undefined) complain(error);
      else draft.errors = new Map(problems.map((p) => [JSON.stringify(p.keys.slice(this.keys.length + 1)), p.message]));
      this.requestUpdate();
      await this.updateComplete;
      this.querySelector<HTMLElement>('.adding [aria-invalid="true"]')?.focus();
    }
  };

  #remove(step: Step): void {
    this.open = undefined;
    this.editor.set([...this.keys, step], undefined);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('.add')?.focus());
  }

  #move(from: number, to: number): void {
    const list = [...this.editor.value(this.keys) as readonly Json[]];
    const [entry] = list.splice(from, 1);
    if (entry === undefined) return;
    list.splice(to, 0, entry);
    if (this.open === from) this.open = to;
    this.editor.set(this.keys, list);
  }
}
customElements.define('lc-collection', Collection);
