import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../../shell/icons.ts';
import { capitalised, spoken } from '../../shell/words.ts';
import type { Json, JsonSchema } from '../../state/settings.ts';
import type { Editor } from './editor.ts';
import { helpOf, helpWithRange, titleOf } from './help.ts';
import type { Keys } from './keys.ts';
import { type Node, nodeOf } from './schema.ts';

const MOST_SEGMENTS = 4;
const MOST_SEGMENT_LETTERS = 34;
const LONG_TEXT = 200;

const word = (value: Json): string => (typeof value === 'string' ? value : value === null ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value));

const plain: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [/received undefined$|^Too small: expected string to have >=1 /, () => 'This is needed'],
  [/expected (?:number|int), received/, () => 'A number is needed'],
  [/^Too small: expected number to be >=(\S+)/, (m) => `At least ${m[1]}`],
  [/^Too big: expected number to be <=(\S+)/, (m) => `At most ${m[1]}`],
  [/^Too big: expected string to have <=(\d+)/, (m) => `At most ${m[1]} characters`],
];

/** What the checks of types say is for programmers; the plugin's own words are left as they are. */
export function plainly(message: string): string {
  for (const [pattern, words] of plain) {
    const found = pattern.exec(message);
    if (found !== null) return words(found);
  }
  return message.charAt(0).toUpperCase() + message.slice(1);
}

interface Wiring { readonly id: string; readonly described: string | typeof nothing; readonly invalid: 'true' | typeof nothing }

/** One setting with its label, help, unit, error and mark. `within`: the title above it, which the label shall not say again. */
export function field(given: JsonSchema, keys: Keys, editor: Editor, within = ''): TemplateResult {
  const node = nodeOf(given, editor.root);
  const { schema } = node;
  const id = editor.idOf(keys);
  const own = titleOf(schema, keys);
  const title = own === within ? spoken(String(keys.at(-1) ?? '')) : own;
  const said = editor.error(keys);
  const error = said === undefined ? undefined : plainly(said);
  const help = node.kind === 'number' ? helpWithRange(schema) : helpOf(schema);
  const wiring: Wiring = { id, described: [help ? `${id}-help` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ') || nothing, invalid: error ? 'true' : nothing };
  const group = node.kind === 'set' || (node.kind === 'choice' && asSegments(node));
  const head = html`${title}${mark(keys, editor)}`;
  const below = html`${help ? html`<span class="field-help" id="${id}-help">${help}</span>` : nothing}
    ${error ? html`<span class="field-error" id="${id}-error">${icon('alert', 16)}<span>${error}</span></span>` : nothing}`;
  if (node.kind === 'switch') {
    return html`<div class="field field-switch ${editor.changed(keys) ? 'changed' : ''}">
      <span class="label"><label for=${id}>${title}</label>${mark(keys, editor)}</span>${control(node, keys, editor, wiring)}${below}</div>`;
  }
  if (group) {
    return html`<div class="field ${editor.changed(keys) ? 'changed' : ''}" role=${node.kind === 'set' ? 'group' : 'radiogroup'} aria-labelledby="${id}-label" aria-describedby=${wiring.described}>
      <span class="label" id="${id}-label">${head}</span>${control(node, keys, editor, wiring)}${below}</div>`;
  }
  return html`<div class="field ${editor.changed(keys) ? 'changed' : ''}"><span class="label"><label for=${id}>${title}</label>${mark(keys, editor)}</span>${control(node, keys, editor, wiring)}${below}</div>`;
}

/** Shows that a setting is changed but not applied, and takes the change back. */
export function mark(keys: Keys, editor: Editor): TemplateResult | typeof nothing {
  if (!editor.changed(keys)) return nothing;
  const { undo } = editor;
  return html`<span class="mark"><span class="chip accent">changed</span>${undo === undefined || editor.disabled ? nothing : html`<button type="button" class="plain icon tight" aria-label="Undo the change of ${spoken(String(keys.at(-1) ?? ''))}" title="Undo" @click=${() => undo(keys)}>${icon('undo', 16)}</button>`}</span>`;
}

const asSegments = ({ options, nullable }: Node): boolean => !nullable && options.length >= 2 && options.length <= MOST_SEGMENTS && options.map(word).join('').length <= MOST_SEGMENT_LETTERS;

/**
 * The control alone; the caller labels it. What is bound is compared with what was bound before, not with what somebody is just
 * typing: a page that is drawn again each second must not take that away.
 */
export function control(node: Node, keys: Keys, editor: Editor, { id, described, invalid }: Wiring, label?: string): TemplateResult {
  const { kind, schema, nullable } = node;
  const value = editor.value(keys);
  const { disabled } = editor;
  const set = (next: Json | undefined): void => editor.set(keys, next);
  const text = (event: Event): string => (event.target as HTMLInputElement).value;
  const name = label ?? nothing;
  switch (kind) {
    case 'switch':
      return html`<span class="switch"><input type="checkbox" role="switch" id=${id} aria-label=${name} ?disabled=${disabled} .checked=${value === true} aria-describedby=${described} @change=${(e: Event) => set((e.target as HTMLInputElement).checked)}><span aria-hidden="true"></span></span>`;
    case 'choice':
      if (asSegments(node) && label === undefined) {
        return html`<span class="segments">${node.options.map((o, i) => html`<label><input type="radio" name=${id} id="${id}-${i}" ?disabled=${disabled} .checked=${value === o} @change=${() => set(o)}>${capitalised(word(o))}</label>`)}</span>`;
      }
      return html`<select class="select" id=${id} aria-label=${name} ?disabled=${disabled} aria-describedby=${described} aria-invalid=${invalid} @change=${(e: Event) => { const n = Number(text(e)); set(n < 0 ? (nullable ? null : undefined) : node.options[n]); }}>
        ${nullable || value === undefined ? html`<option value="-1" ?selected=${value === null || value === undefined}>${nullable ? 'None' : 'Choose …'}</option>` : nothing}
        ${node.options.map((o, i) => html`<option value=${i} ?selected=${o === value} .selected=${o === value}>${capitalised(word(o))}</option>`)}</select>`;
    case 'set': {
      const chosen = Array.isArray(value) ? value as readonly Json[] : [];
      // In the order of the schema, whatever was ticked first.
      const toggled = (o: Json): Json => node.options.filter((each) => (each === o) !== chosen.includes(each));
      return html`<span class="checks">${node.options.map((o, i) => html`<label><input type="checkbox" id="${id}-${i}" ?disabled=${disabled} .checked=${chosen.includes(o)} @change=${() => set(toggled(o))}>${capitalised(word(o))}</label>`)}</span>`;
    }
    case 'number':
      return html`<span class="with-unit"><input class="input number-input" type="number" inputmode=${schema.type === 'integer' ? 'numeric' : 'decimal'} step=${schema.type === 'integer' ? 1 : 'any'} min=${schema.minimum ?? nothing} max=${schema.maximum ?? nothing}
        id=${id} aria-label=${name} ?disabled=${disabled} aria-describedby=${described} aria-invalid=${invalid} .value=${value === undefined || value === null ? '' : String(value)}
        placeholder=${schema.default === undefined ? nothing : word(schema.default)} @change=${(e: Event) => set(text(e) === '' ? (nullable ? null : undefined) : Number(text(e)))}>${schema.unit ? html`<span class="unit">${schema.unit}</span>` : nothing}</span>`;
    case 'secret': return secret(node, keys, editor, { id, described, invalid }, label);
    case 'text':
      if ((schema.maxLength ?? 0) > LONG_TEXT && typeof value === 'string' && value.includes('\n')) {
        return html`<textarea class="textarea" rows="4" id=${id} aria-label=${name} ?disabled=${disabled} spellcheck="false" aria-describedby=${described} aria-invalid=${invalid} .value=${value} @change=${(e: Event) => set(text(e))}></textarea>`;
      }
      return html`<span class="with-unit"><input class="input" id=${id} aria-label=${name} ?disabled=${disabled} spellcheck="false" autocomplete="off" autocapitalize="none" aria-describedby=${described} aria-invalid=${invalid} maxlength=${schema.maxLength ?? nothing}
        .value=${typeof value === 'string' ? value : ''} placeholder=${schema.default === undefined || schema.default === '' ? nothing : word(schema.default)} @change=${(e: Event) => set(emptied(text(e), schema, nullable))}>${schema.unit ? html`<span class="unit">${schema.unit}</span>` : nothing}</span>`;
    default:
      return html`<textarea class="textarea" rows="3" id=${id} aria-label=${name} ?disabled=${disabled} spellcheck="false" aria-describedby=${described} aria-invalid=${invalid} .value=${value === undefined ? '' : JSON.stringify(value)} @change=${(e: Event) => set(readJson(text(e)))}></textarea>`;
  }
}

/** An empty text is a value where the default is a text; elsewhere it means: not set. */
const emptied = (text: string, schema: JsonSchema, nullable: boolean): Json | undefined => (text !== '' || typeof schema.default === 'string' ? text : nullable ? null : undefined);

function readJson(text: string): Json | undefined {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** The router never sends a secret: the field is empty, and only says whether one is set. */
function secret(node: Node, keys: Keys, editor: Editor, { id, described, invalid }: Wiring, label?: string): TemplateResult {
  const value = editor.value(keys);
  const isSet = value === true || (typeof value === 'string' && value !== '');
  return html`<span class="with-unit"><input class="input" type="password" autocomplete="new-password" id=${id} aria-label=${label ?? nothing} ?disabled=${editor.disabled} aria-describedby=${described} aria-invalid=${invalid} maxlength=${node.schema.maxLength ?? nothing}
    .value=${typeof value === 'string' ? value : ''} placeholder=${isSet ? 'Set; type to replace it' : 'Not set'} @change=${(e: Event) => { const typed = (e.target as HTMLInputElement).value; if (typed !== '') editor.set(keys, typed); }}>
    ${isSet && !editor.disabled ? html`<button type="button" class="plain" @click=${() => editor.set(keys, null)}>Clear</button>` : nothing}</span>`;
}
