import type { Pinhole, PinholeSource } from '../firewall/contract.ts';
import { PORT as PORT_CONTROL } from '../../sdk/wire/nat-pmp.ts';
import * as ssdp from '../../sdk/wire/ssdp.ts';
import type { Settings } from './settings.ts';
import type { Served } from './surroundings.ts';

/** Ways to the services themselves, for hosts of interfaces whose zone may not reach the router by the rules. */
export class ServicePinholes implements PinholeSource {
  readonly name = 'upnp';
  readonly #served: () => readonly Served[];
  readonly #settings: () => Settings;

  constructor(served: () => readonly Served[], settings: () => Settings) {
    this.#served = served;
    this.#settings = settings;
  }

  allows(src: number, dst: number, dport: number, proto: number): boolean {
    const s = this.#settings();
    if (!s.active || !this.#ports(s, dst === ssdp.GROUP).some(p => p.proto === proto && p.dport === dport)) return false;
    return this.#served().some(i => (dst === i.ip || dst === ssdp.GROUP) && inSubnet(i, src));
  }

  list(): readonly Pinhole[] {
    const s = this.#settings();
    if (!s.active) return [];
    return this.#served().flatMap(i => this.#ports(s, false).map(p => ({ src: 0, dst: i.ip, dport: p.dport, proto: p.proto, why: `UPnP of ${i.zone}` })));
  }

  #ports(s: Settings, group: boolean): readonly { readonly proto: number; readonly dport: number }[] {
    const igd = s.igd ? [{ proto: 17, dport: ssdp.PORT }, { proto: 6, dport: s.port }] : [];
    return group ? igd.slice(0, 1) : [...igd, ...(s.pcp ? [{ proto: 17, dport: PORT_CONTROL }] : [])];
  }
}

const inSubnet = (i: Served, ip: number): boolean => i.bits === 0 || (i.ip ^ ip) >>> (32 - i.bits) === 0;
