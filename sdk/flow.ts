import type { Counter, Packet } from './packet.ts';
import type { Disposable } from './scope.ts';

/** Addresses are IPv4 as unsigned 32-bit numbers in host order; ports 0–65535. ICMP echo: sport = identifier, dport = 0. */
export interface FlowKey {
  readonly src: number;
  readonly dst: number;
  readonly sport: number;
  readonly dport: number;
  readonly proto: number;
}

/**
 * The first packet of a flow as the deciders see it. The object is reused: read it, keep nothing of it.
 * `src`… are the packet's own; `toDst`/`toDport` are what dnat made of the destination (equal when it did nothing).
 */
export interface NewFlow extends FlowKey {
  readonly packet: Packet;
  readonly inLink: number;
  /** Made by the router itself. */
  readonly local: boolean;
  readonly toDst: number;
  readonly toDport: number;
  /** The route so far (after slot `route`): link id, next hop, own address on that link; outLink -1 before. */
  readonly outLink: number;
  readonly nextHop: number;
  readonly outAddress: number;
  /** The destination is one of the router's own addresses. */
  readonly toSelf: boolean;
  /** ICMP: type << 8 | code of the message that began the flow; the packet may be a later one of it, or its answer. Otherwise 0. */
  readonly asked: number;
  /** When an epoch change has this flow decided again: what was decided before; keep it where it is still allowed. */
  readonly previous: { readonly snatSrc: number; readonly snatSport: number; readonly toDst: number; readonly toDport: number; readonly outLink: number } | undefined;
  /** When a route is asked for the way back of a flow: the link its first packet came by. Else undefined. */
  readonly cameBy?: number | undefined;
  readonly now: number;
}

export interface Drop { readonly drop: Counter; /** Answer the sender: TCP RST, or ICMP unreachable with this code. */ readonly reject?: number }
export type DnatDecision = { readonly dst: number; readonly dport: number } | Drop | undefined;
export type RouteDecision =
  | { readonly self: true; readonly source: number }
  | { readonly link: number; /** next hop; the destination itself when on-link */ readonly via: number; /** own address there */ readonly source: number }
  | Drop | undefined;
export type PolicyDecision = { readonly accept: true } | Drop | undefined;
export type SnatDecision = { readonly src: number; readonly sport: number } | Drop | undefined;
/** Ask for every packet of the flow in the forward stages (an ALG); `why` is shown in flow lists. */
export type InspectDecision = { readonly inspect: string } | undefined;

interface DeciderBase {
  /** 'nat.snat': shown in traces and lists. */
  readonly name: string;
  /** Lower runs first within the slot; default 100. The first decision that is not undefined is taken. */
  readonly order?: number;
  /** A flow this decider decided is over (expired, cut, or decided otherwise). */
  ended?(flow: FlowView): void;
  /** One line for `trace`: why this was decided. */
  explain?(flow: NewFlow): string;
}
export type DeciderSpec =
  | (DeciderBase & { readonly slot: 'dnat'; decide(flow: NewFlow): DnatDecision })
  | (DeciderBase & { readonly slot: 'route'; decide(flow: NewFlow): RouteDecision })
  | (DeciderBase & { readonly slot: 'policy'; decide(flow: NewFlow): PolicyDecision })
  | (DeciderBase & { readonly slot: 'snat'; decide(flow: NewFlow): SnatDecision })
  | (DeciderBase & { readonly slot: 'inspect'; decide(flow: NewFlow): InspectDecision });
export type DecisionSlot = DeciderSpec['slot'];
export const decisionSlots = ['dnat', 'route', 'policy', 'snat', 'inspect'] as const;

/** TCP states as in nf_conntrack; for other protocols 'new' until a reply was seen, then 'assured'. */
export type FlowState = 'new' | 'syn-sent' | 'syn-recv' | 'established' | 'fin-wait' | 'close-wait' | 'last-ack' | 'time-wait' | 'close' | 'assured';

/**
 * A flow as lists, NAT and tests see it: a snapshot, plain data. `original` is the key of the first packet; `reply` the key
 * of what comes back, so reply.dst/dport is what SNAT made of the source and reply.src/sport what DNAT made of the destination.
 */
export interface FlowView {
  readonly id: number;
  readonly original: FlowKey;
  readonly reply: FlowKey;
  /** As in `NewFlow`. */
  readonly asked: number;
  readonly state: FlowState;
  readonly inLink: number;
  readonly outLink: number;
  readonly local: boolean;
  readonly createdMs: number;
  readonly expiresInMs: number;
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly inspect: string;
}

/**
 * What a plugin wants to know of the lives of flows. Called on the slow path only, with numbers, so that a million flows cost
 * nothing; what throws is fenced and counted against the plugin.
 */
export interface FlowWatcher {
  /** A flow was made; it is half open. `flow` is reused: read it, keep nothing of it. */
  begun?(id: number, flow: NewFlow): void;
  /** No longer half open: TCP's handshake is complete, or the other side has answered for the first time. */
  confirmed?(id: number): void;
  /** About to go; `Flows.view(id)` still answers. `why`: 'expired', 'reset', 'closed', or the reason given to `cut`. */
  ended?(id: number, why: string): void;
}

/** Seconds without a packet after which a flow ends. */
export interface FlowTimeouts {
  readonly tcpSyn: number; readonly tcpEstablished: number; readonly tcpClosing: number; readonly tcpTimeWait: number; readonly tcpReset: number;
  readonly udp: number; readonly udpAssured: number; readonly icmp: number; readonly other: number; readonly otherAssured: number;
}

/** How strictly TCP is followed. One plugin (the firewall) sets it; without it: window false, nobody picked up, nobody half seen. */
export interface TcpTracking {
  /** Segments outside of the window are dropped and counted (as nf_conntrack's window tracking). */
  readonly window: boolean;
  /** A segment without SYN that belongs to no flow: true makes a flow of it. */
  pickup(flow: NewFlow): boolean;
  /** Of this flow only one direction is seen (triangle route): it is followed by its timeouts alone. */
  asymmetric(flow: NewFlow): boolean;
}

export interface Flows {
  readonly size: number;
  readonly max: number;
  /** Flows that wait for an answer: TCP handshakes, and other protocols of which only one direction was seen. */
  readonly halfOpen: number;
  /** Half-open TCP flows to this destination (after DNAT). */
  halfOpenTo(toDst: number): number;
  view(id: number): FlowView | undefined;
  watch(watcher: FlowWatcher): Disposable;
  /** Ends the oldest half-open flow, or the oldest half-open TCP flow to this destination (after DNAT). False: there is none. */
  cutOldestHalfOpen(why: string, toDst?: number): boolean;
  /** The values in force. */
  readonly timeouts: FlowTimeouts;
  /** Changes some; disposing brings the former ones back. Flows keep theirs until their next packet. */
  setTimeouts(change: Partial<FlowTimeouts>): Disposable;
  trackTcp(how: TcpTracking): Disposable;
  /** Whether this key (as a packet would carry it) belongs to a flow already; used to choose a free port. */
  taken(src: number, sport: number, dst: number, dport: number, proto: number): boolean;
  list(filter?: (f: FlowView) => boolean, most?: number): FlowView[];
  /** Ends a flow; its packets are new again. */
  cut(id: number, why: string): void;
  /** Ends all that match; says how many. */
  cutWhere(filter: (f: FlowView) => boolean, why: string): number;
  /** Rules, routes or links changed: every flow is decided again on its next packet, keeping its NAT binding where allowed. */
  bumpEpoch(why: string): void;
}

/** Next hops, kernel-owned so that flows survive a reload of the plugin that resolves them. */
export interface Neighbours {
  /** The index for (link, address); made unresolved when new. -1: the table is full. */
  index(link: number, ip: number): number;
  lookup(link: number, ip: number): NeighbourView | undefined;
  /** Confirms an entry. `port`: the wire to use when link is a bridge; default the link itself. */
  set(link: number, ip: number, mac: Uint8Array, opts?: { readonly permanent?: boolean; readonly port?: number }): void;
  /** Unresolved again; packets wait (at most a few) and the resolver is asked. */
  invalidate(link: number, ip: number): void;
  remove(link: number, ip: number): void;
  list(): readonly NeighbourView[];
  /** One resolver (the plugin `ip`): told when a packet needs an entry that has no address, at most once a second each. */
  resolver(ask: (link: number, ip: number) => void): Disposable;
}
export interface NeighbourView {
  readonly link: number; readonly ip: number; readonly mac: string | undefined; readonly permanent: boolean;
  /** The wire frames are sent on: the link itself, or a bridge's port. */
  readonly port: number;
  /** ms since the entry was confirmed, and since a packet used it. */
  readonly ageMs: number; readonly idleMs: number;
}
