import { token } from '../../sdk/index.ts';

/**
 * A security zone that a plugin brings: 'VPN'. LAN, WAN, CELL, DMZ and WLAN need none: every address with a zone
 * (plugins/ip/contract.ts, AddressSpec.zone) puts its link into that zone. Emit 'zone/changed' when `links()` would
 * answer otherwise than before.
 */
export interface Zone {
  /** Capitals, 1–15 characters. */
  readonly name: string;
  /** For people: 'IPsec tunnels'. */
  readonly title: string;
  /** Link ids that belong to it now. */
  links(): readonly number[];
}
/** A contribution point. */
export const ZonesToken = token<readonly Zone[]>('firewall.zones');

/** A flow, or a few, that may pass whatever the rules say: what UPnP, an ALG or port triggering has opened. Addresses as in FlowKey. */
export interface Pinhole {
  /** 0: from anybody. */
  readonly src: number;
  /** After DNAT. */
  readonly dst: number;
  readonly dport: number;
  /** 6 or 17. */
  readonly proto: number;
  /** Who opened it, for lists and logs: 'upnp 192.168.1.33'. */
  readonly why: string;
}

/**
 * A contribution point for plugins that open holes; they need no firewall to be there. The firewall asks every source about a new
 * flow that no rule permits, so `allows` must be O(1). Its arguments are as in Pinhole.
 */
export interface PinholeSource {
  readonly name: string;
  allows(src: number, dst: number, dport: number, proto: number): boolean;
  list(): readonly Pinhole[];
}
export const PinholeSourcesToken = token<readonly PinholeSource[]>('firewall.pinhole-sources');

declare module '../../sdk/events.ts' {
  interface Events {
    'zone/changed': { readonly zone: string };
  }
}
