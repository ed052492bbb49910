import type { NeighbourNode, NeighbourSource, PluginContext } from '../../sdk/index.ts';
import { format4, maskOf } from '../../sdk/wire/address.ts';
import type { Lan, LanInterface } from './contract.ts';
import type { Switch } from './switch.ts';

/** A host that said nothing for longer may be gone. */
const ASLEEP_MS = 300_000;

type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'links' | 'neighbours' | 'clock'>;

/** The hosts behind each inside interface: who answered ARP, who has a lease, who was heard on a port of the switch. */
export const neighbourhood = (ctx: Ctx, lan: Lan, ports: Switch): NeighbourSource => ({
  zones: () => lan.list().filter(i => i.link >= 0 && i.ip !== 0).map(i => ({
    zone: i.zone, side: 'inside' as const, detail: `${format4((i.ip & maskOf(i.bits)) >>> 0)}/${i.bits}`, page: `network/${i.role}`,
    // The ports count what the bridge between them does not see.
    links: i.ports, nodes: hosts(ctx, i, lan, ports),
  })),
});

function hosts(ctx: Ctx, { role, link }: LanInterface, lan: Lan, ports: Switch): NeighbourNode[] {
  const stations = new Map(ports.segment(role)?.bridge.fdb.list(ctx.clock.now()).map(s => [s.mac, s]));
  const leases = lan.leases(role);
  const named = new Map(leases.map(l => [l.mac, l.host]));
  const found = new Map<string, { readonly ip: number; readonly quietMs: number }>();
  for (const l of leases) found.set(l.mac, { ip: l.ip, quietMs: Number.POSITIVE_INFINITY });
  for (const n of ctx.neighbours.list()) if (n.link === link && n.mac !== undefined && !isGroup(n.mac)) found.set(n.mac, { ip: n.ip, quietMs: Math.min(n.ageMs, n.idleMs) });
  return [...found].sort(([, a], [, b]) => a.ip - b.ip).map(([mac, { ip, quietMs }]): NeighbourNode => {
    const station = stations.get(mac);
    const port = station === undefined ? undefined : ctx.links.byId(station.port)?.name;
    const name = named.get(mac) ?? '';
    return {
      kind: 'host', id: mac, label: name || format4(ip), ...(name === '' ? {} : { detail: format4(ip) }), about: port === undefined ? mac : `${mac}, on ${port}`,
      state: Math.min(quietMs, station?.ageMs ?? Number.POSITIVE_INFINITY) < ASLEEP_MS ? 'ok' : 'off', page: `network/${role}`,
      ...(port === undefined ? {} : { link: port }),
    };
  });
}

/** Broadcast and multicast addresses are nobody's. */
const isGroup = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
