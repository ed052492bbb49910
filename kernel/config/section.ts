import type { ZodType } from 'zod';
import { CliError } from '../../sdk/cli.ts';
import type { Problem } from '../../sdk/plugin.ts';
import { isObject, type JsonObject, type Section, unstorable } from './document.ts';
import { spell } from './spelling.ts';

/** What a plugin brings to the settings. */
export interface ConfigSection {
  /** Plugin id. */
  readonly id: string;
  /** Must parse {} to working defaults. */
  readonly schema: ZodType;
  /** Number of the schema's shape, from 1. */
  readonly version: number;
  /** From the shape of version n (index n-1) to the next. */
  readonly migrations?: readonly ((old: Record<string, unknown>) => Record<string, unknown>)[];
  /** Looks across plugins: `all` holds every attached section's parsed settings. Touches nothing. */
  verify?(mine: unknown, all: Readonly<Record<string, unknown>>): readonly Problem[];
  /** Takes new settings while running. Throwing undoes the whole commit. */
  apply?(next: unknown): void | Promise<void>;
}

/** One setting that does not fit, and why. */
export interface FieldProblem { readonly section: string; readonly path: string; readonly message: string }

/** Settings that do not fit; the stored ones stay as they are. */
export class ConfigProblem extends CliError {
  readonly fields: readonly FieldProblem[];

  constructor(fields: readonly FieldProblem[]) {
    super(fields.map((f) => `${f.path}: ${f.message}`).join('\n'));
    this.fields = fields;
  }
}

const whole = (id: string, message: string): ConfigProblem => new ConfigProblem([{ section: id, path: id, message }]);
const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Stored settings in the shape of the section's own version. Throws ConfigProblem. */
export function migrate(section: ConfigSection, stored: Section | undefined): JsonObject {
  if (stored === undefined) return {};
  const { id, version } = section;
  if (stored.version > version) throw whole(id, `the stored settings are of version ${stored.version}, newer than this plugin knows (${version})`);
  if (stored.version === version) return stored.settings;
  let settings: Record<string, unknown> = structuredClone(stored.settings) as Record<string, unknown>;
  for (let from = stored.version; from < version; from++) {
    const step = section.migrations?.[from - 1];
    if (step === undefined) throw whole(id, `the stored settings are of version ${stored.version}; there is no migration from ${from} to ${from + 1}`);
    try {
      settings = step(settings);
    } catch (error) {
      throw whole(id, `the migration from version ${from} to ${from + 1} failed: ${reason(error)}`);
    }
    const wrong = isObject(settings) ? unstorable(settings) : 'it gave no settings';
    if (wrong !== undefined) throw whole(id, `the migration from version ${from} to ${from + 1} failed: ${wrong}`);
  }
  return settings as JsonObject;
}

/** The settings as the plugin gets them. Throws ConfigProblem with every field that does not fit. */
export function parse(section: ConfigSection, settings: JsonObject): unknown {
  let result: ReturnType<ZodType['safeParse']>;
  try {
    result = section.schema.safeParse(settings);
  } catch (error) {
    throw whole(section.id, `its schema failed: ${reason(error)}`);
  }
  if (result.success) return result.data;
  throw new ConfigProblem(result.error.issues.map((issue) => fieldOf(section.id, issue.path, issue.message)));
}

/** A path as zod gives it, in the spelling in which people type it. */
export function fieldOf(id: string, path: readonly PropertyKey[], message: string): FieldProblem {
  return { section: id, path: spell(id, path.map((k) => (typeof k === 'symbol' ? String(k) : k))), message };
}

/** What the sections say to each other's settings. A check that throws is itself a problem. */
export function verify(sections: Iterable<ConfigSection>, all: Readonly<Record<string, unknown>>): FieldProblem[] {
  return [...sections].flatMap((section) => {
    try {
      return (section.verify?.(all[section.id], all) ?? []).map((p) => fieldOf(section.id, p.path, p.message));
    } catch (error) {
      return [{ section: section.id, path: section.id, message: `its check failed: ${reason(error)}` }];
    }
  });
}
