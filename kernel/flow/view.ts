import type { FlowKey, FlowView } from '../../sdk/flow.ts';
import { linkOf, OUT, WORDS } from './action.ts';
import type { Deciders } from './deciders.ts';
import { ASKED, BORN, BY, FLOW, inspectOf, LOCAL_BIT, TIMEOUT } from './record.ts';
import type { FlowTable } from './table.ts';
import { stateNames } from './tcp-state.ts';

const keyOf = (w: Int32Array, k: number): FlowKey => ({ src: w[k]! >>> 0, dst: w[k + 1]! >>> 0, sport: w[k + 2]! >>> 16, dport: w[k + 2]! & 0xffff, proto: w[k + 3]! });

/** A flow as plain data, for lists and for plugins. */
export function view(table: FlowTable, flow: number, second: number, startMs: number, deciders: Deciders): FlowView {
  const { counts, records, tuples } = table;
  const t = flow * 2;
  const r = flow * FLOW;
  const original = keyOf(tuples, t * WORDS);
  return {
    id: flow,
    original,
    reply: keyOf(tuples, (t + 1) * WORDS),
    asked: original.proto === 1 ? records[r + ASKED]! : 0,
    state: stateNames[table.state(flow)] ?? 'new',
    inLink: table.inLink(flow),
    outLink: linkOf(tuples[t * WORDS + OUT]!),
    local: (table.bits(flow) & LOCAL_BIT) !== 0,
    createdMs: startMs + records[r + BORN]! * 1000,
    expiresInMs: Math.max(0, (table.seen(flow) + records[r + TIMEOUT]! - second) * 1000),
    packets: [counts[t * 8 + 6]!, counts[t * 8 + 14]!],
    bytes: [counts[t * 8 + 7]!, counts[t * 8 + 15]!],
    inspect: deciders.inspector(inspectOf(records[r + BY]!)),
  };
}
