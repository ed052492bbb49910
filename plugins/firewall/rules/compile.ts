/**
 * First match over thousands of rules at a cost that hardly depends on their number.
 *
 * A rule is a product of five sets: source, destination, service (protocol and destination port in one number), source port, time of
 * the week. Each set is cut into intervals (intervals.ts); each interval has a bit vector of the rules that contain it. A packet finds
 * five vectors through trees of fixed depth, and what is left when they are combined are the rules that match it (Lakshman and Stiliadis,
 * 1998). Two summaries above the bits (Baboescu and Varghese, 2001) skip what is zero, and rules are laid out so that those one packet can
 * match together stand together (order.ts): mostly a word or a few of the bits are looked at, with 100 rules as with 10,000.
 *
 * Why this and not the others:
 * - Tuple space search needs ranges cut into prefixes: a rule with two odd port ranges and two odd address ranges becomes a million hash
 *   entries, and the number of tuples grows with the variety of the rules. Here a range is two cuts, whatever its ends.
 * - Decision trees (HiCuts, EffiCuts) copy rules that span a cut; overlapping ranges and wildcards make them explode or end
 *   in long lists. Here neighbouring vectors share all blocks but those that differ: memory is O(ranges) in the worst case.
 * - In the worst case, rules that overlap in all fields and yet do not match, the search reads five words for each 32 rules, in sequence:
 *   1 to 2 µs with 10,000 of them. Ranges that are different in all five fields of 10,000 rules take 25 MiB, ordinary ones 4.
 * - Negation is two more ranges. A schedule is a field like the others: rules out of their time are masked away before the search, not
 *   stumbled over in it.
 *
 * Each direction has a table of its own, and so has (from, Any), (Any, to) and (Any, Any): a rule is stored once, a change rebuilds
 * the one table in which it is, and the best of up to four tables wins, which is the order of the merged list.
 */
import { type Expand, type Entry, expander } from './entries.ts';
import { ANY_ZONE, type Compiled, type Packet5, type Rule, type RuleEnv } from './model.ts';
import { Table, TABLE_MOST } from './table.ts';

const NONE = 0x7fff_ffff;
const nameOf = (from: string, to: string): string => `${from} ${to}`;

/** What of a rule the tables hold. */
const matching = (r: Rule): string => JSON.stringify([r.source, r.destination, r.services, r.schedule]);
const meaning = (env: RuleEnv): string => JSON.stringify([[...env.groups], [...env.services]]);

/** The active rules of one pair of zones. An ordinal is a rule's place among them. */
class Direction {
  readonly rules: readonly Rule[];
  readonly tables: readonly Table[];

  constructor(rules: readonly Rule[], expand: Expand) {
    this.rules = rules;
    const tables: Table[] = [];
    let entries: Entry[] = [];
    let ordinals: number[] = [];
    const close = (): void => {
      if (entries.length > 0) tables.push(new Table(entries, ordinals));
      entries = [];
      ordinals = [];
    };
    for (const [ordinal, rule] of rules.entries()) {
      for (const entry of expand(rule)) {
        if (entries.length === TABLE_MOST) close();
        entries.push(entry);
        ordinals.push(ordinal);
      }
    }
    close();
    this.tables = tables;
  }

  /** Whether it is right for these rules too. */
  serves(rules: readonly Rule[]): boolean {
    return rules.length === this.rules.length && rules.every((r, i) => r === this.rules[i] || matching(r) === matching(this.rules[i]!));
  }
}

interface Placed {
  readonly direction: Direction;
  /** From ordinals to places in the whole list. */
  readonly index: Int32Array;
}

class CompiledRules implements Compiled {
  readonly rules: readonly Rule[];
  readonly octets: number;
  /** How many directions were built anew. */
  readonly rebuilt: number;
  readonly env: RuleEnv;
  readonly placed: ReadonlyMap<string, Placed>;
  readonly #zones: ReadonlyMap<string, number>;
  /** By number of the zones; the last row and column are Any. */
  readonly #grid: readonly (Placed | undefined)[];
  readonly #side: number;

  constructor(rules: readonly Rule[], env: RuleEnv, placed: ReadonlyMap<string, Placed>, rebuilt: number) {
    this.rules = rules;
    this.env = env;
    this.placed = placed;
    this.rebuilt = rebuilt;
    const zones = [...new Set(rules.flatMap(r => [r.from, r.to]))].filter(z => z !== ANY_ZONE);
    const names = [...zones, ANY_ZONE];
    this.#zones = new Map(zones.map((z, i) => [z, i]));
    this.#side = names.length;
    this.#grid = names.flatMap(from => names.map(to => placed.get(nameOf(from, to))));
    let octets = 0;
    for (const p of placed.values()) octets += p.index.byteLength + p.direction.tables.reduce((n, t) => n + t.octets, 0);
    this.octets = octets;
  }

  match(fromZone: string, toZone: string, src: number, dst: number, sport: number, dport: number, proto: number, minuteOfWeek: number): number {
    const any = this.#side - 1;
    const from = this.#zones.get(fromZone) ?? any;
    const to = this.#zones.get(toZone) ?? any;
    let best = NONE;
    if (from !== any && to !== any) best = this.#in(from * this.#side + to, src, dst, sport, dport, proto, minuteOfWeek, best);
    if (from !== any) best = this.#in(from * this.#side + any, src, dst, sport, dport, proto, minuteOfWeek, best);
    if (to !== any) best = this.#in(any * this.#side + to, src, dst, sport, dport, proto, minuteOfWeek, best);
    best = this.#in(any * this.#side + any, src, dst, sport, dport, proto, minuteOfWeek, best);
    return best === NONE ? -1 : best;
  }

  matching(fromZone: string, toZone: string, p: Packet5, minuteOfWeek: number): number[] {
    const any = this.#side - 1;
    const rows = new Set([this.#zones.get(fromZone) ?? any, any]);
    const columns = new Set([this.#zones.get(toZone) ?? any, any]);
    const places: number[] = [];
    for (const row of rows) {
      for (const column of columns) {
        const placed = this.#grid[row * this.#side + column];
        const found = new Set<number>();
        for (const t of placed?.direction.tables ?? []) t.all(p.src, p.dst, p.sport, p.dport, p.proto, minuteOfWeek, found);
        for (const ordinal of found) places.push(placed!.index[ordinal]!);
      }
    }
    return places.sort((a, b) => a - b);
  }

  #in(cell: number, src: number, dst: number, sport: number, dport: number, proto: number, minute: number, best: number): number {
    const placed = this.#grid[cell];
    if (placed === undefined || placed.index[0]! > best) return best;
    const tables = placed.direction.tables;
    let ordinal = NONE;
    for (let i = 0; i < tables.length; i++) ordinal = tables[i]!.match(src, dst, sport, dport, proto, minute, ordinal);
    return ordinal === NONE ? best : Math.min(best, placed.index[ordinal]!);
  }
}

/** `previous`: an earlier result of compile, whose directions are taken over where nothing has changed. */
export function compile(rules: readonly Rule[], env: RuleEnv, previous?: Compiled): Compiled & { readonly rebuilt: number } {
  const former = previous instanceof CompiledRules && (previous.env === env || meaning(previous.env) === meaning(env)) ? previous.placed : undefined;
  const expand = expander(env);
  const places = new Map<string, number[]>();
  for (const [i, r] of rules.entries()) {
    if (!r.active) continue;
    const name = nameOf(r.from, r.to);
    const list = places.get(name);
    if (list) list.push(i);
    else places.set(name, [i]);
  }
  const placed = new Map<string, Placed>();
  let rebuilt = 0;
  for (const [name, list] of places) {
    const mine = list.map(i => rules[i]!);
    let direction = former?.get(name)?.direction;
    if (!direction?.serves(mine)) {
      direction = new Direction(mine, expand);
      rebuilt++;
    }
    placed.set(name, { direction, index: Int32Array.from(list) });
  }
  return new CompiledRules(rules, env, placed, rebuilt);
}
