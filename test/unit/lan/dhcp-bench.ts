import type { DhcpServer, ServerConfig, ServerOut } from '../../../plugins/lan/dhcp-server.ts';
import { parse4 } from '../../../sdk/wire/address.ts';
import * as dhcp from '../../../sdk/wire/dhcp.ts';

export const ip = (text: string): number => parse4(text)!;
export const macOf = (n: number): Uint8Array => Uint8Array.of(2, 0xaa, 0, 0, n >>> 8, n);

/** A small generator with a seed (mulberry32). */
export const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

export const config = (more: Partial<ServerConfig> = {}): ServerConfig => ({
  server: ip('192.168.1.1'), subnet: { address: ip('192.168.1.1'), bits: 24 }, pool: { start: ip('192.168.1.33'), size: 4 }, leaseSec: 3600,
  router: ip('192.168.1.1'), dns: [ip('192.168.1.1')], wins: [], domain: 'home.example', authoritative: true, fixed: new Map(),
  excluded: [ip('192.168.1.1')], ...more,
});

export const message = (type: number, n: number, more: Partial<dhcp.Message> = {}): dhcp.Message => ({
  op: dhcp.OP_REQUEST, htype: 1, hops: 0, xid: 77, secs: 0, broadcast: false, ciaddr: 0, yiaddr: 0, siaddr: 0, giaddr: 0, chaddr: macOf(n),
  sname: '', file: '', type, options: {}, ...more,
});

export const wish = (address: string): dhcp.Options => ({ [dhcp.OPTION_REQUESTED_ADDRESS]: dhcp.ofAddresses(ip(address)) });
export const chosen = (address: string, server = '192.168.1.1'): dhcp.Options => ({ ...wish(address), [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(ip(server)) });

/** The message of the only answer. */
export const answer = (outs: readonly ServerOut[]): dhcp.Message | undefined => outs.flatMap(o => (o.kind === 'send' ? [o.message] : []))[0];

export const say = (server: DhcpServer, m: dhcp.Message, now = 0): readonly ServerOut[] => server.step({ kind: 'message', message: m }, now);

/** Discover, request: the leased address, or undefined. */
export const obtain = (server: DhcpServer, n: number, now = 0): number | undefined => {
  const offer = answer(say(server, message(dhcp.DISCOVER, n), now));
  if (!offer) return undefined;
  const options = { [dhcp.OPTION_REQUESTED_ADDRESS]: dhcp.ofAddresses(offer.yiaddr), [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(ip('192.168.1.1')) };
  const ack = answer(say(server, message(dhcp.REQUEST, n, { options }), now));
  return ack?.type === dhcp.ACK ? ack.yiaddr : undefined;
};
