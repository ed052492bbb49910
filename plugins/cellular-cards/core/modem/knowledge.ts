import type { Identity, NetworkTypes, Pin, PortRole, Registration, Signal, Technology } from '../../../../sdk/index.ts';
import type { Aged } from '../../contract.ts';

/** A value is old after this. */
const STALE_MS = 30_000;
/** The other radio's value is forgotten when it is so much older than the one of the radio in use. */
const FORGOTTEN_MS = 300_000;

interface Timed<T> { readonly value: T; readonly now: number; readonly atMs: number; readonly port: PortRole }

/** What the card has told, and when. It belongs to one insertion: nothing of it is ever another card's. */
export class Knowledge {
  identity: Identity | undefined;
  pin: Pin | undefined;
  networkTypes: NetworkTypes | undefined;
  registration: Registration | undefined;
  /** The last one of each radio; of cards with one radio there is one. */
  readonly #signals = new Map<Signal['radio'], Timed<Signal>>();
  #technology: Timed<Technology> | undefined;

  /** `wall`: ms since the epoch, for people. `port`: the one that takes commands now. */
  measured(signal: Signal | undefined, technology: Technology | undefined, now: number, wall: number, port: PortRole): void {
    for (const value of [signal?.other, signal]) {
      if (value !== undefined) this.#signals.set(value.radio, { value, now, atMs: wall, port: value.source.startsWith('QCDM') ? 'diagnostic' : port });
    }
    if (technology !== undefined) this.#technology = { value: technology, now, atMs: wall, port };
  }

  /** Some ports answer nothing of use while they are busy: what was known stays. */
  registered(told: Registration): void { if (told.state !== 'unknown') this.registration = told; }

  get here(): boolean { return this.registration?.state === 'home' || this.registration?.state === 'roaming'; }
  /** How people and the SIM's past know it. */
  get sim(): string { return this.identity?.iccid ?? this.identity?.imei ?? ''; }

  /** `frozen`: the card cannot be asked now. */
  signal(now: number, frozen: boolean): Aged<Signal> | undefined { return aged(this.#main, now, frozen); }

  /** The radio that does not carry the data, unless nothing was heard of it for long. */
  otherSignal(now: number, frozen: boolean): Aged<Signal> | undefined {
    const main = this.#main;
    const other = main && newest([...this.#signals.values()].filter(s => s.value.radio !== undefined && s.value.radio !== main.value.radio));
    return main?.value.radio === undefined || other === undefined || main.now - other.now > FORGOTTEN_MS ? undefined : aged(other, now, frozen);
  }

  technology(now: number, frozen: boolean): Aged<Technology> | undefined { return aged(this.#technology, now, frozen); }

  /** Of the radio that carries the data, as far as the card tells them apart. */
  get #main(): Timed<Signal> | undefined {
    const radio: Signal['radio'] = this.#technology?.value === '1xRTT' ? '1x' : 'EV-DO';
    const all = [...this.#signals.values()];
    return newest(all.filter(s => s.value.radio === undefined || s.value.radio === radio)) ?? newest(all);
  }
}

const newest = <T>(all: readonly Timed<T>[]): Timed<T> | undefined => all.reduce<Timed<T> | undefined>((best, t) => (best === undefined || t.now > best.now ? t : best), undefined);

const aged = <T>(t: Timed<T> | undefined, now: number, frozen: boolean): Aged<T> | undefined =>
  t && { value: t.value, atMs: t.atMs, stale: frozen || now - t.now > STALE_MS, port: t.port };
