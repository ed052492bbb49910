import type { LinkHost, LinkStats } from '../../sdk/link.ts';
import { type Batch, BATCH, HEADROOM, MAX_PACKET, type Packet } from '../../sdk/packet.ts';
import type { Arena } from '../packet/pool.ts';
import { createArena, receiveRing } from './arena.ts';
import { check, EAGAIN, EIO, ENOBUFS, ENOMEM, type Libc, libc } from './ffi.ts';
import { macFromName } from './mac.ts';
import { NetDevice } from './net-device.ts';
import { inNamespace } from './network-namespace.ts';
import type { DeviceLink } from './registry.ts';
import { emptyStats } from './stats.ts';
import { readVnetHeader, VNET_HEADER, writeVnetHeader } from './vnet-header.ts';

export interface TunOptions {
  /** 'tun': IP packets; 'tap': Ethernet frames. */
  readonly kind: 'tun' | 'tap';
  /** Interface name; made when there is none, and gone with the link then. */
  readonly device: string;
  /** Name of the link; default: the device's. */
  readonly name?: string;
  /** Network namespace for the device, as a path; default: ours. */
  readonly netns?: string;
  /** Set on the device; default: as it is (1500 when made). */
  readonly mtu?: number;
  /** The device is there and up already: its descriptor, and any socket of its namespace. Both are the link's from then on. */
  readonly opened?: () => { readonly fd: number; readonly control: number };
  /** Our end's address on a TAP; the host's end has its own. Default: made from the name. */
  readonly mac?: Uint8Array;
}

/** linux/if_tun.h. */
const TUNSETIFF = 0x4004_54ca;
const TUNSETOFFLOAD = 0x4004_54d0;
const IFF_TUN = 0x0001;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
/** What the host's end may give us unfinished: partial checksums, TCP segments with and without ECN, UDP segments (Linux 6.2). */
const TUN_F_CSUM_TSO = 0x01 | 0x02 | 0x04 | 0x08;
const TUN_F_USO = 0x20 | 0x40;
const O_RDWR_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2_000_000;
const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2_000_000;
const CAPACITY = VNET_HEADER + MAX_PACKET + 1;
/** File descriptor in bad state: node's list of errors lacks it. */
const EBADFD = 77;
const deviceHint = { EPERM: 'needs root or CAP_NET_ADMIN', EBUSY: 'another process holds it', EINVAL: 'exists and is of another kind' };

/** An opener for the registry: a TUN or TAP device, set up. Opening throws with the reason in words. */
export const tunDevice = (opts: TunOptions) => (host: LinkHost): TunLink => new TunLink(opts, host);

/** /dev/net/tun with virtio-net headers and all offloads: what the host's stack sends comes as it left TCP. One call per packet. */
export class TunLink implements DeviceLink {
  readonly offload = { csum: true, gso: true };
  readonly kind: 'tun' | 'tap';
  readonly framing: 'ether' | 'ip';
  readonly name: string;
  readonly mac: Uint8Array;
  readonly fd: number;
  readonly stats: LinkStats = emptyStats();
  mtu = 0;
  up = false;
  dead = false;
  readonly #c: Libc = libc();
  readonly #host: LinkHost;
  /** A plain socket in the device's namespace, for questions about it. */
  readonly #control: number;
  readonly #device: NetDevice;
  readonly #index: number;
  readonly #arena: Arena = createArena(BATCH);
  readonly #ring = receiveRing(this.#arena, BATCH);
  #bounce: Arena | undefined;
  #closed = false;

  constructor(opts: TunOptions, host: LinkHost) {
    this.#host = host;
    this.kind = opts.kind;
    this.framing = opts.kind === 'tun' ? 'ip' : 'ether';
    this.name = opts.name ?? opts.device;
    this.mac = opts.kind === 'tun' ? new Uint8Array(6) : opts.mac ?? macFromName(this.name);
    const c = this.#c;
    const opened = opts.opened === undefined ? inNamespace(opts.netns, () => {
      const held: number[] = [];
      const hold = (fd: number): number => { held.push(fd); return fd; };
      try {
        const fd = hold(openTunDevice(opts));
        const control = hold(check(c.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0), 'socket'));
        const device = new NetDevice(control, opts.device);
        if (opts.mtu !== undefined) device.setMtu(opts.mtu);
        device.setUp();
        return { fd, control, device, index: device.index() };
      } catch (error) {
        for (const fd of held) c.close(fd);
        throw error;
      }
    }) : adopted(opts.opened(), opts.device);
    this.fd = opened.fd;
    this.#control = opened.control;
    this.#device = opened.device;
    this.#index = opened.index;
    this.probe();
  }

  rx(into: Batch): number {
    if (this.#closed) return 0;
    let n = 0;
    while (!into.full) {
      const p = this.#ring[n] as Packet;
      const at = p.base + HEADROOM - VNET_HEADER;
      const length = this.#c.read(this.fd, p.address + at, CAPACITY);
      if (length < 0) {
        if (this.#c.errno() !== EAGAIN) this.probe();
        break;
      }
      if (length <= VNET_HEADER || length === CAPACITY) { this.stats.rxDropped++; continue; }
      p.clearMeta();
      p.off = at + VNET_HEADER;
      p.len = length - VNET_HEADER;
      readVnetHeader(p, at);
      this.stats.rxPackets++;
      this.stats.rxBytes += p.len;
      into.push(p);
      n++;
    }
    return n;
  }

  tx(batch: Batch): void {
    let refused = false;
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      if (this.#closed || refused) { this.stats.txDropped++; continue; }
      if (this.#c.write(this.fd, this.#prepare(p), p.len + VNET_HEADER) >= 0) {
        this.stats.txPackets++;
        this.stats.txBytes += p.len;
        continue;
      }
      const errno = this.#c.errno();
      if (errno === EAGAIN || errno === ENOBUFS || errno === ENOMEM) this.stats.txDropped++;
      else if (errno === EIO || errno === EBADFD) {
        // EIO: the device is down. EBADFD: it was deleted.
        this.stats.txDropped++;
        refused = true;
      } else this.stats.txErrors++;
    }
    if (refused) this.probe();
  }

  /** Looks at the device: gone, carrier, MTU. */
  probe(): void {
    if (this.#closed || this.dead) return;
    const state = this.#device.index() === this.#index ? this.#device.state() : 'gone';
    const mtu = this.#device.mtu();
    const up = state === 'up';
    const dead = state === 'gone';
    if (up === this.up && dead === this.dead && (dead || mtu === this.mtu)) return;
    this.up = up;
    this.dead = dead;
    if (!dead) this.mtu = mtu;
    this.#host.changed(dead ? `${this.#device.name} is gone` : state);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.up = false;
    this.#c.close(this.#control);
    this.#c.close(this.fd);
  }

  /** Writes the header in front of the packet, or copies both where they cannot be written from; says the native address. */
  #prepare(p: Packet): number {
    const at = p.off - VNET_HEADER;
    if (p.address !== 0 && at >= p.base) {
      writeVnetHeader(p.buf, at, p);
      return p.address + at;
    }
    const bounce = this.#bounce ??= createArena(1);
    writeVnetHeader(bounce.buf, 0, p);
    bounce.buf.set(p.buf.subarray(p.off, p.off + p.len), VNET_HEADER);
    return bounce.address;
  }
}

function adopted({ fd, control }: { readonly fd: number; readonly control: number }, name: string) {
  const device = new NetDevice(control, name);
  return { fd, control, device, index: device.index() };
}

/** The descriptor of a new or idle device in this thread's network namespace. Throws with the reason in words. */
export function openTunDevice(opts: Pick<TunOptions, 'kind' | 'device'>): number {
  const c = libc();
  const fd = check(c.open('/dev/net/tun', O_RDWR_NONBLOCK_CLOEXEC), '/dev/net/tun', { ENOENT: 'the kernel has no TUN', EACCES: 'not permitted' });
  try {
    attach(fd, opts);
    return fd;
  } catch (error) {
    c.close(fd);
    throw error;
  }
}

/** struct ifreq: name (16), flags (2). */
function attach(fd: number, { kind, device }: Pick<TunOptions, 'kind' | 'device'>): void {
  const c = libc();
  const request = new Uint8Array(40);
  request.set(new TextEncoder().encode(device));
  new DataView(request.buffer).setUint16(16, (kind === 'tun' ? IFF_TUN : IFF_TAP) | IFF_NO_PI | IFF_VNET_HDR, true);
  check(c.ioctl(fd, TUNSETIFF, request), `${kind} ${device}`, deviceHint);
  if (c.ioctlNumber(fd, TUNSETOFFLOAD, TUN_F_CSUM_TSO | TUN_F_USO) < 0) {
    check(c.ioctlNumber(fd, TUNSETOFFLOAD, TUN_F_CSUM_TSO), `${kind} ${device}: offloads`);
  }
}
