import { token } from './token.ts';

/**
 * A host beside the router, or a way out of it, as the home page draws it. Its words may come from the network: they are shown
 * as text and nothing else.
 */
export interface NeighbourNode {
  readonly kind: 'host' | 'uplink';
  /** Stays while it is the same thing: a MAC address, the name of an uplink. */
  readonly id: string;
  readonly label: string;
  /** A second, smaller line: the address, the gateway. */
  readonly detail?: string;
  /** What else is known, for whoever points at it. */
  readonly about?: string;
  /** 'off': nothing was heard of it lately. */
  readonly state: 'ok' | 'warn' | 'bad' | 'off';
  /** Page of the console that tells more: 'network/lan'. */
  readonly page?: string;
  /** Name of the link that carries its traffic. Several nodes may share one. */
  readonly link?: string;
}

/** An interface and what is behind it. */
export interface NeighbourZone {
  /** Unique: 'LAN', 'WAN'. */
  readonly zone: string;
  /** 'outside': its nodes are ways to the internet. */
  readonly side: 'inside' | 'outside';
  /** A second, smaller line: the subnet. */
  readonly detail?: string;
  readonly page?: string;
  /** Names of the links whose counts together are its traffic: the ports of a switch, or the link itself. */
  readonly links: readonly string[];
  readonly nodes: readonly NeighbourNode[];
}

/** Asked once a second while somebody looks; throws never. */
export interface NeighbourSource { zones(): readonly NeighbourZone[] }

/** Who contributes here is in the picture of the network. */
export const NeighbourhoodToken = token<readonly NeighbourSource[]>('kernel.neighbourhood');

/** bit/s; `in` is what comes into the router. */
export interface Rates { readonly in: number; readonly out: number }

/** What the console's stream `neighbourhood` brings: the same with the traffic of the last second. */
export interface ShownNode extends NeighbourNode { readonly rates: Rates }
export interface ShownZone extends Omit<NeighbourZone, 'nodes'> { readonly rates: Rates; readonly nodes: readonly ShownNode[] }
