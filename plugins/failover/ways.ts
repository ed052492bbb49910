import type { DeciderSpec, NewFlow, RouteDecision } from '../../sdk/index.ts';
import type { Addresses, Routes } from '../ip/contract.ts';
import type { UplinkState } from '../wan/contract.ts';

export interface WaysDeps {
  readonly uplinks: readonly UplinkState[];
  readonly routes: Pick<Routes, 'lookup'>;
  readonly addresses: Pick<Addresses, 'ownedBy'>;
  /** It answers, as far as anybody asks. */
  good(name: string): boolean;
  /** Running sessions keep an uplink that does. */
  stays(): boolean;
  /** New sessions are shared out at all. */
  shares(): boolean;
  /** The uplink of a new session; undefined: as the routes have it. */
  share(flow: NewFlow): UplinkState | undefined;
}

const by = (u: UplinkState, dst: number): RouteDecision => ({ link: u.link, via: u.gateway === 0 || u.gateway === u.ip ? dst : u.gateway, source: u.ip });

/** No group, broadcast, loopback. */
const isHost = (ip: number): boolean => ip >>> 24 !== 0 && ip >>> 24 !== 127 && ip >>> 24 < 224;

/** Only what the default route would carry is moved, and no decision is taken from the routes that is about own addresses. */
function leaves({ routes, addresses }: WaysDeps, flow: NewFlow): boolean {
  return isHost(flow.toDst) && routes.lookup(flow.toDst)?.bits === 0 && addresses.ownedBy(flow.toDst) === undefined && (flow.local || addresses.ownedBy(flow.src) === undefined);
}

/** Slot `route`: what runs stays where it is, and answers leave by the uplink that brought the question. */
export function stayDecider(deps: WaysDeps): DeciderSpec {
  const able = (u: UplinkState | undefined): UplinkState | undefined => (u?.up === true && deps.good(u.name) ? u : undefined);
  const uplinkOf = (flow: NewFlow): UplinkState | undefined => {
    // Whoever asked on an uplink waits there, whatever the checks say.
    if (flow.cameBy !== undefined) return deps.uplinks.find(u => u.up && u.link === flow.cameBy);
    if (flow.local) return able(deps.uplinks.find(u => u.ip !== 0 && u.ip === flow.src));
    const before = flow.previous?.outLink;
    return before === undefined || !deps.stays() ? undefined : able(deps.uplinks.find(u => u.link === before));
  };
  return {
    slot: 'route', name: 'failover.stay', order: 60,
    decide(flow) {
      const uplink = uplinkOf(flow);
      return uplink === undefined || !leaves(deps, flow) ? undefined : by(uplink, flow.toDst);
    },
    explain: flow => (flow.local ? 'from the address of this uplink' : 'a running session stays on its uplink'),
  };
}

/** Slot `route`: new sessions from inside are shared out. */
export function shareDecider(deps: WaysDeps): DeciderSpec {
  return {
    slot: 'route', name: 'failover.share', order: 70,
    decide(flow) {
      if (!deps.shares() || flow.local || flow.cameBy !== undefined || deps.uplinks.some(u => u.link === flow.inLink) || !leaves(deps, flow)) return undefined;
      const uplink = deps.share(flow);
      return uplink === undefined ? undefined : by(uplink, flow.toDst);
    },
    explain: () => 'sessions are shared out among the uplinks',
  };
}
