import type { Machine, Tick } from '../../sdk/index.ts';
import { BROADCAST, contains, formatMac, maskOf, type Prefix } from '../../sdk/wire/address.ts';
import * as dhcp from '../../sdk/wire/dhcp.ts';
import { type Lease, LeaseTable, type Pool } from './leases.ts';

/** How long an offered address is held, an address that somebody else uses is kept away from clients (ms). */
export const OFFER_MS = 60_000;
export const QUARANTINE_MS = 600_000;
/** When the pool is empty, offers that nobody took up for so long may be given to another client. */
const STALE_OFFER_MS = 5_000;
/** RFC 2131 §4.4.5: T1 and T2 as parts of the lease. */
const T1 = 0.5;
const T2 = 0.875;

export interface ServerConfig {
  /** The router's own address on the interface: server identifier. */
  readonly server: number;
  readonly subnet: Prefix;
  readonly pool: Pool;
  readonly leaseSec: number;
  readonly router: number;
  readonly dns: readonly number[];
  readonly wins: readonly number[];
  readonly domain: string;
  /** No other server is here: clients whose lease we do not know are answered instead of ignored. */
  readonly authoritative: boolean;
  /** By MAC in canonical text. */
  readonly fixed: ReadonlyMap<string, { readonly ip: number; readonly name: string }>;
  /** Own addresses and others that must not be leased. */
  readonly excluded: readonly number[];
}

export type ServerIn =
  | Tick
  | { readonly kind: 'message'; readonly message: dhcp.Message }
  | { readonly kind: 'config'; readonly config: ServerConfig };

export type ServerIgnored = 'not for a server' | 'another server was chosen' | 'unknown client' | 'relayed from elsewhere' | 'no hardware address';
export type ServerOut =
  /** `mac` given: to that station without ARP; else to the broadcast address, or by the routes to a relay. */
  | { readonly kind: 'send'; readonly message: dhcp.Message; readonly dst: number; readonly dport: number; readonly mac?: Uint8Array }
  | { readonly kind: 'bound' | 'gone'; readonly lease: Lease }
  | { readonly kind: 'conflict'; readonly ip: number; readonly mac: string }
  | { readonly kind: 'exhausted' }
  | { readonly kind: 'ignored'; readonly why: ServerIgnored };

/** A DHCP server for one subnet (RFC 2131 §4.3). Stateless but for its leases: transaction ids tell nothing apart. */
export class DhcpServer implements Machine<ServerIn, ServerOut> {
  readonly leases = new LeaseTable();
  #config: ServerConfig;

  constructor(config: ServerConfig) { this.#config = config; }

  deadline(): number | undefined { return this.leases.deadline(); }

  step(input: ServerIn, now: number): readonly ServerOut[] {
    const over = this.leases.expire(now).map((lease): ServerOut => ({ kind: 'gone', lease }));
    if (input.kind === 'config') this.#config = input.config;
    return input.kind === 'message' ? [...over, ...this.#message(input.message, now)] : over;
  }

  #message(m: dhcp.Message, now: number): readonly ServerOut[] {
    if (m.op !== dhcp.OP_REQUEST || m.type === undefined) return ignored('not for a server');
    if (m.chaddr.length === 0 && !m.options[dhcp.OPTION_CLIENT_ID]) return ignored('no hardware address');
    // A relay says with giaddr on which subnet its client is (RFC 2131 §4.3.1); we have a pool for our own only.
    if (m.giaddr !== 0 && !contains(this.#config.subnet, m.giaddr)) return ignored('relayed from elsewhere');
    switch (m.type) {
      case dhcp.DISCOVER: return this.#discover(m, now);
      case dhcp.REQUEST: return this.#request(m, now);
      case dhcp.DECLINE: return this.#decline(m, now);
      case dhcp.RELEASE: return this.#release(m, now);
      case dhcp.INFORM: return [this.#reply(m, dhcp.ACK, 0)];
      default: return ignored('not for a server');
    }
  }

  #discover(m: dhcp.Message, now: number): readonly ServerOut[] {
    const key = keyOf(m);
    const ip = this.#choose(m, key, now);
    if (ip === undefined) return [{ kind: 'exhausted' }];
    const lease = this.leases.ofClient(key);
    const offer = this.#reply(m, dhcp.OFFER, ip);
    // A client that has a lease and asks anew keeps it while it decides.
    if (lease?.at === 'bound' && lease.ip === ip) return [offer];
    return [...this.#put({ ip, key, mac: macOf(m), host: hostOf(m), at: 'offered', until: now + OFFER_MS }), offer];
  }

  /** Enters a lease in the place of another one that the client may have had. */
  #put(lease: Lease): readonly ServerOut[] {
    const before = this.leases.ofClient(lease.key);
    this.leases.put(lease);
    return before?.at === 'bound' && before.ip !== lease.ip ? [{ kind: 'gone', lease: before }] : [];
  }

  /** RFC 2131 §4.3.1: the present lease, the last one, the address asked for, any. */
  #choose(m: dhcp.Message, key: string, now: number): number | undefined {
    const fixed = this.#fixed(m, key);
    if (fixed !== undefined) return fixed;
    const before = this.leases.ofClient(key)?.ip;
    if (before !== undefined && this.#leasable(before, key)) return before;
    const wished = dhcp.address(m.options, dhcp.OPTION_REQUESTED_ADDRESS);
    if (wished !== undefined && this.#leasable(wished, key)) return wished;
    return this.leases.pick(this.#config.pool, ip => this.#reserved(ip), now + OFFER_MS - STALE_OFFER_MS);
  }

  #request(m: dhcp.Message, now: number): readonly ServerOut[] {
    const key = keyOf(m);
    const chosen = dhcp.address(m.options, dhcp.OPTION_SERVER_ID);
    if (chosen !== undefined && chosen !== this.#config.server) {
      const offer = this.leases.ofClient(key);
      if (offer?.at === 'offered') this.leases.remove(offer);
      return ignored('another server was chosen');
    }
    // Table 4 of §4.3.2: option 50 while selecting and after a reboot, ciaddr while renewing and rebinding.
    const wanted = m.ciaddr !== 0 ? m.ciaddr : dhcp.address(m.options, dhcp.OPTION_REQUESTED_ADDRESS);
    if (wanted === undefined) return ignored('not for a server');
    const known = this.leases.ofClient(key);
    const fixed = this.#fixed(m, key);
    if (fixed !== undefined ? fixed === wanted : this.#leasable(wanted, key) && (!known || known.ip === wanted)) {
      // Without a record only a selecting client may be trusted, or any client where no other server can have given the lease.
      return known || fixed !== undefined || chosen !== undefined || this.#config.authoritative ? this.#bind(m, key, wanted, now) : ignored('unknown client');
    }
    if (!known && chosen === undefined && contains(this.#config.subnet, wanted) && !this.#config.authoritative) return ignored('unknown client');
    return this.#refuse(m, now, known?.ip === wanted ? known : undefined);
  }

  /** The address of the static table for this client, unless another client still holds it. */
  #fixed(m: dhcp.Message, key: string): number | undefined {
    const ip = this.#config.fixed.get(macOf(m))?.ip;
    return ip !== undefined && this.leases.available(ip, key) ? ip : undefined;
  }

  #bind(m: dhcp.Message, key: string, ip: number, now: number): readonly ServerOut[] {
    const before = this.leases.ofAddress(ip);
    const lease: Lease = { ip, key, mac: macOf(m), host: hostOf(m), at: 'bound', until: now + this.#config.leaseSec * 1000 };
    const out = [...this.#put(lease), this.#reply(m, dhcp.ACK, ip)];
    return before?.at === 'bound' && before.key === key && before.host === lease.host ? out : [...out, { kind: 'bound', lease }];
  }

  /** `revoked`: a lease that may not be extended ends with the refusal. */
  #refuse(m: dhcp.Message, now: number, revoked: Lease | undefined): readonly ServerOut[] {
    const gone = revoked?.at === 'bound';
    if (revoked) this.leases.end(revoked, now);
    return [this.#reply(m, dhcp.NAK, 0), ...(gone ? [{ kind: 'gone', lease: revoked } as const] : [])];
  }

  #decline(m: dhcp.Message, now: number): readonly ServerOut[] {
    const ip = dhcp.address(m.options, dhcp.OPTION_REQUESTED_ADDRESS);
    const key = keyOf(m);
    const lease = this.leases.ofClient(key);
    // Only who was given the address may say that it is in use: otherwise anybody could empty the pool.
    if (dhcp.address(m.options, dhcp.OPTION_SERVER_ID) !== this.#config.server || !lease || lease.ip !== ip || lease.at === 'free') return ignored('unknown client');
    this.leases.put({ ip, key: `declined ${ip}`, mac: lease.mac, host: '', at: 'declined', until: now + QUARANTINE_MS });
    return [...(lease.at === 'bound' ? [{ kind: 'gone', lease } as const] : []), { kind: 'conflict', ip, mac: lease.mac }];
  }

  #release(m: dhcp.Message, now: number): readonly ServerOut[] {
    const lease = this.leases.ofClient(keyOf(m));
    const server = dhcp.address(m.options, dhcp.OPTION_SERVER_ID);
    if (lease?.at !== 'bound' || lease.ip !== m.ciaddr || (server !== undefined && server !== this.#config.server)) return ignored('unknown client');
    this.leases.end(lease, now);
    return [{ kind: 'gone', lease }];
  }

  #reserved(ip: number): boolean {
    if (ip === this.#config.server || this.#config.excluded.includes(ip)) return true;
    for (const fixed of this.#config.fixed.values()) if (fixed.ip === ip) return true;
    return false;
  }

  #leasable(ip: number, key: string): boolean {
    const { pool } = this.#config;
    return ip >= pool.start && ip < pool.start + pool.size && !this.#reserved(ip) && this.leases.available(ip, key);
  }

  #reply(m: dhcp.Message, type: number, yiaddr: number): ServerOut {
    const options: Record<number, Uint8Array> = { [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(this.#config.server) };
    // RFC 6842: the client's identifier comes back.
    const id = m.options[dhcp.OPTION_CLIENT_ID];
    if (id) options[dhcp.OPTION_CLIENT_ID] = id;
    const agent = m.options[dhcp.OPTION_RELAY_AGENT];
    if (agent) options[dhcp.OPTION_RELAY_AGENT] = agent;
    if (type !== dhcp.NAK) this.#tell(m, options, m.type !== dhcp.INFORM);
    const message: dhcp.Message = {
      op: dhcp.OP_REPLY, htype: m.htype, hops: 0, xid: m.xid, secs: 0, broadcast: m.broadcast || (type === dhcp.NAK && m.giaddr !== 0),
      ciaddr: type === dhcp.ACK ? m.ciaddr : 0, yiaddr, siaddr: 0, giaddr: m.giaddr, chaddr: m.chaddr, sname: '', file: '', type, options,
    };
    return { kind: 'send', message, ...where(m, type, yiaddr) };
  }

  #tell(m: dhcp.Message, options: Record<number, Uint8Array>, lease: boolean): void {
    const c = this.#config;
    options[dhcp.OPTION_SUBNET_MASK] = dhcp.ofAddresses(maskOf(c.subnet.bits));
    options[dhcp.OPTION_ROUTER] = dhcp.ofAddresses(c.router);
    if (c.dns.length > 0) options[dhcp.OPTION_DNS] = dhcp.ofAddresses(...c.dns);
    if (c.wins.length > 0) options[dhcp.OPTION_NETBIOS_NS] = dhcp.ofAddresses(...c.wins);
    if (c.domain) options[dhcp.OPTION_DOMAIN_NAME] = dhcp.ofText(c.domain);
    const name = c.fixed.get(macOf(m))?.name;
    if (name) options[dhcp.OPTION_HOST_NAME] = dhcp.ofText(name);
    if (!lease) return;
    options[dhcp.OPTION_LEASE_TIME] = dhcp.ofSeconds(c.leaseSec);
    options[dhcp.OPTION_RENEWAL_TIME] = dhcp.ofSeconds(Math.floor(c.leaseSec * T1));
    options[dhcp.OPTION_REBINDING_TIME] = dhcp.ofSeconds(Math.floor(c.leaseSec * T2));
  }
}

const ignored = (why: ServerIgnored): readonly ServerOut[] => [{ kind: 'ignored', why }];

/** RFC 2131 §4.1: to the relay; else to an address the client has; else to where it can hear. */
const where = (m: dhcp.Message, type: number, yiaddr: number): { dst: number; dport: number; mac?: Uint8Array } => {
  if (m.giaddr !== 0) return { dst: m.giaddr, dport: dhcp.SERVER_PORT };
  const mac = m.htype === 1 && m.chaddr.length === 6 ? { mac: m.chaddr } : {};
  if (type === dhcp.NAK) return { dst: BROADCAST, dport: dhcp.CLIENT_PORT };
  if (m.ciaddr !== 0) return { dst: m.ciaddr, dport: dhcp.CLIENT_PORT, ...mac };
  if (m.broadcast || yiaddr === 0 || !('mac' in mac)) return { dst: BROADCAST, dport: dhcp.CLIENT_PORT };
  return { dst: yiaddr, dport: dhcp.CLIENT_PORT, ...mac };
};

const hex = (bytes: Uint8Array): string => Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('');

/** What a lease is bound to (RFC 2131 §2): the client identifier, or the hardware address with its type. */
const keyOf = (m: dhcp.Message): string => {
  const id = m.options[dhcp.OPTION_CLIENT_ID];
  return id && id.length > 0 ? `id ${hex(id.subarray(0, 255))}` : `hw ${m.htype} ${hex(m.chaddr)}`;
};

const macOf = (m: dhcp.Message): string => (m.chaddr.length === 6 ? formatMac(m.chaddr) : hex(m.chaddr));

/** A stranger's text: bounded, without control characters; whoever draws it escapes the rest. */
const hostOf = (m: dhcp.Message): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is to be removed
  (dhcp.text(m.options, dhcp.OPTION_HOST_NAME) ?? '').replace(/[\x00-\x1f\x7f-\x9f]/g, '').slice(0, 255);
