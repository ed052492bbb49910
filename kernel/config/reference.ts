import { z } from 'zod';
import { LONGEST_KEY } from './document.ts';
import { isSecret, wordOf } from './effective.ts';
import { anything, childKeys, child, elementOf, isContainer, isRecord, optionsOf, peel, type Schema } from './schema.ts';
import { plainKey } from './spelling.ts';

/** One line of the settings reference. */
export interface Described {
  readonly path: string;
  readonly title: string;
  readonly type: string;
  readonly unit: string;
  readonly range: string;
  readonly default: string;
  readonly help: string;
}

interface JsonSchema {
  readonly type?: string; readonly format?: string; readonly enum?: readonly unknown[]; readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[]; readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number; readonly maximum?: number; readonly exclusiveMinimum?: number; readonly exclusiveMaximum?: number;
  readonly minLength?: number; readonly maxLength?: number; readonly minItems?: number; readonly maxItems?: number;
}

/** Every setting of a section, containers before what is in them. Entries of records and lists stand as `<name>` and `[n]`. */
export function describe(id: string, schema: Schema): Described[] {
  return below(id, schema, 0);
}

// Deeper than any form: a schema may contain itself.
const DEEPEST = 8;

function below(path: string, schema: Schema, depth: number): Described[] {
  const { core } = peel(schema);
  if (!isContainer(core) || depth > DEEPEST) return [];
  const found = [...childKeys(core, undefined)].flatMap((key) => lines(`${path}${plainKey.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`}`, key, child(core, key, undefined) ?? anything, depth));
  if (isRecord(core) && found.length === 0) return lines(`${path}.<name>`, undefined, child(core, 'name', undefined) ?? valueTypeOf(core), depth);
  const element = elementOf(core);
  return element === undefined ? found : isContainer(peel(element).core) ? lines(`${path}[n]`, undefined, element, depth) : [];
}

/** A record's value type, whatever its keys must look like. */
const valueTypeOf = (core: Schema): Schema => ((core as z.core.$ZodRecord)._zod.def.valueType);

function lines(path: string, key: string | undefined, schema: Schema, depth: number): Described[] {
  const { core, meta, default: preset, optional } = peel(schema);
  const deeper = below(path, schema, depth + 1);
  const json = jsonOf(core);
  const secret = isSecret(meta, key);
  const normal = preset === undefined ? (optional ? 'not set' : '') : secret && preset !== '' ? '(secret)' : wordOf(preset);
  if (deeper.length > 0 && (meta.help ?? meta.title) === undefined && (preset === undefined || Object.keys(preset as object).length === 0)) return deeper;
  return [{ path, title: meta.title ?? '', type: typeOf(core, json) + (secret ? ', secret' : ''), unit: meta.unit ?? '', range: rangeOf(json), default: normal, help: meta.help ?? '' }, ...deeper];
}

function jsonOf(schema: Schema): JsonSchema {
  return z.toJSONSchema(schema as z.ZodType, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

function typeOf(core: Schema, json: JsonSchema): string {
  if (json.enum !== undefined || json.const !== undefined) return 'choice';
  const options = optionsOf(core);
  if (options.length > 0) return [...new Set(options.map((o) => typeOf(peel(o).core, jsonOf(peel(o).core))))].join(' or ');
  const element = elementOf(core);
  if (element !== undefined) return `list of ${typeOf(peel(element).core, jsonOf(peel(element).core))}`;
  if (json.type === 'string') return json.format ?? 'text';
  if (json.type === 'boolean') return 'yes/no';
  if (json.type === 'object') return isRecord(core) ? 'entries by name' : 'group';
  return json.type ?? 'any';
}

// zod gives plain integers and keys these bounds; they say nothing to a person.
const said = (n: number | undefined): n is number => n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER;

function rangeOf(json: JsonSchema): string {
  const options = json.anyOf ?? json.oneOf;
  if (options !== undefined) return [...new Set(options.map(rangeOf))].filter((r) => r !== '').join(' or ');
  if (json.enum !== undefined) return json.enum.map(String).join(', ');
  if (json.const !== undefined) return String(json.const);
  const bounds = [
    between(json.minimum, json.maximum, ''),
    said(json.exclusiveMinimum) ? `above ${json.exclusiveMinimum}` : '', said(json.exclusiveMaximum) ? `below ${json.exclusiveMaximum}` : '',
    between(json.minLength, json.maxLength, ' characters'), between(json.minItems, json.maxItems, ' entries'),
  ];
  return bounds.filter((b) => b !== '').join(', ');
}

function between(low: number | undefined, high: number | undefined, what: string): string {
  if (said(low) && said(high)) return `${low === high ? low : `${low}–${high}`}${what}`;
  if (said(low)) return `at least ${low}${what}`;
  return said(high) ? `at most ${high}${what}` : '';
}

const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/</g, '&lt;').replace(/\s*\n\s*/g, ' ').slice(0, 4 * LONGEST_KEY);

/** The settings reference as Markdown, one table per section. */
export function settingsReference(sections: readonly { readonly id: string; readonly schema: Schema }[]): string {
  const columns: readonly (keyof Described)[] = ['path', 'type', 'unit', 'range', 'default', 'help'];
  const tables = [...sections].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, schema }) => {
    const meta = peel(schema).meta;
    const rows = describe(id, schema).map((d) => `| ${columns.map((c) => cell(c === 'help' ? [d.title, d.help].filter((t) => t !== '').join(': ') : d[c])).join(' | ')} |`);
    const head = [`## ${id}`, '', ...[meta.help ?? meta.title].flatMap((t) => (t === undefined ? [] : [t, '']))];
    if (rows.length === 0) return [...head, 'No settings.', ''].join('\n');
    return [...head, '| Path | Type | Unit | Range | Default | Help |', '|---|---|---|---|---|---|', ...rows, ''].join('\n');
  });
  return ['# Settings reference', '', ...tables].join('\n');
}
