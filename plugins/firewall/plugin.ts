import { definePlugin } from '../../sdk/index.ts';
import { AddressesToken, RoutesToken, SilencesToken } from '../ip/contract.ts';
import { UplinksToken } from '../wan/contract.ts';
import { attackEntry } from './attack-entry.ts';
import { PinholeSourcesToken, ZonesToken } from './contract.ts';
import { Core, type Needs } from './core.ts';
import { Why } from './judge.ts';
import { everyMinute } from './minutes.ts';
import { panels } from './panels.ts';
import { silence } from './probing.ts';
import { type Carried, carried, type Settings, settings, verify } from './settings.ts';
import { spoofingDeciders } from './spoofing.ts';
import { verbs } from './verbs.ts';

const TICK_MS = 1000;

/** Zones, rules, stateful inspection, protection against floods and scans. */
export default definePlugin<Settings, Needs, Carried>({
  id: 'firewall',
  title: 'Firewall',
  needs: { addresses: AddressesToken, routes: RoutesToken, uplinks: UplinksToken, zones: ZonesToken, pinholes: PinholeSourcesToken, silences: SilencesToken },
  // Lists that others add themselves to: they are there without any.
  provides: [UplinksToken, ZonesToken, PinholeSourcesToken],
  config: settings,
  verify,
  state: carried,
  // Without it strangers could walk in.
  failClosed: true,
  setup(ctx) {
    const core = new Core(ctx);
    const { policy } = core;

    for (const decider of policy.deciders()) ctx.decide(decider);
    for (const decider of spoofingDeciders({
      addresses: ctx.use.addresses, routes: ctx.use.routes, zones: core.zones, counter: (name) => core.counts.counter(name),
      active: () => core.settings.active && core.settings.antiSpoofing, asymmetric: () => core.triangle, attack: (kind, flow, detail) => core.attack(kind, flow, detail),
      forged: (is) => { policy.forged = is; }, refused: (flow) => core.refused(flow, Why.Spoofed),
    })) ctx.decide(decider);
    core.track();
    ctx.flows.watch({ begun: policy.begun((id, logged) => core.begun(id, logged)), ended: (id, why) => core.ended(id, why) });
    ctx.contribute(SilencesToken, silence({
      zones: core.zones, active: () => core.settings.active, silent: () => core.settings.antiProbing.silent, rejecting: () => policy.rejecting,
    }));

    const locate = (): void => core.locate();
    ctx.on('address/added', locate);
    ctx.on('address/removed', locate);
    ctx.on('wan/address', locate);
    ctx.on('link/up', locate);
    ctx.on('zone/changed', locate);
    ctx.on('config/committed', () => core.idle.again());
    ctx.on('plugin/state', () => core.idle.again());
    ctx.on('security/attack', (e) => core.attacked(e, (attack, zone) => attackEntry(attack, zone, core.settings.log.alerts)));
    ctx.clock.every(TICK_MS, () => {
      core.journal.tick(ctx.clock.now());
      // Whoever brought a zone may have left without a word.
      core.locate();
    });
    ctx.scope.add(everyMinute(ctx.clock, (minute) => core.minute(minute)), 'minutes');

    verbs(core);
    panels(core);
    return { reconfigure: (next) => core.configure(next), save: () => core.save() };
  },
});
