import type { AnyPlugin } from '../../sdk/plugin.ts';

const idOf = /^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*$/;

const isFunction = (x: unknown): boolean => typeof x === 'function';
const isSchema = (x: unknown): boolean => typeof x === 'object' && x !== null && isFunction((x as { safeParse?: unknown }).safeParse);
const isToken = (x: unknown): boolean => typeof x === 'symbol' && (x.description ?? '').startsWith('lancell:');

/** What is wrong with the default export of a plugin's entry, in sentences; nothing when it is a plugin. */
export function problemsOf(exported: unknown): string[] {
  if (exported === undefined) return ['it has no default export; end it with: export default definePlugin({ … })'];
  if (typeof exported !== 'object' || exported === null) return [`its default export is a ${typeof exported}, not a plugin: export default definePlugin({ … })`];
  const def = exported as Partial<Record<keyof AnyPlugin, unknown>>;
  const problems: string[] = [];
  const wants = (good: boolean, problem: string) => { if (!good) problems.push(problem); };
  const optional = (x: unknown, good: (x: unknown) => boolean) => x === undefined || good(x);
  wants(typeof def.id === 'string' && idOf.test(def.id), `its id must be words of a-z, 0-9 and - joined by dots, like 'vpn.ike'; it is ${JSON.stringify(def.id) ?? 'missing'}`);
  wants(isFunction(def.setup), 'it has no setup function');
  wants(optional(def.needs, x => typeof x === 'object' && x !== null && Object.values(x).every(isToken)), 'its needs must be tokens: { routes: RoutesToken }');
  wants(optional(def.provides, x => Array.isArray(x) && x.every(isToken)), 'its provides must be a list of tokens');
  wants(optional(def.config, isSchema), 'its config must be a zod schema');
  wants(optional(def.state, isSchema), 'its state must be a zod schema');
  wants(optional(def.verify, isFunction), 'its verify must be a function');
  wants(optional(def.configVersion, x => Number.isInteger(x) && (x as number) > 0), 'its configVersion must be a whole number from 1');
  wants(optional(def.migrations, x => Array.isArray(x) && x.every(isFunction)), 'its migrations must be a list of functions');
  if (problems.length === 0 && def.config) problems.push(...defaultsOf(def.config as AnyPlugin['config']));
  return problems;
}

/** A new router has no settings yet: every field needs a default. */
function defaultsOf(schema: AnyPlugin['config']): string[] {
  const parsed = schema?.safeParse({});
  if (!parsed || parsed.success) return [];
  const fields = parsed.error.issues.map(i => `${i.path.map(String).join('.') || 'all'}: ${i.message}`);
  return [`its config must parse {} to working defaults (${fields.join('; ')})`];
}
