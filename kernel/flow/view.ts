import type { FlowKey, FlowView } from '../../sdk/flow.ts';
import { INSPECT_BY, OUT, WORDS } from './action.ts';
import type { Deciders } from './deciders.ts';
import type { FlowTable } from './table.ts';
import { stateNames } from './tcp-state.ts';

const keyOf = (table: FlowTable, tuple: number): FlowKey => {
  const k = tuple * 4;
  const keys = table.keys;
  return { src: keys[k]!, dst: keys[k + 1]!, sport: keys[k + 2]! >>> 16, dport: keys[k + 2]! & 0xffff, proto: keys[k + 3]! };
};

/** A flow as plain data, for lists and for plugins. */
export function view(table: FlowTable, flow: number, second: number, startMs: number, deciders: Deciders): FlowView {
  const t = flow * 2;
  return {
    id: flow,
    original: keyOf(table, t),
    reply: keyOf(table, t + 1),
    state: stateNames[table.state[flow]!] ?? 'new',
    inLink: table.inLink[flow]!,
    outLink: table.actions[t * WORDS + OUT]!,
    local: table.local[flow] === 1,
    createdMs: startMs + table.born[flow]! * 1000,
    expiresInMs: Math.max(0, (table.seen[flow]! + table.timeout[flow]! - second) * 1000),
    packets: [table.packets[t]!, table.packets[t + 1]!],
    bytes: [table.bytes[t]!, table.bytes[t + 1]!],
    inspect: deciders.inspector(table.actions[t * WORDS + INSPECT_BY]!),
  };
}
