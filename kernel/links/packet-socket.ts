import type { LinkHost, LinkStats } from '../../sdk/link.ts';
import { type Batch, BATCH, HEADROOM, MAX_PACKET, type Packet } from '../../sdk/packet.ts';
import { type Arena, STRIDE } from '../packet/pool.ts';
import { createArena, receiveRing } from './arena.ts';
import { EAGAIN, ENOBUFS, type Libc, libc } from './ffi.ts';
import { joinSegments } from './join-segments.ts';
import { MessageVector } from './message-vector.ts';
import { type NetDevice, tellsOfDevice } from './net-device.ts';
import { openPacketSocket, type PacketSocketOptions, SOL_PACKET } from './packet-open.ts';
import type { DeviceLink } from './registry.ts';
import { emptyStats } from './stats.ts';
import { readVnetHeader, VNET_HEADER, writeVnetHeader } from './vnet-header.ts';

export type { PacketSocketOptions } from './packet-open.ts';

/** packet(7), linux/if_packet.h. */
const PACKET_STATISTICS = 6;
const MSG_DONTWAIT = 0x40;
/** cmsghdr (16) and struct tpacket_auxdata (20), padded to 8. */
const AUXDATA = 40;
const TP_STATUS_VLAN_VALID = 0x10;
const TP_STATUS_VLAN_TPID_VALID = 0x40;
/** One octet more than the largest packet: a message that fills it was cut off. */
const CAPACITY = VNET_HEADER + MAX_PACKET + 1;

/** An opener for the registry: a packet socket on an Ethernet interface. Opening throws with the reason in words. */
export const packetSocket = (opts: PacketSocketOptions) => (host: LinkHost): PacketSocketLink => new PacketSocketLink(opts, host);

/**
 * AF_PACKET with virtio-net headers: partial checksums and 64 KiB super-frames come in and go out as they are. Frames are received
 * into the link's own ring and may be sent from there by any link, header and all, without a copy in this process.
 */
class PacketSocketLink implements DeviceLink {
  readonly kind = 'packet';
  readonly framing = 'ether';
  /** The kernel finishes checksums and cuts super-frames for a device that cannot. */
  readonly offload = { csum: true, gso: true };
  readonly name: string;
  readonly mac: Uint8Array;
  readonly fd: number;
  readonly stats: LinkStats = emptyStats();
  /** Whether the host's own IP is kept away; false as well where that is not permitted. */
  readonly hushed: boolean;
  mtu = 0;
  up = false;
  dead = false;
  readonly #c: Libc = libc();
  readonly #host: LinkHost;
  readonly #device: NetDevice;
  readonly #index: number;
  readonly #hushFd: number;
  readonly #groSet: boolean;
  readonly #arena: Arena = createArena(BATCH);
  readonly #ring = receiveRing(this.#arena, BATCH);
  readonly #in = new MessageVector(BATCH, AUXDATA);
  readonly #out = new MessageVector(BATCH);
  /** Which packet each message to send begins with. */
  readonly #firsts = new Int32Array(BATCH + 1);
  /** Where packets without a native address are copied for sending. */
  #bounce: Arena | undefined;
  #closed = false;

  constructor(opts: PacketSocketOptions, host: LinkHost) {
    this.#host = host;
    this.name = opts.name ?? opts.device;
    const opened = openPacketSocket(opts);
    this.fd = opened.fd;
    this.mac = opened.mac;
    this.#device = opened.device;
    this.#index = opened.index;
    this.#hushFd = opened.hushFd;
    this.hushed = opened.hushFd >= 0;
    this.#groSet = opened.groSet;
    this.#ring.forEach((p, i) => { this.#in.set(i, p.address + p.base + HEADROOM - VNET_HEADER, CAPACITY); });
    this.#look();
  }

  rx(into: Batch): number {
    const room = BATCH - into.n;
    if (room === 0 || this.#closed) return 0;
    const n = this.#c.recvmmsg(this.fd, this.#in.address, room, MSG_DONTWAIT, 0);
    if (n <= 0) {
      if (n < 0) this.#failed(this.#c.errno());
      return 0;
    }
    let good = 0;
    for (let i = 0; i < n; i++) {
      const length = this.#in.received(i);
      const p = this.#ring[i] as Packet;
      if (length <= VNET_HEADER || length === CAPACITY) { this.stats.rxDropped++; continue; }
      p.clearMeta();
      p.off = p.base + HEADROOM;
      p.len = length - VNET_HEADER;
      readVnetHeader(p, p.off - VNET_HEADER);
      if (this.#in.controlReceived(i) === AUXDATA) {
        const status = this.#in.controlWord(i, 4);
        if ((status & TP_STATUS_VLAN_VALID) !== 0 && !retag(p, status, this.#in.controlWord(i, 8))) { this.stats.rxDropped++; continue; }
      }
      this.stats.rxBytes += p.len;
      into.push(p);
      good++;
    }
    this.stats.rxPackets += good;
    return good;
  }

  tx(batch: Batch): void {
    const n = batch.n;
    if (this.#closed) { this.stats.txDropped += n; return; }
    let messages = 0;
    for (let i = 0; i < n;) {
      const p = batch.at(i);
      const at = p.off - VNET_HEADER;
      const first = i;
      if (p.address === 0 || at < p.base) { this.#setBounced(i, p); i++; }
      else {
        const length = p.len;
        const run = joinSegments(batch, i, this.#out);
        writeVnetHeader(p.buf, at, p);
        this.#out.piece(i, p.address + at, length + VNET_HEADER);
        i += run;
      }
      this.#out.gather(messages, first, i - first);
      this.#firsts[messages++] = first;
    }
    this.#firsts[messages] = n;
    for (let m = 0; m < messages;) {
      const sent = this.#c.sendmmsg(this.fd, this.#out.from(m), messages - m, MSG_DONTWAIT);
      if (sent > 0) {
        for (let k = this.#firsts[m]!; k < this.#firsts[m + sent]!; k++) this.stats.txBytes += batch.at(k).len;
        this.stats.txPackets += this.#firsts[m + sent]! - this.#firsts[m]!;
        m += sent;
        continue;
      }
      const errno = this.#c.errno();
      // The call tells of the first message only; what it says of that one may not hold for the next.
      const lost = this.#firsts[m + 1]! - this.#firsts[m]!;
      if (errno === ENOBUFS) { this.stats.txDropped += lost; m++; continue; }
      if (errno === EAGAIN || tellsOfDevice(errno)) {
        this.stats.txDropped += n - this.#firsts[m]!;
        this.#failed(errno);
        return;
      }
      this.stats.txErrors += lost;
      m++;
    }
  }

  /** Looks at the device: gone, carrier, MTU; collects what the socket's own queue dropped. */
  probe(): void {
    if (this.#closed || this.dead) return;
    this.#collectDrops();
    this.#look();
  }

  close(): void {
    if (this.#closed) return;
    this.#collectDrops();
    this.#closed = true;
    this.up = false;
    if (this.#groSet) this.#device.setJoinsReceived(false);
    if (this.#hushFd >= 0) this.#c.close(this.#hushFd);
    this.#c.close(this.fd);
  }

  #setBounced(i: number, p: Packet): void {
    const arena = this.#bounce ??= createArena(BATCH);
    const at = i * STRIDE;
    writeVnetHeader(arena.buf, at, p);
    arena.buf.set(p.buf.subarray(p.off, p.off + p.len), at + VNET_HEADER);
    this.#out.set(i, arena.address + at, p.len + VNET_HEADER);
  }

  /** A failed call: nothing for an empty queue, else a look at the device. */
  #failed(errno: number): void {
    if (tellsOfDevice(errno)) this.#look();
  }

  #look(): void {
    const index = this.#device.index();
    const state = index === this.#index ? this.#device.state() : 'gone';
    const mtu = this.#device.mtu();
    const up = state === 'up';
    const dead = state === 'gone';
    if (up === this.up && dead === this.dead && (dead || mtu === this.mtu)) return;
    this.up = up;
    this.dead = dead;
    if (!dead) this.mtu = mtu;
    this.#host.changed(dead ? `${this.#device.name} is gone` : state);
  }

  #collectDrops(): void {
    const counts = new Uint32Array(2);
    const bytes = new Uint8Array(counts.buffer);
    if (this.#c.getsockopt(this.fd, SOL_PACKET, PACKET_STATISTICS, bytes, Uint8Array.of(8, 0, 0, 0)) === 0) this.stats.rxDropped += counts[1] as number;
  }
}

/**
 * Puts a VLAN tag back that the kernel took out before the socket saw the frame. `tci` is tp_vlan_tci in the lower and tp_vlan_tpid
 * in the upper half. False for a frame too short to have had one.
 */
function retag(p: Packet, status: number, tci: number): boolean {
  if (p.len < 14) return false;
  const { buf } = p;
  buf.copyWithin(p.off - 4, p.off, p.off + 12);
  p.off -= 4;
  p.len += 4;
  const tpid = (status & TP_STATUS_VLAN_TPID_VALID) !== 0 ? tci >>> 16 : 0x8100;
  buf[p.off + 12] = tpid >> 8;
  buf[p.off + 13] = tpid;
  buf[p.off + 14] = tci >> 8;
  buf[p.off + 15] = tci;
  if (p.needsCsum) p.csumStart += 4;
  if (p.hdrLen > 0) p.hdrLen += 4;
  return true;
}
