import type { Disposable } from './scope.ts';

/** A datagram that came to the router itself. `data` is a copy and the receiver's own. Addresses as in FlowKey. */
export interface Datagram {
  readonly src: number; readonly sport: number; readonly dst: number; readonly dport: number;
  readonly link: number; readonly data: Uint8Array;
  /** Source MAC on Ethernet, else undefined. */
  readonly mac: Uint8Array | undefined;
}

/** UDP bound in the pipeline, so that it runs on every link and in the memory lab; not a host socket. */
export interface UdpSocket extends Disposable {
  readonly port: number;
  /**
   * `link` given: sent there without asking the routes; to `mac` if that is given too, else to the broadcast address.
   * `src` defaults to the own address on the way out.
   */
  send(data: Uint8Array, to: { readonly dst: number; readonly dport: number; readonly src?: number; readonly link?: number; readonly mac?: Uint8Array; readonly ttl?: number }): void;
}
export interface Udp {
  /** port 0: a free one of 49152–65535. Throws when the port (on that link, or on all) is taken. */
  bind(opts: { readonly port: number; readonly link?: number }, receive: (d: Datagram) => void): UdpSocket;
}
