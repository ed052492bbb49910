import type { FlowState } from '../../sdk/flow.ts';
import * as tcp from '../../sdk/wire/tcp.ts';

/** State numbers as kept in the flow table; names for people. */
export const S = { New: 0, SynSent: 1, SynRecv: 2, Established: 3, FinWait: 4, CloseWait: 5, LastAck: 6, TimeWait: 7, Close: 8, Assured: 9 } as const;
export type S = (typeof S)[keyof typeof S];
export const stateNames: readonly FlowState[] = ['new', 'syn-sent', 'syn-recv', 'established', 'fin-wait', 'close-wait', 'last-ack', 'time-wait', 'close', 'assured'];

/**
 * How long a flow lives without a packet, in seconds by state. TCP: RFC 5382 REQ-5 (established at least 2 h 4 min, transitory at
 * least 4 min); time-wait and close are ours. UDP: RFC 4787 REQ-5 (at least 2 min). ICMP: RFC 5508 REQ-1 (at least 60 s).
 */
export const timeouts = {
  tcp: { [S.SynSent]: 240, [S.SynRecv]: 240, [S.Established]: 7440, [S.FinWait]: 240, [S.CloseWait]: 240, [S.LastAck]: 240, [S.TimeWait]: 120, [S.Close]: 10 } as Record<number, number>,
  udp: { [S.New]: 120, [S.Assured]: 180 } as Record<number, number>,
  icmp: { [S.New]: 60, [S.Assured]: 60 } as Record<number, number>,
  generic: { [S.New]: 120, [S.Assured]: 600 } as Record<number, number>,
};

export function timeoutOf(proto: number, state: number): number {
  const table = proto === 6 ? timeouts.tcp : proto === 17 ? timeouts.udp : proto === 1 ? timeouts.icmp : timeouts.generic;
  return table[state] ?? timeouts.generic[S.New]!;
}

/** The state a segment leads to. `dir` 0: from the side that opened the connection. Follows RFC 9293 fig. 5 as a middlebox sees it. */
export function tcpNext(state: number, flags: number, dir: number): number {
  if (flags & tcp.RST) return S.Close;
  if (flags & tcp.SYN) {
    if (dir === 0 && !(flags & tcp.ACK)) return state === S.TimeWait || state === S.Close || state === S.New ? S.SynSent : state;
    return state === S.SynSent ? S.SynRecv : state;
  }
  if (flags & tcp.FIN) {
    switch (state) {
      case S.SynRecv: case S.Established: return dir === 0 ? S.FinWait : S.CloseWait;
      case S.FinWait: return dir === 1 ? S.LastAck : state;
      case S.CloseWait: return dir === 0 ? S.LastAck : state;
      default: return state;
    }
  }
  if (state === S.SynRecv && dir === 0) return S.Established;
  if (state === S.LastAck) return S.TimeWait;
  return state;
}
