import type { Json, Step } from '../../wire/settings.ts';
import { same, valueAt } from './schema.ts';

/** The way to a setting inside its section. */
export type Keys = readonly Step[];

/** A copy with another value in one place; undefined takes it away. */
export function put(value: Json | undefined, keys: Keys, next: Json | undefined): Json | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return next;
  const inner = put(valueAt(value, [key]), rest, next);
  if (typeof key === 'number') {
    const list = Array.isArray(value) ? [...value as Json[]] : [];
    if (inner === undefined) list.splice(key, 1);
    else list[key] = inner;
    return list;
  }
  const { [key]: _old, ...others } = (value ?? {}) as Record<string, Json>;
  return inner === undefined ? others : { ...(value as Record<string, Json> | undefined), [key]: inner };
}

/** Whether one way begins with the other. */
export const beginsWith = (keys: Keys, start: Keys): boolean => start.length <= keys.length && start.every((k, i) => same(k, keys[i]));
