/** Rules as the matching sees them: numbers, not text. `schema.ts` makes them of what people write. */

/** Longest name of a rule, a group or a service. */
export const NAME_MOST = 31;
/** The zone of a rule that does not care where from, or where to. */
export const ANY_ZONE = 'Any';

/** Addresses as in FlowKey; ranges include both ends; `group` names an address group. */
export type AddressMatch =
  | { readonly kind: 'any' }
  | { readonly kind: 'single'; readonly address: number }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'subnet'; readonly address: number; readonly bits: number }
  | { readonly kind: 'group'; readonly name: string };

/** One side of a rule: any of `match`, or with `negate` none of them. An empty list is any address. */
export interface Side {
  readonly match: readonly AddressMatch[];
  readonly negate: boolean;
}

/** Both ends belong to it. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}
export const ALL_PORTS: PortRange = { from: 0, to: 0xffff };

/** `dport` of ICMP is type << 8 | code. Protocols without ports have 0 in both. */
export interface Traffic {
  readonly proto: number;
  readonly sport: PortRange;
  readonly dport: PortRange;
}

export type ServiceMatch =
  | { readonly kind: 'any' }
  /** A predefined service or one of the user's own (services.ts). */
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'inline'; readonly traffic: Traffic };

/** When a rule is in force. */
export interface Schedule {
  /** Bit 0: Sunday … bit 6: Saturday. */
  readonly days: number;
  /** Minutes since midnight: from `from` until before `to`. `from` > `to`: over midnight into the day after; 0 and 1440: all day. */
  readonly from: number;
  readonly to: number;
}

export type Action = 'permit' | 'drop' | 'reject';

export interface Rule {
  /** Stays with the rule for its life, wherever it moves; positive. */
  readonly id: number;
  readonly name: string;
  readonly active: boolean;
  /** Names of zones, or 'Any'. */
  readonly from: string;
  readonly to: string;
  readonly source: Side;
  readonly destination: Side;
  /** An empty list is any service. */
  readonly services: readonly ServiceMatch[];
  readonly schedule?: Schedule;
  readonly log: boolean;
  readonly alert: boolean;
  readonly action: Action;
  readonly comment: string;
}

/** The first packet of a flow, addresses and ports after DNAT. `dport` of ICMP is type << 8 | code. */
export interface Packet5 {
  readonly src: number;
  readonly dst: number;
  readonly sport: number;
  readonly dport: number;
  readonly proto: number;
}

/** What names in rules stand for; one that is not there for no address and no traffic. */
export interface RuleEnv {
  readonly groups: ReadonlyMap<string, readonly AddressMatch[]>;
  /** Predefined and own: `serviceTable()` of services.ts. */
  readonly services: ReadonlyMap<string, readonly Traffic[]>;
}

/**
 * Rules ready for matching. `match` answers the index of the first rule that matches in the list that was compiled, or -1; it
 * allocates nothing. Addresses may be signed (`| 0`), too. `minuteOfWeek` as of schedule.ts.
 */
export interface Compiled {
  readonly rules: readonly Rule[];
  match(fromZone: string, toZone: string, src: number, dst: number, sport: number, dport: number, proto: number, minuteOfWeek: number): number;
  /** All rules that match, in order; allocates. For explanations, and to look for rules that hide others. */
  matching(fromZone: string, toZone: string, packet: Packet5, minuteOfWeek: number): number[];
  /** Octets of its tables. */
  readonly octets: number;
}
