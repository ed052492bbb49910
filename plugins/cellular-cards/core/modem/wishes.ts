import type { CardSpec, Registration } from '../../../../sdk/index.ts';
import type { ModemSettings, ModemSurroundings } from './messages.ts';

/** A packet wants a call for so long. */
const DEMAND_MS = 60_000;

/** Who wants a call, and what stands against it. */
export class Wishes {
  /** Not empty: somebody said no, until he says otherwise. */
  held = '';
  /** A person wants it, until nobody uses it any more. */
  asked = false;
  /** Another uplink needs a stand-in. */
  standIn = false;
  #demandUntil = 0;
  #seen = { pin: '', call: '', networkType: '' };
  readonly #around: ModemSurroundings;

  constructor(around: ModemSurroundings) { this.#around = around; }

  get settings(): ModemSettings { return this.#around.settings(); }

  demand(now: number): void { if (this.held === '' && this.settings.enabled) this.#demandUntil = now + DEMAND_MS; }

  /** Nobody needs it at the moment. */
  drop(): void {
    this.asked = false;
    this.#demandUntil = 0;
  }

  wanted(now: number): boolean {
    const { enabled, nailedUp } = this.settings;
    return enabled && this.held === '' && (nailedUp || this.asked || this.standIn || now < this.#demandUntil);
  }

  /** Why a call that is wanted is not made; undefined: it may be. */
  blocked(spec: CardSpec | undefined, registration: Registration | undefined): string | undefined {
    if (spec?.dialect.system === '3gpp' && this.settings.login.apn === '') return 'no APN is set; the carrier knows it';
    if (this.forbidsRoaming(registration)) return 'the card is roaming, and the settings do not allow calls then';
    return this.#around.mayDial();
  }
  forbidsRoaming(registration: Registration | undefined): boolean { return registration?.state === 'roaming' && !this.settings.roaming; }

  /** When a call that came up at `upAt` has been idle for too long; undefined: it may be for ever. */
  idleAt(upAt: number): number | undefined {
    const { nailedUp, idleMs } = this.settings;
    return nailedUp || this.standIn || idleMs === 0 ? undefined : Math.max(upAt, this.#around.lastSent()) + idleMs;
  }

  /** What changed in the settings since they were looked at last. */
  changes(): { readonly pin: boolean; readonly call: boolean; readonly networkType: boolean } {
    const { pin, login, phone, networkType } = this.settings;
    const before = this.#seen;
    this.#seen = { pin, call: JSON.stringify([login, phone]), networkType };
    return { pin: pin !== before.pin, call: this.#seen.call !== before.call, networkType: networkType !== before.networkType };
  }
}
