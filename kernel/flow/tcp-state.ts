import type { FlowState } from '../../sdk/flow.ts';
import * as tcp from '../../sdk/wire/tcp.ts';

/** State numbers as kept in the flow table; names for people. */
export const S = { New: 0, SynSent: 1, SynRecv: 2, Established: 3, FinWait: 4, CloseWait: 5, LastAck: 6, TimeWait: 7, Close: 8, SynSent2: 9, Assured: 10 } as const;
export type S = (typeof S)[keyof typeof S];
export const stateNames: readonly FlowState[] = ['new', 'syn-sent', 'syn-recv', 'established', 'fin-wait', 'close-wait', 'last-ack', 'time-wait', 'close', 'syn-sent', 'assured'];

/** What a segment is, by the flag that counts most. */
export const Kind = { Syn: 0, SynAck: 1, Fin: 2, Ack: 3, Rst: 4, None: 5 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

export function kindOf(flags: number): Kind {
  if (flags & tcp.RST) return Kind.Rst;
  if (flags & tcp.SYN) return flags & tcp.ACK ? Kind.SynAck : Kind.Syn;
  if (flags & tcp.FIN) return Kind.Fin;
  return flags & tcp.ACK ? Kind.Ack : Kind.None;
}

/** Instead of a state: the segment cannot be, or it may be that the ends know something we do not (it passes, and changes nothing). */
export const INVALID = 14;
export const IGNORE = 15;

/**
 * The connection as a middlebox sees it, from both ends at once; names and transitions are those of netfilter's connection
 * tracking. fin-wait: a FIN was seen, from either side; close-wait: and it was acknowledged; last-ack: a FIN from the other side too.
 * One row per kind of segment and direction; a column is the present state:
 *
 *     —, syn-sent, syn-recv, established, fin-wait, close-wait, last-ack, time-wait, close, syn-sent of both (simultaneous open)
 */
const letters: Readonly<Record<string, number>> = {
  ss: S.SynSent, sr: S.SynRecv, es: S.Established, fw: S.FinWait, cw: S.CloseWait, la: S.LastAck, tw: S.TimeWait, cl: S.Close, s2: S.SynSent2, '--': INVALID, ig: IGNORE,
};
const rows: readonly string[] = [
  /* SYN from the opener  */ 'ss ss ig ig ig ig ig ss ss s2',
  /* SYN, ACK             */ '-- -- sr -- -- -- -- -- -- sr',
  /* FIN                  */ '-- -- fw fw la la la tw cl --',
  /* ACK                  */ 'es -- es es cw cw tw tw cl --',
  /* RST                  */ '-- cl cl cl cl cl cl cl cl cl',
  /* none                 */ '-- -- -- -- -- -- -- -- -- --',
  /* SYN from the other   */ '-- s2 -- -- -- -- -- ss -- s2',
  /* SYN, ACK             */ '-- sr ig ig ig ig ig ig ig sr',
  /* FIN                  */ '-- -- fw fw la la la tw cl --',
  /* ACK                  */ '-- ig sr es cw cw tw tw cl ig',
  /* RST                  */ '-- cl cl cl cl cl cl cl cl cl',
  /* none                 */ '-- -- -- -- -- -- -- -- -- --',
];
const transitions = new Uint8Array(16 * rows.length);
for (const [row, text] of rows.entries()) for (const [state, to] of text.split(' ').entries()) transitions[row * 16 + state] = letters[to]!;

/** The state a segment leads to, or INVALID or IGNORE. `dir` 0: from the side that opened the connection. */
export const transition = (state: number, kind: Kind, dir: number): number => transitions[((dir * 6) + kind) * 16 + state]!;

/** The state without looking at sequence numbers: what cannot be, or need not count, changes nothing. */
export function tcpNext(state: number, flags: number, dir: number): number {
  const next = transition(state, kindOf(flags), dir);
  return next >= INVALID ? state : next;
}

/** Of a flow of which one direction is seen: what its segments say alone. */
export function tcpOneSided(state: number, flags: number): number {
  switch (kindOf(flags)) {
    case Kind.Rst: return S.Close;
    case Kind.Syn: return state === S.New ? S.SynSent : state;
    case Kind.SynAck: return state === S.New ? S.SynRecv : state;
    case Kind.Fin: return state === S.Close ? state : S.FinWait;
    case Kind.Ack: return state === S.New || state === S.SynSent || state === S.SynRecv ? S.Established : state;
    default: return state;
  }
}
