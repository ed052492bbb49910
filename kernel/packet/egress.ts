import type { Link } from '../../sdk/link.ts';
import { Batch, type Counter, type Packet } from '../../sdk/packet.ts';
import { finishChecksum, segment } from '../../sdk/wire/gso.ts';
import type { PacketPool } from './pool.ts';

/** The last step: packets wait per link until the breath ends (or 64 are there), and leave in one call. */
export class Egress {
  readonly #links: readonly (Link | undefined)[];
  readonly #pool: PacketPool;
  readonly #queues: Batch[] = [];
  /** Ids of links whose queue is not empty. */
  readonly #busy: number[] = [];
  readonly #down: Counter;
  readonly #noPool: Counter;
  readonly #broken: Counter;
  /** A link threw: close it, the router goes on. */
  readonly #failed: (link: number, error: unknown) => void;

  constructor(links: readonly (Link | undefined)[], pool: PacketPool, counter: (name: string) => Counter, failed: (link: number, error: unknown) => void) {
    this.#links = links;
    this.#pool = pool;
    this.#failed = failed;
    this.#down = counter('egress: link is down');
    this.#noPool = counter('egress: no packet buffer free');
    this.#broken = counter('egress: a super-frame that cannot be cut');
  }

  /** Takes the packet over: p.outLink says where to. */
  send(p: Packet): void {
    const link = this.#links[p.outLink];
    if (!link?.up) {
      this.#down.n++;
      this.#pool.free(p);
      return;
    }
    if (p.gsoType !== 0 && !link.offload.gso) return this.#cut(p);
    if (p.needsCsum && !link.offload.csum) finishChecksum(p);
    this.#queue(p);
  }

  #queue(p: Packet): void {
    const id = p.outLink;
    let queue = this.#queues[id];
    if (!queue) queue = this.#queues[id] = new Batch();
    if (queue.n === 0) this.#busy.push(id);
    queue.push(p);
    if (queue.full) this.#flush(id, queue);
  }

  #cut(p: Packet): void {
    const outLink = p.outLink;
    const pieces = segment(p, () => this.#pool.take(), piece => { piece.outLink = outLink; this.#queue(piece); });
    if (pieces === 0) this.#broken.n++;
    if (pieces < 0) this.#noPool.n++;
    this.#pool.free(p);
  }

  /** Sends everything; the breath's end. */
  flush(): void {
    for (let i = 0; i < this.#busy.length; i++) {
      const id = this.#busy[i]!;
      const queue = this.#queues[id]!;
      if (queue.n > 0) this.#flush(id, queue);
    }
    this.#busy.length = 0;
  }

  #flush(id: number, queue: Batch): void {
    const link = this.#links[id];
    try {
      if (link) link.tx(queue); else this.#down.n += queue.n;
    } catch (error) {
      this.#failed(id, error);
    }
    for (let i = 0; i < queue.n; i++) this.#pool.free(queue.at(i));
    queue.clear();
  }
}
