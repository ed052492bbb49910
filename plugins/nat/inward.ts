import type { DnatDecision, FlowKey, FlowView, NewFlow } from '../../sdk/index.ts';
import type { NatCounters } from './deciders.ts';
import type { EspClients } from './esp.ts';
import type { Outside, Plan } from './plan.ts';
import type { PptpCalls } from './pptp-calls.ts';
import type { Taken, Translator } from './translator.ts';
import type { UnsolicitedSyns } from './unsolicited.ts';

const UDP = 17;
const GRE = 47;
const ESP = 50;
/** Of the router itself: its address is leased through it. */
const DHCP_CLIENT = 68;

export interface Inside {
  readonly nat: Translator;
  readonly esp: EspClients;
  readonly calls: PptpCalls;
  readonly syns: UnsolicitedSyns;
  readonly taken: Taken;
  readonly count: NatCounters;
}

/** Slot dnat: what comes to an outside address goes to the host it stands for. */
export class DestinationNat {
  readonly #plan: () => Plan;
  readonly #in: Inside;
  /** The engine reads the answer at once, so one is enough. */
  readonly #answer = { dst: 0, dport: 0 };
  readonly #noMapping: DnatDecision;
  readonly #filtered: DnatDecision;
  /** The flow that was led elsewhere last when it was decided again. The policy may refuse that, and then the flow ends; known with the next decision. */
  #moved: (FlowKey & { readonly toDst: number; readonly toDport: number }) | undefined;

  constructor(plan: () => Plan, inside: Inside) {
    this.#plan = plan;
    this.#in = inside;
    this.#noMapping = { drop: inside.count.noMapping };
    this.#filtered = { drop: inside.count.filtered };
  }

  decide(flow: NewFlow): DnatDecision {
    this.#settle();
    const plan = this.#plan();
    const out = plan.outside.get(flow.dst | 0);
    if (out === undefined) return undefined;
    const hairpin = flow.inLink !== out.uplink.link;
    // From inside: NAT loopback. By another uplink: the address is a stranger there.
    if (hairpin && (!plan.settings.loopback || plan.onLink(flow.inLink) !== undefined)) return undefined;
    const before = flow.previous;
    const was = before !== undefined && before.toDst !== flow.dst;
    const d = this.#find(flow, out, hairpin, was ? before.toDst : 0);
    // A flow that was let in and has no way in any more ends; it must not turn up at the router itself.
    if (d === undefined) return was ? this.#noMapping : undefined;
    if (before !== undefined && !out.exclusive && 'dst' in d && (before.toDst !== d.dst || before.toDport !== d.dport)) {
      const { src, sport, dst, dport, proto } = flow;
      this.#moved = { src, sport, dst, dport, proto, toDst: d.dst, toDport: d.dport };
    }
    return d;
  }

  /** A flow that goes elsewhere now holds its port for its new host. */
  #settle(): void {
    const m = this.#moved;
    if (m === undefined) return;
    this.#moved = undefined;
    if (this.#in.taken(m.src, m.sport, m.dst, m.dport, m.proto)) this.#in.nat.hold(m.dst, m.toDst, m.toDport, m.dport, m.proto);
  }

  #to(dst: number, dport: number): DnatDecision {
    this.#answer.dst = dst;
    this.#answer.dport = dport;
    return this.#answer;
  }

  /** `host`: whom the flow went to before, or 0. */
  #find(flow: NewFlow, out: Outside, hairpin: boolean, host: number): DnatDecision {
    const { proto, dport, src } = flow;
    const u = out.uplink;
    const own = out.address === u.ip;
    if (proto === 6 || proto === 17) {
      if (out.server) {
        const f = u.forwards.find(proto, dport);
        if (f) return src >= f.remote.first && src <= f.remote.last || hairpin ? this.#to(f.server, f.to + dport - f.first) : this.#noMapping;
      }
      if (own) {
        const m = (proto === 6 ? u.dynamics.tcp : u.dynamics.udp).get(dport);
        if (m && (m.remote === 0 || m.remote === src || hairpin)) return this.#to(m.intIp, m.intPort);
        const receiver = u.triggers.rows.length > 0 ? host || u.triggers.receiver(dport, flow.now) : 0;
        if (receiver !== 0 && receiver !== src && u.triggers.rows.some(t => dport >= t.inFirst && dport <= t.inLast)) return this.#to(receiver, dport);
      }
    } else if (proto === GRE && !hairpin) {
      const call = this.#in.calls.find(src, out.address, dport);
      if (call) return this.#to(call.host, call.id);
      if (host !== 0) return this.#to(host, flow.previous!.toDport);
    } else if (proto === ESP && !hairpin) {
      const receiver = host || this.#in.esp.receiver(src, out.address);
      if (receiver !== 0) return this.#to(receiver, dport);
    }
    if (out.exclusive) return this.#exclusive(flow, out);
    return this.#mapped(flow, out, hairpin, host) ?? this.#rest(flow, out, own);
  }

  #exclusive(flow: NewFlow, out: Outside): DnatDecision {
    const r = out.exclusive!;
    const host = r.pairs ? r.pairs.hostOf(out.address) : r.localFirst;
    return host === 0 ? this.#noMapping : this.#to(host, flow.dport);
  }

  /** To a port that a host inside has: as the filtering says (RFC 4787 §5). Hosts inside are no strangers to each other. */
  #mapped(flow: NewFlow, out: Outside, hairpin: boolean, host: number): DnatDecision {
    const { proto, dport } = flow;
    if (proto !== 6 && proto !== 17) return undefined;
    const pool = this.#in.nat.pool(out.address, proto);
    if (!pool?.held(dport)) return undefined;
    const how = proto === UDP && this.#plan().open.has(pool.ownerPort(dport)) ? 'none' : out.uplink.config.filtering;
    // What was let in stays, though whoever was sent to may be forgotten by now.
    const stays = how === 'address' && host !== 0 && pool.owns(host, flow.previous!.toDport, dport);
    if (hairpin || stays || how === 'none' || (how === 'address' && this.#in.nat.hasContact(out.address, dport, flow.src, proto))) return this.#to(pool.ownerIp(dport), pool.ownerPort(dport));
    // Not the router's port, so not the router's answer: the host may be about to open the same connection.
    if (proto === 6) this.#in.syns.take(flow.packet, flow.src, flow.sport, flow.dst, dport);
    return this.#filtered;
  }

  #rest(flow: NewFlow, out: Outside, own: boolean): DnatDecision {
    const { proto, dport } = flow;
    const server = out.server ? out.uplink.defaultServer : 0;
    const routers = own && (proto === 1 || (proto === 17 && dport === DHCP_CLIENT));
    if (server !== 0 && !routers && server !== flow.src) return this.#to(server, dport);
    // Of other addresses than its own the router is only the keeper.
    return own ? undefined : this.#noMapping;
  }

  /** A flow began that went through an outside address: its port stays with the host. */
  begun(flow: NewFlow): void {
    if (flow.local || (flow.toDst === flow.dst && flow.toDport === flow.dport)) return;
    const out = this.#plan().outside.get(flow.dst | 0);
    if (out === undefined) return;
    const { nat, esp } = this.#in;
    if (!out.exclusive) nat.hold(flow.dst, flow.toDst, flow.toDport, flow.dport, flow.proto);
    if (flow.proto === ESP) esp.received(flow.src, flow.toDst);
    else if (flow.proto === 6 || flow.proto === 17) out.uplink.triggers.received(flow.dport, flow.proto, flow.now);
  }

  ended(flow: FlowView): void {
    const { original, reply } = flow;
    const m = this.#moved;
    if (m && m.toDst === reply.src && m.toDport === reply.sport && m.src === original.src && m.sport === original.sport
      && m.dst === original.dst && m.dport === original.dport && m.proto === original.proto) this.#moved = undefined; // holds nothing yet
    else this.#in.nat.unhold(original.dst, reply.src, reply.sport, original.dport, original.proto);
  }
}
