import type { Batch } from './packet.ts';

export type LinkKind = 'memory' | 'packet' | 'tun' | 'tap' | 'pcap' | 'bridge' | 'virtual';

export interface LinkStats {
  rxPackets: number; rxBytes: number; rxDropped: number;
  txPackets: number; txBytes: number; txDropped: number; txErrors: number;
}

/** A way in and out: a wire, a tunnel, a file. Links are non-blocking; a full one drops and counts. */
export interface Link {
  readonly name: string;
  readonly kind: LinkKind;
  /** 'ether': packets carry Ethernet headers; 'ip': off === l3. */
  readonly framing: 'ether' | 'ip';
  /** 6 octets; zeros for 'ip'. */
  readonly mac: Uint8Array;
  readonly mtu: number;
  readonly up: boolean;
  readonly stats: LinkStats;
  /** What the peer behind this link can take: finished checksums only, or partial ones and super-frames. */
  readonly offload: { readonly csum: boolean; readonly gso: boolean };
  /** File descriptor to poll for reading, or -1 (then the link calls LinkHost.wake by itself). */
  readonly fd: number;
  /** Appends received packets until the batch is full or nothing waits; says how many. Packets are borrowed until the next rx. */
  rx(into: Batch): number;
  /** Sends everything now; afterwards the packets are the caller's again. What cannot be sent is counted in stats. */
  tx(batch: Batch): void;
  close(): void;
}

/** What the registry gives a link when it is opened. */
export interface LinkHost {
  /** Packets wait (memory links), or the state below changed. */
  wake(): void;
  /** Carrier, MTU or death; the registry turns it into events `link/up`, `link/down`, `link/mtu`. */
  changed(why: string): void;
}

/** A link as the rest of the router sees it: its number stays the same for a name, through re-opening and reload. */
export interface LinkInfo {
  readonly id: number;
  readonly name: string;
  readonly kind: LinkKind;
  readonly framing: 'ether' | 'ip';
  readonly mac: Uint8Array;
  readonly mtu: number;
  readonly up: boolean;
  readonly stats: LinkStats;
  /** Why it is down, in words. */
  readonly why: string;
}

export interface Links {
  list(): readonly LinkInfo[];
  byName(name: string): LinkInfo | undefined;
  byId(id: number): LinkInfo | undefined;
}
