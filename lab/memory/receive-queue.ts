import { add, distance } from './sequence.ts';

interface Piece { readonly seq: number; readonly data: Uint8Array }

/** Puts received segments in order; `next` is the first octet that is missing. */
export class ReceiveQueue {
  next: number;
  readonly #early: Piece[] = [];
  readonly #window: number;

  /** window: octets from `next` on that are taken. */
  constructor(next: number, window: number) {
    this.next = next;
    this.#window = window;
  }

  /** Takes a segment's data; answers what is now in order, oldest first. */
  take(seq: number, data: Uint8Array): Uint8Array[] {
    const at = distance(this.next, seq);
    if (data.length === 0 || at + data.length <= 0 || at >= this.#window) return [];
    this.#insert({ seq, data });
    const ready: Uint8Array[] = [];
    for (let first = this.#early[0]; first; first = this.#early[0]) {
      const ahead = distance(this.next, first.seq);
      if (ahead > 0) break;
      this.#early.shift();
      if (-ahead >= first.data.length) continue;
      const fresh = first.data.subarray(-ahead);
      ready.push(fresh);
      this.next = add(this.next, fresh.length);
    }
    return ready;
  }

  #insert(piece: Piece): void {
    let i = this.#early.length;
    while (i > 0 && distance(this.#early[i - 1]!.seq, piece.seq) < 0) i--;
    // The same piece again, as after a retransmission that crossed its acknowledgement.
    const same = this.#early[i - 1];
    if (same && same.seq === piece.seq && same.data.length >= piece.data.length) return;
    this.#early.splice(i, 0, piece);
  }
}
