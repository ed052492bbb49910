import type { Counter, DeciderSpec, NewFlow, RouteDecision } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import type { AddressTable } from './addresses.ts';
import type { RouteSpec } from './contract.ts';

export interface DeciderDeps {
  readonly addresses: AddressTable;
  lookup(dst: number): RouteSpec | undefined;
  linkName(link: number): string;
  /** A multicast group is spoken to on this link; its hardware address is known without asking (RFC 1112 §6.4). */
  group(link: number, ip: number): void;
  counter(name: string): Counter;
}

/** Own address to use on a route. */
export function sourceOf(route: RouteSpec, dst: number, addresses: AddressTable): number {
  return route.source ?? addresses.source(route.link, route.via ?? dst);
}

/** Slot `route`: to the router itself, or the longest prefix's way. */
export function routeDecider(deps: DeciderDeps): DeciderSpec {
  const { addresses } = deps;
  const noRoute: RouteDecision = { drop: deps.counter('route: no route'), reject: icmp.CODE_NET };
  const martian: RouteDecision = { drop: deps.counter('route: martian destination') };
  const directed: RouteDecision = { drop: deps.counter('route: directed broadcast') };
  const nowhere: RouteDecision = { drop: deps.counter('route: broadcast without link') };
  const forged: RouteDecision = { drop: deps.counter('route: from outside with an own address as sender') };
  const toUs = (flow: NewFlow): RouteDecision => ({ self: true, source: addresses.onLink(flow.inLink)[0]?.ip ?? 0 });
  const byRoute = (dst: number): RouteDecision => {
    const route = deps.lookup(dst);
    return route ? { link: route.link, via: route.via ?? dst, source: sourceOf(route, dst, addresses) } : noRoute;
  };
  return {
    slot: 'route',
    name: 'ip.route',
    decide(flow) {
      const dst = flow.toDst;
      // Nobody else may speak as the router (RFC 1812 §5.3.8); answers would come to the router itself.
      if (!flow.local && addresses.ownedBy(flow.src)) return forged;
      switch (addresses.kind(dst)) {
        case 'own': return { self: true, source: dst };
        case 'martian': return martian;
        case 'limited-broadcast': return flow.local ? nowhere : toUs(flow);
        case 'directed-broadcast': {
          if (flow.local) return byRoute(dst);
          // RFC 2644: of another link, it is not forwarded.
          const here = addresses.subnetOf(dst);
          return here?.link === flow.inLink ? toUs(flow) : directed;
        }
        case 'multicast': {
          if (!flow.local) return toUs(flow);
          const way = byRoute(dst);
          if (way && 'link' in way) deps.group(way.link, dst);
          return way;
        }
        default: return byRoute(dst);
      }
    },
    explain(flow) {
      const dst = flow.toDst;
      const kind = addresses.kind(dst);
      const own = addresses.ownedBy(dst);
      if (own) return `${format4(dst)} is the router's own (${own.name})`;
      if (!flow.local && addresses.ownedBy(flow.src)) return `the sender claims to be the router's own ${format4(flow.src)}`;
      const route = deps.lookup(dst);
      if (kind !== 'unicast') return `${format4(dst)} is a ${kind} address`;
      if (!route) return `no route to ${format4(dst)}`;
      const via = route.via === undefined ? 'on-link' : `via ${format4(route.via)}`;
      return `${format4(route.dest)}/${route.bits} ${via} on ${deps.linkName(route.link)} (${route.name}, metric ${route.metric})`;
    },
  };
}
