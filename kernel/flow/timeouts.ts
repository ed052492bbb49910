import type { FlowTimeouts } from '../../sdk/flow.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { S } from './tcp-state.ts';

/**
 * Seconds, as long as nobody sets others. TCP: RFC 5382 REQ-5 (established at least 2 h 4 min, transitory at least 4 min); time-wait and
 * reset are ours. UDP: RFC 4787 REQ-5 (at least 2 min). ICMP: RFC 5508 REQ-1 (at least 60 s).
 */
export const defaultTimeouts: FlowTimeouts = {
  tcpSyn: 240, tcpEstablished: 7440, tcpClosing: 240, tcpTimeWait: 120, tcpReset: 10, udp: 120, udpAssured: 180, icmp: 60, other: 120, otherAssured: 600,
};

const TCP: Readonly<Record<number, keyof FlowTimeouts>> = {
  [S.New]: 'tcpSyn', [S.SynSent]: 'tcpSyn', [S.SynRecv]: 'tcpSyn', [S.SynSent2]: 'tcpSyn', [S.Established]: 'tcpEstablished', [S.FinWait]: 'tcpClosing', [S.CloseWait]: 'tcpClosing',
  [S.LastAck]: 'tcpClosing', [S.TimeWait]: 'tcpTimeWait', [S.Close]: 'tcpReset',
};

/** How long flows live without a packet: the defaults, with the changes that plugins have made on top of each other. */
export class Timeouts {
  values: FlowTimeouts = defaultTimeouts;
  #changes: readonly Partial<FlowTimeouts>[] = [];
  readonly #changed: () => void;

  constructor(changed: () => void) { this.#changed = changed; }

  set(change: Partial<FlowTimeouts>): Disposable {
    for (const [name, seconds] of Object.entries(change)) {
      if (!(name in defaultTimeouts)) throw new Error(`there is no flow timeout "${name}"; there are ${Object.keys(defaultTimeouts).join(', ')}`);
      if (!Number.isInteger(seconds) || seconds < 1 || seconds > 0x7fff_ffff) throw new Error(`flow timeout ${name}: ${seconds} is no number of seconds`);
    }
    const mine = { ...change };
    this.#put([...this.#changes, mine]);
    return { dispose: () => { if (this.#changes.includes(mine)) this.#put(this.#changes.filter(c => c !== mine)); } };
  }

  #put(changes: readonly Partial<FlowTimeouts>[]): void {
    this.#changes = changes;
    this.values = Object.assign({ ...defaultTimeouts }, ...changes) as FlowTimeouts;
    this.#changed();
  }

  /** Seconds for a flow in this state; `unanswered`: only one direction was seen so far. */
  of(proto: number, state: number, unanswered: boolean): number {
    const v = this.values;
    switch (proto) {
      // Data that nobody has answered is no connection yet: it may not stay for hours.
      case 6: return unanswered && state === S.Established ? v.tcpSyn : v[TCP[state] ?? 'tcpSyn'];
      case 17: return unanswered ? v.udp : v.udpAssured;
      case 1: return v.icmp;
      default: return unanswered ? v.other : v.otherAssured;
    }
  }
}
