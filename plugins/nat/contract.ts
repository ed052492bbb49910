import { type Disposable, token } from '../../sdk/index.ts';

/** A port of an uplink that leads to a host inside, made while running (UPnP, NAT-PMP, PCP); settings make the lasting ones. Addresses as in FlowKey. */
export interface PortMapping {
  /** Name of the uplink: 'wan'. */
  readonly uplink: string;
  /** 6 or 17. */
  readonly proto: number;
  readonly extPort: number;
  readonly intIp: number;
  readonly intPort: number;
  /** 0: whoever sends. */
  readonly remote: number;
  /** For lists: 'upnp: game'. A stranger's text. */
  readonly why: string;
  /** False: what comes in by it needs a rule of the firewall; default: it passes. */
  readonly pinhole?: boolean;
}

/** A mapping that is in force. `dispose` ends it and cuts its flows. */
export interface MappingHandle extends Disposable {
  /** Ends it and leaves its flows, until they are decided again: for whoever makes the same mapping at once, as after a reload. */
  release(): void;
}

export interface PortMappings {
  /** Why `extPort` of this uplink cannot be mapped ('port 80 is forwarded by rule 3', 'port 5000 is in use'), or undefined. */
  refuses(uplink: string, proto: number, extPort: number): string | undefined;
  /** A port that can be had: the wanted one where that is possible, else another of the same parity; 0: none. */
  suggest(uplink: string, proto: number, wanted: number): number;
  /** The outside port that flows of this inside endpoint have, by a mapping or since they began; 0: none. O(1). */
  outside(uplink: string, proto: number, intIp: number, intPort: number): number;
  /** Throws an Error with the reason when refused. Flows through it are cut when it is disposed. */
  add(mapping: PortMapping): MappingHandle;
  list(): readonly PortMapping[];
}
export const PortMappingsToken = token<PortMappings>('nat.port-mappings');
