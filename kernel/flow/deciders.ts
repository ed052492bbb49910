import { type DeciderSpec, type DecisionSlot, type DnatDecision, decisionSlots, type Drop, type InspectDecision, type NewFlow, type PolicyDecision, type RouteDecision, type SnatDecision } from '../../sdk/flow.ts';
import type { Counter, Packet } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { DECIDERS_MOST, INSPECTORS_MOST } from './record.ts';

type DeciderAnswer = ReturnType<DeciderSpec['decide']> | Drop;
interface Entry { readonly spec: DeciderSpec; readonly owner: string; readonly id: number }

/** The first packet of a flow, as deciders see it. One object for all flows. */
export class Candidate implements NewFlow {
  packet!: Packet;
  src = 0; dst = 0; sport = 0; dport = 0; proto = 0;
  inLink = -1;
  local = false;
  toDst = 0; toDport = 0;
  outLink = -1; nextHop = 0; outAddress = 0;
  toSelf = false;
  asked = 0;
  previous: NewFlow['previous'] = undefined;
  cameBy: number | undefined = undefined;
  now = 0;
}

/** What the deciders made of a candidate. Reused like it. */
export class Decision {
  drop: Counter | undefined = undefined;
  reject: number | undefined = undefined;
  self = false;
  /** The route's own address; for a flow to a broadcast address it differs from the destination. */
  outLink = -1; nextHop = 0; source = 0;
  dst = 0; dport = 0;
  src = 0; sport = 0;
  dnatBy = 0; snatBy = 0; inspectBy = 0;
}

/** What happened at each slot, for `trace`. */
export type Explain = (slot: DecisionSlot, by: string, says: string) => void;

/** Deciders by slot, in order; they run once per new flow (and again after an epoch change). */
export class Deciders {
  readonly #slots: Record<DecisionSlot, Entry[]> = { dnat: [], route: [], policy: [], snat: [], inspect: [] };
  /** Ids by decider name stay the same for the life of the process, so that flows recognise a reloaded decider as their own. */
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [''];
  /** By id, those that are here. */
  readonly #here: (DeciderSpec | undefined)[] = [];
  readonly #inspectors: string[] = [''];
  readonly #gone = new Set<number>();
  readonly #fault: (decider: string, owner: string, error: unknown) => void;
  readonly #broken: Counter;
  readonly #noRoute: Counter;
  /** Wanted plugins without which nothing new is forwarded. */
  failClosed: readonly string[] = [];
  readonly #closed: Counter;
  changed: () => void = () => {};

  constructor(counter: (name: string) => Counter, fault: (decider: string, owner: string, error: unknown) => void) {
    this.#fault = fault;
    this.#broken = counter('flow: a decider failed');
    this.#noRoute = counter('flow: nobody decides routes');
    this.#closed = counter('flow: closed, a guarding plugin is down');
  }

  add(spec: DeciderSpec, owner: string): Disposable {
    if (!decisionSlots.includes(spec.slot)) throw new Error(`${owner}: there is no decider slot "${spec.slot}"; slots are ${decisionSlots.join(', ')}`);
    let id = this.#ids.get(spec.name);
    if (id === undefined) {
      if (this.#names.length > DECIDERS_MOST) throw new Error(`more than ${DECIDERS_MOST} names of deciders`);
      id = this.#names.push(spec.name) - 1;
      this.#ids.set(spec.name, id);
    }
    const entry: Entry = { spec, owner, id };
    this.#gone.delete(id);
    const slot = this.#slots[spec.slot];
    slot.push(entry);
    this.#here[id] = spec;
    slot.sort((a, b) => (a.spec.order ?? 100) - (b.spec.order ?? 100) || (a.spec.name < b.spec.name ? -1 : 1));
    this.changed();
    return { dispose: () => {
      const at = slot.indexOf(entry);
      if (at < 0) return;
      slot.splice(at, 1);
      this.#here[entry.id] = decisionSlots.flatMap(s => this.#slots[s]).find(e => e.id === entry.id)?.spec;
      if (!this.#here[entry.id]) this.#gone.add(entry.id);
      this.changed();
    } };
  }

  list(): readonly { slot: DecisionSlot; name: string; owner: string }[] {
    return decisionSlots.flatMap(slot => this.#slots[slot].map(e => ({ slot, name: e.spec.name, owner: e.owner })));
  }

  byId(id: number): DeciderSpec | undefined { return this.#here[id]; }

  inspector(id: number): string { return this.#inspectors[id] ?? ''; }

  /** Ids of deciders that left since the last call and did not come back: flows they decided must end. */
  takeGone(): ReadonlySet<number> {
    const gone = new Set(this.#gone);
    this.#gone.clear();
    return gone;
  }

  /** Fills `out` from the candidate; `tell` is given while tracing. False: dropped, with out.drop and perhaps out.reject. */
  run(c: Candidate, out: Decision, tell?: Explain): boolean {
    out.drop = undefined; out.reject = undefined; out.self = false;
    out.dnatBy = out.snatBy = out.inspectBy = 0;
    c.toDst = c.dst; c.toDport = c.dport;
    c.outLink = -1; c.nextHop = 0; c.outAddress = 0; c.toSelf = false;

    if (!c.local) {
      const slot = this.#slots.dnat;
      for (let i = 0; i < slot.length; i++) {
        const d = this.#ask(slot[i]!, c) as DnatDecision;
        if (d === undefined) continue;
        if (tell) this.#explain(tell, slot[i]!, c);
        if ('drop' in d) return this.#refuse(out, d);
        c.toDst = d.dst >>> 0; c.toDport = d.dport;
        out.dnatBy = slot[i]!.id;
        break;
      }
    }
    out.dst = c.toDst; out.dport = c.toDport;

    if (!this.route(c, out, tell)) return false;
    c.outLink = out.outLink; c.nextHop = out.nextHop; c.outAddress = out.source; c.toSelf = out.self;

    if (this.failClosed.length > 0 && !c.local && !out.self) {
      tell?.('policy', 'kernel', `closed: ${this.failClosed.join(', ')} should be active and is not`);
      out.drop = this.#closed;
      return false;
    }
    let accepted = false;
    const policies = this.#slots.policy;
    for (let i = 0; i < policies.length; i++) {
      const d = this.#ask(policies[i]!, c) as PolicyDecision;
      if (d === undefined) continue;
      if (tell) this.#explain(tell, policies[i]!, c);
      if ('drop' in d) return this.#refuse(out, d);
      accepted = true;
      break;
    }
    if (!accepted) tell?.('policy', '', 'nobody objects');

    out.src = c.src; out.sport = c.sport;
    if (!out.self) {
      const snats = this.#slots.snat;
      for (let i = 0; i < snats.length; i++) {
        const d = this.#ask(snats[i]!, c) as SnatDecision;
        if (d === undefined) continue;
        if (tell) this.#explain(tell, snats[i]!, c);
        if ('drop' in d) return this.#refuse(out, d);
        out.src = d.src >>> 0; out.sport = d.sport;
        out.snatBy = snats[i]!.id;
        break;
      }
      const inspectors = this.#slots.inspect;
      for (let i = 0; i < inspectors.length; i++) {
        const d = this.#ask(inspectors[i]!, c) as InspectDecision | Drop;
        if (d === undefined || !('inspect' in d)) continue;
        if (tell) this.#explain(tell, inspectors[i]!, c);
        out.inspectBy = this.#inspectorId(d.inspect);
        break;
      }
    }
    return true;
  }

  /** Only where to: for the way back, and for packets without a flow. */
  route(c: Candidate, out: Decision, tell?: Explain): boolean {
    const slot = this.#slots.route;
    for (let i = 0; i < slot.length; i++) {
      const d = this.#ask(slot[i]!, c) as RouteDecision;
      if (d === undefined) continue;
      if (tell) this.#explain(tell, slot[i]!, c);
      if ('drop' in d) return this.#refuse(out, d);
      out.source = d.source >>> 0;
      if ('self' in d) { out.self = true; out.outLink = -1; out.nextHop = 0; return true; }
      out.self = false;
      out.outLink = d.link;
      out.nextHop = d.via >>> 0;
      return true;
    }
    tell?.('route', '', 'no plugin decides routes');
    out.drop = this.#noRoute;
    return false;
  }

  #refuse(out: Decision, d: Drop): boolean {
    out.drop = d.drop;
    out.reject = d.reject;
    return false;
  }

  /** A decider that throws refuses the flow: fail closed. */
  #ask(e: Entry, c: Candidate): DeciderAnswer {
    try {
      return e.spec.decide(c);
    } catch (error) {
      this.#fault(e.spec.name, e.owner, error);
      return { drop: this.#broken };
    }
  }

  /** Calls a decider's other functions; a throw is reported and stays here. */
  fenced(spec: DeciderSpec, call: () => void): void {
    try { call(); } catch (error) { this.#fault(spec.name, spec.name, error); }
  }

  #explain(tell: Explain, e: Entry, c: Candidate): void {
    let says = '';
    try { says = e.spec.explain?.(c) ?? ''; } catch { says = '(cannot explain)'; }
    tell(e.spec.slot, e.spec.name, says);
  }

  #inspectorId(name: string): number {
    const at = this.#inspectors.indexOf(name);
    if (at > 0) return at;
    return this.#inspectors.length > INSPECTORS_MOST ? INSPECTORS_MOST : this.#inspectors.push(name) - 1;
  }
}
