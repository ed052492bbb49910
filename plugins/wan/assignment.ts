import { drive, type LinkInfo, type PluginContext, type UdpSocket } from '../../sdk/index.ts';
import { bitsOf, BROADCAST, contains, format4, parse4, parseMac } from '../../sdk/wire/address.ts';
import * as dhcp from '../../sdk/wire/dhcp.ts';
import { type ClientIn, type ClientOut, DhcpClient } from './dhcp-client.ts';
import { type Lease, shifted } from './lease.ts';
import type { Settings } from './settings.ts';
import type { LeaseFile } from './store.ts';
import type { Plan, Uplink } from './uplink.ts';

/** The name of the link that is the WAN port. */
export const LINK = 'wan';
/** A neighbour that claims our address so soon after we got it was there before us (RFC 5227 §2.4). */
const CONFLICT_MS = 10_000;

const staticPlan = (s: Settings): Plan => ({
  ip: parse4(s.ip) ?? 0, bits: bitsOf(parse4(s.mask) ?? -1) ?? 24, gateway: parse4(s.gateway) ?? 0, dns: ownDns(s), routes: [],
});
const leasePlan = (s: Settings, l: Lease): Plan => ({
  ip: l.ip, bits: l.bits, gateway: l.gateway, dns: s.dns.length > 0 ? ownDns(s) : l.dns, routes: l.routes,
});
const ownDns = (s: Settings): number[] => s.dns.map(t => parse4(t) ?? 0);

/** A unicast to the server goes by the routes; everything else to everybody on the wire. */
const way = (ctx: Ctx, uplink: Uplink, link: LinkInfo, out: Extract<ClientOut, { kind: 'send' }>): { readonly link?: number; readonly mac?: Uint8Array } => {
  if (out.src === 0 || out.dst === BROADCAST) return { link: link.id };
  if (out.message.type !== dhcp.RELEASE) return {};
  // The routes are gone before a release leaves, so it is sent to the next hop at once.
  const hop = contains({ address: uplink.ip, bits: uplink.bits }, out.dst) ? out.dst : uplink.gateway;
  const mac = parseMac(ctx.neighbours.lookup(link.id, hop)?.mac ?? '');
  return mac ? { link: link.id, mac } : { link: link.id };
};

type Ctx = Pick<PluginContext<Settings, {}, { lease?: Lease | undefined }>, 'config' | 'links' | 'clock' | 'scope' | 'udp' | 'log' | 'counter' | 'on' | 'previous' | 'neighbours'>;

/** Where the address comes from, and how that takes part in the life of the link. */
export interface Assignment {
  /** By DHCP. */
  readonly dynamic: boolean;
  /** Undefined: static, or the link was never there. */
  readonly client: DhcpClient | undefined;
  up(): void;
  down(): void;
  act(what: 'release' | 'renew'): void;
}

export const runStatic = (ctx: Ctx, uplink: Uplink): Assignment => ({
  dynamic: false,
  client: undefined,
  up() { const link = ctx.links.byName(LINK); if (link) uplink.use(staticPlan(ctx.config), link); },
  down: () => uplink.withdraw(false),
  act() {},
});

export const runDhcp = (ctx: Ctx, uplink: Uplink, file: LeaseFile, toWall: number, stored: Lease | undefined): Assignment => {
  const ignored = ctx.counter('wan: not a DHCP message');
  let last = ctx.previous?.lease ?? stored;
  let resume = ctx.previous?.lease;
  let boundAt = 0;
  let socket: UdpSocket | undefined;
  let feed: (input: ClientIn) => void = () => {};
  let client: DhcpClient | undefined;

  const keep = () => file.save(last && shifted(last, toWall));
  const apply = (out: ClientOut, link: LinkInfo) => {
    switch (out.kind) {
      case 'send':
        socket?.send(dhcp.emit(out.message), { dst: out.dst, dport: dhcp.SERVER_PORT, src: out.src, ...way(ctx, uplink, link, out) });
        return;
      case 'lease':
        if (uplink.ip !== out.lease.ip) {
          boundAt = ctx.clock.now();
          ctx.log.info({ ip: format4(out.lease.ip), server: format4(out.lease.server) }, 'WAN interface gets an address by DHCP');
        }
        if (out.lease.mtu > 0 && out.lease.mtu < link.mtu) ctx.log.info({ told: out.lease.mtu, link: link.mtu }, 'the DHCP server tells a smaller MTU');
        last = out.lease;
        keep();
        uplink.use(leasePlan(ctx.config, out.lease), link);
        return;
      case 'lost':
        ctx.log.info({ why: out.why }, 'WAN interface loses its address');
        if (out.why !== 'link down') {
          last = undefined;
          keep();
        }
        uplink.withdraw(out.why !== 'link down');
    }
  };

  /** The machine lives as long as the link has the same address; the link may come later than we. */
  const begin = (link: LinkInfo) => {
    client = new DhcpClient({ mac: link.mac.slice(), host: ctx.config.hostName, random: Math.random });
    socket = ctx.udp.bind({ port: dhcp.CLIENT_PORT, link: link.id }, d => {
      const message = dhcp.parse(d.data, 0, d.data.length);
      if (message) feed({ kind: 'message', message });
      else ignored.n++;
    });
    feed = drive<ClientIn, ClientOut>(ctx.clock, ctx.scope, client, out => apply(out, link));
  };

  ctx.on('address/conflict', e => {
    if (e.ip === uplink.ip && e.link === uplink.link && ctx.clock.now() - boundAt < CONFLICT_MS) feed({ kind: 'decline', why: `${e.mac} has the address` });
  });

  return {
    dynamic: true,
    get client() { return client; },
    up() {
      const link = ctx.links.byName(LINK);
      if (!link) return;
      if (!client) begin(link);
      if (resume) feed({ kind: 'resume', lease: resume });
      else feed({ kind: 'start', lease: last });
      resume = undefined;
    },
    down: () => feed({ kind: 'stop' }),
    act(what) {
      // A lease that cannot be used here cannot be renewed either, for its server is not reached from its address: another one is asked for.
      if (what === 'renew' && uplink.refused) feed({ kind: 'release' });
      feed({ kind: what });
    },
  };
};
