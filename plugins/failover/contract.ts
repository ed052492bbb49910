import { sticky } from '../../sdk/index.ts';

declare module '../../sdk/events.ts' {
  interface Events {
    /** The preferred uplink does not do, or does again: uplinks that come up on demand are to stand in for it. `what` is always the same. */
    'failover/stand-in': { readonly what: 'stand-in'; readonly wanted: boolean; readonly why: string };
    /** Traffic goes by another uplink from now on. */
    'failover/changed': { readonly from: string; readonly to: string; readonly why: string };
  }
}

// A plugin that is loaded later must hear whether it is needed.
sticky['failover/stand-in'] = 'what';
