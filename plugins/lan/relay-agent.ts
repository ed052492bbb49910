import * as dhcp from '../../sdk/wire/dhcp.ts';

/** RFC 1542 §4.1.1: requests that were relayed so often run in a circle. */
const MOST_HOPS = 16;

/** A client's request as it goes to the server; undefined when it must not. `own`: the router's address on the client's side. */
export const towardsServer = (m: dhcp.Message, own: number): dhcp.Message | undefined =>
  m.op === dhcp.OP_REQUEST && m.hops < MOST_HOPS ? { ...m, hops: m.hops + 1, giaddr: m.giaddr === 0 ? own : m.giaddr } : undefined;

/** Where a server's answer goes on the client's side; undefined when it is not for a client there. */
export const towardsClient = (m: dhcp.Message, own: number): { readonly dst: number; readonly mac?: Uint8Array } | undefined => {
  if (m.op !== dhcp.OP_REPLY || m.giaddr !== own) return undefined;
  if (m.broadcast || m.yiaddr === 0 || m.htype !== 1 || m.chaddr.length !== 6) return { dst: 0xffff_ffff };
  return { dst: m.yiaddr, mac: m.chaddr };
};
