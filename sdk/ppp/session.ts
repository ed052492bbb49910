import type { Machine, Tick } from '../machine.ts';
import * as lcp from '../wire/lcp.ts';
import { setU16, u16 } from '../wire/octets.ts';
import * as ppp from '../wire/ppp.ts';
import { INITIAL_FRAMING } from '../wire/ppp-frame.ts';
import { type AuthSide, shown } from './auth.ts';
import * as sides from './auth-sides.ts';
import { Automaton, TIMING } from './automaton.ts';
import type { PppCause, PppIn, PppOptions, PppOut, PppPhase, PppStats } from './contract.ts';
import { EchoWatch, echoMagic, echoReply } from './echo.ts';
import { IpOptions } from './ip-options.ts';
import { Ipv6Options } from './ipv6-options.ts';
import { LinkOptions } from './link-options.ts';

const SETUP_MS = 60_000;
/** A modem naks IPCP until the network has told it addresses; that may take a while. */
const IPCP_NAKS = 60;
/** Octets of a rejected packet that go back, besides its protocol number. */
const QUOTE = 128;
/** Data for a network protocol: not the session's business, and no reason to complain (RFC 1661 §3.5). */
const DATA: readonly number[] = [ppp.PROTO_IPV4, ppp.PROTO_IPV6];

/** All that lives from `up` to `closed`: nothing of it can spoil the next session. */
interface Run {
  readonly lcp: Automaton;
  readonly link: LinkOptions;
  readonly ipcp: Automaton;
  readonly ip: IpOptions;
  readonly ipv6cp: Automaton | undefined;
  readonly ipv6: Ipv6Options | undefined;
  client: AuthSide | undefined;
  server: AuthSide | undefined;
  /** Sides that have not proven anything yet. */
  unproven: Set<'we' | 'peer'>;
  /** When the session has to stand. */
  setupBy: number | undefined;
  /** The first thing that went wrong. */
  fault: { readonly cause: PppCause; readonly why: string } | undefined;
  /** The network is up; and it was, at any time. */
  up: boolean;
  stood: boolean;
}

/**
 * A PPP session: LCP, then authentication, then IPCP and perhaps IPV6CP (RFC 1661 §3.2). Frames and IP packets are not its
 * business: see AsyncLine for serial lines. Whatever the peer says, after `setupMs` the session stands or is closed.
 */
export class PppSession implements Machine<PppIn, PppOut> {
  readonly stats: PppStats = { received: 0, sent: 0, malformed: 0, early: 0, unknown: 0, sessions: 0 };
  readonly #options: PppOptions;
  readonly #echo: EchoWatch | undefined;
  #run: Run | undefined;
  #phase: PppPhase = 'dead';
  #out: PppOut[] = [];
  #now = 0;
  #rejects = 0;

  constructor(options: PppOptions) {
    this.#options = options;
    this.#echo = options.echo && new EchoWatch(options.echo);
  }

  get phase(): PppPhase { return this.#phase; }
  /** IP packets may go both ways. */
  get networkUp(): boolean { return this.#run?.up === true; }

  deadline(): number | undefined {
    const r = this.#run;
    if (r === undefined) return undefined;
    const dues = [r.lcp.due, r.ipcp.due, r.ipv6cp?.due, r.client?.due, r.server?.due, r.setupBy, this.#echo?.due].filter(due => due !== undefined);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  step(input: PppIn | Tick, now: number): readonly PppOut[] {
    this.#out = [];
    this.#now = now;
    switch (input.kind) {
      case 'up': this.#start(); break;
      case 'down': this.#lost(input.why); break;
      case 'close': this.#fail('asked', input.why); break;
      case 'packet': this.#receive(input.protocol, input.data); break;
      case 'tick': this.#tick(); break;
    }
    return this.#out;
  }

  #start(): void {
    if (this.#run !== undefined) return;
    this.stats.sessions++;
    const run = this.#run = this.#build();
    this.#enter('establish');
    this.#out.push({ kind: 'framing', framing: INITIAL_FRAMING, mru: lcp.DEFAULT_MRU });
    run.setupBy = this.#now + (this.#options.setupMs ?? SETUP_MS);
    run.lcp.open(this.#now);
    run.lcp.lowerUp(this.#now);
  }

  #build(): Run {
    const { random, line, login, door } = this.#options;
    const timing = { ...TIMING, ...this.#options.timing };
    const firstId = Math.floor(random() * 256);
    const hopeless = (why: string, cause: PppCause = 'terms') => this.#fail(cause, why);
    const link = new LinkOptions({
      line, mru: this.#options.mru ?? lcp.DEFAULT_MRU, accm: this.#options.accm ?? 0, compress: this.#options.compress ?? line === 'async',
      allow: login?.allow ?? [], require: door?.require ?? [],
    }, random, hopeless);
    const ip = new IpOptions({ local: 0, peer: 0, askDns: door === undefined, dns: [], ...this.#options.ip }, hopeless);
    const ipv6 = this.#options.ipv6 === true ? new Ipv6Options(random) : undefined;
    const send = (protocol: number) => (packet: ppp.Control) => this.#send(protocol, packet);
    return {
      link, ip, ipv6,
      lcp: new Automaton('LCP', link, {
        send: send(ppp.PROTO_LCP), hopeless,
        up: () => this.#lcpUp(), down: why => this.#lcpDown(why), finished: why => this.#finished(why),
        other: (packet, opened) => this.#lcpOther(packet, opened),
      }, timing, firstId),
      ipcp: new Automaton('IPCP', ip, {
        send: send(ppp.PROTO_IPCP), hopeless,
        up: () => this.#ipUp(), down: why => this.#ipDown(why), finished: why => this.#fail('terms', why || 'the other end does not offer IP'),
      }, { ...timing, maxNaks: Math.max(timing.maxNaks, IPCP_NAKS) }, firstId),
      ipv6cp: ipv6 && new Automaton('IPV6CP', ipv6, {
        send: send(ppp.PROTO_IPV6CP), hopeless: why => this.#run?.ipv6cp?.close(this.#now, why),
        up: () => this.#out.push({ kind: 'network6-up', local: ipv6.local, peer: ipv6.peer }), down: () => {}, finished: () => {},
      }, timing, firstId),
      client: undefined, server: undefined, unproven: new Set(), setupBy: undefined, fault: undefined, up: false, stood: false,
    };
  }

  #tick(): void {
    const now = this.#now;
    const r = this.#run;
    if (r === undefined) return;
    if (r.setupBy !== undefined && now >= r.setupBy) {
      r.setupBy = undefined;
      this.#fail('silence', this.#phase === 'authenticate' ? 'the network did not decide who we are in time' : 'the other end did not come to terms in time');
    }
    r.lcp.tick(now);
    r.client?.tick(now);
    r.server?.tick(now);
    r.ipcp.tick(now);
    r.ipv6cp?.tick(now);
    const echo = this.#echo?.tick(now, r.link.magic);
    if (echo === 'dead') this.#fail('silence', 'the other end has fallen silent');
    else if (echo !== undefined) this.#send(ppp.PROTO_LCP, echo);
  }

  #receive(protocol: number, data: Uint8Array): void {
    const r = this.#run;
    if (r === undefined || DATA.includes(protocol)) return;
    this.stats.received++;
    this.#echo?.heard();
    if (protocol !== ppp.PROTO_LCP && !r.lcp.opened) { this.stats.early++; return; }
    const side = r.client?.protocol === protocol || r.server?.protocol === protocol;
    const network = protocol === ppp.PROTO_IPCP || (protocol === ppp.PROTO_IPV6CP && r.ipv6cp !== undefined);
    if (protocol !== ppp.PROTO_LCP && !side && !network) return this.#rejectProtocol(protocol, data);
    // RFC 1661 §3.5: before everybody has proven who he is, network protocols are not heard.
    if (network && this.#phase !== 'network') { this.stats.early++; return; }
    const packet = ppp.parse(data, 0, data.length);
    if (packet === undefined) { this.stats.malformed++; return; }
    if (protocol === ppp.PROTO_LCP) r.lcp.receive(packet, this.#now);
    else if (protocol === ppp.PROTO_IPCP) r.ipcp.receive(packet, this.#now);
    else if (protocol === ppp.PROTO_IPV6CP) r.ipv6cp?.receive(packet, this.#now);
    else this.#authenticate(r, protocol, packet);
  }

  #authenticate(r: Run, protocol: number, packet: ppp.Control): void {
    if (r.server?.protocol === protocol && r.server.echoes?.(packet)) return this.#fail('loop', 'the other end sends our own question back');
    if (r.client?.protocol === protocol) r.client.receive(packet, this.#now);
    if (r.server?.protocol === protocol) r.server.receive(packet, this.#now);
  }

  #lcpUp(): void {
    const r = this.#run!;
    const { login, door, random } = this.#options;
    this.#out.push({ kind: 'framing', framing: r.link.framing(), mru: r.link.mru });
    const around = (who: 'we' | 'peer', protocol: number) => ({
      random,
      send: (packet: ppp.Control) => this.#send(protocol, packet),
      proven: (user: string) => {
        this.#out.push({ kind: 'auth', ok: true, who, user: shown(user) });
        r.unproven.delete(who);
        this.#network();
      },
      refused: (why: string) => {
        this.#out.push({ kind: 'auth', ok: false, who, why });
        this.#fail('auth', why);
      },
    });
    const protocolOf = (method: lcp.AuthMethod) => (method === 'pap' ? ppp.PROTO_PAP : ppp.PROTO_CHAP);
    const { client, server } = r.link;
    if (client && login) { r.client = sides.client(client, login, around('we', protocolOf(client))); r.unproven.add('we'); }
    if (server && door) { r.server = sides.server(server, door, around('peer', protocolOf(server))); r.unproven.add('peer'); }
    if (r.unproven.size === 0) return this.#network();
    this.#enter('authenticate');
    r.client?.start(this.#now);
    r.server?.start(this.#now);
  }

  #network(): void {
    const r = this.#run;
    if (r === undefined || r.unproven.size > 0 || r.fault !== undefined) return;
    this.#enter('network');
    this.#echo?.start(this.#now);
    for (const protocol of [r.ipcp, r.ipv6cp]) {
      protocol?.open(this.#now);
      protocol?.lowerUp(this.#now);
    }
  }

  #ipUp(): void {
    const r = this.#run!;
    const { local, peer, dns } = r.ip;
    if (local === 0) return this.#fail('terms', 'the network gave us no address');
    r.up = true;
    r.stood = true;
    r.setupBy = undefined;
    const most = this.#options.mtu ?? this.#options.mru ?? lcp.DEFAULT_MRU;
    this.#out.push({ kind: 'network-up', local, peer, dns, mtu: Math.min(r.link.peerMru, most), mru: r.link.mru });
  }

  #ipDown(why: string): void {
    const r = this.#run!;
    if (!r.up) return;
    r.up = false;
    r.setupBy = this.#now + (this.#options.setupMs ?? SETUP_MS);
    this.#out.push({ kind: 'network-down', why: r.fault?.why ?? why });
  }

  /** The peer has hung up or negotiates anew, or we hang up: all above is void. */
  #lcpDown(why: string): void {
    const r = this.#run!;
    this.#echo?.stop();
    r.client = undefined;
    r.server = undefined;
    r.unproven.clear();
    r.ipcp.lowerDown(this.#now, why);
    r.ipv6cp?.lowerDown(this.#now, why);
    this.#ipDown(why);
    this.#out.push({ kind: 'framing', framing: INITIAL_FRAMING, mru: lcp.DEFAULT_MRU });
    const again = r.lcp.state !== 'Closing' && r.lcp.state !== 'Stopping' && r.lcp.state !== 'Starting';
    if (!again) this.#blame(r, 'peer', why);
    // Not from the beginning: whoever negotiates anew again and again does not get more time for it.
    r.setupBy ??= this.#now + (this.#options.setupMs ?? SETUP_MS);
    this.#enter(again ? 'establish' : 'terminate');
  }

  /** Codes that only LCP has (RFC 1661 §5.7–5.9, RFC 1570). */
  #lcpOther(packet: ppp.Control, opened: boolean): boolean {
    const r = this.#run!;
    switch (packet.code) {
      case ppp.PROTOCOL_REJECT:
        if (opened && packet.data.length >= 2) this.#protocolRejected(r, u16(packet.data, 0));
        return true;
      case ppp.ECHO_REQUEST: case ppp.ECHO_REPLY: {
        const magic = echoMagic(packet);
        if (!opened || magic === undefined) return true;
        if (magic === r.link.magic && r.link.hasMagic) this.#fail('loop', 'the line sends back what we say');
        else if (packet.code === ppp.ECHO_REQUEST) this.#send(ppp.PROTO_LCP, echoReply(packet, r.link.hasMagic ? r.link.magic : 0));
        return true;
      }
      case ppp.DISCARD_REQUEST: case ppp.IDENTIFICATION: case ppp.TIME_REMAINING: return true;
      default: return false;
    }
  }

  #protocolRejected(r: Run, protocol: number): void {
    const { client, server } = r;
    if (protocol === ppp.PROTO_LCP) r.lcp.rejected(this.#now);
    else if (protocol === ppp.PROTO_IPCP) r.ipcp.rejected(this.#now);
    else if (protocol === ppp.PROTO_IPV6CP) r.ipv6cp?.rejected(this.#now);
    else if (protocol === client?.protocol || protocol === server?.protocol) this.#fail('auth', `the other end does not know ${ppp.protocolName(protocol)} after all`);
    else if (protocol === ppp.PROTO_IPV4) this.#fail('terms', 'the other end takes no IP packets');
  }

  /** RFC 1661 §5.7; this is how CCP, IPV6CP without IPv6, and compressed headers are told that nobody is home. */
  #rejectProtocol(protocol: number, data: Uint8Array): void {
    this.stats.unknown++;
    const quoted = data.subarray(0, QUOTE);
    const out = new Uint8Array(2 + quoted.length);
    setU16(out, 0, protocol);
    out.set(quoted, 2);
    this.#send(ppp.PROTO_LCP, { code: ppp.PROTOCOL_REJECT, id: this.#rejects = (this.#rejects + 1) & 0xff, data: out });
  }

  /** From here on it only goes down. */
  #fail(cause: PppCause, why: string): void {
    const r = this.#run;
    if (r === undefined) return;
    this.#blame(r, cause, why);
    if (r.lcp.state === 'Closing' || r.lcp.state === 'Stopping') return;
    this.#enter('terminate');
    r.lcp.close(this.#now, why);
  }

  #lost(why: string): void {
    const r = this.#run;
    if (r === undefined) return;
    this.#blame(r, 'line', why);
    r.lcp.lowerDown(this.#now, why);
    this.#end(r);
  }

  /** LCP has come to its end: hung up, or nobody there. */
  #finished(why: string): void {
    const r = this.#run!;
    this.#blame(r, 'silence', why);
    this.#end(r);
  }

  /** The first reason counts. Whoever was not told who we are hangs up or falls silent, and seldom says why. */
  #blame(r: Run, cause: PppCause, why: string): void {
    const { unwilling, client } = r.link;
    const untold = unwilling !== '' && client === undefined && !r.stood && cause !== 'asked' && cause !== 'line' && cause !== 'loop';
    r.fault ??= untold ? { cause: 'auth', why: `the network wants to know who we are by ${unwilling}, which is not allowed here` } : { cause, why };
  }

  #end(r: Run): void {
    if (this.#run !== r) return;
    this.#run = undefined;
    this.#echo?.stop();
    this.stats.malformed += r.lcp.malformed + r.ipcp.malformed + (r.ipv6cp?.malformed ?? 0);
    this.#enter('dead');
    this.#out.push({ kind: 'closed', cause: r.fault?.cause ?? 'line', why: r.fault?.why ?? '' });
  }

  #enter(phase: PppPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#out.push({ kind: 'phase', phase });
  }

  #send(protocol: number, packet: ppp.Control): void {
    this.stats.sent++;
    this.#out.push({ kind: 'send', protocol, data: ppp.emit(packet) });
  }
}
