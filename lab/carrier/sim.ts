import { MessageMemory, type StoredSms } from './message-memory.ts';

/** +CPIN's word for the state (TS 27.007 §8.3); undefined: there is no SIM. */
export type CpinWord = 'READY' | 'SIM PIN' | 'SIM PUK';

const PIN_TRIES = 3;
const PUK_TRIES = 10;

/** A subscriber's card. It keeps its counters and messages wherever it is put in. */
export class Sim {
  readonly imsi: string;
  readonly iccid: string;
  readonly number: string;
  pin = '1234';
  readonly puk = '12345678';
  /** The PIN is asked for. */
  locked = false;
  #open = false;
  pinLeft = PIN_TRIES;
  pukLeft = PUK_TRIES;
  /** Number of the service centre; '': none is written in it. */
  centre = '+15550009999';
  readonly memory = new MessageMemory();

  constructor(n: number) {
    const tail = String(n).padStart(4, '0');
    this.imsi = `00101012345${tail}`;
    this.iccid = withLuhn(`89001011234567${tail}`);
    this.number = `+1555010${tail}`;
  }

  get state(): CpinWord { return this.pinLeft === 0 ? 'SIM PUK' : this.locked && !this.#open ? 'SIM PIN' : 'READY'; }
  get messages(): readonly (StoredSms | undefined)[] { return this.memory.places; }
  get blocked(): boolean { return this.pukLeft === 0; }

  /** As from the shop, with this PIN or without a lock; an open SIM stays open until it loses its power. */
  renew(pin: string | undefined): void {
    this.locked = pin !== undefined;
    this.pin = pin ?? this.pin;
    this.pinLeft = PIN_TRIES;
    this.pukLeft = PUK_TRIES;
  }

  /** Loses its power. */
  powerOff(): void { this.#open = false; }

  enter(pin: string): boolean {
    if (this.pinLeft === 0) return false;
    if (pin !== this.pin) {
      this.pinLeft--;
      return false;
    }
    this.pinLeft = PIN_TRIES;
    this.#open = true;
    return true;
  }

  unblock(puk: string, pin: string): boolean {
    if (this.pukLeft === 0) return false;
    if (puk !== this.puk) {
      this.pukLeft--;
      return false;
    }
    this.pin = pin;
    this.pinLeft = PIN_TRIES;
    this.pukLeft = PUK_TRIES;
    this.#open = true;
    return true;
  }

  setLock(on: boolean, pin: string): boolean {
    if (!this.enter(pin)) return false;
    this.locked = on;
    return true;
  }
}

/** ITU-T E.118: the last digit checks the others. */
function withLuhn(digits: string): string {
  const sum = [...digits].reverse().reduce((s, d, i) => s + (i % 2 === 0 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][Number(d)]! : Number(d)), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
