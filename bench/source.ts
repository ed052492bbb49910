import type { Link } from '../sdk/link.ts';
import { type Batch, BATCH, HEADROOM } from '../sdk/packet.ts';
import { parse4 } from '../sdk/wire/address.ts';
import * as ethernet from '../sdk/wire/ethernet.ts';
import * as ipv4 from '../sdk/wire/ipv4.ts';
import * as udp from '../sdk/wire/udp.ts';
import { emptyStats } from '../kernel/links/stats.ts';
import { packetsOver, STRIDE } from '../kernel/packet/pool.ts';

/** Octets of a frame: 64 on the wire, of which the last four are the checksum that nobody sees. */
const FRAME = 60;
const SPORT = ethernet.HEADER + ipv4.HEADER;
const IP_SUM = ethernet.HEADER + 10;
const LAST_OF_SRC = ethernet.HEADER + 15;

export const address = (text: string): number => {
  const n = parse4(text);
  if (n === undefined) throw new Error(`${text} is no IPv4 address`);
  return n;
};

/** The two hosts of the memory benchmark. */
export const CLIENT = '192.168.1.33';
export const SERVER = '203.0.113.10';
const FIRST_HOST = address(CLIENT) & 0xff;

/** Hosts that the flows come from: each has a source address of its own, CLIENT and those behind it. */
export const HOSTS = 32;

/**
 * A link that always has more: each rx is a full batch of 64-octet UDP frames, `next` choosing the flow: its low 16 bits are the source
 * port, the others the host, until `left` have come. What is sent is counted and forgotten.
 */
export class Source implements Link {
  readonly kind = 'memory';
  readonly framing = 'ether';
  readonly mtu = 1500;
  readonly up = true;
  readonly fd = -1;
  readonly offload = { csum: false, gso: false };
  readonly stats = emptyStats();
  readonly name: string;
  readonly mac: Uint8Array;
  left = 0;
  next = (): number => 0;
  readonly #ring = packetsOver({ buf: new Uint8Array(BATCH * STRIDE), address: 0 }, BATCH);
  readonly #template = new Uint8Array(FRAME);
  /** IP header checksum of each host's frames. */
  readonly #sums = new Uint16Array(HOSTS);
  /** Is sent as it stands, instead of frames of chosen flows. */
  frame: Uint8Array | undefined;

  /** `last`: the last octet of the link's own MAC. */
  constructor(name: string, last: number) {
    this.name = name;
    this.mac = Uint8Array.of(2, 0, 0, 0, 1, last);
    for (const p of this.#ring) p.borrowed = true;
    const f = this.#template;
    ethernet.write(f, 0, this.mac, Uint8Array.of(2, 0, 0, 0, 9, 9), ethernet.TYPE_IPV4);
    ipv4.write(f, ethernet.HEADER, { src: address(CLIENT), dst: address(SERVER), proto: ipv4.PROTO_UDP, totalLen: FRAME - ethernet.HEADER });
    for (let host = 0; host < HOSTS; host++) {
      ipv4.setSrc(f, ethernet.HEADER, address(CLIENT) + host);
      ipv4.writeChecksum(f, ethernet.HEADER);
      this.#sums[host] = ipv4.checksum(f, ethernet.HEADER);
    }
    udp.write(f, SPORT, 5000, 53, FRAME - SPORT);
    udp.setChecksum(f, SPORT, 0x1234); // not zero, so that it is translated; nobody here verifies it
  }

  rx(into: Batch): number {
    let n = 0;
    while (this.left > 0 && !into.full) {
      const p = this.#ring[n]!;
      p.off = p.base + HEADROOM;
      p.len = FRAME;
      const { buf, off } = p;
      const frame = this.frame ?? this.#template;
      for (let i = 0; i < FRAME; i++) buf[off + i] = frame[i]!;
      if (this.frame === undefined) {
        const flow = this.next();
        const host = flow >>> 16;
        const sum = this.#sums[host]!;
        buf[off + LAST_OF_SRC] = FIRST_HOST + host;
        buf[off + IP_SUM] = sum >>> 8;
        buf[off + IP_SUM + 1] = sum & 0xff;
        buf[off + SPORT] = flow >>> 8 & 0xff;
        buf[off + SPORT + 1] = flow & 0xff;
      }
      p.needsCsum = false;
      p.gsoType = 0;
      into.push(p);
      this.left--;
      n++;
    }
    return n;
  }

  tx(batch: Batch): void { this.stats.txPackets += batch.n; }
  close(): void {}
}
