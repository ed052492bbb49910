import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { HOSTS, ROUTER, SIDES, type Side } from './firewall-model.ts';
import { ip, packet, udpPacket } from './frames.ts';

export interface Sent { readonly side: Side; readonly packet: Uint8Array }

const PORTS = [0, 1, 22, 80, 5000, 65_535];
const FLAGS = [tcp.SYN, tcp.SYN, tcp.SYN | tcp.ACK, tcp.ACK, tcp.ACK | tcp.PSH, tcp.RST, tcp.RST | tcp.ACK, tcp.FIN | tcp.ACK];
const NOBODY = ['0.0.0.0', '255.255.255.255', '224.0.0.9', '127.0.0.1', '192.168.1.255', '192.168.2.0', ...Object.values(ROUTER)];
/** Timestamps, record route, loose source route, router alert, one that lies about its length, noise. */
const OPTIONS = [[68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0], [7, 7, 4, 0, 0, 0, 0, 0], [131, 7, 4, 192, 168, 1, 33, 0], [148, 4, 0, 0], [68, 40, 1, 1], [130, 0, 1, 9]];
/** Packets that answers are made of. */
const REMEMBERED = 64;

/** Where a connection would begin its numbers: the same whenever it is asked. */
const isn = (src: number, sport: number, dst: number, dport: number): number => (Math.imul(src ^ Math.imul(dst, 31), 0x9e3779b1) + sport * 7919 + dport * 104_729) >>> 0;

interface Spoken { readonly side: Side; readonly to: Side; readonly src: string; readonly dst: string; readonly proto: number; readonly sport: number; readonly dport: number }

/** Everything that can come in from anywhere: half of it could belong together, the rest is wrong in some way. */
export class Strangers {
  readonly #random: () => number;
  readonly #spoken: Spoken[] = [];

  constructor(random: () => number) { this.#random = random; }

  next(): Sent {
    const s = this.#roll(100) < 45 && this.#spoken.length > 0 ? this.#again(this.#pick(this.#spoken)) : this.#afresh();
    this.#spoken[this.#spoken.length < REMEMBERED ? this.#spoken.length : this.#roll(REMEMBERED)] = s;
    let made = this.#made(s);
    if (this.#roll(20) === 0) made = withOptions(made, this.#pick(OPTIONS));
    return { side: s.side, packet: made };
  }

  #roll(n: number): number { return Math.floor(this.#random() * n); }
  #pick<T>(list: readonly T[]): T { return list[this.#roll(list.length)]!; }

  #afresh(): Spoken {
    const side = this.#pick(SIDES);
    const to = this.#pick(SIDES.filter((s) => s !== side));
    const proto = this.#pick([6, 6, 6, 6, 17, 17, 1, 1, 47, 50, 132, 33, 99, this.#roll(256)]);
    const src = this.#roll(10) > 1 ? this.#pick(HOSTS[side]) : this.#roll(2) === 0 ? this.#pick(HOSTS[to]) : this.#pick(NOBODY);
    return { side, to, proto, src, dst: this.#roll(10) > 1 ? this.#pick(HOSTS[to]) : this.#roll(2) === 0 ? ROUTER[side] : this.#pick(NOBODY), sport: this.#pick(PORTS), dport: this.#pick(PORTS) };
  }

  /** The answer to it, or more of the same. */
  #again(s: Spoken): Spoken {
    return this.#roll(3) === 0 ? s : { side: s.to, to: s.side, src: s.dst, dst: s.src, proto: s.proto, sport: s.dport, dport: s.sport };
  }

  #made(s: Spoken): Uint8Array {
    const header = { src: ip(s.src), dst: ip(s.dst), proto: s.proto, id: this.#roll(4), ttl: this.#pick([64, 64, 64, 2, 1, 0, 255]) };
    const kind = this.#roll(20);
    if (kind === 0) return packet({ ...header, offset: this.#roll(6) * 8, more: this.#roll(2) === 0 }, this.#noise(8 * (1 + this.#roll(8))));
    if (kind === 1) return packet({ ...header, proto: 1 }, this.#lie(s));
    switch (s.proto) {
      case 6: return packet(header, this.#segment(s));
      case 17: return udpPacket(s.src, s.sport, s.dst, s.dport, this.#noise(this.#roll(40)), header);
      case 1: return packet(header, this.#message(s));
      default: {
        const body = this.#noise(8 + this.#roll(40));
        if (s.proto === 132 || s.proto === 33) body.set([s.sport >> 8, s.sport & 255, s.dport >> 8, s.dport & 255]);
        return packet(header, body);
      }
    }
  }

  #segment(s: Spoken): Uint8Array {
    const data = this.#roll(3) === 0 ? this.#roll(30) : 0;
    const body = new Uint8Array(20 + data);
    const flags = this.#roll(8) === 0 ? this.#roll(256) : this.#pick(FLAGS);
    const mine = isn(ip(s.src), s.sport, ip(s.dst), s.dport);
    const theirs = isn(ip(s.dst), s.dport, ip(s.src), s.sport);
    const far = (): number => this.#roll(6) === 0 ? this.#roll(0x1_0000_0000) : this.#roll(8) === 0 ? this.#pick([-70_000, -1, 2, 60, 65_536, 140_000]) : 0;
    tcp.write(body, 0, { sport: s.sport, dport: s.dport, seq: (mine + (flags & tcp.SYN ? 0 : 1) + far()) >>> 0, ack: (theirs + 1 + far()) >>> 0, flags, window: this.#pick([0, 1, 1000, 65_535]) });
    tcp.writeChecksum(body, 0, body.length, ip(s.src), ip(s.dst));
    return body;
  }

  /** ICMP: a question or an answer; the port stands for its identifier. */
  #message(s: Spoken): Uint8Array {
    const body = new Uint8Array(8 + this.#roll(20));
    icmp.setType(body, 0, this.#roll(4) === 0 ? this.#roll(256) : this.#pick([8, 0, 8, 0, 13, 14, 17, 18, 3, 11, 5]));
    body[1] = this.#roll(6) === 0 ? this.#roll(256) : 0;
    icmp.setId(body, 0, s.sport + s.dport & 0xffff);
    icmp.writeChecksum(body, 0, body.length);
    return body;
  }

  /** An ICMP error about a packet that its receiver has sent, perhaps, or one that nobody sent. */
  #lie(s: Spoken): Uint8Array {
    const about = this.#roll(2) === 0 ? { ...s, src: s.dst, dst: s.src, sport: s.dport, dport: s.sport } : this.#pick([s, ...this.#spoken]);
    const quoted = packet({ src: ip(about.src), dst: ip(about.dst), proto: about.proto }, about.proto === 6 ? this.#segment(about) : about.proto === 17 ? udpPacket(about.src, about.sport, about.dst, about.dport).subarray(20) : about.proto === 1 ? this.#message(about) : this.#noise(20));
    if (this.#roll(4) === 0) quoted[this.#roll(28)]! ^= 1 << this.#roll(8);
    const body = new Uint8Array(8 + Math.min(quoted.length, this.#pick([20, 24, 28, 28, 28, 60])));
    icmp.setType(body, 0, this.#pick([3, 3, 11, 12, 4, 5]));
    body[1] = this.#roll(5);
    body.set(quoted.subarray(0, body.length - 8), 8);
    icmp.writeChecksum(body, 0, body.length);
    return body;
  }

  #noise(n: number): Uint8Array {
    const bytes = new Uint8Array(n);
    for (let i = 0; i < n; i++) bytes[i] = this.#roll(256);
    return bytes;
  }
}

/** The same with options behind its header, whose checksum is right all the same. */
function withOptions(p: Uint8Array, options: readonly number[]): Uint8Array {
  const wide = new Uint8Array(p.length + options.length);
  wide.set(p.subarray(0, 20));
  wide.set(options, 20);
  wide.set(p.subarray(20), 20 + options.length);
  wide[0] = 0x40 | 5 + options.length / 4;
  ipv4.setTotalLen(wide, 0, wide.length);
  ipv4.writeChecksum(wide, 0);
  return wide;
}
