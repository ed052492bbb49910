import { libc } from './ffi.ts';

/**
 * An array of struct mmsghdr in native memory, each with one iovec and optionally room for control data, for recvmmsg and
 * sendmmsg. Everything that stays the same is written once. Layout of 64-bit Linux:
 *
 *     mmsghdr (64)  0 name*  8 namelen  16 iov*  24 iovlen  32 control*  40 controllen  48 flags  56 msg_len
 *     iovec   (16)  0 base*  8 len
 */
export class MessageVector {
  readonly address: number;
  /** Octets of control data per message. */
  readonly control: number;
  readonly #words: Uint32Array;
  readonly #iov: number;
  readonly #controls: number;

  constructor(n: number, control = 0) {
    const iovAt = n * 64;
    const controlAt = iovAt + n * 16;
    this.#words = new Uint32Array((controlAt + n * control) / 4);
    const address = libc().addressOf(this.#words);
    this.address = address;
    this.control = control;
    this.#iov = iovAt / 4;
    this.#controls = controlAt / 4;
    for (let i = 0; i < n; i++) {
      this.#setPointer(i * 16 + 4, address + iovAt + i * 16);
      this.#words[i * 16 + 6] = 1;
      if (control > 0) {
        this.#setPointer(i * 16 + 8, address + controlAt + i * control);
        this.#words[i * 16 + 10] = control;
      }
    }
  }

  /** Where message i's octets are, and how many. */
  set(i: number, address: number, length: number): void {
    const at = this.#iov + i * 4;
    this.#setPointer(at, address);
    this.#words[at + 2] = length;
  }

  /** A piece of memory as vector entry i, for gather(). */
  piece(i: number, address: number, length: number): void { this.set(i, address, length); }

  /** Message i is made of `count` pieces from entry `first` on. */
  gather(i: number, first: number, count: number): void {
    this.#setPointer(i * 16 + 4, this.address + this.#iov * 4 + first * 16);
    this.#words[i * 16 + 6] = count;
  }

  /** What recvmmsg received in message i, in octets. */
  received(i: number): number { return this.#words[i * 16 + 14] as number; }

  /** A 32-bit word of message i's control data. */
  controlWord(i: number, word: number): number { return this.#words[this.#controls + i * (this.control >> 2) + word] as number; }

  /** How much control data recvmmsg wrote; puts the room for the next call back if that was less than all. */
  controlReceived(i: number): number {
    const length = this.#words[i * 16 + 10] as number;
    if (length !== this.control) this.#words[i * 16 + 10] = this.control;
    return length;
  }

  /** Address of the structure from message i on, for a call that continues after a partial one. */
  from(i: number): number { return this.address + i * 64; }

  #setPointer(word: number, address: number): void {
    this.#words[word] = address >>> 0;
    this.#words[word + 1] = address / 0x1_0000_0000;
  }
}
