import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../../shell/icons.ts';
import type { Json, JsonSchema } from '../../state/settings.ts';
import type { Editor } from './editor.ts';
import type { Keys } from './keys.ts';
import { capitalised } from '../../shell/words.ts';
import { field, plainly } from './field.ts';
import { helpOf, titleOf } from './help.ts';
import { beginning, isObject, isScalar, type Node, nodeOf, variantOf } from './schema.ts';

/** Draws lists and records; they have a state of their own (what is unfolded, what is being added). */
export interface Collections { draw(schema: JsonSchema, keys: Keys, editor: Editor): TemplateResult }

/** What is wrong with a whole group or list, not with one of its fields. */
export const wholeError = (keys: Keys, editor: Editor): TemplateResult | typeof nothing => {
  const error = editor.error(keys);
  return error === undefined ? nothing : html`<p class="field-error" id="${editor.idOf(keys)}-error">${icon('alert', 16)}<span>${plainly(error)}</span></p>`;
};

/** The settings of an object, under a title that may stand above them: plain ones side by side, then what has parts of its own. */
export function group(given: JsonSchema, keys: Keys, editor: Editor, collections: Collections, depth: number, within = ''): TemplateResult {
  const node = nodeOf(given, editor.root);
  const shape = node.kind === 'variant' ? variantOf(node, editor.value(keys)) ?? {} : node.schema;
  const properties = Object.entries(shape.properties ?? {}).map(([key, schema]) => ({ key, schema, kind: nodeOf(schema, editor.root).kind }));
  const plain = properties.filter((p) => isScalar(p.kind) && p.key !== node.by);
  const parts = properties.filter((p) => !isScalar(p.kind));
  return html`${wholeError(keys, editor)}
    ${node.kind === 'variant' ? chooser(node, keys, editor, shape) : nothing}
    ${plain.length > 0 ? html`<div class="fields">${plain.map((p) => field(p.schema, [...keys, p.key], editor, within))}</div>` : nothing}
    ${parts.map((p) => part(p.schema, [...keys, p.key], editor, collections, depth + 1))}`;
}

function part(schema: JsonSchema, keys: Keys, editor: Editor, collections: Collections, depth: number): TemplateResult {
  const { kind, schema: plain } = nodeOf(schema, editor.root);
  if (kind === 'list' || kind === 'record') return collections.draw(schema, keys, editor);
  const help = helpOf(plain);
  const title = titleOf(plain, keys);
  return html`<fieldset class="group depth-${Math.min(depth, 3)}"><legend>${title}</legend>
    ${help ? html`<p class="field-help group-help">${help}</p>` : nothing}
    ${group(schema, keys, editor, collections, depth, title)}</fieldset>`;
}

/** Another shape begins anew: what the old one had means nothing to it. */
function chooser({ by, variants }: Node, keys: Keys, editor: Editor, shape: JsonSchema): TemplateResult {
  const now = editor.value(keys);
  const id = editor.idOf([...keys, by]);
  const title = titleOf(shape.properties?.[by] ?? {}, [by]);
  const choose = (n: number): void => {
    const chosen = variants[n];
    if (chosen !== undefined) editor.set(keys, { ...(beginning(chosen.schema, editor.root) as Record<string, Json> | undefined), [by]: chosen.value });
  };
  return html`<div class="fields"><div class="field"><label for=${id}>${title}</label>
    <select class="select" id=${id} ?disabled=${editor.disabled} @change=${(e: Event) => choose((e.target as HTMLSelectElement).selectedIndex)}>
      ${variants.map((v) => html`<option ?selected=${isObject(now) && now[by] === v.value}>${capitalised(String(v.value))}</option>`)}</select></div></div>`;
}
