import { definePlugin, type Disposable, type NewFlow } from '../../sdk/index.ts';
import { parse4 } from '../../sdk/wire/address.ts';
import { AddressesToken, RoutesToken } from '../ip/contract.ts';
import { type UplinkState, UplinksToken } from '../wan/contract.ts';
import { Checks } from './checks.ts';
import { choose } from './choice.ts';
import './contract.ts';
import '../cellular-cards/contract.ts';
import { pingAnswers, type PingDeps, pingRoute, sendPing } from './pings.ts';
import { type Settings, settings, verify } from './settings.ts';
import { Sharing } from './sharing.ts';
import { addFaces } from './status.ts';
import { shareDecider, stayDecider } from './ways.ts';

/** The preferred uplink may be without an address for so long before another one is called up (ms). */
const STAND_IN_MS = 10_000;
/** Traffic is measured so often (ms). */
const MEASURE_MS = 1_000;

/** Several uplinks: one stands in for another, by connectivity check and metric, or all of them share the sessions. */
export default definePlugin({
  id: 'failover',
  title: 'Failover',
  needs: { uplinks: UplinksToken, routes: RoutesToken, addresses: AddressesToken },
  config: settings,
  verify,
  setup(ctx) {
    const { uplinks, routes, addresses } = ctx.use;
    let now: Settings = ctx.config;
    let override: { readonly name: string; readonly link: number; readonly route: Disposable } | undefined;
    let present: string | undefined;
    let standIn = false;
    let patience: Disposable | undefined;
    /** Links of the uplinks that did when it was looked at last. */
    let able = new Map<string, number>();
    const shares = (): boolean => now.mode === 'active/active';
    const uplinkNamed = (name: string): UplinkState | undefined => uplinks.find(u => u.name === name);
    const byMetric = (): UplinkState[] => [...uplinks].sort((a, b) => a.metric - b.metric);
    const targetOf = (u: UplinkState) => (u.zone === 'CELL' ? now.cellular : now.wan);
    const good = (name: string): boolean => checks.good(name);

    const pings: PingDeps = {
      packets: ctx.packets, noBuffer: ctx.counter('failover: no packet buffer free'),
      uplink: number => uplinkNamed(checks.named(number) ?? ''), answered: (number, seq) => checks.answered(number, seq),
    };
    const checks: Checks = new Checks({
      clock: ctx.clock, times: () => ({ periodMs: now.period * 1000, timeoutMs: now.timeout * 1000, tolerance: now.tolerance }),
      turned: (name, answers) => arrange(answers ? `${name} answers again` : `${name} does not answer`),
      ask(name, number, seq) {
        const uplink = uplinkNamed(name);
        if (uplink?.up !== true) return;
        const dst = parse4(targetOf(uplink).address || '0.0.0.0') || uplink.gateway;
        if (dst !== 0) sendPing(pings, number, uplink.ip, dst, seq);
      },
    });
    ctx.scope.add(checks, 'checks');
    ctx.decide(pingRoute(pings));
    ctx.stage(pingAnswers(pings));

    const sharing = new Sharing({ uplinks, links: ctx.links, good, settings: () => now.balance });
    const ways = {
      uplinks, routes, addresses, good, shares, stays: () => shares() || now.sessions === 'soft',
      share: (flow: NewFlow) => sharing.pick(flow),
    };
    ctx.decide(stayDecider(ways));
    ctx.decide(shareDecider(ways));

    const cutOn = (link: number, why: string): void => { ctx.flows.cutWhere(f => !f.local && (f.outLink === link || f.inLink === link), why); };

    const arrange = (why: string): void => {
      const choice = choose(uplinks.map(({ name, metric, up }) => ({ name, metric, up, good: good(name) })), present, now.fallBack);
      const use = choice.use === undefined ? undefined : uplinkNamed(choice.use);
      routeBy(use);
      if (use !== undefined && use.name !== present) {
        const from = present === undefined ? undefined : uplinkNamed(present);
        if (from !== undefined) {
          // An uplink that failed holds no session; one that is left for a better one holds its own, if they may stay.
          if (!shares() && from.link >= 0 && (!good(from.name) || now.sessions === 'hard')) cutOn(from.link, `traffic goes by ${use.name} now`);
          ctx.log.warn({ from: from.name, to: use.name }, `${why}: traffic goes by ${use.name} now`);
          ctx.emit('failover/changed', { from: from.name, to: use.name, why });
        }
        present = use.name;
      }
      if (shares()) leaveBehind(why);
      able = new Map(uplinks.filter(u => u.up && good(u.name)).map(u => [u.name, u.link]));
      callFor(choice.standIn, why);
    };

    /** The default route is that of the uplink in use; what the routes would do by themselves needs no help. */
    const routeBy = (use: UplinkState | undefined): void => {
      const wanted = use !== undefined && use !== byMetric().find(u => u.up) ? use : undefined;
      if (override !== undefined && (override.name !== wanted?.name || override.link !== wanted.link)) {
        void override.route.dispose();
        override = undefined;
      }
      if (wanted === undefined || override !== undefined) return;
      override = { name: wanted.name, link: wanted.link, route: ctx.scope.add(routes.add({
        dest: 0, bits: 0, via: wanted.gateway === 0 || wanted.gateway === wanted.ip ? undefined : wanted.gateway, link: wanted.link, metric: 0, source: wanted.ip, name: `failover to ${wanted.name}`, private: true,
      }), 'failover route') };
    };

    /** Uplinks that are no longer among those that share: sessions of one that failed end, those of one that went down if they are to. */
    const leaveBehind = (why: string): void => {
      for (const [name, link] of able) {
        const uplink = uplinkNamed(name);
        if (uplink?.up === true && good(name)) continue;
        ctx.log.warn({ uplink: name }, `${why}: new sessions go by the others`);
        if (!good(name) || now.sessions === 'hard') cutOn(link, `${name} failed`);
      }
    };

    /** `failed`: the primary uplink does not do. */
    const callFor = (failed: boolean, why: string): void => {
      void patience?.dispose();
      patience = undefined;
      const more = shares() && uplinks.length > 1 && sharing.wantsMore;
      // An uplink without an address may be about to get one.
      if (failed && !more && !standIn && byMetric()[0]?.up === false) patience = ctx.clock.after(STAND_IN_MS, () => callStandIn(true, why));
      else callStandIn(failed || more, why);
    };
    const callStandIn = (wanted: boolean, why: string): void => {
      patience = undefined;
      if (wanted === standIn) return;
      standIn = wanted;
      ctx.emit('failover/stand-in', { what: 'stand-in', wanted, why });
    };

    const review = (why: string): void => {
      checks.dropExcept(name => { const u = uplinkNamed(name); return u !== undefined && targetOf(u).active; });
      for (const u of uplinks) if (targetOf(u).active) checks.watch(u.name, u.up);
      arrange(why);
    };
    review('start');
    ctx.on('wan/address', e => review(e.up ? `${e.name} is up` : `${e.name} is down`));
    ctx.on('plugin/state', () => review('an uplink came or went'));
    ctx.on('card/inserted', () => review('a card was inserted'));
    ctx.on('card/removed', () => review('a card was removed'));
    ctx.clock.every(MEASURE_MS, () => {
      if (!shares()) return;
      const before = sharing.wantsMore;
      sharing.measure(ctx.clock.now());
      if (sharing.wantsMore !== before) arrange(before ? 'the primary uplink has room again' : 'the primary uplink is full');
    });

    addFaces(ctx, { uplinks, sharing, settings: () => now, check: name => (checks.watches(name) ? (good(name) ? 'answers' : 'no answer') : 'off'), inUse: u => (shares() ? u.up && good(u.name) : u.up && u.name === present) });
    return {
      reconfigure(next) {
        const other = now.mode !== next.mode || JSON.stringify(now.balance) !== JSON.stringify(next.balance);
        now = next;
        checks.dropExcept(() => false);
        if (other) sharing.settingsChanged();
        review('the settings changed');
      },
    };
  },
});
