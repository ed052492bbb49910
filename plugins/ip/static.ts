import { CliError, type Disposable } from '../../sdk/index.ts';
import { bitsOf, parse4 } from '../../sdk/wire/address.ts';
import type { AddressTable } from './addresses.ts';
import type { RouteSpec } from './contract.ts';
import { FIRST_INDEX, LAST_INDEX, type StaticRoute, staticRoute } from './settings.ts';

/** Keeps the static routes of the settings in the route table: each on the link whose subnet has its gateway, as long as there is one. */
export class StaticRoutes {
  readonly #addresses: AddressTable;
  readonly #add: (spec: RouteSpec) => Disposable;
  readonly #live = new Map<number, { readonly as: string; readonly route: Disposable }>();

  constructor(addresses: AddressTable, add: (spec: RouteSpec) => Disposable) {
    this.#addresses = addresses;
    this.#add = add;
  }

  /** After a change of settings or addresses; touches only what differs. */
  sync(rows: readonly StaticRoute[]): void {
    const wanted = new Map(rows.flatMap((row) => {
      const spec = this.#specOf(row);
      return spec ? [[row.index, spec] as const] : [];
    }));
    for (const [index, { as, route }] of [...this.#live]) {
      const spec = wanted.get(index);
      if (spec && JSON.stringify(spec) === as) continue;
      void route.dispose();
      this.#live.delete(index);
    }
    for (const [index, spec] of wanted) {
      if (!this.#live.has(index)) this.#live.set(index, { as: JSON.stringify(spec), route: this.#add(spec) });
    }
  }

  /** Whether the row is in use; why not, in words. */
  state(row: StaticRoute): string {
    if (!row.active) return 'inactive';
    return this.#live.has(row.index) ? 'in use' : 'gateway in no subnet';
  }

  #specOf(row: StaticRoute): RouteSpec | undefined {
    const via = parse4(row.gateway);
    if (!row.active || !via) return undefined;
    const on = this.#addresses.subnetOf(via);
    if (!on || this.#addresses.ownedBy(via)) return undefined;
    return {
      dest: parse4(row.destination) ?? 0, bits: bitsOf(parse4(row.mask) ?? 0) ?? 32, via, link: on.link,
      metric: row.metric, name: `static ${row.index}${row.name ? ` ${row.name}` : ''}`, private: row.private,
    };
  }
}

export const fields = ['name', 'destination', 'mask', 'gateway', 'metric', 'private', 'active'] as const;
export type Field = (typeof fields)[number];

/** Refuses the rows that belong to the uplinks, and those that do not exist. */
export function editable(index: number): void {
  if (index === 1 || index === 2) throw new CliError(`entry ${index} is reserved for the default route of ${index === 1 ? 'WAN' : 'CELLULAR'} and is read-only; entries ${FIRST_INDEX}–${LAST_INDEX} can be set`);
  if (!Number.isInteger(index) || index < FIRST_INDEX || index > LAST_INDEX) throw new CliError(`there is no entry ${index}; entries are 1–${LAST_INDEX}`);
}

/** A row with one field changed; throws CliError with what is allowed. */
export function withField(row: StaticRoute, field: Field, text: string): StaticRoute {
  const yes = /^(yes|on|true|1|enable)$/i.test(text);
  const no = /^(no|off|false|0|disable)$/i.test(text);
  if ((field === 'private' || field === 'active') && !yes && !no) throw new CliError(`${field}: allowed are yes, no`);
  const value = field === 'metric' ? Number(text) : field === 'private' || field === 'active' ? yes : text;
  const result = staticRoute.safeParse({ ...row, [field]: value });
  if (!result.success) throw new CliError(`${field}: ${result.error.issues.map((i) => i.message).join('; ')}`);
  return result.data;
}

export const emptyRow = (index: number): StaticRoute => staticRoute.parse({ index });
