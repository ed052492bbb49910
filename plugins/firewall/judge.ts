import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import type { PinholeSource } from './contract.ts';
import { opening } from './profile.ts';
import type { Action } from './rules/model.ts';
import type { Ruleset } from './ruleset.ts';

/** Why a flow was judged as it was. A rule has its id, which is positive. */
export const Why = { Default: 0, NoZone: -1, Pinhole: -2, Opening: -3, Triangle: -4, SessionLimit: -5, HalfOpen: -6, Spoofed: -7, Ping: -8 } as const;

/** What is asked about: a flow, or one that somebody imagines (`firewall test`). Addresses and ports after DNAT; `dport` of ICMP is type << 8 | code. */
export interface Case {
  readonly src: number; readonly dst: number; readonly sport: number; readonly dport: number; readonly proto: number;
  /** To the router itself; the direction is then from a zone to the same zone. */
  readonly toSelf: boolean;
  /** It would leave by the interface that it came in on. */
  readonly sameLink: boolean;
}

export interface JudgeOptions {
  /** Same-interface traffic is let through unseen (asymmetric routes). */
  triangle: boolean;
  /** There is a VPN. */
  vpn: boolean;
  /** Whether pings that come in through this zone are answered. */
  pings(zone: string): boolean;
}

/** Applies rules, openings, pinholes and defaults, in this order. Reused: the answer stands in its fields until the next question. */
export class Judge {
  action: Action = 'drop';
  why: number = Why.NoZone;
  /** Place of the rule in the ruleset, or -1. */
  rule = -1;
  from = 0;
  to = 0;
  /** Name of the opening or the pinhole source. */
  by = '';
  log = false;
  alert = false;
  readonly options: JudgeOptions;
  readonly #pinholes: readonly PinholeSource[];

  constructor(options: JudgeOptions, pinholes: readonly PinholeSource[]) {
    this.options = options;
    this.#pinholes = pinholes;
  }

  /** `from`, `to`: numbers of zones; `names` of them. */
  judge(set: Ruleset, names: readonly string[], from: number, to: number, c: Case, minute: number): void {
    this.from = from;
    this.to = to;
    this.rule = -1;
    this.by = '';
    this.log = this.alert = false;
    if (from === 0 || to === 0) return this.#say('drop', Why.NoZone);
    if (this.options.triangle && c.sameLink && !c.toSelf) return this.#say('permit', Why.Triangle);
    this.#byRules(set, names, c, minute);
    if (this.action !== 'permit' && !c.toSelf && this.#pinhole(c)) this.#say('permit', Why.Pinhole);
    if (c.toSelf && this.action === 'permit' && isPing(c) && !this.options.pings(names[from]!)) this.#say('drop', Why.Ping);
  }

  #byRules(set: Ruleset, names: readonly string[], c: Case, minute: number): void {
    const zone = names[this.from]!;
    const at = set.compiled.match(zone, names[this.to]!, c.src, c.dst, c.sport, c.dport, c.proto, minute);
    if (at >= 0) {
      const rule = set.rules[at]!;
      this.rule = at;
      this.log = rule.log;
      this.alert = rule.alert;
      return this.#say(rule.action, rule.id);
    }
    const action = set.action(this.from, this.to);
    this.log = set.logs(this.from, this.to);
    this.#say(action, Why.Default);
    if (action === 'permit' || !c.toSelf) return;
    const open = opening(set.profile, zone, this.options.vpn, c.proto, c.dport, isPing(c));
    if (open === undefined) return;
    this.by = open;
    this.log = false;
    this.#say('permit', Why.Opening);
  }

  #pinhole(c: Case): boolean {
    for (let i = 0; i < this.#pinholes.length; i++) {
      const source = this.#pinholes[i]!;
      if (!source.allows(c.src, c.dst, c.dport, c.proto)) continue;
      this.by = source.name;
      return true;
    }
    return false;
  }

  #say(action: Action, why: number): void {
    this.action = action;
    this.why = why;
  }
}

export const isPing = (c: Pick<Case, 'proto' | 'dport'>): boolean => c.proto === ipv4.PROTO_ICMP && c.dport >> 8 === icmp.TYPE_ECHO;
