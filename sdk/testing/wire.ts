import { memoryLink } from '../../kernel/links/memory.ts';
import type { Link, LinkHost } from '../link.ts';
import * as arp from '../wire/arp.ts';
import { describe } from '../wire/describe.ts';
import * as ethernet from '../wire/ethernet.ts';
import * as ipv4 from '../wire/ipv4.ts';
import { copyMac, setU32 } from '../wire/octets.ts';
import { type Read, read } from './frames.ts';

/** What a wire needs of the router at its other end. */
export interface Behind {
  /** The router's MAC address on this wire. */
  mac(link: string): Uint8Array;
  owns(ip: number): boolean;
  /** Which wire a host is on: the one it first sent from, or was first asked for on. Shared by all wires. */
  readonly homes: Map<number, string>;
  /** Lets the router do what there is to do, without letting time pass. */
  run(): void;
}

/** The MAC address of the host with this IP address, on every wire: 02:00 and the address. */
export function macOf(ip: number): Uint8Array {
  const mac = Uint8Array.of(2, 0, 0, 0, 0, 0);
  setU32(mac, 2, ip);
  return mac;
}

/**
 * A wire with the router at one end and the test at the other. It stands for all hosts out there as far as ARP goes: when the
 * router asks for an address that is not its own, the wire answers with `macOf` that address, and keeps both out of `sent`.
 */
export class TestWire {
  readonly name: string;
  /** Frames the router has sent here, oldest first. Empty it as you like. */
  readonly sent: Uint8Array[] = [];
  /** False: ARP requests come into `sent`, and nobody answers them here. */
  answersArp = true;
  readonly #behind: Behind;
  readonly #link: ReturnType<typeof memoryLink>;

  constructor(name: string, behind: Behind) {
    this.name = name;
    this.#behind = behind;
    this.#link = memoryLink({ name, queue: 4096 });
    this.#link.far.onFrame = frame => this.#take(frame);
  }

  /** For the router's registry. */
  open(host: LinkHost): Link { return this.#link.open(host); }

  /**
   * Sends a frame to the router, which has dealt with it when this returns. MAC addresses of all zeros are filled in: the
   * router's, and that of the host the packet comes from. False: the wire is down or its queue is full.
   */
  send(frame: Uint8Array): boolean {
    const arrived = this.#link.far.send(this.#addressed(frame));
    this.#behind.run();
    return arrived;
  }

  /** What `sent` says, frame by frame. */
  get packets(): Read[] { return this.sent.map(read); }

  /** One line per frame in `sent`, in the manner of tcpdump. */
  get lines(): string[] { return this.sent.map(f => describe(f, 0, f.length, 'ether')); }

  /** Pulls the plug out, or puts it in. */
  setUp(up: boolean): void {
    this.#link.far.setUp(up);
    this.#behind.run();
  }

  setMtu(mtu: number): void {
    this.#link.far.setMtu(mtu);
    this.#behind.run();
  }

  #addressed(frame: Uint8Array): Uint8Array {
    if (frame.length < ethernet.HEADER) return frame;
    const out = frame.slice();
    if (ethernet.sameMac(out, ethernet.DST, ethernet.ZERO)) copyMac(out, ethernet.DST, this.#behind.mac(this.name));
    if (ethernet.sameMac(out, ethernet.SRC, ethernet.ZERO) && ipv4.headerFits(out, ethernet.HEADER, out.length)) {
      const host = ipv4.src(out, ethernet.HEADER);
      copyMac(out, ethernet.SRC, macOf(host));
      this.#behind.homes.set(host, this.name);
    }
    return out;
  }

  #take(frame: Uint8Array): void {
    if (!this.answersArp || !this.#asksForHost(frame)) {
      this.sent.push(frame);
      return;
    }
    const at = ethernet.HEADER;
    const ip = arp.tpa(frame, at);
    const { homes } = this.#behind;
    if (!homes.has(ip)) homes.set(ip, this.name);
    if (homes.get(ip) !== this.name) return;
    const answer = new Uint8Array(ethernet.MIN_FRAME);
    ethernet.write(answer, 0, arp.sha(frame, at), macOf(ip), ethernet.TYPE_ARP);
    arp.write(answer, at, { op: arp.OP_REPLY, sha: macOf(ip), spa: ip, tha: arp.sha(frame, at), tpa: arp.spa(frame, at) });
    this.#link.far.send(answer);
  }

  #asksForHost(frame: Uint8Array): boolean {
    const at = ethernet.HEADER;
    return ethernet.fits(frame, 0, frame.length) && ethernet.etherType(frame, 0) === ethernet.TYPE_ARP && arp.fits(frame, at, frame.length)
      && arp.op(frame, at) === arp.OP_REQUEST && arp.spa(frame, at) !== 0 && !this.#behind.owns(arp.tpa(frame, at));
  }
}
