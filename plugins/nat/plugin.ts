import { definePlugin, type Disposable, PacketErrorsToken, z } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { PORT as PPTP } from '../../sdk/wire/pptp.ts';
import { PinholeSourcesToken } from '../firewall/contract.ts';
import { AddressesToken } from '../ip/contract.ts';
import { UplinksToken } from '../wan/contract.ts';
import { ArpKeeper } from './arp-keeper.ts';
import { PortMappingsToken } from './contract.ts';
import { guard, sharedPort, SourceNat, translated, turnedInward } from './deciders.ts';
import { EspClients } from './esp.ts';
import { explainInward, explainOutward } from './explain.ts';
import { IkeHosts } from './ike-hosts.ts';
import { IkePorts } from './ike-ports.ts';
import { DestinationNat } from './inward.ts';
import { DynamicMappings } from './mappings.ts';
import { addPanels } from './panels.ts';
import { NatPinholes } from './pinholes.ts';
import { Plan } from './plan.ts';
import { INSPECTOR, PptpControls } from './pptp.ts';
import { PptpCalls } from './pptp-calls.ts';
import { secureRandom } from './random.ts';
import { type Settings, settings } from './settings.ts';
import { flowTimeouts, warnings } from './timeouts.ts';
import { Translator } from './translator.ts';
import { UnsolicitedSyns } from './unsolicited.ts';
import { addVerbs } from './verbs.ts';
import { verify } from './verify.ts';

const call = z.object({ remote: z.number(), address: z.number(), host: z.number(), id: z.number(), outsideId: z.number(), control: z.number() });
const ikeFlow = z.object({
  address: z.number(), alias: z.number(), remote: z.number(), rport: z.number(), port: z.number(), host: z.number(), cookies: z.array(z.string()), ours: z.array(z.number()),
  theirs: z.array(z.object({ spi: z.number(), at: z.number() })), pending: z.boolean(), since: z.number(), rekeyed: z.number(),
});
/** The flows are the state; what PPTP connections agreed upon, and whose cookies are whose, is not in them. */
const state = z.object({ calls: z.array(call), ike: z.array(ikeFlow).default([]) });
type State = z.infer<typeof state>;
type Needs = { readonly uplinks: typeof UplinksToken; readonly addresses: typeof AddressesToken; readonly errors: typeof PacketErrorsToken };

export default definePlugin<Settings, Needs, State>({
  id: 'nat',
  title: 'Network address translation',
  needs: { uplinks: UplinksToken, addresses: AddressesToken, errors: PacketErrorsToken },
  // UplinksToken is a list that uplinks add themselves to: it is there without any, so that nat does not come and go with one of them.
  provides: [UplinksToken, PortMappingsToken, PinholeSourcesToken],
  config: settings,
  state,
  verify,
  // Without it inside addresses would leak out and strangers could walk in.
  failClosed: true,
  setup(ctx) {
    let now: Settings = ctx.config;
    const { flows, clock } = ctx;
    const count = {
      noMapping: ctx.counter('nat: no mapping'), noPort: ctx.counter('nat: no port is free'), tooMany: ctx.counter('nat: too many sessions of one host'),
      noRule: ctx.counter('nat: no address mapping'), filtered: ctx.counter('nat: not from whom the host has sent to'),
    };
    const random = secureRandom();
    const nat = new Translator({
      taken: flows.taken.bind(flows), random, rules: address => plan.portRules(address), maxPerHost: now.maxSessionsPerHost,
      idle: (host, idle) => { for (const u of plan.uplinks) for (const r of u.rules) r.pairs?.idle(host, idle, clock.now()); },
    });
    const dynamics = new DynamicMappings(() => plan, nat, random, (m, address) => {
      if (address !== 0) flows.cutWhere(f => f.original.dst === address && f.original.dport === m.extPort && f.original.proto === m.proto && f.reply.src === m.intIp, 'its port mapping ended');
    });
    const routed = (): ReadonlySet<number> => new Set(now.routing.map(name => ctx.links.byName(name)?.id ?? -1).filter(id => id >= 0));
    let plan = new Plan(now, ctx.use.uplinks, name => dynamics.of(name), routed());
    const esp = new EspClients();
    const calls = new PptpCalls((ctx.previous?.calls ?? []).filter(c => flows.view(c.control)?.inspect === INSPECTOR));
    const controls = new PptpControls(calls, id => flows.view(id), ctx.counter('nat: pptp segment after one that was not seen'));
    const syns = new UnsolicitedSyns({ packets: ctx.packets, clock, flows, errors: ctx.use.errors, answered: ctx.counter('nat: unsolicited syn answered') });
    ctx.scope.add(() => syns.close(), 'unsolicited syns');
    const arp = new ArpKeeper(ctx.use.addresses, ctx.log);
    ctx.scope.add(() => arp.close(), 'outside addresses');

    const settle = (): void => {
      arp.follow(plan);
      for (const u of plan.uplinks) if (u.ip !== 0) nat.trackContacts(u.ip, u.config.filtering === 'address', () => flows.list(translated));
      nat.retire(new Set([...plan.outside.values()].map(o => o.address)));
      dynamics.moved();
    };
    const replan = (): void => {
      plan = new Plan(now, ctx.use.uplinks, name => dynamics.of(name), routed(), plan);
      nat.rulesChanged();
      settle();
    };
    // What runs now keeps its ports.
    for (const flow of flows.list()) {
      if (translated(flow)) {
        nat.adopt(flow, !plan.outside.get(flow.reply.dst | 0)?.exclusive);
        if (flow.original.proto === 50) esp.sent(flow.reply.src, flow.reply.dst, flow.original.src, clock.now());
      }
      const out = plan.outside.get(flow.original.dst | 0);
      if (out && !out.exclusive && turnedInward(flow, plan.outside)) nat.hold(flow.original.dst, flow.reply.src, flow.reply.sport, flow.original.dport, flow.original.proto);
    }
    settle();

    const ike = new IkeHosts((flow, owner, cookie) => ctx.log.warn({ host: format4(flow.host), other: format4(owner.host), peer: format4(flow.remote), cookie },
      `${format4(flow.host)} uses the IKE cookie that ${format4(owner.host)} has with ${format4(flow.remote)}: answers go to ${format4(owner.host)}`));
    for (const f of ctx.previous?.ike ?? []) if (flows.taken(f.remote, f.rport, f.address, f.alias, 17)) ike.restore(f);
    const ikePorts = new IkePorts({
      hosts: ike, now: () => clock.now(), taken: flows.taken.bind(flows), unclear: ctx.counter('nat: ike for one of several hosts, nobody knows which'),
      forwarded: (address, port) => { const out = plan.outside.get(address | 0); return out?.server === true && out.uplink.forwards.find(17, port) !== undefined; },
    });
    let stages: readonly Disposable[] = [];
    const shareIke = (): void => {
      ike.keep(port => sharedPort(now, port));
      const wanted = !now.vpn.incikeport || !now.vpn.incnattport;
      if (wanted === stages.length > 0) return;
      for (const s of stages) void s.dispose();
      stages = wanted ? ikePorts.stages().map(spec => ctx.stage(spec)) : [];
    };
    shareIke();

    const inward = new DestinationNat(() => plan, { nat, esp, calls, syns, taken: flows.taken.bind(flows), count });
    const outward = new SourceNat(() => plan, nat, esp, ike, count);
    ctx.decide({
      slot: 'dnat', name: 'nat.dnat', decide: flow => inward.decide(flow), ended: flow => { inward.ended(flow); controls.ended(flow); },
      explain: flow => explainInward(flow, plan, dynamics),
    });
    ctx.decide({
      slot: 'policy', name: 'nat.guard', order: 50, decide: flow => guard(flow, plan, count),
      explain: () => 'from an uplink to an inside address that no mapping stands for',
    });
    ctx.decide({
      slot: 'snat', name: 'nat.snat', decide: flow => outward.decide(flow), ended: flow => { outward.ended(flow); controls.ended(flow); },
      explain: flow => explainOutward(flow, plan, nat),
    });
    const pptp = { inspect: INSPECTOR };
    ctx.decide({
      slot: 'inspect', name: 'nat.pptp',
      decide: flow => (flow.proto === 6 && now.vpn.pptp && (flow.dport === PPTP || flow.toDport === PPTP) && (plan.onLink(flow.outLink) || plan.onLink(flow.inLink)) ? pptp : undefined),
      explain: () => 'call ids are translated',
    });
    ctx.stage({ slot: 'forward.alg', name: 'nat.pptp', process: batch => controls.process(batch) });
    flows.watch({ begun: (_id, flow) => { outward.begun(flow); inward.begun(flow); } });

    ctx.on('wan/address', replan);
    ctx.on('link/up', () => { if (now.routing.length > 0) replan(); });

    let limits = flows.setTimeouts(flowTimeouts(now.timeouts));

    ctx.provide(PortMappingsToken, dynamics);
    ctx.contribute(PinholeSourcesToken, new NatPinholes({ plan: () => plan, dynamics, nat, calls, esp, now: () => clock.now() }));
    addVerbs(ctx, { nat, dynamics, calls, ike, plan: () => plan, settings: () => now, now: () => clock.now() });
    addPanels(ctx, { nat, dynamics, plan: () => plan, settings: () => now });
    return {
      reconfigure(next) {
        const before = now;
        now = next;
        nat.maxPerHost = next.maxSessionsPerHost;
        if (JSON.stringify(before.timeouts) !== JSON.stringify(next.timeouts)) {
          for (const text of warnings(next.timeouts)) ctx.log.warn({}, text);
          void limits.dispose();
          limits = flows.setTimeouts(flowTimeouts(next.timeouts));
        }
        replan();
        shareIke();
        if (JSON.stringify({ ...before, timeouts: 0, maxSessionsPerHost: 0 }) !== JSON.stringify({ ...next, timeouts: 0, maxSessionsPerHost: 0 })) flows.bumpEpoch('NAT settings changed');
      },
      save: () => ({ calls: [...calls.list()], ike: ike.list() }),
    };
  },
});
