import type { Batch, Link, LinkHost, LinkStats, Packet } from '../../sdk/index.ts';

/** What a bridge's link needs from the switch behind it. */
export interface BridgeLinkWires {
  readonly name: string;
  /** 6 octets. */
  readonly mac: Uint8Array;
  /** The smallest MTU of the ports that are up (octets). */
  mtu(): number;
  /** Any port is up. */
  up(): boolean;
  /** Sends a copy out of the right port or ports; false when no buffer was left. */
  send(p: Packet): boolean;
}

/**
 * The router's own end of a bridge. Frames reach it through the ingress stage, never through rx; what is sent here goes out
 * of the port where the station is. Packets to resolved neighbours do not come by: the executor sends those to the
 * neighbour's port itself.
 */
export class BridgeLink implements Link {
  readonly kind = 'bridge';
  readonly framing = 'ether';
  readonly fd = -1;
  /** The ports finish checksums and cut segments where their own wires need it. */
  readonly offload = { csum: true, gso: true };
  readonly stats: LinkStats = { rxPackets: 0, rxBytes: 0, rxDropped: 0, txPackets: 0, txBytes: 0, txDropped: 0, txErrors: 0 };
  readonly name: string;
  readonly #wires: BridgeLinkWires;
  readonly #host: LinkHost;
  #closed = false;
  /** As the ports were when they last changed: both are asked for with every new flow. */
  #mtu: number;
  #up: boolean;

  constructor(host: LinkHost, wires: BridgeLinkWires) {
    this.#host = host;
    this.#wires = wires;
    this.name = wires.name;
    this.#mtu = wires.mtu();
    this.#up = wires.up();
  }

  get mac(): Uint8Array { return this.#wires.mac; }
  get mtu(): number { return this.#mtu; }
  get up(): boolean { return this.#up; }

  /** A port came, went, or has another MTU. */
  portsChanged(why: string): void {
    if (this.#closed) return;
    this.#mtu = this.#wires.mtu();
    this.#up = this.#wires.up();
    this.#host.changed(why);
  }

  rx(): number { return 0; }

  tx(batch: Batch): void {
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      if (!this.#closed && this.#wires.send(p)) {
        this.stats.txPackets++;
        this.stats.txBytes += p.len;
      } else {
        this.stats.txDropped++;
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#up = false;
  }
}
