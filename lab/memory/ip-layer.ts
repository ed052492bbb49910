import type { Clock } from '../../sdk/index.ts';
import * as address from '../../sdk/wire/address.ts';
import * as arp from '../../sdk/wire/arp.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import { fragments } from '../../sdk/wire/fragment.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { ArpTable } from './arp-table.ts';
import { Reassembly } from './reassembly.ts';

/** A datagram that came to this host; `packet` is all of it from its IP header on, `at` where its payload begins. */
export interface Received { readonly src: number; readonly dst: number; readonly ttl: number; readonly packet: Uint8Array; readonly at: number; readonly end: number }

export interface Sending {
  readonly dst: number;
  readonly proto: number;
  readonly payload: Uint8Array;
  /** Default: own address on the way out. */
  readonly src?: number | undefined;
  readonly ttl?: number | undefined;
  readonly df?: boolean | undefined;
}

/** A way beside the wire: packets to its network go there whole, without Ethernet. */
export interface Tunnel { readonly network: address.Prefix; send(packet: Uint8Array): void }

/** Ethernet, ARP and IPv4 of a host with one card, and perhaps tunnels. */
export class IpLayer {
  readonly mac: Uint8Array;
  mtu = 1500;
  /** On the wire; undefined before DHCP. */
  own: address.Prefix | undefined = undefined;
  gateway: number | undefined = undefined;
  /** Addresses on the loopback. */
  readonly also: number[] = [];
  readonly tunnels: Tunnel[] = [];
  readonly arp: ArpTable;
  /** By protocol number. */
  readonly handlers = new Map<number, (r: Received) => void>();
  /** No handler for this protocol. */
  onUnknown: (r: Received) => void = () => {};
  /** A packet of ours could not be delivered: no route, nobody has the address, too long. */
  onFailure: (packet: Uint8Array, why: 'net' | 'host' | 'size') => void = () => {};
  readonly #transmit: (frame: Uint8Array) => void;
  readonly #clock: Clock;
  readonly #reassembly: Reassembly;
  #id = 1;

  constructor(clock: Clock, mac: Uint8Array, transmit: (frame: Uint8Array) => void) {
    this.mac = mac;
    this.#clock = clock;
    this.#transmit = transmit;
    this.#reassembly = new Reassembly(clock);
    this.arp = new ArpTable(clock, ip => this.#sendArp(arp.OP_REQUEST, ethernet.BROADCAST, ethernet.ZERO, ip));
  }

  isOwn(ip: number): boolean { return this.own?.address === ip || this.also.includes(ip); }

  receive(frame: Uint8Array): void {
    if (!ethernet.fits(frame, 0, frame.length)) return;
    if (!ethernet.sameMac(frame, 0, this.mac) && !ethernet.toGroup(frame, 0)) return;
    const type = ethernet.etherType(frame, 0);
    if (type === ethernet.TYPE_ARP && arp.fits(frame, ethernet.HEADER, frame.length)) this.#takeArp(frame);
    else if (type === ethernet.TYPE_IPV4) this.receivePacket(frame.subarray(ethernet.HEADER));
  }

  /** False: there is no way there now (onFailure has been told). */
  send(s: Sending): boolean {
    const src = s.src ?? this.#sourceFor(s.dst);
    const packet = new Uint8Array(ipv4.HEADER + s.payload.length);
    ipv4.write(packet, 0, {
      src, dst: s.dst, proto: s.proto, totalLen: packet.length, ttl: s.ttl ?? 64, df: s.df === true, id: s.df === true ? 0 : this.#nextId(),
    });
    packet.set(s.payload, ipv4.HEADER);
    if (this.isOwn(s.dst)) {
      this.#clock.after(0, () => this.receivePacket(packet));
      return true;
    }
    if (packet.length > this.mtu && s.df === true) { this.onFailure(packet, 'size'); return false; }
    const tunnel = this.tunnels.find(t => address.contains(t.network, s.dst));
    if (tunnel) {
      for (const piece of this.#pieces(packet)) tunnel.send(piece);
      return true;
    }
    const hop = this.#nextHop(s.dst);
    if (hop === undefined) { this.onFailure(packet, 'net'); return false; }
    if (hop === address.BROADCAST) this.#sendIp(ethernet.BROADCAST, packet);
    else {
      this.arp.resolve(hop, mac => {
        if (mac) this.#sendIp(mac, packet);
        else this.onFailure(packet, 'host');
      });
    }
    return true;
  }

  /** Tells the wire who has our address (RFC 5227 §3). */
  announce(): void {
    if (this.own) this.#sendArp(arp.OP_REQUEST, ethernet.BROADCAST, ethernet.ZERO, this.own.address);
  }

  #nextId(): number {
    this.#id = (this.#id % 0xffff) + 1;
    return this.#id;
  }

  #sourceFor(dst: number): number {
    return this.isOwn(dst) ? dst : this.own?.address ?? address.ANY;
  }

  #nextHop(dst: number): number | undefined {
    if (dst === address.BROADCAST) return address.BROADCAST;
    if (!this.own) return undefined;
    if (!address.contains(this.own, dst)) return this.gateway;
    return dst === address.broadcastOf(this.own.address, this.own.bits) ? address.BROADCAST : dst;
  }

  #pieces(packet: Uint8Array): readonly Uint8Array[] { return packet.length <= this.mtu ? [packet] : fragments(packet, this.mtu); }

  #sendIp(mac: Uint8Array, packet: Uint8Array): void {
    for (const piece of this.#pieces(packet)) {
      const frame = new Uint8Array(Math.max(ethernet.MIN_FRAME, ethernet.HEADER + piece.length));
      ethernet.write(frame, 0, mac, this.mac, ethernet.TYPE_IPV4);
      frame.set(piece, ethernet.HEADER);
      this.#transmit(frame);
    }
  }

  #sendArp(op: number, to: Uint8Array, tha: Uint8Array, tpa: number): void {
    const frame = new Uint8Array(ethernet.MIN_FRAME);
    ethernet.write(frame, 0, to, this.mac, ethernet.TYPE_ARP);
    arp.write(frame, ethernet.HEADER, { op, sha: this.mac, spa: this.own?.address ?? 0, tha, tpa });
    this.#transmit(frame);
  }

  #takeArp(frame: Uint8Array): void {
    const at = ethernet.HEADER;
    const spa = arp.spa(frame, at);
    const sha = arp.sha(frame, at);
    const forUs = this.isOwn(arp.tpa(frame, at));
    if (spa !== 0 && !this.isOwn(spa)) this.arp.learn(spa, sha, forUs);
    if (!forUs || arp.op(frame, at) !== arp.OP_REQUEST) return;
    // The address that was asked for, which may be one of the loopback's.
    const reply = new Uint8Array(ethernet.MIN_FRAME);
    ethernet.write(reply, 0, sha, this.mac, ethernet.TYPE_ARP);
    arp.write(reply, at, { op: arp.OP_REPLY, sha: this.mac, spa: arp.tpa(frame, at), tha: sha, tpa: spa });
    this.#transmit(reply);
  }

  /** A packet, by the wire or by a tunnel. */
  receivePacket(bytes: Uint8Array): void {
    if (!ipv4.fits(bytes, 0, bytes.length) || !ipv4.checksumOk(bytes, 0)) return;
    const dst = ipv4.dst(bytes, 0);
    const broadcast = dst === address.BROADCAST || (this.own !== undefined && dst === address.broadcastOf(this.own.address, this.own.bits));
    // Before it has an address a host takes what the DHCP server sends to the one it is about to give (RFC 2131 §4.1).
    if (!broadcast && !this.isOwn(dst) && this.own) return;
    const packet = this.#reassembly.take(bytes);
    if (!packet) return;
    const r: Received = {
      src: ipv4.src(packet, 0), dst, ttl: ipv4.ttl(packet, 0), packet, at: ipv4.headerLen(packet, 0), end: ipv4.totalLen(packet, 0),
    };
    const handler = this.handlers.get(ipv4.protocol(packet, 0));
    if (handler) handler(r);
    else if (!broadcast) this.onUnknown(r);
  }
}
