import { Chain } from './chain.ts';
import { Destinations, LIST } from './destinations.ts';

/**
 * The flows that wait for an answer, oldest first; those of TCP also by their destination. Nothing here walks: putting in, taking
 * out and finding the oldest cost the same with one flow and with a million.
 */
export class HalfOpen {
  size = 0;
  readonly #ages: Chain;
  readonly #all = new Int32Array(2);
  readonly #byDestination: Chain;
  readonly #destinations: Destinations;

  /** For `max` flows; the links stand in words at and at + 1 (age), at + 2 and at + 3 (destination) of each record. */
  constructor(words: Int32Array, stride: number, at: number, max: number, seed: number) {
    this.#ages = new Chain(words, stride, at);
    this.#byDestination = new Chain(words, stride, at + 2);
    this.#destinations = new Destinations(max, seed);
  }

  /** `tcpTo`: the destination of a TCP flow; undefined for other protocols. */
  add(flow: number, tcpTo: number | undefined): void {
    this.size++;
    this.#ages.append(this.#all, 0, flow);
    if (tcpTo === undefined) return;
    const d = this.#destinations;
    this.#byDestination.append(d.words, d.enter(tcpTo) + LIST, flow);
  }

  /** With the same `tcpTo` as in `add`. */
  remove(flow: number, tcpTo: number | undefined): void {
    this.size--;
    this.#ages.remove(this.#all, 0, flow);
    if (tcpTo === undefined) return;
    const d = this.#destinations;
    const at = d.find(tcpTo);
    this.#byDestination.remove(d.words, at + LIST, flow);
    d.leave(at);
  }

  /** The flow that has waited longest, or -1. */
  get oldest(): number { return this.#all[0]! - 1; }

  /** TCP flows to this destination. */
  countTo(destination: number): number { return this.#destinations.count(destination); }

  oldestTo(destination: number): number {
    const at = this.#destinations.find(destination);
    return at < 0 ? -1 : this.#destinations.words[at + LIST]! - 1;
  }
}
