import { definePlugin, OwnHttpToken } from '../../sdk/index.ts';
import { PinholeSourcesToken } from '../firewall/contract.ts';
import { AddressesToken } from '../ip/contract.ts';
import { LanToken } from '../lan/contract.ts';
import { PortMappingsToken } from '../nat/contract.ts';
import { UplinksToken } from '../wan/contract.ts';
import { Gateway, type Needs } from './gateway.ts';
import { addPanel } from './panel.ts';
import { type Saved, saved } from './saved.ts';
import { type Settings, settings, verify } from './settings.ts';
import { addVerbs } from './verbs.ts';

export default definePlugin<Settings, Needs, Saved>({
  id: 'upnp',
  title: 'UPnP, NAT-PMP and PCP',
  needs: { ports: PortMappingsToken, lan: LanToken, uplinks: UplinksToken, addresses: AddressesToken, http: OwnHttpToken },
  provides: [PinholeSourcesToken],
  config: settings,
  state: saved,
  verify,
  setup(ctx) {
    const gateway = new Gateway(ctx);
    gateway.arrange();
    ctx.on('wan/address', () => gateway.arrange());
    ctx.on('address/added', () => gateway.arrange());
    ctx.on('address/removed', () => gateway.arrange());
    // What waits for a port may have it now.
    ctx.on('config/committed', () => gateway.arrange());
    ctx.on('lan/lease', e => { if (e.state === 'gone') gateway.gone(e.ip); });
    ctx.contribute(PinholeSourcesToken, gateway.services);
    addVerbs(ctx, gateway);
    addPanel(ctx, gateway);
    return {
      reconfigure: next => gateway.reconfigure(next),
      save: () => gateway.save(),
    };
  },
});
