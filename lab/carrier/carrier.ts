import type { Clock } from '../../sdk/index.ts';
import { seeded } from '../../sdk/testing/random.ts';
import * as address from '../../sdk/wire/address.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { Direction, perfect } from '../memory/wire.ts';
import { CARRIER, SERVER } from '../topology.ts';
import { Air } from './air.ts';
import { Call } from './call.ts';
import type { Dialled, Gateway, NetworkSide, Refusal } from './network.ts';
import { MessageCentre } from './message-centre.ts';

/** An access point and who may use it. */
export interface Apn { readonly name: string; readonly auth: 'none' | 'pap' | 'chap'; readonly user: string; readonly password: string }

export interface CarrierOptions {
  readonly clock: Clock;
  readonly seed: number;
  /** Calls that the radio loses, and hours without a network, per day; default none. */
  readonly dropsPerDay?: number;
  readonly outagesPerDay?: number;
  /** Each way (ms); default none. */
  readonly delayMs?: number;
}

const FIRST = address.parse4(CARRIER)! + 1;
/** Addresses are given in turn, so that a new call seldom has that of the one before. */
const POOL = 250;
/** Why a network activates no context (TS 24.008 §10.5.6.6). */
const BARRED = 8;
const NO_RESOURCES = 26;
const UNKNOWN_APN = 27;
const LOGIN_REFUSED = 29;
const DAY = 24 * 60 * 60_000;

/** A cellular carrier: its air, its access points, its calls, its messages. */
export class Carrier {
  readonly name = 'Lab Mobile';
  readonly mcc = '001';
  readonly mnc = '01';
  /** CDMA system and network. */
  readonly sid = 4384;
  readonly nid = 1;
  readonly clock: Clock;
  readonly air: Air;
  readonly messages: MessageCentre;
  readonly apns = new Map<string, Apn>();
  readonly calls = new Set<Call>();
  /** Everybody is a guest; nobody is let in. */
  roaming = false;
  denied = false;
  /** Accounts are barred from data and messages (operator determined barring). */
  barred = false;
  /** Calls are not taken, and what the card says then: BUSY, NO CARRIER. */
  refusing: string | undefined;
  /** Hangs up calls without traffic after so long (ms); 0: never. */
  idleMs = 0;
  dropsPerDay: number;
  taken = 0;
  refused = 0;
  gateway: Gateway | undefined;
  readonly #random: () => number;
  readonly #up: Direction;
  readonly #down: Direction;
  #next = 0;

  constructor(o: CarrierOptions) {
    this.clock = o.clock;
    this.dropsPerDay = o.dropsPerDay ?? 0;
    this.air = new Air({ seed: o.seed, outagesPerDay: o.outagesPerDay ?? 0 });
    this.messages = new MessageCentre(() => o.clock.wall());
    this.#random = seeded(o.seed * 7919 + 17);
    const conditions = { ...perfect, delayMs: o.delayMs ?? 0 };
    this.#up = new Direction(o.clock, this.#random, conditions, packet => this.gateway?.fromCards(packet));
    this.#down = new Direction(o.clock, this.#random, conditions, packet => this.#deliver(packet));
    this.setApn({ name: 'internet', auth: 'none', user: '', password: '' });
    this.setApn({ name: 'corporate', auth: 'chap', user: 'lab', password: 'secret' });
  }

  setApn(apn: Apn): void { this.apns.set(apn.name.toLowerCase(), apn); }

  /** From now on calls reach whatever is behind it. */
  connect(gateway: Gateway): void {
    this.gateway = gateway;
    gateway.toCards = packet => this.#down.send(packet);
  }

  /** A card dials. `cdma`: no access points there. */
  dial(call: Dialled, system: '3gpp' | 'cdma'): NetworkSide | Refusal {
    const apn = system === 'cdma' ? { name: '', auth: 'none', user: '', password: '' } as const : this.apns.get(call.apn);
    const at = this.#free();
    if (this.refusing !== undefined) return this.#refuse({ final: this.refusing });
    if (this.barred) return this.#refuse({ final: 'NO CARRIER', cause: BARRED });
    if (apn === undefined) return this.#refuse({ final: 'NO CARRIER', cause: UNKNOWN_APN });
    if (at === undefined) return this.#refuse({ final: 'NO CARRIER', cause: NO_RESOURCES });
    // A log-in that came by command is checked by the network, and PPP ends in the card; a wrong one is refused before CONNECT.
    const byCommand = call.login !== undefined && call.login.user !== '';
    const right = byCommand && call.login.user === apn.user && call.login.password === apn.password;
    if (apn.auth !== 'none' && byCommand && !right) return this.#refuse({ final: 'NO CARRIER', cause: LOGIN_REFUSED });
    this.taken++;
    const made: Call = new Call(call, {
      clock: this.clock, random: this.#random, local: address.parse4(CARRIER)!, address: at, dns: [address.parse4(SERVER)!],
      door: apn.auth === 'none' || right ? undefined : { require: [apn.auth === 'pap' ? 'pap' : 'chap-md5'], name: 'lab-carrier', passwordOf: user => (user === apn.user ? apn.password : undefined) },
      idleMs: this.idleMs, dropMs: this.#dropAfter(), packet: packet => this.#up.send(packet), over: () => { this.calls.delete(made); },
    });
    this.calls.add(made);
    return made;
  }

  #refuse(why: Refusal): Refusal {
    this.refused++;
    return why;
  }

  /** How long until the radio loses a call that begins now. */
  #dropAfter(): number | undefined {
    const now = this.clock.now();
    const outage = this.air.nextOutage(now);
    const byOutage = outage === undefined ? undefined : outage - now;
    if (this.dropsPerDay === 0) return byOutage;
    const byChance = -Math.log(1 - this.#random()) * DAY / this.dropsPerDay;
    return byOutage === undefined ? byChance : Math.min(byChance, byOutage);
  }

  #free(): number | undefined {
    const used = new Set([...this.calls].map(c => c.address));
    for (let i = 0; i < POOL; i++) {
      const at = FIRST + this.#next;
      this.#next = (this.#next + 1) % POOL;
      if (!used.has(at)) return at;
    }
    return undefined;
  }

  #deliver(packet: Uint8Array): void {
    if (!ipv4.fits(packet, 0, packet.length)) return;
    const dst = ipv4.dst(packet, 0);
    for (const call of this.calls) if (call.address === dst) return call.send(packet);
  }
}
