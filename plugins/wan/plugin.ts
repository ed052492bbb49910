import { definePlugin, NeighbourhoodToken, z } from '../../sdk/index.ts';
import { AddressesToken, RoutesToken } from '../ip/contract.ts';
import { LINK, runDhcp, runStatic } from './assignment.ts';
import { UplinksToken } from './contract.ts';
import { leaseSchema, shifted } from './lease.ts';
import { neighbourhood } from './neighbourhood.ts';
import { panels } from './panels.ts';
import { type Settings, settings } from './settings.ts';
import { LeaseFile } from './store.ts';
import { type NamedSubnet, problems } from './subnets.ts';
import { Uplink } from './uplink.ts';
import { addVerbs } from './verbs.ts';

const state = z.object({ lease: leaseSchema.optional() });
type State = z.infer<typeof state>;
type Needs = { readonly addresses: typeof AddressesToken; readonly routes: typeof RoutesToken };

export default definePlugin<Settings, Needs, State>({
  id: 'wan',
  title: 'WAN',
  needs: { addresses: AddressesToken, routes: RoutesToken },
  provides: [UplinksToken],
  config: settings,
  state,
  verify: problems,
  setup(ctx) {
    const file = new LeaseFile(ctx.file('lease.json'));
    const toWall = ctx.clock.wall() - ctx.clock.now();
    const stored = ctx.config.mode === 'dhcp' ? file.load() : undefined;

    const uplinks = new Map<string, NamedSubnet>();
    const uplink = new Uplink(ctx, { ...ctx.use, uplinks: () => [...uplinks.values()] }, ctx.config.metric);
    ctx.contribute(UplinksToken, uplink);

    const wan = ctx.config.mode === 'dhcp'
      ? runDhcp(ctx, uplink, file, toWall, stored && shifted(stored, -toWall))
      : runStatic(ctx, uplink);

    const review = () => { const link = ctx.links.byName(LINK); if (link) uplink.review(link); };
    ctx.on('wan/address', other => {
      if (other.name === uplink.name) return;
      if (other.up) uplinks.set(other.name, { name: other.name, address: other.ip, bits: other.bits });
      else uplinks.delete(other.name);
      review();
    });
    ctx.on('address/added', a => { if (a.name !== uplink.name) review(); });
    ctx.on('address/removed', a => { if (a.name !== uplink.name) review(); });
    ctx.on('link/up', e => { if (e.name === LINK) wan.up(); });
    ctx.on('link/down', e => { if (e.name === LINK) wan.down(); });

    addVerbs(ctx, uplink, wan);
    panels(ctx, uplink, wan);
    ctx.contribute(NeighbourhoodToken, neighbourhood(uplink));
    return { save: () => ({ lease: wan.client?.lease }) };
  },
});
