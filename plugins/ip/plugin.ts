import { Attacks, definePlugin, type Disposable } from '../../sdk/index.ts';
import { formatMac } from '../../sdk/wire/address.ts';
import { AddressesToken, ErrorsToken, RoutesToken, SilencesToken } from './contract.ts';
import { Core } from './core.ts';
import { routeDecider } from './decider.ts';
import { panels } from './panels.ts';
import { type Carried, carried, settings, verify } from './settings.ts';
import { arpStage, echoStage, reassemblyStage } from './stages.ts';
import { arpVerbs } from './verbs-arp.ts';
import { probeVerbs } from './verbs-probe.ts';
import { routeVerbs, strouteVerbs } from './verbs-route.ts';
import { statusVerbs } from './verbs-status.ts';

/** Addresses, routes, ARP, ICMP and reassembly. */
export default definePlugin({
  id: 'ip',
  title: 'IP',
  needs: { silences: SilencesToken },
  provides: [AddressesToken, RoutesToken, ErrorsToken, SilencesToken],
  config: settings,
  verify,
  state: carried,
  setup(ctx) {
    const core = new Core(ctx);
    const counter = (name: string) => ctx.counter(name);

    ctx.stage(arpStage(core.feed, counter));
    let timer: Disposable | undefined;
    const rearm = () => {
      const due = core.reassembly.deadline();
      if (timer || due === undefined) return;
      timer = ctx.clock.after(Math.max(0, due - ctx.clock.now()), () => {
        timer = undefined;
        for (const { packet } of core.reassembly.expire(ctx.clock.now())) {
          timedOut.n++;
          core.icmp.reassemblyExceeded(packet);
        }
        rearm();
      });
    };
    const attacks = new Attacks(ctx.clock, (attack) => ctx.emit('security/attack', attack));
    const timedOut = ctx.counter('reassembly: timed out');
    ctx.scope.add(() => { void timer?.dispose(); }, 'reassembly timer');
    ctx.stage(reassemblyStage({ machine: () => core.reassembly, clock: ctx.clock, packets: ctx.packets, rearm, attack: (kind, p, detail) => attacks.seen(kind, p, detail) }, counter));
    ctx.stage(echoStage({ icmp: core.icmp, probes: core.probes, addresses: core.addresses, echo: () => core.config.icmp.echo }, counter));

    ctx.decide(routeDecider({
      addresses: core.addresses, lookup: (dst) => core.lookup(dst), linkName: (link) => core.interfaces.nameOf(link),
      group: (link, ip) => core.group(link, ip), counter,
    }));
    ctx.neighbours.resolver((link, ip) => core.feed({ kind: 'need', link, ip }));
    ctx.on('link/up', (e) => core.linkChanged(e.link, true));
    ctx.on('link/down', (e) => core.linkChanged(e.link, false));

    const routesByHand = routeVerbs(ctx, core);
    strouteVerbs(ctx, core);
    arpVerbs(ctx, core);
    probeVerbs(ctx, core);
    statusVerbs(ctx, core);
    panels(ctx, core);

    ctx.provide(AddressesToken, core.addressService);
    ctx.provide(RoutesToken, core.routeService);
    ctx.provide(ErrorsToken, core.icmp);

    return {
      reconfigure: (next) => core.configure(next),
      save: (): Carried => ({
        neighbours: core.neighbours.list().flatMap(({ mac, link, ip, port, permanent, confirmed }) => mac ? [{ link, ip, port, permanent, confirmed, mac: formatMac(mac) }] : []),
        routes: routesByHand(),
      }),
    };
  },
});
