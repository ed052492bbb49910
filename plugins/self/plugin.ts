import { definePlugin, SelfStackToken } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { AddressesToken } from '../ip/contract.ts';
import { admission, type CarriageDeps, intoStack, outOfStack } from './carriage.ts';

/**
 * Carries TCP between the router's own addresses and the stack in which its services (web, SSH, telnet) listen. The stack is the
 * kernel's and keeps its connections while this plugin is reloaded.
 */
export default definePlugin({
  id: 'self',
  title: "The router's own TCP services",
  needs: { stack: SelfStackToken, addresses: AddressesToken },
  setup(ctx) {
    const { stack, addresses } = ctx.use;
    let link = -1;
    ctx.command({
      path: 'ip self', help: "The stack of the router's own TCP services: its link and addresses", access: 'read',
      run: () => ({ facts: {
        stack: stack.why === undefined ? 'running' : `none: ${stack.why}`, link: ctx.links.byId(link)?.name ?? '',
        addresses: stack.why === undefined ? addresses.list().map((a) => format4(a.ip)).join(', ') : '',
      } }),
    });
    if (stack.why !== undefined) return;

    const deps: CarriageDeps = {
      stack, packets: ctx.packets, link: () => link, counter: (name) => ctx.counter(name),
      zoneOf: (id) => addresses.onLink(id)[0]?.zone,
    };
    const arrange = (): void => stack.setAddresses(addresses.list().map((a) => a.ip));
    arrange();
    ctx.on('address/added', arrange);
    ctx.on('address/removed', arrange);
    // Rules of remote management that changed hold for connections that are there, too.
    ctx.on('config/committed', (e) => { if (e.changed.includes('remote')) ctx.flows.bumpEpoch('remote management changed'); });
    link = ctx.link((host) => stack.open(host)).id;
    ctx.decide(admission(deps));
    ctx.stage(intoStack(deps));
    ctx.stage(outOfStack(deps));
  },
});
