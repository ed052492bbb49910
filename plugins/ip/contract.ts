import { type Disposable, type Packet, type PacketErrors, PacketErrorsToken, token } from '../../sdk/index.ts';

/** Addresses are IPv4 as unsigned 32-bit numbers in host order, as in FlowKey. */
export interface AddressSpec {
  /** Link id, as in LinkInfo. */
  readonly link: number;
  readonly ip: number;
  /** Prefix length, 0–32. */
  readonly bits: number;
  /** The interface as people name it: 'lan', 'wan', 'lan:1' (an alias), 'cellular'. */
  readonly name: string;
  /** The security zone: 'LAN', 'WAN', 'DMZ', 'WLAN', …. */
  readonly zone: string;
}

export interface Addresses {
  /**
   * The router answers to this address from now on: ARP, echo, input. Adds the connected route (metric 0) as well. The
   * same address twice on one link is one address, held until both are disposed; on two links it throws.
   */
  add(spec: AddressSpec): Disposable;
  /** In the order in which they were added; the first one of a link is its primary address. */
  list(): readonly AddressSpec[];
  /** The own address `ip`, whatever link it is on. */
  ownedBy(ip: number): AddressSpec | undefined;
  onLink(link: number): readonly AddressSpec[];
}

export interface RouteSpec {
  readonly dest: number;
  /** Prefix length; 0 is the default route. */
  readonly bits: number;
  /** Next hop; undefined: the destination itself is on the link. */
  readonly via?: number | undefined;
  readonly link: number;
  /** Lower wins among routes of one prefix: 0 connected, 1–15 as in the original. Ties: the older route. */
  readonly metric: number;
  /** Own address to use; default: the link's address in the next hop's subnet, else its primary one. */
  readonly source?: number | undefined;
  /** Who made it, for people: 'connected lan', 'wan default', 'dhcp'. */
  readonly name: string;
  /** Not to be told by routing protocols. */
  readonly private?: boolean;
  /** Shown as this read-only entry of the static route table: 1 is WAN, 2 is CELLULAR. */
  readonly reserved?: 1 | 2;
}

export interface Routes {
  /** Ends with its Disposable. A route whose link is down stays in the list and is not used. */
  add(spec: RouteSpec): Disposable;
  /** Longest prefix, then lowest metric, then oldest, among routes whose link is up. */
  lookup(dst: number): RouteSpec | undefined;
  list(): readonly RouteSpec[];
}

export const AddressesToken = token<Addresses>('ip.addresses');
export const RoutesToken = token<Routes>('ip.routes');
/**
 * ICMP errors and resets to the sender of a packet: rate-limited, silent where RFC 1122 §3.2.2 forbids an answer. About a
 * closed port of the router itself (TCP reset; codes 2 and 3) silent also when the settings say so.
 */
export type Errors = PacketErrors;
export const ErrorsToken = PacketErrorsToken;

/** Somebody who has the router not answer requests for closed ports of its own, besides the settings of `ip`. */
export interface Silence {
  /** `p` asked for a port of the router on which nobody listens, or that is not for everybody; true: no reset, no ICMP error. */
  hides(p: Packet): boolean;
}
/** A contribution point. */
export const SilencesToken = token<readonly Silence[]>('ip.silences');

declare module '../../sdk/events.ts' {
  interface Events {
    'address/added': AddressSpec;
    'address/removed': AddressSpec;
    /** Somebody else on the link says that this address is theirs. */
    'address/conflict': { readonly link: number; readonly ip: number; readonly name: string; readonly mac: string };
  }
}
