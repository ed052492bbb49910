import type { FlowView } from '../../sdk/flow.ts';
import { FLAGS, RECORDED, WORDS } from './action.ts';
import { Chain } from './chain.ts';
import type { Deciders } from './deciders.ts';
import { HalfOpen } from './half-open.ts';
import { BY, CLOSED, dnatOf, ENDING, FLOW, HALF_OPEN, snatOf, TIMEOUT, WAITS } from './record.ts';
import type { FlowTable } from './table.ts';
import { S } from './tcp-state.ts';
import { Timeouts } from './timeouts.ts';
import { Watchers } from './watchers.ts';

/** The lives of flows: half open, answered, closed, ended; how long each may take, who is told, and who has to go first. */
export class Lives {
  readonly watchers = new Watchers();
  readonly timeouts: Timeouts;
  readonly half: HalfOpen;
  /** Flows in time-wait and close, oldest first; they wait in the same links as half-open ones. */
  readonly #closed = new Int32Array(2);
  readonly #ages: Chain;
  readonly #table: FlowTable;
  readonly #deciders: Deciders;
  readonly #view: (flow: number) => FlowView | undefined;
  /** Second of the present breath. */
  second = 0;

  constructor(opts: { table: FlowTable; deciders: Deciders; seed: number; view: (flow: number) => FlowView | undefined; retimed: () => void }) {
    this.#table = opts.table;
    this.#deciders = opts.deciders;
    this.#view = opts.view;
    this.timeouts = new Timeouts(opts.retimed);
    this.half = new HalfOpen(opts.table.records, FLOW, WAITS, opts.table.max, opts.seed);
    this.#ages = new Chain(opts.table.records, FLOW, WAITS);
  }

  /** A new flow, whose bits say that it is half open. */
  begin(flow: number): void {
    this.half.add(flow, this.#tcpTo(flow));
    this.age(flow);
  }

  /** A TCP segment has passed that changes the state, or belongs to a connection that is half open. */
  become(flow: number, state: number, next: number, dir: number): void {
    const table = this.#table;
    // The handshake is complete; where it was not seen, both directions were.
    const complete = next >= S.Established && next <= S.LastAck && (dir === 1 || state === S.SynRecv || state === S.SynSent2);
    if (complete && (table.bits(flow) & HALF_OPEN) !== 0) return this.answered(flow, next);
    if (state === next) return;
    table.setState(flow, next);
    this.age(flow);
    if (next !== S.Close && next !== S.TimeWait) return;
    const bits = table.bits(flow);
    table.setBits(flow, bits | CLOSED);
    if ((bits & (HALF_OPEN | CLOSED)) === 0) this.#ages.append(this.#closed, 0, flow);
  }

  /** No longer half open. */
  answered(flow: number, state: number): void {
    this.#noLongerHalf(flow);
    this.#table.setState(flow, state);
    this.age(flow);
    this.watchers.confirmed(flow);
  }

  /** The timeout by the present state. A longer one need not move it on the wheel: it is looked at in time and put back. */
  age(flow: number): void {
    const { records, tuples, wheel } = this.#table;
    const before = records[flow * FLOW + TIMEOUT]!;
    const seconds = this.timeouts.of(tuples[flow * 2 * WORDS + 3]!, this.#table.state(flow), (this.#table.bits(flow) & HALF_OPEN) !== 0);
    records[flow * FLOW + TIMEOUT] = seconds;
    if (before === 0 || seconds < before) wheel.put(flow, this.second + seconds);
  }

  /** The flow that goes first when there is no room: the one half open for longest, else the one closed for longest, else -1. */
  mayGo(): number { return this.half.size > 0 ? this.half.oldest : this.#closed[0]! - 1; }

  /** Takes a flow that is alive out of everything, and tells who wants to know. */
  end(flow: number, why: string): void {
    const table = this.#table;
    const bits = table.bits(flow);
    if ((bits & ENDING) !== 0) return; // whoever is told of an end may not end it again
    if ((bits & HALF_OPEN) !== 0) this.#noLongerHalf(flow);
    else if ((bits & CLOSED) !== 0) this.#ages.remove(this.#closed, 0, flow);
    table.setBits(flow, table.bits(flow) | ENDING);
    this.watchers.ended(flow, why);
    this.tellDeciders(flow);
    table.remove(flow * 2);
    table.remove(flow * 2 + 1);
    table.release(flow);
  }

  /** What a flow's translators have given it is free again. */
  tellDeciders(flow: number): void {
    const by = this.#table.records[flow * FLOW + BY]!;
    this.#tellDecider(dnatOf(by), flow);
    this.#tellDecider(snatOf(by), flow);
  }

  #tellDecider(id: number, flow: number): void {
    const spec = id === 0 ? undefined : this.#deciders.byId(id);
    if (!spec?.ended) return;
    const f = this.#view(flow);
    if (f) this.#deciders.fenced(spec, () => spec.ended?.(f));
  }

  #noLongerHalf(flow: number): void {
    const table = this.#table;
    const tcpTo = this.#tcpTo(flow);
    table.setBits(flow, table.bits(flow) & ~HALF_OPEN);
    if (tcpTo === undefined) {
      table.tuples[flow * 2 * WORDS + FLAGS]! &= ~RECORDED;
      table.tuples[(flow * 2 + 1) * WORDS + FLAGS]! &= ~RECORDED;
    }
    this.half.remove(flow, tcpTo);
  }

  /** Where a TCP flow goes to, after DNAT; undefined for other protocols. */
  #tcpTo(flow: number): number | undefined {
    const { tuples } = this.#table;
    return tuples[flow * 2 * WORDS + 3] === 6 ? tuples[(flow * 2 + 1) * WORDS]! : undefined;
  }
}
