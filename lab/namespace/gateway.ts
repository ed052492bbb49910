import { createArena } from '../../kernel/links/arena.ts';
import { packetSocket, type PacketSocketOptions } from '../../kernel/links/packet-socket.ts';
import { Readiness } from '../../kernel/links/readiness.ts';
import { PacketPool } from '../../kernel/packet/pool.ts';
import { Batch, type Packet } from '../../sdk/packet.ts';
import { parseMac } from '../../sdk/wire/address.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import { finishChecksum, segment } from '../../sdk/wire/gso.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { CARD_NETWORK } from '../topology.ts';

/** A veth of its own between the carrier, in this process, and inet1. Nobody on it is asked for his address. */
export const CARRIER_LINK = 'radio';
const HERE = '02:1a:b0:00:0a:01';
const THERE = '02:1a:b0:00:0a:02';
/** inet1's next hop to all cards; it is nobody's address. */
const NEXT_HOP = '100.127.255.254';

/** In the router's namespace: only a packet socket looks at it there. */
export const carrierScript = (inet1Pid: number): string => `
ip link add name ${CARRIER_LINK} address ${HERE} type veth peer name radio0 address ${THERE} netns ${inet1Pid}
ip link set ${CARRIER_LINK} up
`;
/** In inet1. */
export const carrierRouteScript = `
ip link set radio0 up
ip neigh replace ${NEXT_HOP} lladdr ${HERE} dev radio0 nud permanent
ip route replace ${CARD_NETWORK} via ${NEXT_HOP} dev radio0 onlink
`;

/** Packets of cards into inet1's stack, and back. Keeps the process alive until closed. */
export class CarrierGateway {
  readonly #toCards: (packet: Uint8Array) => void;
  readonly #link;
  readonly #readiness = new Readiness();
  readonly #watch;
  readonly #pool = new PacketPool(64, createArena(64));
  readonly #in = new Batch();
  readonly #out = new Batch();
  readonly #frame = new Uint8Array(ethernet.HEADER + 0xffff);

  constructor(options: PacketSocketOptions, toCards: (packet: Uint8Array) => void) {
    this.#toCards = toCards;
    this.#link = packetSocket(options)({ wake: () => {}, changed: () => {} });
    ethernet.write(this.#frame, 0, parseMac(THERE)!, parseMac(HERE)!, ethernet.TYPE_IPV4);
    this.#watch = this.#readiness.watch(this.#link.fd);
    this.#readiness.onReady = () => this.#pump();
    this.#readiness.arm();
  }

  fromCards(packet: Uint8Array): void {
    const p = this.#pool.take();
    if (p === undefined) return;
    this.#frame.set(packet, ethernet.HEADER);
    p.fill(this.#frame.subarray(0, ethernet.HEADER + packet.length));
    this.#out.push(p);
    this.#link.tx(this.#out);
    this.#out.clear();
    this.#pool.free(p);
  }

  close(): void {
    void this.#watch.dispose();
    this.#readiness.close();
    this.#link.close();
  }

  #pump(): void {
    for (let n = 1; n > 0;) {
      this.#in.clear();
      n = this.#link.rx(this.#in);
      for (let i = 0; i < n; i++) this.#take(this.#in.at(i));
    }
    this.#readiness.arm();
  }

  /** A frame of inet1's stack, which leaves checksums and cutting to the device. */
  #take(p: Packet): void {
    if (p.len <= ethernet.HEADER || ethernet.etherType(p.buf, p.off) !== ethernet.TYPE_IPV4) return;
    const at = p.off + ethernet.HEADER;
    if (!ipv4.fits(p.buf, at, p.off + p.len)) return;
    p.l3 = at;
    p.l4 = at + ipv4.headerLen(p.buf, at);
    if (p.gsoType === 0) {
      finishChecksum(p);
      this.#toCards(p.buf.slice(at, at + ipv4.totalLen(p.buf, at)));
      return;
    }
    segment(p, () => this.#pool.take(), piece => {
      this.#toCards(piece.buf.slice(piece.l3, piece.off + piece.len));
      this.#pool.free(piece);
    });
  }
}
