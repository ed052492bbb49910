import { Fdb, Learned, macHi, macLo } from './fdb.ts';

/** Where a frame has to go; values below zero are not ports. */
export const Way = {
  /** To the router only. */
  Self: -1,
  /** To every other port. */
  Flood: -2,
  /** To the router and every other port: broadcast and multicast. */
  SelfAndFlood: -3,
  /** Nowhere: the station is where the frame came from. */
  Filtered: -4,
  /** Nowhere: a group address that bridges keep to one wire (IEEE 802.1D §7.12.6), or a source that is no station. */
  Reserved: -5,
} as const;

/** 01:80:c2:00:00:0x as the two integers of fdb.ts, without the last digit. */
const RESERVED_HI = 0x0180c200;

/**
 * A learning switch without wires: it is told about frames and says where they go. Ports are link ids. Loops are not looked
 * for: the four ports belong to one box.
 */
export class Bridge {
  readonly name: string;
  readonly fdb: Fdb;
  /** Called when a known station is heard on another port. */
  moved: (hi: number, lo: number, port: number) => void = () => {};
  #ports: readonly number[] = [];
  #hi = 0;
  #lo = 0;
  /** The station heard last: trains of frames from one station are learned once per train. */
  #lastHi = 0;
  #lastLo = 0;
  #lastPort = -1;
  #lastAt = 0;

  constructor(name: string, fdb = new Fdb()) {
    this.name = name;
    this.fdb = fdb;
  }

  get ports(): readonly number[] { return this.#ports; }

  /** The router's own address on this bridge (6 octets). */
  setMac(mac: Uint8Array): void {
    this.#hi = macHi(mac, 0);
    this.#lo = macLo(mac, 0);
  }

  /** Ports from now on; stations of a port that left are forgotten. */
  setPorts(ports: readonly number[]): void {
    for (const gone of this.#ports) if (!ports.includes(gone)) this.fdb.flushPort(gone);
    this.#ports = [...ports];
    this.#lastPort = -1;
  }

  /**
   * A frame of at least 14 octets came from `port`: learns its source and says where it goes, a port or one of Way.
   * Allocates nothing.
   */
  receive(buf: Uint8Array, at: number, port: number, now: number): number {
    const sourceHi = macHi(buf, at + 6);
    const sourceLo = macLo(buf, at + 6);
    if (sourceHi !== this.#lastHi || sourceLo !== this.#lastLo || port !== this.#lastPort || now - this.#lastAt > 1000) {
      // A group address or the router's own as a source is a forgery or a loop; a table must not believe it.
      if (sourceHi & 0x01000000 || (sourceHi === this.#hi && sourceLo === this.#lo)) return Way.Reserved;
      if (this.fdb.learn(sourceHi, sourceLo, port, now) === Learned.Moved) this.moved(sourceHi, sourceLo, port);
      this.#lastHi = sourceHi;
      this.#lastLo = sourceLo;
      this.#lastPort = port;
      this.#lastAt = now;
    }
    const hi = macHi(buf, at);
    const lo = macLo(buf, at);
    if (hi === this.#hi && lo === this.#lo) return Way.Self;
    if (hi & 0x01000000) return hi === RESERVED_HI && lo < 0x10 ? Way.Reserved : Way.SelfAndFlood;
    const to = this.fdb.lookup(hi, lo, now);
    return to === port ? Way.Filtered : to < 0 ? Way.Flood : to;
  }

  /** The port for a frame of the router's own, or Way.Flood. */
  send(buf: Uint8Array, at: number, now: number): number {
    const hi = macHi(buf, at);
    if (hi & 0x01000000) return Way.Flood;
    const to = this.fdb.lookup(hi, macLo(buf, at), now);
    return to < 0 ? Way.Flood : to;
  }

  /** Forgets all stations. */
  flush(): void {
    this.fdb.flush();
    this.#lastPort = -1;
  }
}
