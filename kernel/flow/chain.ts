/**
 * Doubly linked lists of flows whose links stand in the flows' own records, so that a list costs no memory of its own and putting in
 * and taking out costs no search. A list is two words, head and tail; all numbers are kept plus 1, so that fresh memory is an
 * empty list. A record can be in one list of a chain at a time; who takes it out says from which.
 */
export class Chain {
  readonly #words: Int32Array;
  readonly #stride: number;
  readonly #at: number;

  /** The links of record i are the words i * stride + at (next) and the one behind it (previous). */
  constructor(words: Int32Array, stride: number, at: number) {
    this.#words = words;
    this.#stride = stride;
    this.#at = at;
  }

  /** Puts a record at the end of the list at lists[at]. */
  append(lists: Int32Array, at: number, record: number): void {
    const w = this.#words;
    const here = record * this.#stride + this.#at;
    const tail = lists[at + 1]!;
    w[here] = 0;
    w[here + 1] = tail;
    if (tail !== 0) w[(tail - 1) * this.#stride + this.#at] = record + 1;
    else lists[at] = record + 1;
    lists[at + 1] = record + 1;
  }

  /** Takes a record out of the list at lists[at], which it is in. */
  remove(lists: Int32Array, at: number, record: number): void {
    const w = this.#words;
    const here = record * this.#stride + this.#at;
    const next = w[here]!;
    const previous = w[here + 1]!;
    if (previous !== 0) w[(previous - 1) * this.#stride + this.#at] = next;
    else lists[at] = next;
    if (next !== 0) w[(next - 1) * this.#stride + this.#at + 1] = previous;
    else lists[at + 1] = previous;
  }
}
