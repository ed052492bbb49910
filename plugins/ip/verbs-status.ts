import { type Facts, type Table, z } from '../../sdk/index.ts';
import { format4, formatMac, maskOf } from '../../sdk/wire/address.ts';
import type { Context, Core } from './core.ts';

export function interfaceTable(ctx: Context, core: Core, link?: number): Table {
  const rows = core.addresses.list().filter((a) => link === undefined || a.link === link).map((a) => {
    const l = ctx.links.byId(a.link);
    return [a.name, format4(a.ip), format4(maskOf(a.bits)), a.zone, l?.name ?? null, l?.framing === 'ether' ? formatMac(l.mac) : null, l?.mtu ?? null, l?.up ? 'up' : `down${l?.why ? `: ${l.why}` : ''}`];
  });
  return { title: 'Interfaces', columns: ['interface', 'address', 'mask', 'zone', 'link', 'ether', 'mtu', 'state'], rows };
}

/** `ip status`, `ip icmp status`, `ip address`, `ip ifconfig`. */
export function statusVerbs(ctx: Context, core: Core): void {
  const icmpFacts = (): Facts => ({ title: 'ICMP', facts: Object.fromEntries(core.icmpCounters.map((c) => [c.name, c.n])) });
  const interfaceArg = { interface: { schema: z.string().optional(), help: 'lan, wan, dmz, wlan (enet0, enet1)', complete: () => core.interfaces.names() } };
  ctx.command({ path: 'ip icmp status', help: 'counters of ICMP', access: 'read', run: icmpFacts });
  ctx.command({
    path: 'ip status', help: 'what the plugin holds and counts', access: 'read',
    run: () => ({ title: 'IP', facts: {
      addresses: core.addresses.list().length, routes: core.routes.size, neighbours: core.neighbours.list().length,
      'datagrams in reassembly': core.reassembly.size, 'octets in reassembly': core.reassembly.held, 'datagrams thrown out': core.reassembly.evicted,
      'probes under way': core.probes.size,
    } }),
  });
  ctx.command({
    path: 'ip address', help: 'own addresses', access: 'read', args: interfaceArg,
    run: (a) => {
      const table = interfaceTable(ctx, core, a.interface === undefined ? undefined : core.interfaces.find(a.interface).id);
      return { title: 'Addresses', columns: table.columns.slice(0, 4), rows: table.rows.map((r) => r.slice(0, 4)) };
    },
  });
  ctx.command({
    path: 'ip ifconfig', help: 'interfaces and their links', access: 'read', args: interfaceArg,
    run: (a) => interfaceTable(ctx, core, a.interface === undefined ? undefined : core.interfaces.find(a.interface).id),
  });
}
