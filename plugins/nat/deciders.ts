import type { Counter, FlowView, NewFlow, PolicyDecision, SnatDecision } from '../../sdk/index.ts';
import type { UplinkState } from '../wan/contract.ts';
import { NO_PORT, TOO_MANY, type Translator } from './translator.ts';

export interface NatCounters { readonly noMapping: Counter; readonly noPort: Counter; readonly tooMany: Counter }

/** The uplink on this link, or undefined; there are two or three, so a loop is the fastest map. */
const uplinkOn = (uplinks: readonly UplinkState[], link: number): UplinkState | undefined => {
  for (let i = 0; i < uplinks.length; i++) if (uplinks[i]!.link === link) return uplinks[i];
  return undefined;
};

/** Slot snat: what leaves through an uplink gets that uplink's address. */
export const translate = (flow: NewFlow, uplinks: readonly UplinkState[], nat: Translator, count: NatCounters): SnatDecision => {
  const uplink = uplinkOn(uplinks, flow.outLink);
  // What comes in from one uplink and leaves by it was refused before; here it would be a flow of the router's own.
  if (!uplink || uplink.ip === 0 || flow.src === uplink.ip) return undefined;
  const before = flow.previous;
  // The very same way back: then the flow goes on and nothing is counted anew.
  if (before && before.snatSrc === uplink.ip && before.toDst === flow.toDst && before.toDport === flow.toDport
    && nat.holds(uplink.ip, flow.src, flow.sport, before.snatSport, flow.proto)) {
    return { src: before.snatSrc, sport: before.snatSport };
  }
  const port = nat.map(uplink.ip, flow.src, flow.sport, flow.toDst, flow.toDport, flow.proto);
  if (port === NO_PORT) return { drop: count.noPort };
  if (port === TOO_MANY) return { drop: count.tooMany };
  return { src: uplink.ip, sport: port };
};

/** Slot policy: a stranger on an uplink who sends straight to an inside address has no mapping and goes nowhere. */
export const guard = (flow: NewFlow, uplinks: readonly UplinkState[], count: NatCounters): PolicyDecision => {
  if (flow.local || flow.toSelf || !uplinkOn(uplinks, flow.inLink)) return undefined;
  // A port forward has changed the destination: whether it may pass is the firewall's question.
  return flow.toDst !== flow.dst || flow.toDport !== flow.dport ? undefined : { drop: count.noMapping };
};

/** The source was rewritten to an address that is not the sender's own. */
export const translated = (flow: FlowView): boolean => flow.reply.dst !== flow.original.src;
