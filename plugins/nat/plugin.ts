import { Observable } from 'rxjs';
import { definePlugin, type View } from '../../sdk/index.ts';
import { UplinksToken } from '../wan/contract.ts';
import { guard, translate, translated } from './deciders.ts';
import { secureRandom } from './random.ts';
import { type Settings, settings } from './settings.ts';
import { Translator } from './translator.ts';
import { addVerbs, sessionTable } from './verbs.ts';

/** Rows on the page; the verb shows more. */
const PANEL_ROWS = 100;
const PANEL_MS = 2000;

export default definePlugin({
  id: 'nat',
  title: 'Network address translation',
  needs: { uplinks: UplinksToken },
  // A list that uplinks add themselves to: it is there without any, so that nat does not come and go with one of them.
  provides: [UplinksToken],
  config: settings,
  // Without it inside addresses would leak out and strangers could walk in.
  failClosed: true,
  setup(ctx) {
    let now: Settings = ctx.config;
    const uplinks = ctx.use.uplinks;
    const count = {
      noMapping: ctx.counter('nat: no mapping'),
      noPort: ctx.counter('nat: no port is free'),
      tooMany: ctx.counter('nat: too many sessions of one host'),
    };
    const nat = new Translator({
      taken: ctx.flows.taken.bind(ctx.flows), random: secureRandom(), reserved: now.reservedPorts, maxPerHost: now.maxSessionsPerHost,
    });
    // The flows are the state: what runs now keeps its ports.
    for (const flow of ctx.flows.list(translated)) nat.adopt(flow);

    ctx.decide({
      slot: 'policy', name: 'nat.guard', order: 50,
      decide: flow => (now.active ? guard(flow, uplinks, count) : undefined),
      explain: () => 'from an uplink to an inside address that no mapping stands for',
    });
    ctx.decide({
      slot: 'snat', name: 'nat.snat',
      decide: flow => (now.active ? translate(flow, uplinks, nat, count) : undefined),
      ended: flow => { if (translated(flow)) nat.release(flow.original, flow.reply); },
      explain: flow => `many-to-one, ${nat.sessions(flow.src)} sessions of this host`,
    });
    ctx.on('wan/address', () => nat.retire(uplinks.map(u => u.ip)));
    addVerbs(ctx, nat, () => now);
    ctx.panel({
      path: 'advanced/nat', title: 'NAT',
      view: () => new Observable<View>(page => {
        const draw = () => page.next({ kind: 'stack', title: 'NAT', views: [
          { kind: 'form', settings: 'nat' },
          { kind: 'table', table: sessionTable(ctx.flows.list(translated, PANEL_ROWS)) },
        ] });
        draw();
        const timer = ctx.clock.every(PANEL_MS, draw);
        return () => void timer.dispose();
      }),
    });
    return {
      reconfigure(next) {
        const switched = next.active !== now.active;
        now = next;
        nat.maxPerHost = next.maxSessionsPerHost;
        nat.reserved = next.reservedPorts;
        if (switched) ctx.flows.bumpEpoch('NAT switched');
      },
    };
  },
});
