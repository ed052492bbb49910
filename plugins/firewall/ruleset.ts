import type { Profile } from './profile.ts';
import { profileAction } from './profile.ts';
import { compile } from './rules/compile.ts';
import type { Action, Compiled, Rule, RuleEnv } from './rules/model.ts';

/** What a direction does when no rule matches, and whether that is logged. */
export interface DirectionDefault { readonly from: string; readonly to: string; readonly action: Action; readonly log: boolean }

export interface RulesetSource {
  readonly profile: Profile;
  readonly rules: readonly Rule[];
  readonly env: RuleEnv;
  /** Directions that differ from the profile. */
  readonly directions: readonly DirectionDefault[];
}

const actions: readonly Action[] = ['permit', 'drop', 'reject'];
const LOG = 4;

/** Rules and default actions, ready to be asked; made anew when they change. */
export class Ruleset {
  readonly profile: Profile;
  readonly rules: readonly Rule[];
  readonly compiled: Compiled;
  readonly env: RuleEnv;
  /** Number of a rule within its direction, from 1, by place in `rules`. */
  readonly numbers: Int32Array;
  /** Rules with a schedule: only then does time matter. */
  readonly scheduled: boolean;
  readonly #directions: ReadonlyMap<string, DirectionDefault>;
  #zones: readonly string[] = [];
  /** Defaults by zone numbers: index of the action, and LOG. */
  #defaults = new Uint8Array(0);

  constructor(from: RulesetSource, before?: Ruleset) {
    this.profile = from.profile;
    this.rules = from.rules;
    this.env = from.env;
    this.compiled = compile(from.rules, from.env, before?.compiled);
    this.#directions = new Map(from.directions.map((d) => [`${d.from} ${d.to}`, d]));
    this.numbers = numbersOf(from.rules);
    this.scheduled = from.rules.some((r) => r.active && r.schedule !== undefined);
  }

  /** The default of a direction by name. */
  direction(from: string, to: string): DirectionDefault {
    return this.#directions.get(`${from} ${to}`) ?? { from, to, action: profileAction(this.profile, from, to), log: false };
  }

  /** The default of a direction by the numbers that `names` gives zones. No zone, no way. */
  action(from: number, to: number): Action { return from === 0 || to === 0 ? 'drop' : actions[this.#defaults[from * this.#zones.length + to]! & ~LOG]!; }
  logs(from: number, to: number): boolean { return (this.#defaults[from * this.#zones.length + to]! & LOG) !== 0; }

  /** How many zones have numbers here; 0: none yet. */
  get zones(): number { return this.#zones.length; }

  /** Zones got their numbers, or there are more of them. */
  number(names: readonly string[]): void {
    this.#zones = [...names];
    this.#defaults = new Uint8Array(names.length ** 2);
    for (const [f, from] of names.entries()) {
      for (const [t, to] of names.entries()) {
        const d = this.direction(from, to);
        this.#defaults[f * names.length + t] = actions.indexOf(d.action) | (d.log ? LOG : 0);
      }
    }
  }
}

/** Places of rules counted for each direction by itself. */
export function numbersOf(rules: readonly { readonly from: string; readonly to: string }[]): Int32Array {
  const counts = new Map<string, number>();
  return Int32Array.from(rules, (r) => {
    const key = `${r.from} ${r.to}`;
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return n;
  });
}
