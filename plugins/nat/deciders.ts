import type { Counter, FlowView, NewFlow, PolicyDecision, SnatDecision } from '../../sdk/index.ts';
import * as isakmp from '../../sdk/wire/isakmp.ts';
import { globalFor, ruleFor } from './address-rules.ts';
import type { EspClients } from './esp.ts';
import type { IkeHosts } from './ike-hosts.ts';
import type { NatUplink, Outside, Plan } from './plan.ts';
import type { Settings } from './settings.ts';
import { NO_PORT, TOO_MANY, type Translator } from './translator.ts';

export interface NatCounters {
  readonly noMapping: Counter; readonly noPort: Counter; readonly tooMany: Counter; readonly noRule: Counter; readonly filtered: Counter;
}

/** ICMP code 13, communication administratively prohibited: what RFC 5508 REQ-8 has us say when a session is refused. */
const PROHIBITED = 13;
const UDP = 17;
const ESP = 50;

/** Slot snat: what leaves through an uplink gets an outside address, and so does what goes to an inside host by its outside one. */
export class SourceNat {
  readonly #plan: () => Plan;
  readonly #nat: Translator;
  readonly #esp: EspClients;
  readonly #ike: IkeHosts;
  readonly #refused: { readonly noPort: SnatDecision; readonly tooMany: SnatDecision; readonly noRule: SnatDecision };
  /** The engine reads the answer at once, so one is enough. */
  readonly #answer = { src: 0, sport: 0 };

  constructor(plan: () => Plan, nat: Translator, esp: EspClients, ike: IkeHosts, count: NatCounters) {
    this.#plan = plan;
    this.#nat = nat;
    this.#esp = esp;
    this.#ike = ike;
    this.#refused = {
      noPort: { drop: count.noPort, reject: PROHIBITED }, tooMany: { drop: count.tooMany, reject: PROHIBITED }, noRule: { drop: count.noRule, reject: PROHIBITED },
    };
  }

  decide(flow: NewFlow): SnatDecision {
    const plan = this.#plan();
    let uplink = plan.onLink(flow.outLink);
    if (uplink === undefined) {
      // RFC 4787 REQ-9a: who reaches an inside host by its outside address comes from an outside address as well.
      uplink = flow.toDst === flow.dst && flow.toDport === flow.dport || flow.local || plan.onLink(flow.inLink) ? undefined : plan.outside.get(flow.dst | 0)?.uplink;
      if (uplink === undefined) return undefined;
    }
    // Packets of the router itself have the right address already; where an interface is routed, hosts keep theirs.
    if (uplink.ip === 0 || flow.src === uplink.ip || (plan.routed.size > 0 && plan.routed.has(flow.inLink))) return undefined;
    return this.#translate(flow, uplink);
  }

  #translate(flow: NewFlow, uplink: NatUplink): SnatDecision {
    const { src, sport, proto } = flow;
    let address = uplink.ip;
    let oneToOne = false;
    if (uplink.config.mode === 'full' && !flow.local) {
      const rule = ruleFor(uplink.rules, src);
      if (rule === undefined) return this.#refused.noRule;
      address = globalFor(rule, src, flow.now);
      if (address === 0) return this.#refused.noPort;
      oneToOne = rule.type === 'one-to-one' || rule.type === 'many-one-to-one';
    }
    const answer = this.#answer;
    answer.src = address;
    const before = flow.previous;
    // The very same way back: then the flow goes on and nothing is counted anew.
    if (before && before.snatSrc === address && before.toDst === flow.toDst && before.toDport === flow.toDport
      && (oneToOne ? before.snatSport === sport : this.#nat.holds(address, src, sport, before.snatSport, proto))) {
      answer.sport = before.snatSport;
      return answer;
    }
    const port = oneToOne ? this.#nat.keep(address, src, sport, flow.toDst, flow.toDport, proto)
      : this.#nat.map(address, src, sport, flow.toDst, flow.toDport, proto, address === uplink.ip ? uplink.forwards.outside(src, sport, proto) : -1);
    if (port === NO_PORT) return this.#refused.noPort;
    if (port === TOO_MANY) return this.#refused.tooMany;
    if (uplink.triggers.rows.length > 0 && (proto === 6 || proto === 17)) uplink.triggers.sent(src, flow.dport, proto, flow.now);
    // Flows that are decided again do not begin.
    if (proto === ESP && before) this.#esp.sent(flow.toDst, address, src, flow.now);
    if (proto === UDP && before) this.#share(flow, address, port);
    answer.sport = port;
    return answer;
  }

  /** A flow began; perhaps one whose source was translated. */
  begun(flow: NewFlow): void {
    const given = this.#nat.confirm(flow);
    if (given === undefined) return;
    if (flow.proto === ESP) this.#esp.sent(flow.toDst, given.address, flow.src, flow.now);
    else if (flow.proto === UDP) this.#share(flow, given.address, given.port);
  }

  /** IKE that shall have the port outside that it has inside: what it was given is known to the router alone. */
  #share(flow: NewFlow, address: number, alias: number): void {
    if (sharedPort(this.#plan().settings, flow.sport)) this.#ike.begin({ address, alias, remote: flow.toDst, rport: flow.toDport, port: flow.sport, host: flow.src });
  }

  /** A flow with a translated source is over. */
  ended(flow: FlowView): void {
    if (!translated(flow)) return;
    this.#nat.release(flow.original, flow.reply);
    if (flow.original.proto === ESP) this.#esp.ended(flow.reply.src, flow.reply.dst, flow.original.src);
    else if (flow.original.proto === UDP) this.#ike.end(flow.reply.dst, flow.reply.dport, flow.reply.src, flow.reply.sport);
  }
}

/** Ports of IKE that all hosts have outside as they have them inside. */
export const sharedPort = (settings: Settings, port: number): boolean =>
  (port === isakmp.PORT && !settings.vpn.incikeport) || (port === isakmp.PORT_NAT_T && !settings.vpn.incnattport);

/** Slot policy: a stranger on an uplink who sends straight to an inside address has no mapping and goes nowhere. */
export const guard = (flow: NewFlow, plan: Plan, count: NatCounters): PolicyDecision => {
  if (flow.local || flow.toSelf || plan.onLink(flow.inLink) === undefined) return undefined;
  // A port forward has changed the destination: whether it may pass is the firewall's question.
  if (flow.toDst !== flow.dst || flow.toDport !== flow.dport || plan.routed.has(flow.outLink)) return undefined;
  // One-to-one with itself: a public address inside.
  return plan.outside.has(flow.dst | 0) ? undefined : { drop: count.noMapping };
};

/** The source was rewritten to an address that is not the sender's own. */
export const translated = (flow: FlowView): boolean => flow.reply.dst !== flow.original.src;

/** The destination was rewritten by an outside address's rules. */
export const turnedInward = (flow: FlowView, outside: ReadonlyMap<number, Outside>): boolean =>
  (flow.reply.src !== flow.original.dst || flow.reply.sport !== flow.original.dport) && outside.has(flow.original.dst | 0);
