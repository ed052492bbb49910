import type { Packet } from '../../sdk/index.ts';
import type { Silence } from '../ip/contract.ts';
import type { Zones } from './zones.ts';

export interface SilenceDeps {
  readonly zones: Pick<Zones, 'nameOf'>;
  readonly active: () => boolean;
  /** Zones through which requests for closed ports get no answer. */
  readonly silent: () => readonly string[];
  /** What a rule rejects is answered all the same: rules come before anti-probing. */
  readonly rejecting: () => Packet | undefined;
}

/** Anti-probing: closed ports of the router itself do not show. */
export function silence(deps: SilenceDeps): Silence {
  return { hides: (p) => deps.active() && deps.silent().includes(deps.zones.nameOf(p.inLink)) && !(p.tuple < 0 && p === deps.rejecting()) };
}
