import type { CapturedFrame, CaptureInterface, CaptureReader } from './capture.ts';

/**
 * The newer capture file, draft-ietf-opsawg-pcapng: blocks of type (4), total length (4), body, total length again (4), lengths
 * padded to 4. A section header block gives the byte order for all that follows it.
 */
export const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
const OPTION_COMMENT = 1;
const OPTION_NAME = 2;
const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;
const MOST_INTERFACES = 4096;

interface Described extends CaptureInterface {
  readonly ticksPerSecond: bigint;
  readonly offsetSeconds: bigint;
}

export class PcapngReader implements CaptureReader {
  readonly interfaces: Described[] = [];
  problem: string | undefined = undefined;
  readonly #bytes: Uint8Array;
  readonly #v: DataView;
  #little = false;
  /** Where the present section's interfaces begin in the list. */
  #section = 0;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  next(): CapturedFrame | undefined {
    while (!this.problem && this.#at < this.#bytes.length) {
      const at = this.#at;
      const end = this.#block(at);
      if (end === undefined) return undefined;
      this.#at = end;
      const frame = this.#read(at, end - 4);
      if (frame) return frame;
    }
    return undefined;
  }

  /** Checks the block's two lengths and says where the next one begins. */
  #block(at: number): number | undefined {
    if (this.#bytes.length - at < 12) return this.#stop('the last block is cut off');
    if (this.#v.getUint32(at) === SECTION_HEADER && !this.#startSection(at)) return undefined;
    const total = this.#u32(at + 4);
    if (total < 12 || total % 4 !== 0) return this.#stop(`a block of ${total} octets`);
    if (total > this.#bytes.length - at) return this.#stop('the last block is cut off');
    if (this.#u32(at + total - 4) !== total) return this.#stop('a block whose two lengths differ');
    return at + total;
  }

  #startSection(at: number): boolean {
    this.#section = this.interfaces.length;
    for (const little of [false, true]) {
      if (this.#v.getUint32(at + 8, little) !== BYTE_ORDER) continue;
      this.#little = little;
      return true;
    }
    this.problem = 'a section of unknown byte order';
    return false;
  }

  #read(at: number, end: number): CapturedFrame | undefined {
    switch (this.#u32(at)) {
      case INTERFACE_DESCRIPTION: return this.#describe(at + 8, end);
      case ENHANCED_PACKET: return this.#enhanced(at + 8, end);
      case SIMPLE_PACKET: return this.#simple(at + 8, end);
      default: return undefined;
    }
  }

  /** Link type (2), reserved (2), snap length (4), options. */
  #describe(at: number, end: number): undefined {
    if (end - at < 8) return this.#stop('an interface description too short');
    if (this.interfaces.length === MOST_INTERFACES) return this.#stop('too many interfaces');
    let name: string | undefined;
    let ticksPerSecond = 1_000_000n;
    let offsetSeconds = 0n;
    this.#options(at + 8, end, (code, from, length) => {
      if (code === OPTION_NAME) name = this.#text(from, length);
      if (code === OPTION_RESOLUTION && length >= 1) {
        // The top bit chooses between powers of 2 and of 10. More than 2^64 ticks per second is nobody's clock.
        const power = this.#bytes[from] as number;
        ticksPerSecond = power & 0x80 ? 1n << BigInt(Math.min(power & 0x7f, 63)) : 10n ** BigInt(Math.min(power, 19));
      }
      if (code === OPTION_OFFSET && length >= 8) offsetSeconds = this.#v.getBigInt64(from, this.#little);
    });
    this.interfaces.push({ name, linkType: this.#v.getUint16(at, this.#little), snapLength: this.#u32(at + 4), ticksPerSecond, offsetSeconds });
    return undefined;
  }

  /** Interface (4), time high (4), time low (4), captured length (4), original length (4), data, options. */
  #enhanced(at: number, end: number): CapturedFrame | undefined {
    if (end - at < 20) return this.#stop('a packet block too short');
    const number = this.#section + this.#u32(at);
    const from = this.interfaces[number];
    if (!from) return this.#stop(`a packet of interface ${this.#u32(at)}, which was not described`);
    const captured = this.#u32(at + 12);
    if (captured > end - at - 20) return this.#stop('a packet longer than its block');
    const ticks = BigInt(this.#u32(at + 4)) << 32n | BigInt(this.#u32(at + 8));
    let comment: string | undefined;
    this.#options(at + 20 + padded(captured), end, (code, where, length) => { if (code === OPTION_COMMENT) comment = this.#text(where, length); });
    return {
      interface: number,
      time: from.offsetSeconds * 1_000_000_000n + ticks * 1_000_000_000n / from.ticksPerSecond,
      data: this.#bytes.subarray(at + 20, at + 20 + captured),
      length: this.#u32(at + 16),
      comment,
    };
  }

  /** Original length (4), data: of the section's first interface, without a time. */
  #simple(at: number, end: number): CapturedFrame | undefined {
    const from = this.interfaces[this.#section];
    if (end - at < 4 || !from) return this.#stop('a simple packet block out of place');
    const length = this.#u32(at);
    const captured = Math.min(length, from.snapLength === 0 ? length : from.snapLength, end - at - 4);
    return { interface: this.#section, time: 0n, data: this.#bytes.subarray(at + 4, at + 4 + captured), length, comment: undefined };
  }

  /** Code (2), length (2), value padded to 4. What does not fit ends the list. */
  #options(at: number, end: number, each: (code: number, from: number, length: number) => void): void {
    while (end - at >= 4) {
      const code = this.#v.getUint16(at, this.#little);
      const length = this.#v.getUint16(at + 2, this.#little);
      if (code === 0 || length > end - at - 4) return;
      each(code, at + 4, length);
      at += 4 + padded(length);
    }
  }

  #text(from: number, length: number): string { return new TextDecoder().decode(this.#bytes.subarray(from, from + length)); }

  #u32(at: number): number { return this.#v.getUint32(at, this.#little); }

  #stop(problem: string): undefined {
    this.problem = problem;
    return undefined;
  }
}

/** Makes a pcapng file of one section, big endian, nanoseconds. Give each piece to the file in turn, the section first. */
export class PcapngWriter {
  #interfaces = 0;

  /** The beginning of the file. */
  section(comment?: string): Uint8Array {
    const body = new DataView(new ArrayBuffer(16));
    body.setUint32(0, BYTE_ORDER);
    body.setUint16(4, 1);
    body.setBigInt64(8, -1n); // section length: not told
    return block(SECTION_HEADER, [new Uint8Array(body.buffer), ...options(comment === undefined ? [] : [[OPTION_COMMENT, utf8(comment)]])]);
  }

  /** Describes an interface; frames name it by `id`. */
  interface(name: string, linkType: number, snapLength = 0): { readonly id: number; readonly bytes: Uint8Array } {
    const body = new DataView(new ArrayBuffer(8));
    body.setUint16(0, linkType);
    body.setUint32(4, snapLength);
    const bytes = block(INTERFACE_DESCRIPTION, [new Uint8Array(body.buffer), ...options([[OPTION_NAME, utf8(name)], [OPTION_RESOLUTION, Uint8Array.of(9)]])]);
    return { id: this.#interfaces++, bytes };
  }

  /** `time`: nanoseconds since the epoch; `length`: octets on the wire when the data is cut. */
  frame(id: number, data: Uint8Array, time: bigint, comment?: string, length = data.length): Uint8Array {
    const body = new DataView(new ArrayBuffer(20));
    body.setUint32(0, id);
    body.setBigUint64(4, BigInt.asUintN(64, time));
    body.setUint32(12, data.length);
    body.setUint32(16, length);
    return block(ENHANCED_PACKET, [new Uint8Array(body.buffer), data, ...options(comment === undefined ? [] : [[OPTION_COMMENT, utf8(comment)]])]);
  }
}

const padded = (length: number): number => (length + 3) & ~3;
/** Option lengths have 16 bits. */
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text).subarray(0, 0xffff);

function options(list: readonly (readonly [code: number, value: Uint8Array])[]): Uint8Array[] {
  if (list.length === 0) return [];
  const head = (code: number, length: number) => Uint8Array.of(code >> 8, code, length >> 8, length);
  return [...list.flatMap(([code, value]) => [head(code, value.length), value]), head(0, 0)];
}

/** A block of these parts, each padded to 4. */
function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const total = 12 + parts.reduce((sum, part) => sum + padded(part.length), 0);
  const out = new Uint8Array(total);
  const v = new DataView(out.buffer);
  v.setUint32(0, type);
  v.setUint32(4, total);
  let at = 8;
  for (const part of parts) {
    out.set(part, at);
    at += padded(part.length);
  }
  v.setUint32(at, total);
  return out;
}
