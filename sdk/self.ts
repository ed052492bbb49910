import type { FlowKey } from './flow.ts';
import type { Link, LinkHost } from './link.ts';
import { token } from './token.ts';

/** A TCP connection that begins, and the zone of the interface it comes through ('LAN'); undefined: that has no address. */
export interface SelfConnection extends Pick<FlowKey, 'src' | 'sport' | 'dst' | 'dport'> {
  readonly zone: string | undefined;
}

/**
 * The stack that the router's own TCP services (web, SSH, telnet) stand on: a TCP/IP of the host's kernel in a network namespace
 * of its own, with one link into it. It belongs to the kernel and outlives whoever carries its packets: connections stay when
 * the plugin that does is reloaded.
 */
export interface SelfStack {
  /** Undefined: there is one. Else why there is none, in words. */
  readonly why: string | undefined;
  /** Opens the link: what is sent there arrives in the stack, what comes from there the stack has sent. Throws without a stack. */
  open(host: LinkHost): Link;
  /** The addresses that the stack has, in FlowKey's form; the first one is what its own connections come from. */
  setAddresses(addresses: readonly number[]): void;
  /** Whether somebody listens on this port of the stack. */
  listens(port: number): boolean;
  /** Whether the rules of remote management let this connection in; asked once for each. */
  admits(connection: SelfConnection): boolean;
}
export const SelfStackToken = token<SelfStack>('kernel.self');
