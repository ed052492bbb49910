import { type Counter, type Datagram, drive, type PluginContext, type UdpSocket } from '../../sdk/index.ts';
import { BROADCAST, formatMac, format4, parseMac } from '../../sdk/wire/address.ts';
import * as dhcp from '../../sdk/wire/dhcp.ts';
import type { LeaseView, Role } from './contract.ts';
import { DhcpServer, type ServerConfig, type ServerIn, type ServerOut } from './dhcp-server.ts';
import type { Lease, SavedLease } from './leases.ts';
import { bits, ip, planned } from './plan.ts';
import { towardsClient, towardsServer } from './relay-agent.ts';
import type { Settings } from './settings.ts';

type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'clock' | 'scope' | 'udp' | 'log' | 'emit' | 'counter'>;

/** IP and UDP headers in option 57's count (octets). */
const HEADERS = 28;

const serverConfig = (role: Role, settings: Settings): ServerConfig => {
  const side = settings[role];
  const own = ip(side.ip);
  return {
    server: own, subnet: { address: own, bits: bits(side.mask) },
    pool: { start: ip(side.dhcp.poolStart), size: side.dhcp.poolSize }, leaseSec: side.dhcp.leaseSec,
    router: side.dhcp.gateway === undefined ? own : ip(side.dhcp.gateway),
    dns: side.dhcp.dns.length > 0 ? side.dhcp.dns.map(ip) : [own], wins: side.dhcp.wins.map(ip), domain: settings.dns.domain,
    authoritative: side.dhcp.authoritative, excluded: planned(settings).map(a => a.address),
    fixed: new Map(side.dhcp.static.map(s => [formatMac(parseMac(s.mac) ?? new Uint8Array(6)), { ip: ip(s.ip), name: s.name }])),
  };
};

/** DHCP of one inside interface: server, relay or nothing. Leases outlive changes of the settings. */
export class DhcpService {
  readonly role: Role;
  readonly machine: DhcpServer;
  readonly #ctx: Ctx;
  readonly #feed: (input: ServerIn) => void;
  readonly #ignored: Counter;
  readonly #exhausted: Counter;
  readonly #socket: () => UdpSocket;
  readonly #changed: () => void;
  #settings: Settings;
  #link = -1;
  #full = false;

  constructor(ctx: Ctx, role: Role, settings: Settings, wires: { socket: () => UdpSocket; changed: () => void }) {
    this.#ctx = ctx;
    this.role = role;
    this.#settings = settings;
    this.#socket = wires.socket;
    this.#changed = wires.changed;
    this.#ignored = ctx.counter('lan: DHCP message ignored');
    this.#exhausted = ctx.counter('lan: no address to lease');
    this.machine = new DhcpServer(serverConfig(role, settings));
    this.#feed = drive<ServerIn, ServerOut>(ctx.clock, ctx.scope, this.machine, out => this.#apply(out));
  }

  get mode(): 'none' | 'server' | 'relay' {
    const side = this.#settings[this.role];
    return ip(side.ip) === 0 ? 'none' : side.dhcp.mode;
  }

  /** `link` -1: the interface has no port now. */
  configure(settings: Settings, link: number): void {
    this.#settings = settings;
    this.#link = link;
    this.#feed({ kind: 'config', config: serverConfig(this.role, settings) });
  }

  /** Takes a datagram for port 67 if it is this interface's. */
  receive(d: Datagram): void {
    const fromHere = d.link === this.#link;
    if (!fromHere && this.mode !== 'relay') return;
    const message = dhcp.parse(d.data, 0, d.data.length);
    if (!message) { if (fromHere) this.#ignored.n++; return; }
    if (this.mode === 'server') this.#feed({ kind: 'message', message });
    else if (this.mode === 'relay') this.#relay(message, fromHere);
  }

  #relay(message: dhcp.Message, fromHere: boolean): void {
    const { ip: address, dhcp: { relay } } = this.#settings[this.role];
    const own = ip(address);
    if (fromHere) {
      const on = towardsServer(message, own);
      if (on && relay !== undefined) this.#socket().send(dhcp.emit(on), { dst: ip(relay), dport: dhcp.SERVER_PORT, src: own });
      else this.#ignored.n++;
      return;
    }
    const to = towardsClient(message, own);
    if (to && this.#link >= 0) this.#socket().send(dhcp.emit(message), { ...to, dport: dhcp.CLIENT_PORT, src: own, link: this.#link });
  }

  #apply(out: ServerOut): void {
    switch (out.kind) {
      case 'send': {
        const own = ip(this.#settings[this.role].ip);
        const most = Math.max(dhcp.MAX_LENGTH, (dhcp.number16(out.message.options, dhcp.OPTION_MAX_SIZE) ?? 0) - HEADERS);
        const direct = out.dport === dhcp.CLIENT_PORT;
        if (direct && this.#link < 0) return;
        this.#socket().send(dhcp.emit(out.message, most), {
          dst: out.dst, dport: out.dport, src: own, ...(direct ? { link: this.#link } : {}), ...(out.mac && out.dst !== BROADCAST ? { mac: out.mac } : {}),
        });
        return;
      }
      case 'bound':
        this.#full = false;
        this.#ctx.log.info({ ip: format4(out.lease.ip), mac: out.lease.mac, interface: this.role }, 'DHCP server assigns an address');
        this.#tell(out.lease, 'bound');
        return;
      case 'gone':
        this.#full = false;
        this.#tell(out.lease, 'gone');
        return;
      case 'conflict':
        this.#ctx.log.warn({ ip: format4(out.ip), mac: out.mac, interface: this.role }, 'a DHCP client found its address in use');
        return;
      case 'exhausted':
        this.#exhausted.n++;
        if (!this.#full) this.#ctx.log.warn({ interface: this.role }, 'the DHCP pool is empty');
        this.#full = true;
        return;
      case 'ignored':
        this.#ignored.n++;
    }
  }

  #tell(lease: Lease, state: 'bound' | 'gone'): void {
    this.#changed();
    this.#ctx.emit('lan/lease', { name: this.role, ip: lease.ip, mac: lease.mac, host: lease.host, state });
  }

  leases(now: number): LeaseView[] {
    const fixed = serverConfig(this.role, this.#settings).fixed;
    return this.machine.leases.list().filter(l => l.at === 'bound' && l.until > now)
      .map(l => ({ ip: l.ip, mac: l.mac, host: l.host, expiresInMs: l.until - now, fixed: fixed.get(l.mac)?.ip === l.ip }));
  }

  save(toWall: number): SavedLease[] { return this.machine.leases.save(toWall); }
  load(saved: readonly SavedLease[], toWall: number): void {
    this.machine.leases.load(saved, toWall);
    this.#feed({ kind: 'tick' });
  }
}
