import { z } from '../../sdk/index.ts';
import { BROADCAST, bitsOf, isLoopback, isMulticast } from '../../sdk/wire/address.ts';
import * as dhcp from '../../sdk/wire/dhcp.ts';

const ip = z.number().int().min(0).max(0xffff_ffff);

/** What a server gave us. Addresses as in FlowKey; plain data. */
export const leaseSchema = z.object({
  ip, bits: z.number().int().min(0).max(32), server: ip,
  /** 0: none. */
  gateway: ip,
  dns: z.array(ip).max(8),
  /** Option 121; it replaces `gateway` (RFC 3442). */
  routes: z.array(z.object({ network: ip, bits: z.number().int().min(0).max(32), router: ip })).max(256),
  /** Option 26 (octets); 0: not told. */
  mtu: z.number().int().min(0).max(65535),
  domain: z.string().max(255),
  /** Ends of T1, T2 and the lease (ms; the machine's clock, or wall clock where it is stored); null: never. */
  renewAt: z.number().nullable(), rebindAt: z.number().nullable(), expiresAt: z.number().nullable(),
});
export type Lease = z.infer<typeof leaseSchema>;

const MOST_DNS = 8;
const MOST_ROUTES = 256;

/** The lease an offer or ACK speaks of, asked for at `askedAt`; undefined when it is none that a host can live with. */
export const leaseFrom = (m: dhcp.Message, askedAt: number): Lease | undefined => {
  const server = dhcp.address(m.options, dhcp.OPTION_SERVER_ID);
  const seconds = dhcp.seconds(m.options, dhcp.OPTION_LEASE_TIME);
  if (server === undefined || !seconds || !isHost(m.yiaddr)) return undefined;
  const classless = m.options[dhcp.OPTION_CLASSLESS_ROUTES];
  const routes = classless ? dhcp.parseClasslessRoutes(classless) ?? [] : [];
  const routed = routes.find(r => r.bits === 0)?.router;
  // RFC 3442: who sends option 121 wants option 3 to be ignored; a malformed one says nothing.
  const gateway = routes.length > 0 ? routed ?? 0 : dhcp.addresses(m.options, dhcp.OPTION_ROUTER)[0] ?? 0;
  const mtu = dhcp.number16(m.options, dhcp.OPTION_MTU) ?? 0;
  return {
    ip: m.yiaddr, bits: bitsOf(dhcp.address(m.options, dhcp.OPTION_SUBNET_MASK) ?? -1) ?? classBits(m.yiaddr), server, gateway,
    dns: dhcp.addresses(m.options, dhcp.OPTION_DNS).filter(isHost).slice(0, MOST_DNS),
    routes: routes.filter(r => r.bits > 0).slice(0, MOST_ROUTES),
    // RFC 2132 §5.1: 68 is the least there is.
    mtu: mtu >= 68 ? mtu : 0,
    domain: (dhcp.text(m.options, dhcp.OPTION_DOMAIN_NAME) ?? '').replace(/[^\x21-\x7e]/g, '').slice(0, 255),
    ...times(m, seconds, askedAt),
  };
};

/** RFC 2131 §4.4.5: T1 and T2 from the server if they make sense, else half and seven eighths. */
const times = (m: dhcp.Message, seconds: number, askedAt: number): Pick<Lease, 'renewAt' | 'rebindAt' | 'expiresAt'> => {
  if (seconds === dhcp.FOREVER) return { renewAt: null, rebindAt: null, expiresAt: null };
  let t1 = dhcp.seconds(m.options, dhcp.OPTION_RENEWAL_TIME) ?? seconds * 0.5;
  let t2 = dhcp.seconds(m.options, dhcp.OPTION_REBINDING_TIME) ?? seconds * 0.875;
  if (!(t1 > 0 && t1 < t2 && t2 < seconds)) { t1 = seconds * 0.5; t2 = seconds * 0.875; }
  return { renewAt: askedAt + t1 * 1000, rebindAt: askedAt + t2 * 1000, expiresAt: askedAt + seconds * 1000 };
};

export const isHost = (n: number): boolean => n >>> 24 !== 0 && !isLoopback(n) && !isMulticast(n) && n !== BROADCAST;

/** The mask of before there were masks (RFC 791 §3.2), for servers that send none. */
const classBits = (n: number): number => (n >>> 31 === 0 ? 8 : n >>> 30 === 2 ? 16 : 24);

/** The same lease with its times on another clock. */
export const shifted = (lease: Lease, ms: number): Lease => ({
  ...lease,
  renewAt: lease.renewAt === null ? null : lease.renewAt + ms,
  rebindAt: lease.rebindAt === null ? null : lease.rebindAt + ms,
  expiresAt: lease.expiresAt === null ? null : lease.expiresAt + ms,
});
