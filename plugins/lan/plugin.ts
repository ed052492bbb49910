import { definePlugin, type Disposable, NeighbourhoodToken, OwnTcpToken, type PolicyDecision, z } from '../../sdk/index.ts';
import { contains } from '../../sdk/wire/address.ts';
import * as dhcp from '../../sdk/wire/dhcp.ts';
import { AddressesToken, RoutesToken } from '../ip/contract.ts';
import '../wan/contract.ts';
import { type Lan, LanToken, type Role, roles } from './contract.ts';
import { DhcpService } from './dhcp-service.ts';
import { type Host, localNames } from './dns-local.ts';
import { DnsService } from './dns-service.ts';
import { leasesIn, savedLeases } from './lease-file.ts';
import { neighbourhood } from './neighbourhood.ts';
import { panels } from './panels.ts';
import { addressesOf, bits, ip, planned, problems } from './plan.ts';
import { Movers, takeAway } from './reach.ts';
import { type Settings, settings } from './settings.ts';
import { isPort, Switch } from './switch.ts';
import { addVerbs } from './verbs.ts';

const state = z.object({ leases: savedLeases });
type State = z.infer<typeof state>;
type Needs = { readonly addresses: typeof AddressesToken; readonly routes: typeof RoutesToken; readonly tcp: typeof OwnTcpToken };

export default definePlugin<Settings, Needs, State>({
  id: 'lan',
  title: 'LAN, DMZ and WLAN',
  needs: { addresses: AddressesToken, routes: RoutesToken, tcp: OwnTcpToken },
  provides: [LanToken],
  config: settings,
  state,
  verify: problems,
  setup(ctx) {
    let now = ctx.config;
    /** Made when asked for, forgotten when something changes. */
    let hosts: Host[] | undefined;
    let known: { readonly link: number; readonly address: number; readonly bits: number }[] | undefined;
    const toWall = ctx.clock.wall() - ctx.clock.now();
    // For after a restart.
    const file = ctx.file('leases.json');
    const before = ctx.previous?.leases ?? leasesIn(file);

    const ports = new Switch(ctx, now.ageingSec * 1000);
    ctx.scope.add(() => ports.dispose(), 'bridges');
    const movers = new Movers(ctx);
    ports.moved = (segment, hi, lo, port) => movers.moved(segment, hi, lo, port);

    // One socket for all interfaces: an answer to a relayed request may come in anywhere.
    const server = ctx.udp.bind({ port: dhcp.SERVER_PORT }, d => { for (const role of roles) services[role].receive(d); });
    const service = (role: Role) => new DhcpService(ctx, role, now, { socket: () => server, changed: () => { hosts = undefined; file.soon(() => JSON.stringify(save())); } });
    const services: Record<Role, DhcpService> = { lan: service('lan'), dmz: service('dmz'), wlan: service('wlan') };
    const save = () => Object.fromEntries(roles.map(role => [role, services[role].save(toWall)]));
    for (const role of roles) services[role].load(before[role] ?? [], toWall);

    const dns = new DnsService(ctx, now, localNames({
      domain: () => now.dns.domain,
      hosts: () => hosts ??= knownHosts(now, services, ctx.clock.now()),
      inside: address => planned(now).some(a => contains(a, address)),
    }), { tcp: ctx.use.tcp, source: server => sourceTowards(server) });
    /** The own address on the way to a server; 0: none. */
    const sourceTowards = (server: number): number => {
      const way = ctx.use.routes.lookup(server);
      return way === undefined ? 0 : way.source ?? ctx.use.addresses.onLink(way.link)[0]?.ip ?? 0;
    };

    const lan: Lan = {
      list: () => roles.map(role => ({
        role, zone: role.toUpperCase(), link: ports.segment(role)?.id ?? -1, ip: ip(now[role].ip), bits: bits(now[role].mask),
        ports: (ports.segment(role)?.bridge.ports ?? []).map(id => ctx.links.byId(id)?.name ?? String(id)),
      })),
      leases: role => services[role].leases(ctx.clock.now()),
    };

    /** Addresses by 'name link ip/bits', so that a change leaves alone what stays. */
    const held = new Map<string, Disposable>();
    const arrange = () => {
      ports.assign(port => now.ports[port]);
      const wanted = roles.flatMap(role => {
        const link = ports.segment(role)?.id;
        return link === undefined ? [] : addressesOf(role, now[role]).map(a => ({ link, ip: a.address, bits: a.bits, name: a.name, zone: role.toUpperCase() }));
      });
      const key = (a: (typeof wanted)[number]) => `${a.name} ${a.link} ${a.ip}/${a.bits}`;
      const keys = new Set(wanted.map(key));
      for (const [k, address] of held) if (!keys.has(k)) { held.delete(k); void address.dispose(); }
      for (const a of wanted) if (!held.has(key(a))) held.set(key(a), ctx.scope.add(ctx.use.addresses.add(a), `address ${a.name}`));
      for (const role of roles) services[role].configure(now, ports.segment(role)?.id ?? -1);
      const open = roles.filter(role => ip(now[role].ip) !== 0 && ports.segment(role) !== undefined);
      dns.configure(now, open.flatMap(role => ports.segment(role)?.id ?? []), open.map(role => role.toUpperCase()));
      hosts = undefined;
      known = undefined;
    };
    arrange();

    ctx.on('link/up', e => { if (isPort(e.name)) { arrange(); ports.portChanged(e.name); } });
    ctx.on('link/down', e => { if (isPort(e.name)) { arrange(); ports.portChanged(e.name); } });
    ctx.on('link/mtu', e => { if (isPort(e.name)) ports.portChanged(e.name); });
    ctx.on('wan/address', u => dns.provider(u.name, u.metric, u.up ? u.dns : []));

    const foreign = ctx.counter('lan: source does not belong on this interface');
    ctx.decide({
      slot: 'policy', name: 'lan.source', order: 40,
      decide(flow): PolicyDecision {
        // A host that kept the address of another interface, after its port's role changed or by malice. It may renew its lease.
        if (flow.local || (flow.proto === 17 && flow.dport === dhcp.SERVER_PORT)) return undefined;
        // Strict reverse path (RFC 3704 §2.2), inside only: who claims an address that is not routed back there would take
        // NAT's ports in other people's names.
        if (!subnets().some(here => here.link === flow.inLink)) return undefined;
        return ctx.use.routes.lookup(flow.src)?.link === flow.inLink ? undefined : { drop: foreign };
      },
      explain: () => "the sender's address does not belong on the interface it came in on",
    });
    const subnets = () => known ??= roles.flatMap(role => addressesOf(role, now[role]).map(a => ({ link: ports.segment(role)?.id ?? -1, address: a.address, bits: a.bits })));

    ctx.provide(LanToken, lan);
    ctx.contribute(NeighbourhoodToken, neighbourhood(ctx, lan, ports));
    addVerbs(ctx, { settings: () => now, ports, lan, dhcp: services, dns });
    panels(ctx, lan, () => now);

    return {
      reconfigure(next) {
        for (const segment of ports.segments) {
          for (const port of segment.bridge.ports) {
            if (next.ports[ctx.links.byId(port)?.name ?? ''] !== segment.role) takeAway(ctx, segment, port, lan.leases(segment.role));
          }
        }
        now = next;
        ports.ageingMs = next.ageingSec * 1000;
        arrange();
        ctx.flows.bumpEpoch('inside interfaces changed');
      },
      save: () => ({ leases: save() }),
    };
  },
});

/** Names the router answers for: its own, the static table's, and what clients call themselves. */
const knownHosts = (s: Settings, services: Readonly<Record<Role, DhcpService>>, now: number): Host[] => [
  ...roles.filter(role => ip(s[role].ip) !== 0).map(role => ({ name: s.dns.name, ip: ip(s[role].ip) })),
  ...roles.flatMap(role => s[role].dhcp.static.map(l => ({ name: l.name, ip: ip(l.ip) }))),
  ...roles.flatMap(role => services[role].leases(now).map(l => ({ name: l.host, ip: l.ip }))),
].filter(h => h.name !== '');
