import { CliError, type Facts, type PluginContext, z } from '../../sdk/index.ts';
import { format4, formatMac } from '../../sdk/wire/address.ts';
import type { Assignment } from './assignment.ts';
import type { Uplink } from './uplink.ts';

type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'command' | 'links' | 'clock'>;

export const status = (ctx: Pick<Ctx, 'links' | 'clock'>, uplink: Uplink, { client, dynamic }: Assignment): Facts => {
  const link = ctx.links.byName('wan');
  const lease = client?.lease;
  const expires = lease?.expiresAt;
  return {
    title: 'WAN',
    facts: {
      link: link ? (link.up ? 'up' : `down ${link.why}`.trim()) : 'there is no link named wan',
      'MAC address': link ? formatMac(link.mac) : null,
      assignment: dynamic ? 'dhcp' : 'static',
      'IP address': uplink.ip ? `${format4(uplink.ip)}/${uplink.bits}` : 'none',
      gateway: uplink.gateway ? format4(uplink.gateway) : 'none',
      'DNS servers': uplink.dns.map(format4).join(' ') || 'none',
      metric: uplink.metric,
      ...(uplink.refused ? { refused: uplink.refused } : {}),
      ...(client ? {
        'DHCP client': client.state.at, 'DHCP server': lease ? format4(lease.server) : 'none',
        'lease ends in (s)': lease ? (expires === null || expires === undefined ? 'never' : Math.round((expires - ctx.clock.now()) / 1000)) : null,
      } : {}),
    },
  };
};

export const addVerbs = (ctx: Ctx, uplink: Uplink, assignment: Assignment): void => {
  ctx.command({ path: 'wan status', help: 'the WAN interface', access: 'read', run: () => status(ctx, uplink, assignment) });
  ctx.command({ path: 'ip dhcp wan status', help: 'the DHCP client of the WAN interface', access: 'read', run: () => status(ctx, uplink, assignment) });
  ctx.command({
    path: 'ip dhcp wan client', help: 'give back or renew the address of the WAN interface',
    args: { action: { schema: z.enum(['release', 'renew']), help: 'release or renew' } },
    run({ action }) {
      if (!assignment.dynamic) throw new CliError('wan has a static address; "config set wan mode dhcp" changes that');
      assignment.act(action);
      return undefined;
    },
  });
};
