import type { Identity, NetworkTypes, Pin, Registration, Signal, Technology } from '../../../../sdk/index.ts';
import type { Aged } from '../../contract.ts';

/** A value is old after this. */
const STALE_MS = 30_000;

interface Timed<T> { readonly value: T; readonly now: number; readonly atMs: number; readonly port: 'data' | 'command' }

/** What the card has told, and when. It belongs to one insertion: nothing of it is ever another card's. */
export class Knowledge {
  identity: Identity | undefined;
  pin: Pin | undefined;
  networkTypes: NetworkTypes | undefined;
  registration: Registration | undefined;
  #signal: Timed<Signal> | undefined;
  #technology: Timed<Technology> | undefined;

  /** `wall`: ms since the epoch, for people. */
  measured(signal: Signal | undefined, technology: Technology | undefined, now: number, wall: number, port: 'data' | 'command'): void {
    if (signal !== undefined) this.#signal = { value: signal, now, atMs: wall, port };
    if (technology !== undefined) this.#technology = { value: technology, now, atMs: wall, port };
  }

  /** Some ports answer nothing of use while they are busy: what was known stays. */
  registered(told: Registration): void { if (told.state !== 'unknown') this.registration = told; }

  get here(): boolean { return this.registration?.state === 'home' || this.registration?.state === 'roaming'; }
  /** How people and the SIM's past know it. */
  get sim(): string { return this.identity?.iccid ?? this.identity?.imei ?? ''; }

  /** `frozen`: the card cannot be asked now. */
  signal(now: number, frozen: boolean): Aged<Signal> | undefined { return aged(this.#signal, now, frozen); }
  technology(now: number, frozen: boolean): Aged<Technology> | undefined { return aged(this.#technology, now, frozen); }
}

const aged = <T>(t: Timed<T> | undefined, now: number, frozen: boolean): Aged<T> | undefined =>
  t && { value: t.value, atMs: t.atMs, stale: frozen || now - t.now > STALE_MS, port: t.port };
