import type { Disposable } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import type { PortMappings } from '../nat/contract.ts';
import type { Permissions } from './permissions.ts';

/** 'pcp-peer': one that PEER keeps for the other end of a flow. */
export const vias = ['igd', 'nat-pmp', 'pcp', 'pcp-peer'] as const;
export type Via = (typeof vias)[number];

/** A mapping that a host asked for. Addresses as in FlowKey. */
export interface Entry {
  readonly number: number;
  readonly via: Via;
  /** Who asked. */
  readonly by: number;
  /** 6 or 17. */
  readonly proto: number;
  readonly extPort: number;
  readonly intIp: number;
  readonly intPort: number;
  /** 0: whoever sends. */
  readonly remote: number;
  /** A stranger's text, without control characters. */
  description: string;
  /** Hexadecimal; PCP only. */
  readonly nonce: string;
  /** ms on the clock of `now`; undefined: it has no end. */
  until: number | undefined;
  /** Why it is not in force at present; '': it is. */
  waiting: string;
}

export interface Wish extends Pick<Entry, 'via' | 'by' | 'proto' | 'intIp' | 'intPort' | 'remote' | 'description' | 'nonce'> {
  /** 0: any. */
  readonly extPort: number;
  /** Take another port where this one cannot be had. */
  readonly otherwise: boolean;
  /** Seconds; undefined: no end. */
  readonly lifetime: number | undefined;
}

/** Why a wish is not fulfilled; 'elsewhere': the port is in use by other means than the wish's protocol. */
export type Refusal = 'not-authorized' | 'conflict' | 'elsewhere' | 'no-port' | 'host-quota' | 'quota' | 'no-uplink';
export type Outcome = { readonly entry: Entry } | { readonly refused: Refusal; readonly words: string };

export interface BookRules {
  readonly configure: boolean;
  readonly firewall: boolean;
  readonly others: boolean;
  readonly mostPerHost: number;
  readonly most: number;
  readonly permissions: Permissions;
}

export interface BookDeps {
  readonly ports: PortMappings;
  /** A host of a served interface, and not the router. */
  inside(ip: number): boolean;
  changed(): void;
  log(entry: Entry, what: string): void;
}

/** What NAT gives for a mapping; `release` ends it and lets its sessions go on, for whoever makes it again at once. */
type Held = Disposable & { release?(): void };

/** As many octets of a description are kept as IGD's own tables show. */
const DESCRIPTION = 64;
/** How often another port is tried: far apart and of the same parity, and within the ranges of the rules. */
const TRIES = 16;
const STEP = 3998;
const SCANNED = 4096;
const FIRST_PORT = 1024;

/** The mappings that hosts asked for: who may have which, and for how long. NAT carries them out. */
export class Book {
  rules: BookRules;
  /** Where ports are opened; '': nowhere. */
  #uplink = '';
  readonly #deps: BookDeps;
  readonly #entries = new Map<Entry, Held | undefined>();
  #next = 1;
  #changes = 0;

  constructor(rules: BookRules, deps: BookDeps) {
    this.rules = rules;
    this.#deps = deps;
  }

  get uplink(): string { return this.#uplink; }
  /** How often a mapping has come or gone. */
  get changes(): number { return this.#changes; }
  get size(): number { return this.#entries.size; }
  list(): readonly Entry[] { return [...this.#entries.keys()]; }

  /** The mapping of an outside port. */
  at(proto: number, extPort: number): Entry | undefined { return this.list().find(e => e.proto === proto && e.extPort === extPort); }
  /** The mapping of an inside endpoint that was made by this protocol. */
  of(via: Via, proto: number, intIp: number, intPort: number): Entry | undefined {
    return this.list().find(e => e.via === via && e.proto === proto && e.intIp === intIp && e.intPort === intPort);
  }

  /** The outside port that flows of an inside endpoint have now; 0: none. */
  outside(proto: number, intIp: number, intPort: number): number { return this.#deps.ports.outside(this.#uplink, proto, intIp, intPort); }

  /** Makes a mapping, or prolongs the one that is there. */
  wish(w: Wish, now: number): Outcome {
    const refused = (why: Refusal, words: string): Outcome => ({ refused: why, words });
    const { rules } = this;
    if (!rules.configure) return refused('not-authorized', 'configuration changes are not allowed');
    if (this.#uplink === '') return refused('no-uplink', 'there is no uplink');
    if (!this.#deps.inside(w.intIp)) return refused('not-authorized', `${format4(w.intIp)} is no host inside`);
    if (w.intIp !== w.by && !rules.others) return refused('not-authorized', 'a host may map its own ports only');
    const known = this.#known(w);
    if (known) {
      if (known.via !== w.via || known.intIp !== w.intIp) return refused(known.via === w.via ? 'conflict' : 'elsewhere', `port ${w.extPort} is mapped to ${format4(known.intIp)}`);
      if (known.nonce !== w.nonce) return refused('not-authorized', 'the mapping is somebody else’s');
      if (!w.otherwise && known.extPort !== w.extPort) return refused('conflict', `it is mapped to port ${known.extPort} already`);
      if (known.intPort === w.intPort && known.remote === w.remote) return this.#prolong(known, w, now);
      this.#remove(known, 'made anew');
    }
    if (this.list().filter(e => e.intIp === w.intIp).length >= rules.mostPerHost) return refused('host-quota', `${format4(w.intIp)} has ${rules.mostPerHost} mappings already`);
    if (this.size >= rules.most) return refused('quota', `there are ${rules.most} mappings already`);
    return this.#make(w, now);
  }

  /** What the wish speaks of: IGD names mappings by their outside port, the others by the inside endpoint. */
  #known(w: Wish): Entry | undefined {
    if (w.via !== 'igd') return this.of(w.via, w.proto, w.intIp, w.intPort);
    const there = this.at(w.proto, w.extPort);
    const same = there?.via === 'igd' && there.intIp === w.intIp && there.intPort === w.intPort && there.remote === w.remote;
    return w.otherwise && !same ? undefined : there;
  }

  #prolong(e: Entry, w: Wish, now: number): Outcome {
    e.until = until(w.lifetime, now);
    e.description = clean(w.description);
    this.#deps.changed();
    return { entry: e };
  }

  #make(w: Wish, now: number): Outcome {
    let last: Outcome = { refused: 'no-port', words: 'no port is free' };
    for (const extPort of this.#candidates(w)) {
      const why = this.#unfit(w, extPort);
      if (why) {
        last = why;
        continue;
      }
      const entry: Entry = { ...w, number: this.#next, extPort, description: clean(w.description), until: until(w.lifetime, now), waiting: '' };
      const held = this.#hold(entry);
      if (!held) {
        last = { refused: 'elsewhere', words: entry.waiting };
        continue;
      }
      this.#next++;
      this.#changes++;
      this.#entries.set(entry, held);
      this.#deps.changed();
      this.#deps.log(entry, 'made');
      return { entry };
    }
    return w.otherwise && 'refused' in last && (last.refused === 'conflict' || last.refused === 'elsewhere') ? { refused: 'no-port', words: 'no port is free' } : last;
  }

  /** The wanted port first. */
  *#candidates(w: Wish): Generator<number> {
    if (w.extPort !== 0) yield w.extPort;
    if (!w.otherwise) return;
    let wanted = w.extPort || w.intPort;
    for (let n = 0; n < TRIES; n++) {
      const port = this.#deps.ports.suggest(this.#uplink, w.proto, wanted);
      if (port === 0) break;
      yield port;
      wanted = FIRST_PORT + (wanted + STEP) % (65_536 - FIRST_PORT);
    }
    let scanned = 0;
    for (const range of this.rules.permissions.ranges(w.intIp, w.intPort)) {
      for (let port = Math.max(FIRST_PORT, range.first); port <= range.last && scanned < SCANNED; port++, scanned++) yield port;
    }
  }

  #unfit(w: Wish, extPort: number): Outcome | undefined {
    // IGD:2 §2.5.16.4; below it are the router's own services.
    if (extPort < FIRST_PORT) return { refused: 'not-authorized', words: `port ${extPort} is below ${FIRST_PORT}` };
    if (!this.rules.permissions.allows(w.intIp, w.intPort, extPort)) return { refused: 'not-authorized', words: `no rule allows port ${extPort} for ${format4(w.intIp)}` };
    const there = this.at(w.proto, extPort);
    if (there) return { refused: there.via === w.via ? 'conflict' : 'elsewhere', words: `port ${extPort} is mapped to ${format4(there.intIp)}` };
    // The same port of the other transport belongs to the same host, so that services on both can be found (RFC 6886 §3.3, RFC 6887 §11.3).
    const companion = w.otherwise ? this.at(w.proto === 6 ? 17 : 6, extPort) : undefined;
    if (companion && companion.intIp !== w.intIp) return { refused: 'conflict', words: `port ${extPort} is half ${format4(companion.intIp)}'s` };
    const why = this.#deps.ports.refuses(this.#uplink, w.proto, extPort);
    return why === undefined ? undefined : { refused: 'elsewhere', words: why };
  }

  /** Undefined: NAT has not got it now, and `waiting` says why. */
  #hold(e: Entry): Held | undefined {
    if (this.#uplink === '') {
      e.waiting = 'there is no uplink';
      return undefined;
    }
    const { proto, extPort, intIp, intPort, remote } = e;
    const mapping = { uplink: this.#uplink, proto, extPort, intIp, intPort, remote, why: `${e.via}${e.description === '' ? '' : `: ${e.description}`}`, pinhole: this.rules.firewall };
    try {
      const held = this.#deps.ports.add(mapping);
      e.waiting = '';
      return held;
    } catch (error) {
      e.waiting = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  /** A mapping from before a reload or a restart. What NAT cannot give now waits until it can. */
  restore(e: Omit<Entry, 'number' | 'waiting'>): void {
    if (this.at(e.proto, e.extPort) || this.size >= this.rules.most || !this.#allowed(e)) return;
    const entry: Entry = { ...e, number: this.#next++, description: clean(e.description), waiting: '' };
    this.#changes++;
    this.#entries.set(entry, this.#hold(entry));
  }

  /** True when it was there. */
  remove(e: Entry, why: string): boolean {
    if (!this.#entries.has(e)) return false;
    this.#remove(e, why);
    this.#deps.changed();
    return true;
  }

  /** Removes all that match; says how many. */
  removeWhere(match: (e: Entry) => boolean, why: string): number {
    return this.list().filter(match).filter(e => this.remove(e, why)).length;
  }

  #remove(e: Entry, why: string): void {
    void this.#entries.get(e)?.dispose();
    this.#entries.delete(e);
    this.#changes++;
    this.#deps.log(e, why);
  }

  /** When the next mapping ends (ms). */
  deadline(): number | undefined {
    const ends = this.list().flatMap(e => e.until ?? []);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }
  expire(now: number): void { this.removeWhere(e => e.until !== undefined && e.until <= now, 'expired'); }

  /** Ports are opened on this uplink from now on; what waits is tried again. */
  settle(uplink: string): void {
    if (uplink !== this.#uplink) this.#release();
    this.#uplink = uplink;
    for (const [e, held] of this.#entries) if (!held) this.#entries.set(e, this.#hold(e));
  }

  /** New rules: what they do not allow any more ends. */
  reform(rules: BookRules): void {
    const again = rules.firewall !== this.rules.firewall;
    this.rules = rules;
    this.removeWhere(e => !this.#allowed(e), 'not allowed any more');
    if (!again) return;
    this.#release();
    this.settle(this.#uplink);
  }

  /** Gives all ports back, but ends no session: after a reload the next generation has the same mappings. */
  close(): void {
    for (const held of this.#entries.values()) {
      if (held?.release) held.release();
      else void held?.dispose();
    }
    this.#entries.clear();
  }

  #release(): void {
    for (const [e, held] of this.#entries) {
      void held?.dispose();
      this.#entries.set(e, undefined);
    }
  }

  #allowed(e: Pick<Entry, 'by' | 'intIp' | 'intPort' | 'extPort'>): boolean {
    return this.rules.permissions.allows(e.intIp, e.intPort, e.extPort) && (e.by === e.intIp || this.rules.others);
  }
}

const until = (lifetime: number | undefined, now: number): number | undefined => (lifetime === undefined ? undefined : now + lifetime * 1000);
const clean = (text: string): string => [...text].filter(c => c >= ' ' && !(c >= '\x7f' && c < '\xa0')).slice(0, DESCRIPTION).join('');
