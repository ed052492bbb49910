import { WORDS } from './action.ts';
import { mix } from './hash.ts';
import { Wheel } from './wheel.ts';

/** The largest part of the index that may be in use, as a divisor: capacity >= tuples * SPARE keeps probe chains at about 1.5. */
const SPARE = 2;

/**
 * The flow table: a flow is a number; everything about it stands in typed arrays, so that a million flows are no burden to the
 * garbage collector and their pages stay untouched until used. Each flow has two tuples (flow * 2 + direction), one for what the
 * first sender sends and one for what comes back; both are found through one open-addressing index (linear probing,
 * backward-shift deletion, so there are no tombstones and look-ups do not decay).
 */
export class FlowTable {
  readonly max: number;
  /** src, dst, ports, proto of each tuple. */
  readonly keys: Uint32Array;
  /** WORDS of action for each tuple (action.ts). */
  readonly actions: Int32Array;
  readonly state: Uint8Array;
  /** Seconds since the table's start. */
  readonly seen: Uint32Array;
  readonly born: Uint32Array;
  readonly timeout: Uint16Array;
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
  readonly inLink: Int16Array;
  /** 1: made by the router itself. */
  readonly local: Uint8Array;
  readonly wheel: Wheel;
  size = 0;
  readonly #index: Int32Array;
  readonly #mask: number;
  readonly #seed: number;
  readonly #free: Int32Array;
  #freeTop = 0;
  #fresh = 0;
  /** 1 where a flow lives; guards against cutting twice. */
  readonly alive: Uint8Array;

  constructor(max: number, seed: number) {
    this.max = max;
    this.keys = new Uint32Array(max * 2 * 4);
    this.actions = new Int32Array(max * 2 * WORDS);
    this.state = new Uint8Array(max);
    this.seen = new Uint32Array(max);
    this.born = new Uint32Array(max);
    this.timeout = new Uint16Array(max);
    this.packets = new Float64Array(max * 2);
    this.bytes = new Float64Array(max * 2);
    this.inLink = new Int16Array(max);
    this.local = new Uint8Array(max);
    this.alive = new Uint8Array(max);
    this.wheel = new Wheel(max);
    let capacity = 1024;
    while (capacity < max * 2 * SPARE) capacity *= 2;
    this.#index = new Int32Array(capacity);
    this.#mask = capacity - 1;
    this.#seed = seed | 0;
    this.#free = new Int32Array(max);
  }

  /** A flow number, or -1 when the table is full. Recently freed ones first: their memory is warm. */
  allocate(): number {
    const flow = this.#freeTop > 0 ? this.#free[--this.#freeTop]! : this.#fresh < this.max ? this.#fresh++ : -1;
    if (flow < 0) return -1;
    this.size++;
    this.alive[flow] = 1;
    this.packets[flow * 2] = this.packets[flow * 2 + 1] = this.bytes[flow * 2] = this.bytes[flow * 2 + 1] = 0;
    return flow;
  }

  /** Gives the number back; the caller has removed its tuples. */
  release(flow: number): void {
    this.alive[flow] = 0;
    this.wheel.remove(flow);
    this.#free[this.#freeTop++] = flow;
    this.size--;
  }

  /** The highest flow number ever used, plus 1: where a walk over all flows may stop. */
  get extent(): number { return this.#fresh; }

  /** The tuple with this key, or -1. Arguments as unsigned or signed 32-bit numbers. */
  find(src: number, dst: number, ports: number, proto: number): number {
    const keys = this.keys;
    const s = src >>> 0;
    const d = dst >>> 0;
    const q = ports >>> 0;
    for (let i = mix(src, dst, ports, proto, this.#seed) & this.#mask; ; i = (i + 1) & this.#mask) {
      const t = this.#index[i]! - 1;
      if (t < 0) return -1;
      const k = t * 4;
      if (keys[k + 2] === q && keys[k] === s && keys[k + 1] === d && keys[k + 3] === proto) return t;
    }
  }

  /** Makes a tuple findable. False (and nothing done) when another one has the key. */
  insert(tuple: number, src: number, dst: number, ports: number, proto: number): boolean {
    if (this.find(src, dst, ports, proto) >= 0) return false;
    const k = tuple * 4;
    this.keys[k] = src;
    this.keys[k + 1] = dst;
    this.keys[k + 2] = ports;
    this.keys[k + 3] = proto;
    let i = mix(src, dst, ports, proto, this.#seed) & this.#mask;
    while (this.#index[i] !== 0) i = (i + 1) & this.#mask;
    this.#index[i] = tuple + 1;
    return true;
  }

  /** Takes a tuple out of the index; its key stays readable. */
  remove(tuple: number): void {
    let hole = this.#home(tuple);
    while (this.#index[hole] !== tuple + 1) {
      if (this.#index[hole] === 0) return;
      hole = (hole + 1) & this.#mask;
    }
    // Close the gap: whoever stands behind it and could not be found across it moves into it.
    for (let i = (hole + 1) & this.#mask; this.#index[i] !== 0; i = (i + 1) & this.#mask) {
      const home = this.#home(this.#index[i]! - 1);
      if (((i - home) & this.#mask) >= ((i - hole) & this.#mask)) {
        this.#index[hole] = this.#index[i]!;
        hole = i;
      }
    }
    this.#index[hole] = 0;
  }

  #home(tuple: number): number {
    const k = tuple * 4;
    return mix(this.keys[k]!, this.keys[k + 1]!, this.keys[k + 2]!, this.keys[k + 3]!, this.#seed) & this.#mask;
  }
}
