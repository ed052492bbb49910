import type { Counter, DeciderSpec, NewFlow } from '../../../../sdk/index.ts';
import * as ipv4 from '../../../../sdk/wire/ipv4.ts';
import type { Addresses, Routes } from '../../../ip/contract.ts';

const DNS = 53;

export interface DemandDeps {
  readonly addresses: Pick<Addresses, 'ownedBy'>;
  readonly routes: Pick<Routes, 'lookup'>;
  /** A packet could bring about a call now. */
  ready(): boolean;
  wake(): void;
  readonly dialling: Counter;
}

/** Only what somebody out there could answer is a reason to dial: no groups, no broadcasts, nothing of this host or link. */
const public_ = (ip: number): boolean => {
  const top = ip >>> 24;
  return top !== 0 && top !== 127 && top < 224 && (ip >>> 16) !== 0xa9fe;
};

/** Slot `route`, before the routes: a packet that no route is there for wakes the dialler, and is dropped without a word, so that its sender tries again. */
export function demandDecider({ addresses, routes, ready, wake, dialling }: DemandDeps): DeciderSpec {
  const nowhere = (dst: number): boolean => routes.lookup(dst) === undefined;
  // A name has to be found before the first packet is sent, and the relay asks nobody as long as no uplink tells it whom.
  const asksForName = (flow: NewFlow): boolean => !flow.local && flow.proto === ipv4.PROTO_UDP && flow.toDport === DNS && addresses.ownedBy(flow.toDst) !== undefined && nowhere(0x0808_0808);
  return {
    slot: 'route', name: 'cellular.demand', order: 50,
    decide(flow) {
      if (!ready()) return undefined;
      if (asksForName(flow)) {
        wake();
        return undefined;
      }
      if (!public_(flow.toDst) || addresses.ownedBy(flow.toDst) !== undefined || !nowhere(flow.toDst)) return undefined;
      wake();
      return { drop: dialling };
    },
    explain: () => 'no way out at the moment: the cellular card is told to dial',
  };
}
