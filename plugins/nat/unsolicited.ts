import type { Clock, Counter, Disposable, Flows, Packet, PacketErrors, Packets } from '../../sdk/index.ts';

/** RFC 5382 REQ-4: nothing is answered sooner, for the host inside may be about to open the same connection. */
const WAIT_MS = 6000;
/** More are dropped without an answer. */
const MOST = 64;
const PORT_UNREACHABLE = 3;

interface Deps { readonly packets: Pick<Packets, 'take' | 'free'>; readonly clock: Pick<Clock, 'after'>; readonly flows: Pick<Flows, 'taken'>; readonly errors: PacketErrors; readonly answered: Counter }
interface Waiting { readonly copy: Packet; readonly timer: Disposable }

/** SYNs from outside to a port that a host inside uses but does not let this sender in by. */
export class UnsolicitedSyns {
  readonly #waiting = new Map<string, Waiting>();
  readonly #deps: Deps;

  constructor(deps: Deps) { this.#deps = deps; }

  /** The packet is dropped by the caller; its sender gets an answer later, unless a connection with it begins from inside. */
  take(p: Packet, src: number, sport: number, dst: number, dport: number): void {
    const key = `${src}:${sport}>${dst}:${dport}`;
    if (this.#waiting.has(key) || this.#waiting.size >= MOST) return;
    const copy = this.#deps.packets.take();
    if (!copy) return;
    copy.copyFrom(p);
    const timer = this.#deps.clock.after(WAIT_MS, () => {
      this.#waiting.delete(key);
      if (!this.#deps.flows.taken(src, sport, dst, dport, 6)) {
        this.#deps.answered.n++;
        this.#deps.errors.unreachable(copy, PORT_UNREACHABLE);
      }
      this.#deps.packets.free(copy);
    });
    this.#waiting.set(key, { copy, timer });
  }

  close(): void {
    for (const w of this.#waiting.values()) {
      void w.timer.dispose();
      this.#deps.packets.free(w.copy);
    }
    this.#waiting.clear();
  }
}
