import { VirtualClock } from '../../../../kernel/clock.ts';
import { Host } from '../../../../lab/memory/host.ts';
import { seeded } from '../../../../sdk/testing/random.ts';
import { type Conditions, Wire } from '../../../../lab/memory/wire.ts';
import * as address from '../../../../sdk/wire/address.ts';

export const ip = (text: string): number => address.parse4(text) as number;

/** Two hosts on one wire: a is 10.0.0.1/24, b is 10.0.0.2/24. */
export function pair(seed: number, conditions: Partial<Conditions> = {}): { clock: VirtualClock; a: Host; b: Host; wire: Wire } {
  const clock = new VirtualClock();
  const wire: Wire = new Wire(clock, seeded(seed), () => a, () => b, conditions);
  const host = (name: string, last: number, transmit: (f: Uint8Array) => void) =>
    new Host({ name, mac: Uint8Array.of(2, 0, 0, 0, 0, last), clock, random: seeded(seed + last), transmit });
  const a = host('a', 1, f => wire.toB.send(f));
  const b = host('b', 2, f => wire.toA.send(f));
  a.configure({ address: ip('10.0.0.1'), bits: 24 }, ip('10.0.0.2'));
  b.configure({ address: ip('10.0.0.2'), bits: 24 }, ip('10.0.0.1'));
  return { clock, a, b, wire };
}
