/** Settings as they travel over /ws, as docs/console-protocol.md has them. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Step = string | number;
/** The section (a plugin's id), then the way inside it. */
export type Path = readonly [string, ...Step[]];

export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly unit?: string;
  readonly help?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly writeOnly?: boolean;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

export interface Change { readonly section: string; readonly path: string; readonly before?: Json; readonly after?: Json; readonly secret?: true; readonly words: string }
export interface Problem { readonly section: string; readonly path: string; readonly keys: readonly Step[]; readonly message: string }
export interface Section { readonly section: string; readonly version: number; readonly schema: JsonSchema; readonly running: Json; readonly candidate: Json; readonly set: Json }
export interface HistoryEntry { readonly n: number; readonly time: number; readonly author: string; readonly note: string; readonly changes: number }
export interface HistoryDetail extends Omit<HistoryEntry, 'changes'> { readonly changes: readonly Change[] }
