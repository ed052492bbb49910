import type { Link, LinkHost } from '../../sdk/link.ts';
import type { SelfConnection, SelfStack } from '../../sdk/self.ts';
import { format4, parse4 } from '../../sdk/wire/address.ts';
import { check, errorName, libc } from '../links/ffi.ts';
import { NetDevice } from '../links/net-device.ts';
import { TunLink } from '../links/tun.ts';
import { DEVICE, type Handles, listenInside, makeNamespace, socketsInside } from './inside.ts';
import { acknowledged, addAddress, defaultRoute, removeAddress } from './netlink.ts';
import { Outgoing } from './outgoing.ts';

/** No stack: the memory lab, and where the system does not give one. */
export const noSelfStack = (why: string): SelfStack => ({
  why,
  open: () => { throw new Error(why); },
  setAddresses: () => {},
  listens: () => false,
  admits: () => false,
});

/** Who decides about connections, and on which ports somebody listens. */
export interface SelfRules {
  listens(port: number): boolean;
  admits(port: number, from: string, zone: string | undefined): boolean;
}

/** As a socket tells it, as in FlowKey; 0: it is connected no more. */
export const addressOf = (text: string | undefined): number => parse4((text ?? '').replace(/^::ffff:/i, '')) ?? 0;

const F_DUPFD_CLOEXEC = 1030;
/** Connections that were let in and have not arrived at their server yet. */
const MOST_AWAITED = 1024;
/** errno: the address is there already, or not there any more. */
const EEXIST = 17;
const EADDRNOTAVAIL = 99;

/** The host's TCP/IP in a network namespace of its own, behind a TUN device. */
export class SelfNamespace implements SelfStack {
  readonly why: undefined;
  readonly outgoing: Outgoing;
  rules: SelfRules = { listens: () => false, admits: () => false };
  readonly #c = libc();
  readonly #handles: Handles;
  readonly #index: number;
  readonly #addresses = new Set<number>();
  /** Zones of connections that were let in, by who they are between, oldest first. */
  readonly #awaited = new Map<string, string>();
  /** Ports of plugins, and the zones they are for. */
  readonly #ports = new Map<number, readonly string[]>();
  readonly #arrived = new WeakMap<object, string>();
  readonly #answer = new Uint8Array(256);
  readonly #spare: number[] = [];
  #making: Promise<void> | undefined;
  #seq = 0;
  #closed = false;

  /** Throws with the reason when the system does not permit it. */
  constructor() {
    this.#handles = makeNamespace();
    this.outgoing = new Outgoing(this.#handles.namespace);
    try {
      new NetDevice(this.#handles.control, 'lo').setUp();
      const device = new NetDevice(this.#handles.control, DEVICE);
      device.setUp();
      this.#index = device.index();
      this.#request((seq) => defaultRoute(seq, this.#index), 'default route');
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get addresses(): readonly number[] { return [...this.#addresses]; }

  /** The device stays when the link is closed, for the descriptor here holds it; its queue keeps some packets until the next. */
  open(host: LinkHost): Link {
    return new TunLink({ kind: 'tun', device: DEVICE, name: 'self', opened: () => ({ fd: this.#copy(this.#handles.tun), control: this.#copy(this.#handles.control) }) }, host);
  }

  setAddresses(addresses: readonly number[]): void {
    const wanted = new Set(addresses);
    for (const ip of [...this.#addresses]) {
      if (wanted.has(ip)) continue;
      this.#request((seq) => removeAddress(seq, this.#index, ip), `address ${format4(ip)}`, EADDRNOTAVAIL);
      this.#addresses.delete(ip);
    }
    for (const ip of wanted) {
      if (this.#addresses.has(ip)) continue;
      this.#request((seq) => addAddress(seq, this.#index, ip), `address ${format4(ip)}`, EEXIST);
      this.#addresses.add(ip);
    }
  }

  listens(port: number): boolean { return this.#ports.has(port) || this.rules.listens(port); }

  /** A port of a plugin, for connections through these zones. Throws when it is taken. */
  openPort(port: number, zones: readonly string[]): { readonly fd: number; dispose(): void } {
    if (this.listens(port)) throw new Error(`port ${port} of the router's own addresses is taken`);
    const fd = this.listen(port);
    this.#ports.set(port, zones);
    return { fd, dispose: () => void this.#ports.delete(port) };
  }

  admits(c: SelfConnection): boolean {
    const from = format4(c.src);
    if (c.zone === undefined) return false;
    const zones = this.#ports.get(c.dport);
    if (zones ? !zones.includes(c.zone) : !this.rules.admits(c.dport, from, c.zone)) return false;
    const key = keyOf(from, c.sport, format4(c.dst), c.dport);
    this.#awaited.delete(key);
    this.#awaited.set(key, c.zone);
    if (this.#awaited.size > MOST_AWAITED) this.#awaited.delete(this.#awaited.keys().next().value!);
    return true;
  }

  /** The zone that an accepted connection came through; undefined: it is no connection to an own address. */
  zoneOf(socket: object & { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined; readonly localAddress?: string | undefined; readonly localPort?: number | undefined }): string | undefined {
    const key = keyOf(socket.remoteAddress ?? '', socket.remotePort ?? 0, socket.localAddress ?? '', socket.localPort ?? 0);
    const zone = this.#arrived.get(socket) ?? this.#awaited.get(key);
    if (zone === undefined) return undefined;
    this.#awaited.delete(key);
    this.#arrived.set(socket, zone);
    return zone;
  }

  /** A descriptor that listens on this port of all the router's addresses. Throws with the reason. */
  listen(port: number): number { return listenInside(this.#handles.namespace, port); }

  /** A TCP socket in the namespace for a connection to elsewhere; the caller closes it. A thread makes a few at a time. */
  async socket(): Promise<number> {
    while (this.#spare.length === 0) {
      if (this.#closed) throw new Error('the stack is closed');
      this.#making ??= socketsInside(this.#handles.namespace).finally(() => { this.#making = undefined; }).then((fds) => {
        if (this.#closed) for (const fd of fds) this.#c.close(fd);
        else this.#spare.push(...fds);
      });
      await this.#making;
    }
    return this.#spare.pop()!;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.outgoing.close();
    for (const fd of [...Object.values(this.#handles) as number[], ...this.#spare.splice(0)]) this.#c.close(fd);
  }

  #copy(fd: number): number { return check(this.#c.fcntl(fd, F_DUPFD_CLOEXEC, 0), DEVICE); }

  /** The kernel has done it, and answered, when write returns. */
  #request(make: (seq: number) => Uint8Array, what: string, harmless = 0): void {
    const seq = ++this.#seq;
    const request = make(seq);
    const { netlink } = this.#handles;
    check(this.#c.write(netlink, this.#c.addressOf(request), request.length), what);
    const length = check(this.#c.read(netlink, this.#c.addressOf(this.#answer), this.#answer.length), what);
    const errno = acknowledged(this.#answer.subarray(0, length), seq);
    if (errno !== 0 && errno !== harmless) throw new Error(`${errno === undefined ? 'no answer' : errorName(errno)}: ${what} in the router’s own namespace`);
  }
}

const keyOf = (from: string, port: number, to: string, toPort: number): string => `${from}:${port} ${to}:${toPort}`;
