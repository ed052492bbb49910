import type { Counter, DeciderSpec, Drop, Flows, FlowView, FlowWatcher, NewFlow, Packet, PolicyDecision } from '../../sdk/index.ts';
import { BROADCAST, format4, isMulticast } from '../../sdk/wire/address.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { Relief, type HalfOpenGuard } from './dos.ts';
import type { PacketDump } from './dump.ts';
import { explained } from './explain.ts';
import type { Journal } from './journal.ts';
import { type Case, type Judge, Why } from './judge.ts';
import type { Refusals } from './refusals.ts';
import type { HitCounters } from './rules/hits.ts';
import type { Ruleset } from './ruleset.ts';
import type { ScanWatch } from './scan.ts';
import type { SessionCounts } from './sessions.ts';
import { OUTSIDE, type Zones } from './zones.ts';

export interface PolicyDeps {
  readonly zones: Zones;
  readonly judge: Judge;
  readonly guard: HalfOpenGuard;
  readonly scan: ScanWatch;
  readonly sessions: SessionCounts;
  readonly refusals: Refusals;
  readonly dump: PacketDump;
  readonly hits: HitCounters;
  readonly journal: Journal;
  readonly flows: Pick<Flows, 'halfOpen' | 'halfOpenTo' | 'cutOldestHalfOpen'>;
  counter(name: string): Counter;
  /** Zones of links are worked out anew. */
  locate(): void;
  attack(kind: 'port scan' | 'host sweep' | 'syn flood' | 'session flood', flow: NewFlow, detail: string): void;
}

/** What can change while running. */
export interface InForce {
  readonly active: boolean;
  readonly ruleset: Ruleset;
  /** 0: no limit of the firewall's. */
  readonly sessionsPerHost: number;
  /** Whether thresholds are looked at, and the zones whose hosts are not held against them. */
  readonly thresholds: boolean;
  readonly exempt: ReadonlySet<string>;
  readonly scans: boolean;
  /** What a default drops is answered with a reset: all TCP, or ident alone. */
  readonly resetBlocked: boolean;
  readonly resetIdent: boolean;
  /** Refused broadcasts and multicasts are written down like anything else. */
  readonly logBroadcasts: boolean;
}

const LOCATE_MS = 1000;
/** RFC 1413. */
const IDENT = 113;
const ACCEPT: PolicyDecision = { accept: true };

/**
 * Judges every new flow, and every flow again when something has changed. What goes to the router itself is judged before anybody else
 * says a word (so that a drop is silent), what goes through it after all others, whose refusals have better reasons.
 */
export class Policy {
  readonly #d: PolicyDeps;
  #now: InForce;
  /** Minute of the week. */
  minute = 0;
  /** The packet whose rejection is being answered: anti-probing does not hide that. */
  rejecting: Packet | undefined = undefined;
  /** The sender of the flow that is decided now cannot be who it says: what it tries is not laid at that one's door. */
  forged = false;
  /** The last new flow that was let in is to be written down when it ends. */
  #logged = false;
  #located = Number.NEGATIVE_INFINITY;
  readonly #case: { -readonly [K in keyof Case]: Case[K] } = { src: 0, dst: 0, sport: 0, dport: 0, proto: 0, toSelf: false, sameLink: false };
  readonly #drops: Record<'rule' | 'default' | 'zone' | 'sessions' | 'halfOpen' | 'ping', Drop>;
  readonly #rejectByRule: Drop;
  readonly #rejectByDefault: Drop;
  readonly #resetByDefault: Drop;

  constructor(deps: PolicyDeps, inForce: InForce) {
    this.#d = deps;
    this.#now = inForce;
    const drop = (why: string): Drop => ({ drop: deps.counter(`firewall: ${why}`) });
    this.#drops = {
      rule: drop('dropped by a rule'), default: drop('dropped by the default of the direction'), zone: drop('the interface has no zone'),
      sessions: drop('too many sessions of one host'), halfOpen: drop('destination blocked, too many half-open sessions'), ping: drop('pings are not answered here'),
    };
    this.#rejectByRule = { drop: deps.counter('firewall: rejected by a rule'), reject: icmp.CODE_ADMIN_PROHIBITED };
    this.#resetByDefault = { drop: deps.counter('firewall: dropped by the default of the direction, with a reset'), reject: icmp.CODE_ADMIN_PROHIBITED };
    this.#rejectByDefault = { drop: deps.counter('firewall: rejected by the default of the direction'), reject: icmp.CODE_ADMIN_PROHIBITED };
  }

  get inForce(): InForce { return this.#now; }
  set inForce(next: InForce) { this.#now = next; }

  /** Deciders of slot `policy`. */
  deciders(): readonly DeciderSpec[] {
    const explain = (flow: NewFlow): string => explained(this.#d.judge, this.#now.ruleset, this.#d.zones.names, flow);
    return [
      { slot: 'policy', name: 'firewall.self', order: 10, explain, decide: (flow) => this.#self(flow) },
      { slot: 'policy', name: 'firewall.policy', order: 200, explain, decide: (flow) => this.#through(flow) },
    ];
  }

  /** Counts sessions of hosts. `tell` hears of each flow, and whether the rule or direction that let it in logs. */
  begun(tell: (id: number, logged: boolean) => void): NonNullable<FlowWatcher['begun']> {
    return (id, flow) => {
      if (flow.local || !this.#now.active) return;
      if (this.#now.sessionsPerHost > 0) this.#d.sessions.begun(id, flow.src);
      tell(id, this.#logged);
    };
  }

  /** Others may still object. */
  #self(flow: NewFlow): PolicyDecision {
    // A forged sender is refused for that, in silence: an answer would go to somebody who has not asked.
    if (!flow.toSelf || flow.local || !this.#now.active || this.forged) return undefined;
    const decision = this.#decide(flow);
    return decision === ACCEPT ? undefined : decision;
  }

  #through(flow: NewFlow): PolicyDecision {
    if (flow.local || !this.#now.active) return undefined;
    return flow.toSelf ? ACCEPT : this.#decide(flow);
  }

  #decide(flow: NewFlow): PolicyDecision {
    const { judge, zones } = this.#d;
    const c = this.#case;
    c.src = flow.src; c.dst = flow.toDst; c.sport = flow.sport; c.proto = flow.proto;
    c.dport = flow.proto === ipv4.PROTO_ICMP ? flow.asked : flow.toDport;
    c.toSelf = flow.toSelf;
    c.sameLink = flow.inLink === flow.outLink;
    const from = this.#zoneOf(flow.inLink, flow.now);
    judge.judge(this.#now.ruleset, zones.names, from, flow.toSelf ? from : this.#zoneOf(flow.outLink, flow.now), c, this.minute);
    this.rejecting = undefined;
    const fresh = flow.previous === undefined;
    if (fresh && !this.forged && this.#now.scans) this.#watchScans(flow);
    if (judge.action === 'permit') {
      const limited = fresh && !this.forged && this.#makesFlow(flow) ? this.#limits(flow) : undefined;
      if (limited === undefined) return this.#permitted(flow, fresh);
    }
    return this.#refused(flow, fresh);
  }

  /** Whether the rules still let a flow be; says so in the log when not. Only rules, openings, pinholes and defaults are asked. */
  stillAllows(flow: FlowView, now: number): boolean {
    const { original, reply } = flow;
    if (flow.local || !this.#now.active) return true;
    const { judge, zones, journal } = this.#d;
    const toSelf = flow.outLink < 0;
    const c = this.#case;
    c.src = original.src; c.sport = original.sport; c.dst = reply.src; c.proto = original.proto;
    c.dport = original.proto === ipv4.PROTO_ICMP ? flow.asked : reply.sport;
    c.toSelf = toSelf;
    c.sameLink = flow.inLink === flow.outLink;
    const from = zones.of(flow.inLink);
    judge.judge(this.#now.ruleset, zones.names, from, toSelf ? from : zones.of(flow.outLink), c, this.minute);
    // An interface that has lost its zone for a moment is no rule.
    if (judge.action === 'permit' || judge.why === Why.NoZone) return true;
    journal.note(describe({ src: c.src, sport: c.sport, toDst: c.dst, toDport: reply.sport, proto: c.proto }, true, judge, this.#now.ruleset, zones.names), now);
    return false;
  }

  /** Nobody tells when an uplink came that has no address yet: a link without a zone is looked at again, once a second. */
  #zoneOf(link: number, now: number): number {
    const zone = this.#d.zones.of(link);
    if (zone !== 0 || now - this.#located < LOCATE_MS) return zone;
    this.#located = now;
    this.#d.locate();
    return this.#d.zones.of(link);
  }

  /** Broadcasts and multicasts to the router are judged packet by packet and leave no flow behind. */
  #makesFlow(flow: NewFlow): boolean { return !flow.toSelf || flow.outAddress === flow.toDst; }

  #watchScans(flow: NewFlow): void {
    const { judge, zones, scan } = this.#d;
    // Who is let through from inside may try what he likes: browsers do.
    if (judge.action === 'permit' && !flow.toSelf && !OUTSIDE.has(zones.names[judge.from]!)) return;
    if (!this.#makesFlow(flow) || (flow.proto !== ipv4.PROTO_TCP && flow.proto !== ipv4.PROTO_UDP)) return;
    const kind = scan.note(flow.src, flow.dst, flow.dport, flow.now);
    if (kind) this.#d.attack(kind, flow, kind === 'port scan' ? `last port ${flow.dport}` : `port ${flow.dport}`);
  }

  /** Limits a flow that the rules allow; changes the judgement when it cannot be. */
  #limits(flow: NewFlow): number | undefined {
    const { judge, sessions, guard, flows, zones } = this.#d;
    const most = this.#now.sessionsPerHost;
    if (most > 0 && sessions.of(flow.src) >= most) return this.#deny(Why.SessionLimit);
    if (!this.#now.thresholds || this.#now.exempt.has(zones.names[judge.from]!)) return undefined;
    const tcp = flow.proto === ipv4.PROTO_TCP;
    const there = tcp ? flows.halfOpenTo(flow.toDst) : 0;
    const relief = guard.admit(flow.toDst, tcp, flows.halfOpen, there, flow.now);
    if (relief === Relief.None) return undefined;
    this.#d.attack(tcp ? 'syn flood' : 'session flood', flow, 'too many half-open sessions');
    if (relief === Relief.Refuse) return this.#deny(Why.HalfOpen);
    flows.cutOldestHalfOpen(tcp ? 'too many half-open sessions, TCP' : 'too many half-open sessions', relief === Relief.CutOldestThere ? flow.toDst : undefined);
    return undefined;
  }

  #deny(why: number): number {
    const { judge } = this.#d;
    judge.action = 'drop';
    return judge.why = why;
  }

  #permitted(flow: NewFlow, fresh: boolean): PolicyDecision {
    const { judge } = this.#d;
    if (!fresh) return ACCEPT;
    this.#d.hits.count(judge.rule);
    this.#logged = judge.log;
    if (judge.log || judge.alert) this.#write(flow);
    return ACCEPT;
  }

  #refused(flow: NewFlow, fresh: boolean): PolicyDecision {
    const { judge, refusals } = this.#d;
    if (fresh) {
      this.#d.hits.count(judge.rule);
      refusals.put(flow.now, flow.src, flow.toDst, flow.sport, flow.toDport, flow.proto, judge.from, judge.to, judge.why);
    }
    this.#d.dump.put(flow.packet, flow.now, judge.from, judge.to, judge.why);
    const worthy = judge.log || judge.alert || !fresh || judge.why === Why.SessionLimit || judge.why === Why.HalfOpen;
    if (worthy && (this.#now.logBroadcasts || !toMany(flow))) this.#write(flow);
    switch (judge.why) {
      case Why.NoZone: return this.#drops.zone;
      case Why.SessionLimit: return this.#drops.sessions;
      case Why.HalfOpen: return this.#drops.halfOpen;
      case Why.Ping: return this.#drops.ping;
    }
    const rule = judge.why > 0;
    const reset = !rule && judge.action === 'drop' && this.#resets(flow);
    if (judge.action !== 'reject' && !reset) return rule ? this.#drops.rule : this.#drops.default;
    this.rejecting = flow.packet;
    return reset ? this.#resetByDefault : rule ? this.#rejectByRule : this.#rejectByDefault;
  }

  #resets(flow: NewFlow): boolean {
    return flow.proto === ipv4.PROTO_TCP && (this.#now.resetBlocked || this.#now.resetIdent && flow.dport === IDENT);
  }

  #write(flow: NewFlow): void {
    const { judge, zones, journal } = this.#d;
    journal.note(describe(flow, flow.previous !== undefined, judge, this.#now.ruleset, zones.names), flow.now);
  }
}

/** A broadcast, by its address or by its frame, or a multicast. */
const toMany = ({ packet: p, dst }: NewFlow): boolean => isMulticast(dst) || dst === BROADCAST || p.l3 - p.off >= ethernet.HEADER && ethernet.toGroup(p.buf, p.off);

const protocols: Readonly<Record<number, string>> = { 1: 'ICMP', 2: 'IGMP', 6: 'TCP', 17: 'UDP', 47: 'GRE', 50: 'ESP', 51: 'AH' };
export const protocolName = (proto: number): string => protocols[proto] ?? `protocol ${proto}`;

/** The texts are the original's, with the zones written out. `again`: the flow was let in once. */
function describe(flow: Pick<NewFlow, 'src' | 'sport' | 'toDst' | 'toDport' | 'proto'>, again: boolean, judge: Judge, set: Ruleset, names: readonly string[]): Parameters<Journal['note']>[0] {
  const way = `${protocolName(flow.proto)} (${names[judge.from] || 'no zone'} to ${names[judge.to] || 'no zone'}`;
  const src = `${format4(flow.src)}:${flow.sport}`;
  const dst = `${format4(flow.toDst)}:${flow.toDport}`;
  const rule = judge.rule < 0 ? undefined : set.rules[judge.rule];
  const base = judge.why === Why.SessionLimit ? `Exceed maximum sessions per host: ${way})`
    : judge.why === Why.HalfOpen ? `Exceed TCP MAX incomplete: ${way})`
    : judge.why === Why.Ping ? `Ping not answered: ${way})`
    : rule ? `Firewall rule match: ${way}, rule:${set.numbers[judge.rule]})` : `Firewall default policy: ${way})`;
  const cut = again && judge.action !== 'permit';
  return {
    category: 'Access Control', message: cut ? `${base}; session no longer allowed` : base, about: `${format4(flow.src)} ${dst}`, alert: judge.alert || judge.why === Why.HalfOpen,
    fields: { src, dst, action: judge.action, ...(rule && rule.name !== '' ? { rule: rule.name } : {}) },
  };
}
