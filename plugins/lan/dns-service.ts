import { getRandomValues } from 'node:crypto';
import { CliError, type Counter, type Disposable, drive, type OwnTcp, type PluginContext, type UdpSocket } from '../../sdk/index.ts';
import { format4, parse4 } from '../../sdk/wire/address.ts';
import * as dns from '../../sdk/wire/dns.ts';
import { DnsRelay, type RelayIn, type RelayOut } from './dns-relay.ts';
import { DnsStreams } from './dns-streams.ts';
import type { LocalNames } from './dns-local.ts';
import type { Settings } from './settings.ts';

/** Answers kept at most. */
const CACHE_ENTRIES = 1000;
/** Ports tried for one question before it is left to the next asking. */
const PORT_ATTEMPTS = 8;
const LOOKUP_MS = 10_000;
/** Questions are asked from ports above this, where no service of the router listens. */
const FIRST_PORT = 32768;

/** Who asked: a host, by UDP or by TCP, or a verb of the console. */
type Client =
  | { readonly at: 'host'; readonly socket: UdpSocket; readonly dst: number; readonly dport: number; readonly src: number; readonly link: number; readonly mac: Uint8Array | undefined }
  | { readonly at: 'stream' | 'console'; answer(data: Uint8Array): void };

type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'clock' | 'scope' | 'udp' | 'counter' | 'log'>;

const word = new Uint32Array(1);
/** In [0, 1), not to be guessed: ids and ports are all that keeps forged answers out (RFC 5452 §4.3). */
export const secureRandom = (): number => getRandomValues(word)[0]! / 0x1_0000_0000;

const limits = (s: Settings) => ({ entries: CACHE_ENTRIES, positiveSec: s.dns.positiveSec, negativeSec: s.dns.negativeSec });

/** What listens for TCP, and the own address to ask a server from. */
export interface Streams { readonly tcp: OwnTcp; source(server: number): number }

/** The DNS relay on port 53 of the inside interfaces, by UDP and TCP. */
export class DnsService {
  readonly relay: DnsRelay<Client>;
  readonly #ctx: Ctx;
  readonly #feed: (input: RelayIn<Client>) => void;
  readonly #listening = new Map<number, UdpSocket>();
  readonly #asking = new Map<number, Disposable>();
  readonly #streams: DnsStreams;
  readonly #source: Streams['source'];
  readonly #ignored: Counter;
  readonly #uplinks = new Map<string, { readonly metric: number; readonly dns: readonly number[] }>();
  #own: readonly number[] = [];

  constructor(ctx: Ctx, settings: Settings, local: LocalNames, { tcp, source }: Streams) {
    this.#ctx = ctx;
    this.#ignored = ctx.counter('lan: DNS message ignored');
    this.relay = new DnsRelay<Client>({ local, random: secureRandom, limits: limits(settings) });
    this.#source = source;
    this.#streams = new DnsStreams({
      tcp, refused: ctx.counter('lan: DNS connection refused'), query: (data, answer) => this.#feed({ kind: 'query', stream: true, data, client: { at: 'stream', answer } }),
      failed: why => ctx.log.warn({ why }, 'no DNS over TCP'),
    });
    ctx.scope.add(() => this.#streams.close(), 'DNS over TCP');
    this.#feed = drive<RelayIn<Client>, RelayOut<Client>>(ctx.clock, ctx.scope, this.relay, out => this.#apply(out));
  }

  /** Listens on these links, which are in these zones, and on no others. */
  configure(settings: Settings, links: readonly number[], zones: readonly string[]): void {
    const wanted = settings.dns.relay ? links : [];
    this.#streams.configure(settings.dns.relay ? zones : []);
    for (const [link, socket] of this.#listening) {
      if (wanted.includes(link)) continue;
      void socket.dispose();
      this.#listening.delete(link);
    }
    for (const link of wanted) if (!this.#listening.has(link)) this.#listen(link);
    this.relay.cache.limits = limits(settings);
    this.#own = settings.dns.servers.map(t => parse4(t) ?? 0);
    this.#servers();
  }

  /** What an uplink's provider says; an empty list when it is down. */
  provider(name: string, metric: number, servers: readonly number[]): void {
    if (servers.length > 0) this.#uplinks.set(name, { metric, dns: servers });
    else this.#uplinks.delete(name);
    this.#servers();
  }

  /** Addresses of a name, as a host on the inside would see them. */
  lookup(name: string): Promise<readonly string[]> {
    if (!dns.isName(name) || name === '') throw new CliError(`"${name}" is not a host name`);
    return new Promise((resolve, reject) => {
      const late = this.#ctx.clock.after(LOOKUP_MS, () => reject(new CliError(`no answer for ${name}`)));
      const answer = (data: Uint8Array) => {
        void late.dispose();
        const message = dns.parse(data, 0, data.length);
        const found = (message?.answers ?? []).flatMap(r => (r.data.kind === 'address' ? [format4(r.data.address)] : []));
        if (found.length > 0) resolve(found);
        else reject(new CliError(message?.rcode === dns.NXDOMAIN ? `there is no ${name}` : message?.rcode === dns.SERVFAIL ? `no server answers for ${name}` : `${name} has no address`));
      };
      this.#feed({ kind: 'query', client: { at: 'console', answer }, data: dns.emit(dns.query(0, name, dns.TYPE_A)) });
    });
  }

  #listen(link: number): void {
    const socket = this.#ctx.udp.bind({ port: dns.PORT, link }, d => this.#feed({
      kind: 'query', data: d.data, client: { at: 'host', socket, dst: d.src, dport: d.sport, src: d.dst, link: d.link, mac: d.mac },
    }));
    this.#listening.set(link, socket);
  }

  #servers(): void {
    const byMetric = [...this.#uplinks.values()].sort((a, b) => a.metric - b.metric).flatMap(u => u.dns);
    this.#feed({ kind: 'servers', servers: [...this.#own, ...byMetric] });
  }

  #apply(out: RelayOut<Client>): void {
    switch (out.kind) {
      case 'reply': {
        const { client } = out;
        if (client.at !== 'host') {
          client.answer(out.data);
          return;
        }
        const { socket, dst, dport, src, link, mac } = client;
        socket.send(out.data, { dst, dport, src, ...(mac ? { link, mac } : {}) });
        return;
      }
      case 'ask': {
        if (out.by === 'tcp') {
          const { socket: id, server } = out;
          this.#asking.set(id, this.#streams.ask(server, this.#source(server), out.data, data => this.#feed({ kind: 'answer', socket: id, src: server, sport: dns.PORT, data }), () => this.#feed({ kind: 'failed', socket: id })));
          return;
        }
        const socket = this.#bind(out.socket);
        if (!socket) return;
        this.#asking.set(out.socket, socket);
        socket.send(out.data, { dst: out.server, dport: dns.PORT });
        return;
      }
      case 'close':
        void this.#asking.get(out.socket)?.dispose();
        this.#asking.delete(out.socket);
        return;
      case 'ignored':
        this.#ignored.n++;
    }
  }

  /** A socket with a random port; undefined when none is free, which the machine takes for a lost question. */
  #bind(id: number): UdpSocket | undefined {
    for (let n = 0; n < PORT_ATTEMPTS; n++) {
      try {
        return this.#ctx.udp.bind({ port: FIRST_PORT + Math.floor(secureRandom() * (65536 - FIRST_PORT)) }, d =>
          this.#feed({ kind: 'answer', socket: id, src: d.src, sport: d.sport, data: d.data }));
      } catch {
        // Taken: another one.
      }
    }
    this.#ctx.log.warn({}, 'DNS relay finds no free port');
    return undefined;
  }

}
