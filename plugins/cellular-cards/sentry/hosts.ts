import { type Flows, type FlowView, z } from '../../../sdk/index.ts';
import { format4 } from '../../../sdk/wire/address.ts';

const use = z.tuple([z.number().min(0), z.number().min(0)]);
/** Octets from and to the network, by address. */
export const sharesState = z.record(z.string().max(20), use);
export type SharesState = z.infer<typeof sharesState>;

const MOST = 256;
/** Flows looked at for what has not ended. */
const LIVE_MOST = 5000;
/** Where those go for whom there is no place any more. */
export const OTHERS = 'others';
export const ROUTER = 'router';

export interface Share { readonly host: string; readonly rx: number; readonly tx: number }

/**
 * Who has used the budget: octets of flows over one link, by the inside host. An approximation: flows count IP packets once they end,
 * not what PPP adds, what was dropped later, or what a crash forgot.
 */
export class Shares {
  #ended: Map<string, [number, number]>;
  /** Octets of flows that lived when the month began. */
  #before = new Map<number, readonly [number, number]>();

  constructor(before: SharesState = {}) { this.#ended = new Map(Object.entries(before).map(([host, [rx, tx]]) => [host, [rx, tx]])); }

  ended(flow: FlowView, link: number): void {
    const counted = this.#of(flow, link);
    this.#before.delete(flow.id);
    if (counted === undefined || counted.rx + counted.tx <= 0) return;
    const name = this.#ended.has(counted.host) || this.#ended.size < MOST ? counted.host : OTHERS;
    const [rx, tx] = this.#ended.get(name) ?? [0, 0];
    this.#ended.set(name, [rx + counted.rx, tx + counted.tx]);
  }

  /** Whoever used most first. */
  list(flows: Flows, link: number | undefined): readonly Share[] {
    const all = new Map([...this.#ended].map(([host, [rx, tx]]) => [host, { host, rx, tx }]));
    for (const flow of link === undefined ? [] : live(flows, link)) {
      const counted = this.#of(flow, link!);
      if (counted === undefined) continue;
      const had = all.get(counted.host) ?? { host: counted.host, rx: 0, tx: 0 };
      all.set(counted.host, { host: counted.host, rx: had.rx + counted.rx, tx: had.tx + counted.tx });
    }
    return [...all.values()].sort((a, b) => b.rx + b.tx - a.rx - a.tx);
  }

  /** From nothing; what runs now is counted from here. */
  restart(flows: Flows, link: number | undefined): void {
    this.#ended.clear();
    this.#before = new Map((link === undefined ? [] : live(flows, link)).map(f => [f.id, f.bytes]));
  }

  save(): SharesState { return Object.fromEntries(this.#ended); }

  #of(flow: FlowView, link: number): Share | undefined {
    const [was0, was1] = this.#before.get(flow.id) ?? [0, 0];
    const [there, back] = [Math.max(0, flow.bytes[0] - was0), Math.max(0, flow.bytes[1] - was1)];
    if (flow.outLink === link) return { host: flow.local ? ROUTER : format4(flow.original.src), rx: back, tx: there };
    if (flow.inLink === link) return { host: flow.outLink < 0 ? ROUTER : format4(flow.reply.src), rx: there, tx: back };
    return undefined;
  }
}

const live = (flows: Flows, link: number): readonly FlowView[] => flows.list(f => f.outLink === link || f.inLink === link, LIVE_MOST);
