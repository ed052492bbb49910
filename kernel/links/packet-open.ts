import { check, libc } from './ffi.ts';
import { hush } from './hush.ts';
import { NetDevice } from './net-device.ts';
import { inNamespace } from './network-namespace.ts';

export interface PacketSocketOptions {
  /** Interface name; must be Ethernet. */
  readonly device: string;
  /** Name of the link; default: the device's. */
  readonly name?: string;
  /** Network namespace the device is in, as a path; default: ours. */
  readonly netns?: string;
  /** Also receive frames for other MAC addresses; default false. */
  readonly promiscuous?: boolean;
  /** Keep the host's own IP from the device's frames while the link is open (kernel/links/hush.ts); default true. */
  readonly hush?: boolean;
  /**
   * Have the device join received TCP segments (GRO) while the link is open, where that is permitted: one super-frame costs hardly more than
   * one segment. Real cards do so by themselves, a veth only when asked. Default true.
   */
  readonly gro?: boolean;
  /**
   * Makes the packet socket (SOCK_RAW, protocol 0, non-blocking) in the device's namespace, for a process that may not go there
   * itself; instead of netns. Called at each opening. There is no hush then.
   */
  readonly socket?: () => number;
  /** Socket buffers, octets each way; default 8 MiB. */
  readonly buffer?: number;
}

/** packet(7), linux/if_packet.h, asm-generic/socket.h. */
const AF_PACKET = 17;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2_000_000;
const ETH_P_ALL = 0x0003;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
export const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_AUXDATA = 8;
const PACKET_VNET_HDR = 15;
const PACKET_IGNORE_OUTGOING = 23;
const PACKET_MR_PROMISC = 1;
const rawHint = { EPERM: 'needs root or CAP_NET_RAW' };

export interface OpenPacketSocket {
  readonly fd: number;
  readonly device: NetDevice;
  readonly index: number;
  readonly mac: Uint8Array;
  /** Holds the hush (hush.ts); -1: none. */
  readonly hushFd: number;
  /** The device did not join received segments before it was opened and does now. */
  readonly groSet: boolean;
}

/** A packet socket ready to receive, in the device's namespace; this thread is where it was afterwards. */
export function openPacketSocket(opts: PacketSocketOptions): OpenPacketSocket {
  return inNamespace(opts.socket ? undefined : opts.netns, () => {
    // Protocol 0 until bind: nothing arrives before the options are set.
    const fd = opts.socket?.() ?? check(libc().socket(AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, 0), 'packet socket', rawHint);
    try {
      const device = new NetDevice(fd, opts.device);
      const index = device.index();
      if (index === 0) throw new Error(`${opts.device}: no such interface`);
      const mac = device.mac();
      const size = opts.buffer ?? 8 << 20;
      if (!setInt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size)) setInt(fd, SOL_SOCKET, SO_RCVBUF, size);
      if (!setInt(fd, SOL_SOCKET, SO_SNDBUFFORCE, size)) setInt(fd, SOL_SOCKET, SO_SNDBUF, size);
      // Not PACKET_QDISC_BYPASS: it gains 3 % on a veth, but what the device cannot do itself (cutting a super-frame) is then not
      // done by the kernel either, and the frame is dropped.
      for (const option of [PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING, PACKET_AUXDATA]) {
        check(setInt(fd, SOL_PACKET, option, 1) ? 0 : -1, `${opts.device}: packet option ${option}`);
      }
      bindTo(fd, index, opts.device);
      if (opts.promiscuous) joinPromiscuous(fd, index);
      return { fd, device, index, mac, hushFd: opts.hush === false || opts.socket ? -1 : hush(index), groSet: opts.gro !== false && !device.joinsReceived() && device.setJoinsReceived(true) };
    } catch (error) {
      libc().close(fd);
      throw error;
    }
  });
}

function setInt(fd: number, level: number, name: number, value: number): boolean {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return libc().setsockopt(fd, level, name, bytes, 4) >= 0;
}

/** struct sockaddr_ll: family, protocol in network order, interface index. */
function bindTo(fd: number, index: number, device: string): void {
  const address = new Uint8Array(20);
  const v = new DataView(address.buffer);
  v.setUint16(0, AF_PACKET, true);
  v.setUint16(2, ETH_P_ALL);
  v.setInt32(4, index, true);
  check(libc().bind(fd, address, address.length), `bind to ${device}`);
}

/** struct packet_mreq: interface index, type. Ends with the socket. */
function joinPromiscuous(fd: number, index: number): void {
  const request = new Uint8Array(16);
  const v = new DataView(request.buffer);
  v.setInt32(0, index, true);
  v.setUint16(4, PACKET_MR_PROMISC, true);
  check(libc().setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request, request.length), 'promiscuous mode');
}
