import { VirtualClock } from '../../../../kernel/clock.ts';
import type { CardFile } from '../../../../lab/carrier/card-file.ts';
import { CardShelf } from '../../../../lab/carrier/card-shelf.ts';
import { Carrier, type CarrierOptions } from '../../../../lab/carrier/carrier.ts';
import type { Network } from '../../../../lab/carrier/network.ts';
import { Rack } from '../../../../lab/carrier/rack.ts';
import type { Tty } from '../../../../sdk/index.ts';

export const shelf = new CardShelf();

/** A card in slot 1, and somebody at a terminal on each of its ports. */
export function terminal(model: string | CardFile, opts: Partial<CarrierOptions> & { network?: Network; wait?: number } = {}) {
  const clock = new VirtualClock();
  const carrier = new Carrier({ clock, seed: 1, ...opts });
  const rack = new Rack({ clock, carrier, ...opts.network ? { network: opts.network } : {} });
  rack.insert(typeof model === 'string' ? shelf.card(model) : model);
  const open = new Map<number, { tty: Tty; heard: string }>();
  const port = (at: number) => {
    const known = open.get(at);
    if (known?.tty.open) return known;
    const tty = rack.device(1)!.ports.find(p => p.interface === at)!.open();
    const line = { tty, heard: '' };
    tty.onData = (buf, from, to) => { line.heard += Buffer.from(buf.subarray(from, to)).toString('latin1'); };
    open.set(at, line);
    return line;
  };
  clock.advance(opts.wait ?? 10_000);
  return {
    clock, carrier, rack, port,
    get card() { return rack.card(1); },
    /** What comes back within `ms`, blank lines left out. */
    say: (text: string, at = rack.device(1)!.ports[0]!.interface, ms = 3000): string[] => {
      const line = port(at);
      line.heard = '';
      line.tty.write(Buffer.from(`${text}\r`, 'latin1'));
      clock.advance(ms);
      return line.heard.split(/[\r\n]+/).filter(l => l !== '');
    },
  };
}
