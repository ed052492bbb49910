import type { Counter, Disposable, Events, NewFlow, PluginContext } from '../../sdk/index.ts';
import type { AddressesToken, RoutesToken, SilencesToken } from '../ip/contract.ts';
import type { UplinksToken } from '../wan/contract.ts';
import { Attacks, Sieve } from './attacks.ts';
import { Counts } from './counts.ts';
import type { PinholeSourcesToken, ZonesToken } from './contract.ts';
import { HalfOpenGuard } from './dos.ts';
import { PacketDump } from './dump.ts';
import { IdleTimes } from './idle-times.ts';
import { Journal } from './journal.ts';
import { Judge } from './judge.ts';
import { localMinute, scheduledNow } from './minutes.ts';
import { type InForce, Policy } from './policy.ts';
import { profileExempt, profileThresholds } from './profile.ts';
import { Refusals } from './refusals.ts';
import { HitCounters } from './rules/hits.ts';
import { envOf, rulesFrom } from './rules/schema.ts';
import { Ruleset } from './ruleset.ts';
import { ScanWatch } from './scan.ts';
import { SessionCounts } from './sessions.ts';
import type { Carried, Settings } from './settings.ts';
import { Sweep } from './sweep.ts';
import { tracking } from './tracking.ts';
import { TrafficMarks, trafficFields } from './traffic.ts';
import { Zones } from './zones.ts';

export type Needs = {
  readonly addresses: typeof AddressesToken; readonly routes: typeof RoutesToken; readonly uplinks: typeof UplinksToken;
  readonly zones: typeof ZonesToken; readonly pinholes: typeof PinholeSourcesToken; readonly silences: typeof SilencesToken;
};
export type Context = PluginContext<Settings, Needs, Carried>;
type Kind = 'port scan' | 'host sweep' | 'syn flood' | 'session flood' | 'ip spoofing' | 'smurf';
const kinds: readonly Kind[] = ['port scan', 'host sweep', 'syn flood', 'session flood', 'ip spoofing', 'smurf'];

/** The parts of the firewall and the wires between them. */
export class Core {
  readonly ctx: Context;
  settings: Settings;
  readonly zones = new Zones();
  readonly attacks = new Attacks();
  readonly refusals = new Refusals();
  readonly counts: Counts;
  readonly dump = new PacketDump();
  readonly idle: IdleTimes;
  readonly hits = new HitCounters();
  readonly guard: HalfOpenGuard;
  readonly journal: Journal;
  readonly judge: Judge;
  readonly sessions = new SessionCounts();
  readonly policy: Policy;
  readonly #scan: ScanWatch;
  readonly #sieve = new Sieve();
  readonly #marks = new TrafficMarks();
  readonly #sweep: Sweep;
  #scheduled = '';
  #tracked: Disposable | undefined;

  constructor(ctx: Context) {
    this.ctx = ctx;
    const s = this.settings = ctx.config;
    this.counts = new Counts((name) => ctx.counter(name));
    this.idle = new IdleTimes(ctx.flows);
    this.journal = new Journal(ctx.log, s.log.consolidationSec * 1000);
    this.guard = new HalfOpenGuard({ ...thresholdsOf(s), blockMinutes: s.dos.blockMinutes });
    this.#scan = new ScanWatch({ threshold: s.scans.ports, windowMs: s.scans.windowSec * 1000 });
    this.judge = new Judge({ triangle: triangleOf(s), vpn: false, pings: (zone) => !this.settings.antiProbing.noPing.includes(zone) }, ctx.use.pinholes);
    this.policy = new Policy({
      zones: this.zones, judge: this.judge, guard: this.guard, scan: this.#scan, sessions: this.sessions, refusals: this.refusals, dump: this.dump, hits: this.hits, journal: this.journal,
      flows: ctx.flows, counter: (name): Counter => this.counts.counter(name), locate: () => this.locate(), attack: (kind, flow, detail) => this.attack(kind, flow, detail),
    }, inForceOf(s, new Ruleset(sourceOf(s))));
    this.policy.minute = localMinute(ctx.clock.wall());
    this.dump.switch(s.pktdump);
    this.idle.use(s.idle);
    this.#sweep = new Sweep(ctx.clock, ctx.flows, (flow) => this.policy.stillAllows(flow, ctx.clock.now()));
    this.#scheduled = scheduledNow(this.ruleset.rules, this.policy.minute);
    this.locate();
    this.hits.use(this.ruleset.rules);
    for (const [id, hits] of ctx.previous?.hits ?? []) this.hits.set(id, hits);
  }

  get ruleset(): Ruleset { return this.policy.inForce.ruleset; }
  get triangle(): boolean { return this.judge.options.triangle; }

  /** Links, addresses or zones changed: flows of links that are in another zone now are decided again. */
  locate(): void {
    const { addresses, uplinks, zones } = this.ctx.use;
    // An uplink without an address is known by its name only.
    const outside = uplinks.map((u) => ({ zone: u.zone, link: u.link >= 0 ? u.link : this.ctx.links.byName(u.name)?.id ?? -1 }));
    const changed = this.zones.update({ addresses: addresses.list(), uplinks: outside, contributed: zones });
    this.judge.options.vpn = zones.some((z) => z.name === 'VPN');
    if (this.ruleset.zones !== this.zones.names.length) this.ruleset.number(this.zones.names);
    if (changed) this.ctx.flows.bumpEpoch('zones changed');
  }

  /** TCP is followed as the settings say now; again after they changed. */
  track(): void {
    void this.#tracked?.dispose();
    this.#tracked = this.ctx.flows.trackTcp(tracking(this));
  }

  /** New settings. Off to on ends what passes through the router; anything else has flows decided again. */
  configure(next: Settings): void {
    const before = this.settings;
    this.settings = next;
    this.journal.periodMs = next.log.consolidationSec * 1000;
    this.guard.options = { ...thresholdsOf(next), blockMinutes: next.dos.blockMinutes };
    this.#scan.options = { threshold: next.scans.ports, windowMs: next.scans.windowSec * 1000 };
    this.judge.options.triangle = triangleOf(next);
    this.policy.inForce = inForceOf(next, new Ruleset(sourceOf(next, { list: before.rules, rules: this.ruleset.rules }), this.ruleset));
    this.hits.use(this.ruleset.rules);
    this.dump.switch(next.pktdump);
    this.idle.use(next.idle);
    this.#scheduled = scheduledNow(this.ruleset.rules, this.policy.minute);
    this.locate();
    if (next.tcpWindow !== before.tcpWindow || next.active !== before.active) this.track();
    const { flows, log } = this.ctx;
    if (next.active && !before.active) {
      const n = flows.cutWhere((f) => !f.local && f.outLink >= 0, 'the firewall was switched on');
      log.info({ category: 'Access Control', sessions: n }, 'the firewall was switched on; all sessions through the router ended');
    }
    if (before.active && !next.active) log.warn({ category: 'Access Control' }, 'the firewall was switched off');
    flows.bumpEpoch('firewall settings changed');
    this.#sweep.start();
  }

  /** A minute began: rules whose time comes or ends change what is allowed. */
  minute(minute: number): void {
    this.policy.minute = minute;
    if (!this.ruleset.scheduled) return;
    const now = scheduledNow(this.ruleset.rules, minute);
    if (now === this.#scheduled) return;
    this.#scheduled = now;
    this.ctx.flows.bumpEpoch('the time of a firewall rule came or ended');
    this.#sweep.start();
  }

  /** Seen here: told to everybody, at most once a second per kind and sender. */
  attack(kind: Kind, flow: NewFlow, detail: string): void {
    if (!this.#sieve.passes(kinds.indexOf(kind), flow.src, flow.now)) return;
    this.ctx.emit('security/attack', { kind, src: flow.src, dst: flow.dst, link: flow.inLink, detail });
  }

  /** Refused by others than the rules. */
  refused(flow: NewFlow, why: number): void {
    const from = this.zones.of(flow.inLink);
    const to = flow.toSelf ? from : this.zones.of(flow.outLink);
    this.refusals.put(flow.now, flow.src, flow.toDst, flow.sport, flow.toDport, flow.proto, from, to, why);
    this.dump.put(flow.packet, flow.now, from, to, why);
  }

  /** Seen by anybody. */
  attacked(e: Events['security/attack'], entry: (e: Events['security/attack'], zone: string) => Parameters<Journal['note']>[0]): void {
    if (!this.settings.active) return;
    const now = this.ctx.clock.now();
    this.attacks.note(e, now);
    this.journal.note(entry(e, this.zones.nameOf(e.link)), now);
  }

  begun(id: number, logged: boolean): void {
    const mode = this.settings.log.traffic;
    if (mode === 'all' || (mode === 'logged' && logged)) this.#marks.set(id);
  }

  ended(id: number, why: string): void {
    this.sessions.ended(id);
    if (!this.#marks.take(id)) return;
    const flow = this.ctx.flows.view(id);
    // Each flow ends once: nothing to consolidate.
    if (flow) this.ctx.log.info(trafficFields(flow, why, this.zones, this.ctx.clock.now()), 'Traffic Log');
  }

  save(): Carried {
    return { hits: this.ruleset.rules.flatMap(({ id }) => this.hits.of(id) > 0 ? [[id, this.hits.of(id)] as [number, number]] : []) };
  }
}

export const thresholdsOf = (s: Settings) => ({ ...profileThresholds[s.profile], ...defined(s.dos.thresholds) });
const triangleOf = (s: Settings): boolean => s.triangleRoute === 'profile' ? s.profile === 'compat' : s.triangleRoute === 'on';
export const exemptOf = (s: Settings): readonly string[] => s.dos.exempt ?? profileExempt[s.profile];

const sourceOf = (s: Settings, before?: Parameters<typeof rulesFrom>[1]) => ({ profile: s.profile, rules: rulesFrom(s.rules, before), env: envOf(s), directions: s.directions });
const inForceOf = (s: Settings, ruleset: Ruleset): InForce => ({
  active: s.active, ruleset, sessionsPerHost: s.sessionsPerHost, thresholds: s.dos.active, exempt: new Set(exemptOf(s)), scans: s.scans.active, resetBlocked: s.resets.blocked, resetIdent: s.resets.ident, logBroadcasts: s.log.broadcasts,
});

/** Without fields that say nothing. */
function defined<T extends object>(o: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
