import type { Packet } from './packet.ts';
import { token } from './token.ts';

/**
 * Who answers senders whose packets the router cannot serve (the plugin `ip`). Packets are as they came, before any rewriting,
 * and valid during the call only.
 */
export interface PacketErrors {
  ttlExceeded(p: Packet): void;
  /** `mtu` in octets of IP packet (RFC 1191). */
  fragNeeded(p: Packet, mtu: number): void;
  /** ICMP destination unreachable with this code. */
  unreachable(p: Packet, code: number): void;
  tcpReset(p: Packet): void;
}
export const PacketErrorsToken = token<PacketErrors>('ip.errors');
