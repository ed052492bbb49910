import { released } from '../../shell/pointer.ts';
import type { Json, JsonSchema } from '../../wire/settings.ts';
import { type Keys, put } from './keys.ts';
import { valueAt } from './schema.ts';

/** What fields see of the settings they edit: those of the router, or an entry that is not added yet. */
export interface Editor {
  /** Schema of the whole section, for references. */
  readonly root: JsonSchema;
  readonly disabled: boolean;
  value(keys: Keys): Json | undefined;
  /** Whether it differs from what runs. */
  changed(keys: Keys): boolean;
  error(keys: Keys): string | undefined;
  /** Something below does not fit. */
  wrongBelow(keys: Keys): boolean;
  /** Undefined: back to the default, or away with the entry. */
  set(keys: Keys, value: Json | undefined): void;
  /** Back to what runs; undefined where that cannot be done. */
  readonly undo: ((keys: Keys) => void) | undefined;
  /** For labels; the same place has the same id as long as it is there. */
  idOf(keys: Keys): string;
}

/** An entry of a list or record that is being written, before it is added. */
export class DraftEditor implements Editor {
  readonly root: JsonSchema;
  readonly disabled = false;
  readonly undo = undefined;
  /** Where the entry will be. */
  readonly base: Keys;
  entry: Json | undefined;
  /** By the way below `base`, joined. */
  errors = new Map<string, string>();
  readonly #prefix: string;
  readonly #redraw: () => void;

  constructor(root: JsonSchema, base: Keys, entry: Json | undefined, prefix: string, redraw: () => void) {
    this.root = root;
    this.base = base;
    this.entry = entry;
    this.#prefix = prefix;
    this.#redraw = redraw;
  }

  #below(keys: Keys): Keys { return keys.slice(this.base.length); }
  value(keys: Keys): Json | undefined { return valueAt(this.entry, this.#below(keys)); }
  changed(): boolean { return false; }
  error(keys: Keys): string | undefined { return this.errors.get(JSON.stringify(this.#below(keys))); }
  wrongBelow(): boolean { return false; }
  idOf(keys: Keys): string { return `${this.#prefix}-new-${keys.join('-').replace(/[^\w-]/g, '_')}`; }

  set(keys: Keys, value: Json | undefined): void {
    const below = this.#below(keys);
    this.entry = put(this.entry, below, value);
    this.errors.delete(JSON.stringify(below));
    void released().then(this.#redraw);
  }
}
