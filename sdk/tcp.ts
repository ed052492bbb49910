import type { Disposable } from './scope.ts';
import { token } from './token.ts';

/** A TCP connection of the router itself. Addresses as in FlowKey. What the far end does never throws; a handler that throws ends the connection. */
export interface OwnConnection {
  /** Who began it, and to whom. */
  readonly from: number;
  readonly fromPort: number;
  readonly to: number;
  /** Zone of the interface that it came through: 'LAN'; '' of one that the router opened. */
  readonly zone: string;
  /** Octets as they come; the receiver's own. Set it at once. */
  onData: (data: Uint8Array) => void;
  /** It is over, for whatever reason; called once. */
  onClose: () => void;
  /** Takes all of it, or, when too much waits to be sent already, ends the connection and says false. */
  write(data: Uint8Array): boolean;
  /** Sends what was written, then closes. */
  end(): void;
  /** At once. */
  destroy(): void;
}

/**
 * TCP of plugins on the router's own addresses, for protocols of their own (DNS): an ordinary TCP/IP behind it, see SelfStack. Kernel-owned: put what
 * it gives into `ctx.scope`.
 */
export interface OwnTcp {
  /** Undefined: it can be had. Else why not (the memory lab has no TCP of its own), in words. */
  readonly why: string | undefined;
  /**
   * Listens on this port for connections through these zones; all others do not see it. A connection ends after `idleMs` without an octet in either direction;
   * beyond `most` at once, new ones are closed. Throws when the port is taken or there is no stack.
   */
  listen(at: { readonly port: number; readonly zones: readonly string[]; readonly most: number; readonly idleMs: number }, accept: (c: OwnConnection) => void): Disposable;
  /** A connection to elsewhere, from the own address `from` (0 or none: whichever fits); ended after `limitMs` in all. Rejects in words. */
  connect(to: { readonly ip: number; readonly port: number; readonly from?: number; readonly limitMs: number }): Promise<OwnConnection>;
}
export const OwnTcpToken = token<OwnTcp>('kernel.own-tcp');
