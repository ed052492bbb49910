import { broadcastOf, network } from '../../../sdk/wire/address.ts';
import { windows } from '../schedule.ts';
import { serviceKey } from '../services.ts';
import type { AddressMatch, Rule, RuleEnv, ServiceMatch, Side, Traffic } from './model.ts';
import { complement, normalise, type Ranges } from './ranges.ts';

/** Widths of the fields in bits. `service` is protocol << 16 | destination port: a list of services is then a set of ranges. */
export const WIDTH = { address: 32, service: 24, port: 16, time: 14 } as const;

const ALL_ADDRESSES: Ranges = [0, 2 ** WIDTH.address - 1];
const ALL_SERVICES: Ranges = [0, 2 ** WIDTH.service - 1];
const ALL_SPORTS: Ranges = [0, 2 ** WIDTH.port - 1];
const ALL_TIMES: Ranges = [0, 2 ** WIDTH.time - 1];

/** A rule, or the part of it with the same source ports: the product of its five sets. */
export interface Entry {
  readonly src: Ranges;
  readonly dst: Ranges;
  readonly service: Ranges;
  readonly sport: Ranges;
  readonly time: Ranges;
}

/** What a rule covers; nothing (no entries) for one that can match no packet, as when it names a group that is not there. */
export type Expand = (rule: Rule) => readonly Entry[];

/** Expands rules against one environment. Groups and services are worked out once, and rules that say the same share the result. */
export function expander(env: RuleEnv): Expand {
  const groups = new Map<string, Ranges>();
  const group = (name: string): Ranges => {
    let found = groups.get(name);
    // A group in a group is looked up in its turn; one that leads back to itself adds nothing.
    if (!found) {
      groups.set(name, []);
      found = normalise((env.groups.get(name) ?? []).flatMap(m => [...addresses(m)]));
      groups.set(name, found);
    }
    return found;
  };
  const addresses = (m: AddressMatch): Ranges => {
    switch (m.kind) {
      case 'any': return ALL_ADDRESSES;
      case 'single': return [m.address, m.address];
      case 'range': return [m.from, m.to];
      case 'subnet': return [network(m.address, m.bits), broadcastOf(m.address, m.bits)];
      case 'group': return group(m.name);
    }
  };
  const negated = new Map<Ranges, Ranges>();
  const side = (s: Side): Ranges => {
    const first = s.match[0];
    const set = first === undefined ? ALL_ADDRESSES : s.match.length === 1 ? addresses(first) : normalise(s.match.flatMap(m => [...addresses(m)]));
    if (!s.negate) return set;
    let not = negated.get(set);
    if (!not) negated.set(set, not = complement(set, ALL_ADDRESSES[1]!));
    return not;
  };
  const named = new Map<string, readonly { service: Ranges; sport: Ranges }[]>();
  const services = (list: readonly ServiceMatch[]): readonly { service: Ranges; sport: Ranges }[] => {
    if (list.length === 0 || list.some(s => s.kind === 'any')) return anything;
    const only = list[0]!;
    if (list.length > 1 || only.kind !== 'named') return bySport(list.flatMap(s => s.kind === 'named' ? env.services.get(serviceKey(s.name)) ?? [] : s.kind === 'inline' ? [s.traffic] : []));
    const key = serviceKey(only.name);
    let found = named.get(key);
    if (!found) named.set(key, found = bySport(env.services.get(key) ?? []));
    return found;
  };
  return rule => {
    const src = side(rule.source);
    const dst = side(rule.destination);
    const time = rule.schedule ? windows(rule.schedule).flat() : ALL_TIMES;
    if (src.length === 0 || dst.length === 0 || time.length === 0) return [];
    return services(rule.services).map(s => ({ src, dst, time, service: s.service, sport: s.sport }));
  };
}

const anything = [{ service: ALL_SERVICES, sport: ALL_SPORTS }] as const;

/** Source ports are a field of their own: services that differ in them make different entries. */
function bySport(list: readonly Traffic[]): { service: Ranges; sport: Ranges }[] {
  const found = new Map<string, { sport: Ranges; pairs: number[] }>();
  for (const t of list) {
    const key = `${t.sport.from}-${t.sport.to}`;
    let one = found.get(key);
    if (!one) found.set(key, one = { sport: [t.sport.from, t.sport.to], pairs: [] });
    one.pairs.push(t.proto << 16 | t.dport.from, t.proto << 16 | t.dport.to);
  }
  return [...found.values()].map(f => ({ sport: f.sport, service: normalise(f.pairs) }));
}
