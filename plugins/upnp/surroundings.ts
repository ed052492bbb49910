import type { Clock } from '../../sdk/index.ts';
import { maskOf } from '../../sdk/wire/address.ts';
import type { Addresses } from '../ip/contract.ts';
import type { Lan, LanInterface } from '../lan/contract.ts';
import type { UplinkState } from '../wan/contract.ts';
import type { Settings } from './settings.ts';

/** An interface that is served, as it is now. */
export interface Served { readonly link: number; readonly ip: number; readonly bits: number; readonly zone: string }

/** Who stands around the gateway: the interfaces it serves, and the uplink on which it opens ports. */
export class Surroundings {
  settings: Settings;
  readonly #lan: Lan;
  readonly #uplinks: readonly UplinkState[];
  readonly #addresses: Addresses;
  readonly #clock: Clock;
  /** Name of the uplink that was in use last: it stays while none is up. */
  #name: string;
  #upSince: number | undefined;
  #wasUp = false;

  constructor(settings: Settings, around: { readonly lan: Lan; readonly uplinks: readonly UplinkState[]; readonly addresses: Addresses; readonly clock: Clock; readonly uplink: string }) {
    this.settings = settings;
    this.#lan = around.lan;
    this.#uplinks = around.uplinks;
    this.#addresses = around.addresses;
    this.#clock = around.clock;
    this.#name = around.uplink;
  }

  get served(): readonly Served[] {
    return this.settings.active ? this.#chosen().filter(i => i.link >= 0).map(({ link, ip, bits, zone }) => ({ link, ip, bits, zone })) : [];
  }

  #chosen(): readonly LanInterface[] { return this.#lan.list().filter(i => i.ip !== 0 && this.settings.interfaces.includes(i.role)); }

  /** The served interface on this link, when `ip` is a host of its subnet. */
  from(link: number, ip: number): Served | undefined { return this.served.find(i => i.link === link && this.#host(i, ip)); }

  /** A host of a served interface, whether that has a link now or not. */
  inside(ip: number): boolean { return this.#chosen().some(i => this.#host(i, ip)); }

  /** In the subnet, and neither the subnet itself, nor everybody in it, nor the router. */
  #host(i: { readonly ip: number; readonly bits: number }, ip: number): boolean {
    const mask = maskOf(i.bits);
    if (((ip ^ i.ip) & mask) !== 0 || this.#addresses.ownedBy(ip)) return false;
    return i.bits > 30 || ((ip & ~mask) !== 0 && (ip | mask) >>> 0 !== 0xffff_ffff);
  }

  /** The uplink whose ports are opened: the chosen one, else the preferred one that is up, else the one before. */
  get uplink(): UplinkState | undefined {
    const named = (name: string): UplinkState | undefined => this.#uplinks.find(u => u.name === name);
    const { uplink } = this.settings;
    if (uplink !== '') return named(uplink);
    const up = this.#uplinks.filter(u => u.up && u.ip !== 0).sort((a, b) => a.metric - b.metric);
    return up[0] ?? named(this.#name) ?? this.#uplinks[0];
  }

  /** Says the name of the uplink in use; '': there is none and was none. */
  follow(): string {
    const u = this.uplink;
    if (u) this.#name = u.name;
    if (!u?.up) this.#upSince = undefined;
    else {
      this.#upSince ??= this.#clock.now();
      this.#wasUp = true;
    }
    return this.settings.uplink !== '' ? this.settings.uplink : this.#name;
  }

  /** An uplink was up since the start. */
  get wasUp(): boolean { return this.#wasUp; }

  get upForMs(): number { return this.#upSince === undefined ? 0 : this.#clock.now() - this.#upSince; }
}
