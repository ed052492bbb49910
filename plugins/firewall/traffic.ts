import type { FlowView } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { protocolName } from './policy.ts';
import type { Zones } from './zones.ts';

/** Which flows are written down when they end: none, those of rules and directions that log, or all. */
export const trafficModes = ['none', 'logged', 'all'] as const;

/** Flows whose end is to be written down: a bit per flow. */
export class TrafficMarks {
  #bits = new Uint8Array(128);

  set(flow: number): void {
    const at = flow >> 3;
    if (at >= this.#bits.length) {
      const next = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      next.set(this.#bits);
      this.#bits = next;
    }
    this.#bits[at]! |= 1 << (flow & 7);
  }

  /** Whether it was set; it is not any more. */
  take(flow: number): boolean {
    const at = flow >> 3;
    const was = ((this.#bits[at] ?? 0) & 1 << (flow & 7)) !== 0;
    if (was) this.#bits[at]! &= ~(1 << (flow & 7));
    return was;
  }
}

/** What the original's traffic log says: who, how long (s), how many octets. `now` in ms, the router's clock. */
export function trafficFields(flow: FlowView, why: string, zones: Pick<Zones, 'nameOf'>, now: number): object {
  const from = zones.nameOf(flow.inLink);
  return {
    category: 'Traffic', src: `${format4(flow.original.src)}:${flow.original.sport}`, dst: `${format4(flow.reply.src)}:${flow.reply.sport}`, proto: protocolName(flow.original.proto),
    dir: `${from}:${flow.outLink < 0 ? from : zones.nameOf(flow.outLink)}`, duration: Math.round((now - flow.createdMs) / 1000), sent: flow.bytes[0], rcvd: flow.bytes[1], end: why,
  };
}
