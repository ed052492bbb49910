import type { Disposable, Logger } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import type { Addresses } from '../ip/contract.ts';
import type { Outside, Plan } from './plan.ts';

/** Outside addresses that are not an uplink's own: the router answers ARP for them, or nothing would ever come there. */
export class ArpKeeper {
  readonly #addresses: Addresses;
  readonly #log: Logger;
  readonly #kept = new Map<string, Disposable>();

  constructor(addresses: Addresses, log: Logger) {
    this.#addresses = addresses;
    this.#log = log;
  }

  follow(plan: Plan): void {
    const wanted = new Map<string, Outside>();
    for (const o of plan.outside.values()) if (needsKeeping(o)) wanted.set(`${o.uplink.link}/${o.address}`, o);
    for (const [key, held] of this.#kept) {
      if (wanted.has(key)) continue;
      this.#kept.delete(key);
      void held.dispose();
    }
    for (const [key, o] of wanted) {
      if (this.#kept.has(key)) continue;
      const zone = this.#addresses.ownedBy(o.uplink.ip)?.zone ?? 'WAN';
      try {
        this.#kept.set(key, this.#addresses.add({ link: o.uplink.link, ip: o.address, bits: 32, name: `${o.uplink.name} nat`, zone }));
      } catch (error) {
        this.#log.error({ address: format4(o.address), uplink: o.uplink.name, why: String(error) }, 'an outside address cannot be used');
      }
    }
  }

  close(): void {
    for (const held of this.#kept.values()) void held.dispose();
    this.#kept.clear();
  }
}

/** Not the uplink's own, and not a public address that a host inside really has. */
const needsKeeping = (o: Outside): boolean => {
  if (o.address === o.uplink.ip) return false;
  const r = o.exclusive;
  return !r || (r.pairs ? r.pairs.hostOf(o.address) : r.localFirst) !== o.address;
};
