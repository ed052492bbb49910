import type { Clock, Disposable, Packet, Packets } from '../../sdk/index.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as udp from '../../sdk/wire/udp.ts';

/** One packet sent to see who answers. */
export interface Probe {
  readonly dst: number;
  readonly src: number;
  readonly how: 'echo' | 'udp';
  readonly ttl: number;
  /** Octets after the ICMP or UDP header. */
  readonly size: number;
  readonly df?: boolean;
  readonly tos?: number;
  /** echo: identifier and sequence; udp: source and destination port. */
  readonly a: number;
  readonly b: number;
  readonly timeoutMs: number;
}
export type Answer =
  | { readonly kind: 'reply'; readonly from: number; readonly ms: number; readonly ttl: number; readonly size: number }
  | { readonly kind: 'error'; readonly from: number; readonly ms: number; readonly type: number; readonly code: number; readonly mtu: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'unsent' };

interface Waiting { readonly dst: number; readonly sent: number; readonly timer: Disposable; end(answer: Answer): void }

const ECHO = 0;
const UDP = 1;
const MOST = 256;
const keyOf = (how: number, a: number, b: number): number => (how * 0x10000 + a) * 0x10000 + b;

/** Probes under way and the answers that belong to them. */
export class Probes {
  readonly #packets: Pick<Packets, 'take' | 'output'>;
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #nextId: () => number;
  readonly #waiting = new Map<number, Waiting>();

  constructor(packets: Pick<Packets, 'take' | 'output'>, clock: Pick<Clock, 'now' | 'after'>, nextId: () => number) {
    this.#packets = packets;
    this.#clock = clock;
    this.#nextId = nextId;
  }

  get size(): number { return this.#waiting.size; }

  /** Never rejects. One probe per (a, b) at a time. */
  send(probe: Probe, signal: AbortSignal): Promise<Answer> {
    const key = keyOf(probe.how === 'echo' ? ECHO : UDP, probe.a, probe.b);
    return new Promise((resolve) => {
      if (signal.aborted || this.#waiting.has(key) || this.#waiting.size >= MOST) return resolve({ kind: 'unsent' });
      const end = (answer: Answer) => {
        this.#waiting.delete(key);
        void waiting.timer.dispose();
        signal.removeEventListener('abort', stop);
        resolve(answer);
      };
      const stop = () => end({ kind: 'timeout' });
      const waiting: Waiting = { dst: probe.dst, sent: this.#clock.now(), timer: this.#clock.after(probe.timeoutMs, stop), end };
      this.#waiting.set(key, waiting);
      signal.addEventListener('abort', stop);
      if (!this.#emit(probe)) end({ kind: 'unsent' });
    });
  }

  /** An ICMP message to the router itself; the header at l3 and the message at l4 were checked. True: it was an answer to a probe. */
  take(p: Packet): boolean {
    if (this.#waiting.size === 0) return false;
    const { buf, l3 } = p;
    const l4 = l3 + ipv4.headerLen(buf, l3);
    const end = l3 + ipv4.totalLen(buf, l3);
    const type = icmp.type(buf, l4);
    if (type === icmp.TYPE_ECHO_REPLY) {
      const w = this.#waiting.get(keyOf(ECHO, icmp.id(buf, l4), icmp.seq(buf, l4)));
      if (!w || w.dst !== ipv4.src(buf, l3)) return false;
      w.end({ kind: 'reply', from: w.dst, ms: this.#clock.now() - w.sent, ttl: ipv4.ttl(buf, l3), size: end - l4 });
      return true;
    }
    if (!icmp.isError(type)) return false;
    const quoted = l4 + icmp.HEADER;
    if (!ipv4.headerFits(buf, quoted, end)) return false;
    const inner = quoted + ipv4.headerLen(buf, quoted);
    if (inner + 8 > end) return false;
    const proto = ipv4.protocol(buf, quoted);
    let key: number;
    if (proto === ipv4.PROTO_ICMP) key = keyOf(ECHO, icmp.id(buf, inner), icmp.seq(buf, inner));
    else if (proto === ipv4.PROTO_UDP) key = keyOf(UDP, udp.srcPort(buf, inner), udp.dstPort(buf, inner));
    else return false;
    const w = this.#waiting.get(key);
    if (!w || w.dst !== ipv4.dst(buf, quoted)) return false;
    w.end({ kind: 'error', from: ipv4.src(buf, l3), ms: this.#clock.now() - w.sent, type, code: icmp.code(buf, l4), mtu: icmp.mtu(buf, l4) });
    return true;
  }

  #emit(probe: Probe): boolean {
    const p = this.#packets.take();
    if (!p) return false;
    const header = probe.how === 'echo' ? icmp.HEADER : udp.HEADER;
    const total = ipv4.HEADER + header + probe.size;
    const proto = probe.how === 'echo' ? ipv4.PROTO_ICMP : ipv4.PROTO_UDP;
    const { dst, src, ttl, df, tos } = probe;
    ipv4.write(p.buf, p.off, { src, dst, proto, totalLen: total, ttl, id: this.#nextId(), df: df ?? false, tos: tos ?? 0 });
    const at = p.off + ipv4.HEADER;
    for (let i = 0; i < probe.size; i++) p.buf[at + header + i] = 0x40 + (i & 0x3f);
    if (probe.how === 'echo') {
      icmp.writeEcho(p.buf, at, icmp.TYPE_ECHO, probe.a, probe.b);
      icmp.writeChecksum(p.buf, at, p.off + total);
    } else {
      udp.write(p.buf, at, probe.a, probe.b, header + probe.size);
      udp.writeChecksum(p.buf, at, src, dst);
    }
    p.len = total;
    p.l3 = p.off;
    p.l4 = at;
    p.etherType = ethernet.TYPE_IPV4;
    p.proto = proto;
    p.local = true;
    this.#packets.output(p);
    return true;
  }
}
