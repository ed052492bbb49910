import type { Machine, Tick } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import * as ssdp from '../../sdk/wire/ssdp.ts';
import { devices, type Identity, ROOT_PATH, serverName } from './description.ts';
import { serviceType } from './services.ts';

/** An interface on which the gateway can be found. */
export interface Place { readonly link: number; readonly ip: number }

/** How long an announcement holds (s), UDA 1.1 §1.2.2 recommends half an hour; told again well before. */
const MAX_AGE = 1800;
const AGAIN_MS = (MAX_AGE / 2 - 60) * 1000;
/** Datagrams get lost, so the first announcements are made three times. */
const FIRST = 3;
const FIRST_GAP_MS = 400;
/** Nobody waits for longer, whatever the search says (UDA 1.1 §1.3.2). */
const LONGEST_MX = 5;
/** Searches that wait for their answers. */
const MOST_WAITING = 64;

export type DiscoveryIn =
  /** `group`: it came to 239.255.255.250, else to the router itself. */
  | { readonly kind: 'datagram'; readonly place: Place; readonly src: number; readonly sport: number; readonly group: boolean; readonly data: Uint8Array }
  | { readonly kind: 'places'; readonly places: readonly Place[] }
  | { readonly kind: 'close' }
  | Tick;
export type DiscoveryOut =
  | { readonly kind: 'answer'; readonly place: Place; readonly dst: number; readonly dport: number; readonly data: Uint8Array }
  | { readonly kind: 'notify'; readonly place: Place; readonly data: Uint8Array }
  | { readonly kind: 'count'; readonly why: 'not ssdp' | 'too many searches' };

interface Waiting { readonly at: number; readonly place: Place; readonly dst: number; readonly dport: number; readonly targets: readonly Target[] }
/** One of the things that can be searched for: what is answered as ST or NT, and the name it goes with. */
interface Target { readonly nt: string; readonly usn: string }

export interface DiscoveryOptions { readonly identity: Identity; readonly port: number; /** Grows with each start. */ readonly bootId: number }

/** SSDP's device side: tells that the gateway is there, and answers searches after a random while. */
export class Discovery implements Machine<DiscoveryIn, DiscoveryOut> {
  readonly #o: DiscoveryOptions;
  readonly #random: () => number;
  readonly #targets: readonly Target[];
  #places: readonly Place[] = [];
  #waiting: Waiting[] = [];
  /** Places that are told about next, how often they were, and when it is due. */
  #told = 0;
  #due: number | undefined;

  constructor(options: DiscoveryOptions, random: () => number) {
    this.#o = options;
    this.#random = random;
    this.#targets = targetsOf(options.identity);
  }

  deadline(): number | undefined {
    const first = this.#waiting.reduce((least, w) => Math.min(least, w.at), this.#due ?? Number.POSITIVE_INFINITY);
    return first === Number.POSITIVE_INFINITY ? undefined : first;
  }

  step(input: DiscoveryIn, now: number): readonly DiscoveryOut[] {
    switch (input.kind) {
      case 'datagram': return this.#search(input, now);
      case 'places': return this.#settle(input.places, now);
      case 'close': return this.#leave();
      case 'tick': return [...this.#answers(now), ...this.#announce(now)];
    }
  }

  #settle(places: readonly Place[], now: number): readonly DiscoveryOut[] {
    const same = (p: Place): boolean => this.#places.some(o => o.link === p.link && o.ip === p.ip);
    const fresh = places.some(p => !same(p));
    this.#places = places;
    this.#waiting = this.#waiting.filter(w => places.some(p => p.link === w.place.link && p.ip === w.place.ip));
    if (places.length === 0) this.#due = undefined;
    else if (fresh) {
      this.#told = 0;
      this.#due = now;
    }
    return [];
  }

  #search(d: Extract<DiscoveryIn, { kind: 'datagram' }>, now: number): readonly DiscoveryOut[] {
    const message = ssdp.parse(d.data, 0, d.data.length);
    if (!message) return [{ kind: 'count', why: 'not ssdp' }];
    if (message.kind !== 'search' || message.headers.get('man') !== '"ssdp:discover"') return [];
    const targets = this.#wanted(message.headers.get('st') ?? '');
    if (targets.length === 0) return [];
    // §1.3.2: a search to everybody says how long it waits, or is not answered; one to the router alone is answered at once.
    const mx = message.headers.get('mx') ?? '';
    if (d.group && !/^\d{1,3}$/.test(mx)) return [];
    const delay = d.group ? Math.floor(Math.min(Math.max(Number(mx), 1), LONGEST_MX) * 1000 * 0.9 * this.#random()) : 0;
    const again = this.#waiting.some(w => w.dst === d.src && w.dport === d.sport && w.targets.length === targets.length && w.targets[0]?.nt === targets[0]?.nt);
    if (again) return [];
    if (this.#waiting.length >= MOST_WAITING) return [{ kind: 'count', why: 'too many searches' }];
    this.#waiting.push({ at: now + delay, place: d.place, dst: d.src, dport: d.sport, targets });
    return delay === 0 ? this.#answers(now) : [];
  }

  /** What a search target means here. A device of a higher version is one of all lower ones, too, and answers to what was asked. */
  #wanted(st: string): readonly Target[] {
    if (st === 'ssdp:all') return this.#targets;
    const asked = ssdp.target(st);
    return this.#targets.flatMap(t => {
      const mine = ssdp.target(t.nt);
      if (mine.type !== asked.type || mine.version < asked.version || (mine.version > 0 && asked.version === 0)) return [];
      return [{ nt: st, usn: t.usn }];
    }).slice(0, 1);
  }

  #answers(now: number): readonly DiscoveryOut[] {
    const ripe = this.#waiting.filter(w => w.at <= now);
    if (ripe.length === 0) return [];
    this.#waiting = this.#waiting.filter(w => w.at > now);
    return ripe.flatMap(w => w.targets.map((t): DiscoveryOut => ({
      kind: 'answer', place: w.place, dst: w.dst, dport: w.dport,
      data: ssdp.emit('response', [['CACHE-CONTROL', `max-age=${MAX_AGE}`], ['ST', t.nt], ['USN', t.usn], ['EXT', ''], ...this.#where(w.place), ...this.#boot()]),
    })));
  }

  #announce(now: number): readonly DiscoveryOut[] {
    if (this.#due === undefined || now < this.#due) return [];
    this.#told++;
    this.#due = now + (this.#told < FIRST ? FIRST_GAP_MS : Math.floor(AGAIN_MS * (1 - this.#random() / 4)));
    return this.#notify('ssdp:alive', place => [['CACHE-CONTROL', `max-age=${MAX_AGE}`], ...this.#where(place)]);
  }

  #leave(): readonly DiscoveryOut[] {
    const bye = this.#told > 0 ? this.#notify('ssdp:byebye', () => []) : [];
    this.#places = [];
    this.#waiting = [];
    this.#due = undefined;
    return bye;
  }

  #notify(nts: string, more: (place: Place) => readonly (readonly [string, string])[]): readonly DiscoveryOut[] {
    return this.#places.flatMap(place => this.#targets.map((t): DiscoveryOut => ({
      kind: 'notify', place,
      data: ssdp.emit('notify', [['HOST', '239.255.255.250:1900'], ...more(place), ['NT', t.nt], ['USN', t.usn], ['NTS', nts], ...this.#boot()]),
    })));
  }

  #where(place: Place): readonly (readonly [string, string])[] {
    return [['LOCATION', `http://${format4(place.ip)}:${this.#o.port}${ROOT_PATH}`], ['SERVER', serverName(this.#o.identity.release)]];
  }

  #boot(): readonly (readonly [string, string])[] { return [['BOOTID.UPNP.ORG', String(this.#o.bootId)], ['CONFIGID.UPNP.ORG', '1']]; }
}

/** UDA 1.1 §1.2.2: the root device three times, each other device twice, each service once. */
function targetsOf(id: Identity): readonly Target[] {
  const all: Target[] = [{ nt: 'upnp:rootdevice', usn: `uuid:${id.root}::upnp:rootdevice` }];
  for (const d of devices(id)) {
    const name = `uuid:${d.uuid}`;
    const types = [d.type, ...d.services.map(s => serviceType(s, id.version))];
    all.push({ nt: name, usn: name }, ...types.map(nt => ({ nt, usn: `${name}::${nt}` })));
  }
  return all;
}
