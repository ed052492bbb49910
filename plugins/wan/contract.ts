import { sticky, token } from '../../sdk/index.ts';

/** A way to the internet: 'wan' on Ethernet, 'cellular' and 'cellular2' on modems. */
export interface UplinkState {
  readonly name: string;
  /** The firewall's name for it. */
  readonly zone: 'WAN' | 'CELL';
  /** Link id. */
  readonly link: number;
  /** Own address there as in FlowKey; 0: none now. */
  readonly ip: number;
  /** Prefix length of the subnet on the link. */
  readonly bits: number;
  /** Next hop; 0: none. */
  readonly gateway: number;
  /** DNS servers the provider told us about, best first. */
  readonly dns: readonly number[];
  /** 1–15, smaller is preferred. */
  readonly metric: number;
  /** It has an address and its link is up. */
  readonly up: boolean;
}

/** A contribution point: the fields of an item change while it stands in the list. */
export const UplinksToken = token<readonly UplinkState[]>('wan.uplinks');

/**
 * What a plugin with an uplink of a fixed address has in its settings under `fixedAddress`, so that plans of two plugins can
 * be compared before they are applied.
 */
export interface FixedAddress { readonly name: string; readonly ip: string; readonly mask: string }

declare module '../../sdk/events.ts' {
  interface Events {
    /** An uplink got, changed or lost its address. A new object each time. */
    'wan/address': UplinkState;
    /** An uplink's address is not used, because its subnet is another interface's. */
    'wan/refused': { readonly name: string; readonly ip: number; readonly bits: number; readonly other: string; readonly why: string };
  }
}

// A plugin that is loaded later must hear of the present address.
sticky['wan/address'] = 'name';
