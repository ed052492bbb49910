import type { Tick } from '../../sdk/index.ts';

/** What the ARP machine is told. */
export type In =
  | { readonly kind: 'arp'; readonly link: number; /** the wire it came on */ readonly port: number; readonly op: number; readonly sha: Uint8Array; readonly spa: number; readonly tpa: number }
  /** A packet waits for this next hop. */
  | { readonly kind: 'need'; readonly link: number; readonly ip: number }
  /** Asks even when the answer is known (`ip arp resolve`). */
  | { readonly kind: 'resolve'; readonly link: number; readonly ip: number }
  | { readonly kind: 'permanent'; readonly link: number; readonly ip: number; readonly mac: Uint8Array }
  | { readonly kind: 'forget'; readonly link: number; readonly ip: number }
  /** All but permanent entries. */
  | { readonly kind: 'flush'; readonly link?: number }
  /** An own address is new here: the neighbours are told (RFC 5227 §2.3). */
  | { readonly kind: 'announce'; readonly link: number; readonly ip: number }
  /** The link was away: what is in use is asked again, the rest forgotten. */
  | { readonly kind: 'recheck'; readonly link: number }
  | Tick;

/** Why an ARP packet led to nothing. */
export const reasons = ['arp: unasked', 'arp: not for us', 'arp: other network', 'arp: gratuitous ignored', 'arp: gratuitous kept', 'arp: storm', 'arp: bad sender', 'arp: own echo', 'arp: table full', 'arp: request limited'] as const;
export type Reason = (typeof reasons)[number];

export type Out =
  | { readonly kind: 'send'; readonly link: number; readonly op: number; readonly dstMac: Uint8Array; readonly spa: number; readonly tha: Uint8Array; readonly tpa: number }
  | { readonly kind: 'set'; readonly link: number; readonly ip: number; readonly mac: Uint8Array; readonly port: number; readonly permanent: boolean }
  /** Nobody answers; packets that wait will not be sent. */
  | { readonly kind: 'failed'; readonly link: number; readonly ip: number }
  | { readonly kind: 'remove'; readonly link: number; readonly ip: number }
  | { readonly kind: 'conflict'; readonly link: number; readonly ip: number; readonly mac: Uint8Array }
  | { readonly kind: 'count'; readonly why: Reason };

export interface Options {
  readonly ackGratuitous: { readonly active: boolean; readonly forceUpdate: boolean };
  /** Take ARP from senders outside the link's subnets. */
  readonly attpret: boolean;
  /** An entry is asked about again when it is this old and in use, forgotten when it is not in use. */
  readonly ageMs: number;
  readonly most: number;
}

/** What the machine has to know of its surroundings. */
export interface Surroundings {
  mac(link: number): Uint8Array | undefined;
  owns(link: number, ip: number): boolean;
  inSubnet(link: number, ip: number): boolean;
  /** What is sent to this address may leave by this link: a provider's gateway outside of the subnet, a network behind another router. */
  routed(link: number, ip: number): boolean;
  /** Own address to ask from; 0: none. */
  source(link: number, ip: number): number;
  /** ms since a packet used the entry. */
  idleMs(link: number, ip: number): number;
}

/** An entry as lists show it and a reload carries it; `mac` undefined while nobody has answered. */
export interface Known { readonly link: number; readonly ip: number; readonly mac: Uint8Array | undefined; readonly port: number; readonly permanent: boolean; readonly confirmed: number; readonly state: 'permanent' | 'known' | 'confirming' | 'asking' | 'failed' }
