import { definePlugin, type Disposable, drive } from '../../sdk/index.ts';
import { parse4 } from '../../sdk/wire/address.ts';
import { RoutesToken } from '../ip/contract.ts';
import { type UplinkState, UplinksToken } from '../wan/contract.ts';
import { Check, type CheckIn, type CheckOut } from './check.ts';
import { choose } from './choice.ts';
import './contract.ts';
import '../cellular-cards/contract.ts';
import { pingAnswers, type PingDeps, pingRoute, sendPing } from './pings.ts';
import { type Settings, settings, verify } from './settings.ts';

/** The preferred uplink may be without an address for so long before another one is called up (ms). */
const STAND_IN_MS = 10_000;

/** One uplink under watch; its number is that of its echo requests. */
interface Watched { readonly name: string; readonly number: number; readonly check: Check; readonly feed: (input: CheckIn) => void; readonly held: Disposable[] }

/** One uplink stands in for another: by connectivity check and metric, with a say in what becomes of running sessions. */
export default definePlugin({
  id: 'failover',
  title: 'Failover',
  needs: { uplinks: UplinksToken, routes: RoutesToken },
  config: settings,
  verify,
  setup(ctx) {
    const { uplinks, routes } = ctx.use;
    let now: Settings = ctx.config;
    const watched = new Map<string, Watched>();
    let override: { readonly name: string; readonly link: number; readonly route: Disposable } | undefined;
    let present: string | undefined;
    let standIn = false;
    let patience: Disposable | undefined;
    const uplinkNamed = (name: string): UplinkState | undefined => uplinks.find(u => u.name === name);
    // 'cellular2' is checked like 'cellular'.
    const targetOf = (name: string) => (name === 'wan' ? now.wan : now.cellular);
    const good = (name: string): boolean => watched.get(name)?.check.good ?? true;

    const deps: PingDeps = {
      packets: ctx.packets, noBuffer: ctx.counter('failover: no packet buffer free'),
      uplink: number => { const w = [...watched.values()].find(each => each.number === number); return w && uplinkNamed(w.name); },
      answered: (number, seq) => [...watched.values()].find(w => w.number === number)?.feed({ kind: 'answer', seq }),
    };
    ctx.decide(pingRoute(deps));
    ctx.stage(pingAnswers(deps));

    /** Sessions stay where they began, as long as that uplink does; those on one that failed begin anew. */
    ctx.decide({
      slot: 'route', name: 'failover.stay', order: 60,
      decide(flow) {
        const before = flow.previous?.outLink;
        if (before === undefined || now.sessions === 'hard' || flow.local) return undefined;
        const uplink = uplinks.find(u => u.link === before);
        if (uplink === undefined || !uplink.up || !good(uplink.name) || !goesOut(flow.toDst)) return undefined;
        return { link: uplink.link, via: uplink.gateway === 0 ? flow.toDst : uplink.gateway, source: uplink.ip };
      },
      explain: () => 'a running session stays on its uplink',
    });
    /** Only what the default route would carry is moved. */
    const goesOut = (dst: number): boolean => routes.lookup(dst)?.bits === 0;

    const cutOn = (link: number, why: string): void => { ctx.flows.cutWhere(f => !f.local && (f.outLink === link || f.inLink === link), why); };

    const arrange = (why: string): void => {
      const choice = choose(uplinks.map(({ name, metric, up }) => ({ name, metric, up, good: good(name) })), present, now.fallBack);
      const use = choice.use === undefined ? undefined : uplinkNamed(choice.use);
      // What the routes would do by themselves needs no help.
      const natural = [...uplinks].filter(u => u.up).sort((a, b) => a.metric - b.metric)[0];
      const wanted = use !== undefined && use !== natural ? use : undefined;
      if (override !== undefined && (override.name !== wanted?.name || override.link !== wanted.link)) {
        void override.route.dispose();
        override = undefined;
      }
      if (wanted !== undefined && override === undefined) {
        override = { name: wanted.name, link: wanted.link, route: ctx.scope.add(routes.add({
          dest: 0, bits: 0, via: wanted.gateway === 0 || wanted.gateway === wanted.ip ? undefined : wanted.gateway, link: wanted.link, metric: 0, source: wanted.ip, name: `failover to ${wanted.name}`, private: true,
        }), 'failover route') };
      }
      if (use !== undefined && use.name !== present) {
        const from = present === undefined ? undefined : uplinkNamed(present);
        if (from !== undefined) {
          // An uplink that failed holds no session; one that is left for a better one holds its own, if they may stay.
          if (from.link >= 0 && (!good(from.name) || now.sessions === 'hard')) cutOn(from.link, `traffic goes by ${use.name} now`);
          ctx.log.warn({ from: from.name, to: use.name }, `${why}: traffic goes by ${use.name} now`);
          ctx.emit('failover/changed', { from: from.name, to: use.name, why });
        }
        present = use.name;
      }
      const primary = [...uplinks].sort((a, b) => a.metric - b.metric)[0];
      void patience?.dispose();
      patience = undefined;
      // An uplink without an address may be about to get one.
      if (choice.standIn && !standIn && primary?.up === false) patience = ctx.clock.after(STAND_IN_MS, () => callStandIn(true, why));
      else callStandIn(choice.standIn, why);
    };
    const callStandIn = (wanted: boolean, why: string): void => {
      patience = undefined;
      if (wanted === standIn) return;
      standIn = wanted;
      ctx.emit('failover/stand-in', { what: 'stand-in', wanted, why });
    };

    const watch = (name: string): Watched => {
      const numbers = new Set([...watched.values()].map(w => w.number));
      let number = 0;
      while (numbers.has(number)) number++;
      const check = new Check({ periodMs: now.period * 1000, timeoutMs: now.timeout * 1000, tolerance: now.tolerance });
      const held: Disposable[] = [];
      const feed = drive<CheckIn, CheckOut>(ctx.clock, { add: d => { held.push(d); return d; } }, check, out => {
        if (out.kind === 'health') return arrange(out.good ? `${name} answers again` : `${name} does not answer`);
        const uplink = uplinkNamed(name);
        const dst = parse4(targetOf(name).address || '0.0.0.0') || uplink?.gateway || 0;
        if (uplink?.up === true && dst !== 0) sendPing(deps, number, uplink.ip, dst, out.seq);
      });
      const made: Watched = { name, number, check, feed, held };
      watched.set(name, made);
      return made;
    };
    const unwatch = ({ name, held }: Watched): void => {
      watched.delete(name);
      for (const each of held) void each.dispose();
    };
    ctx.scope.add(() => { for (const w of [...watched.values()]) unwatch(w); }, 'checks');

    const review = (why: string): void => {
      for (const w of [...watched.values()]) if (uplinkNamed(w.name) === undefined || !targetOf(w.name).active) unwatch(w);
      for (const { name, up } of uplinks) {
        if (!targetOf(name).active) continue;
        (watched.get(name) ?? watch(name)).feed({ kind: up ? 'start' : 'stop' });
      }
      arrange(why);
    };
    review('start');
    ctx.on('wan/address', e => review(e.up ? `${e.name} is up` : `${e.name} is down`));
    ctx.on('plugin/state', () => review('an uplink came or went'));
    ctx.on('card/inserted', () => review('a card was inserted'));
    ctx.on('card/removed', () => review('a card was removed'));

    ctx.command({
      path: 'wan failover status', help: 'the uplinks, whether they answer, and which one carries the traffic', access: 'read',
      run: () => ({ columns: ['uplink', 'metric', 'state', 'check', 'in use'], rows: [...uplinks].sort((a, b) => a.metric - b.metric).map(u => [
        u.name, u.metric, u.up ? 'up' : 'down', watched.get(u.name) === undefined ? 'off' : good(u.name) ? 'answers' : 'no answer', u.name === present && u.up ? 'yes' : '',
      ]) }),
    });
    ctx.panel({ path: 'network/failover', title: 'Failover', view: () => ({ kind: 'stack', title: 'Failover', views: [{ kind: 'form', settings: 'failover' }] }) });
    return {
      reconfigure(next) {
        now = next;
        for (const w of [...watched.values()]) unwatch(w);
        review('the settings changed');
      },
    };
  },
});
