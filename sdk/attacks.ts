import type { Clock } from './clock.ts';
import type { Events } from './events.ts';
import type { Packet } from './packet.ts';
import * as ipv4 from './wire/ipv4.ts';

export type Attack = Events['security/attack'];

/** Sources told of within one second; what more there is only counts. */
const SOURCES_MOST = 256;

/** Tells of attacks, each kind and source once a second, so that a flood of them is no flood of events. */
export class Attacks {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tell: (attack: Attack) => void;
  #second = -1;
  readonly #told = new Set<string>();

  constructor(clock: Pick<Clock, 'now'>, tell: (attack: Attack) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The packet's IP header has been checked. */
  seen(kind: string, p: Packet, detail: string): void {
    const second = Math.floor(this.#clock.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#told.clear();
    }
    const src = ipv4.src(p.buf, p.l3);
    const key = `${kind} ${src}`;
    if (this.#told.has(key) || this.#told.size >= SOURCES_MOST) return;
    this.#told.add(key);
    this.#tell({ kind, src, dst: ipv4.dst(p.buf, p.l3), link: p.inLink, detail });
  }
}
