import type { NewFlow, TcpTracking } from '../../sdk/index.ts';
import type { Core } from './core.ts';

/** Leaves by the interface that it came in on: with a second gateway there, the router may see one direction only. */
const sameLink = (flow: NewFlow): boolean => !flow.toSelf && flow.inLink === flow.outLink;

/** TCP as strictly as the settings say: no connection is picked up in its middle, except where a triangle route is allowed. */
export const tracking = (core: Core): TcpTracking => ({
  window: core.settings.active && core.settings.tcpWindow,
  pickup: (flow) => core.settings.active && core.triangle && sameLink(flow),
  asymmetric: (flow) => core.settings.active && core.triangle && sameLink(flow),
});
