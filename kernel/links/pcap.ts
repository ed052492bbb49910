import { type CapturedFrame, type CaptureInterface, type CaptureReader, nothingToRead } from './capture.ts';
import { PcapngReader, SECTION_HEADER } from './pcapng.ts';

/**
 * The classic capture file, draft-ietf-opsawg-pcap: a file header of 24 octets, then records with headers of 16.
 *
 *     magic (4)  version (2+2)  reserved (8)  snap length (4)  link type (lower 16 bits of 4)
 *     seconds (4)  fraction (4)  captured length (4)  original length (4)
 */
const MAGIC_MICROS = 0xa1b2c3d4;
const MAGIC_NANOS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** No capture program writes longer frames; a larger length is rubbish. */
const MOST_CAPTURED = 262_144;

/** Reads pcap (either byte order, micro- or nanoseconds) and pcapng. */
export function readCapture(bytes: Uint8Array): CaptureReader {
  if (bytes.length < 4) return nothingToRead('too short for a capture file');
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (v.getUint32(0) === SECTION_HEADER) return new PcapngReader(bytes);
  for (const little of [false, true]) {
    const magic = v.getUint32(0, little);
    if (magic !== MAGIC_MICROS && magic !== MAGIC_NANOS) continue;
    return bytes.length < FILE_HEADER ? nothingToRead('the file header is cut off') : new PcapReader(bytes, v, little, magic === MAGIC_NANOS ? 1n : 1000n);
  }
  return nothingToRead('not a capture file');
}

class PcapReader implements CaptureReader {
  readonly interfaces: readonly CaptureInterface[];
  problem: string | undefined = undefined;
  readonly #bytes: Uint8Array;
  readonly #v: DataView;
  readonly #little: boolean;
  readonly #unit: bigint;
  #at = FILE_HEADER;

  constructor(bytes: Uint8Array, v: DataView, little: boolean, unit: bigint) {
    this.#bytes = bytes;
    this.#v = v;
    this.#little = little;
    this.#unit = unit;
    this.interfaces = [{ name: undefined, linkType: this.#u32(20) & 0xffff, snapLength: this.#u32(16) }];
  }

  next(): CapturedFrame | undefined {
    const at = this.#at;
    const left = this.#bytes.length - at;
    if (left === 0 || this.problem) return undefined;
    if (left < RECORD_HEADER) return this.#stop('the last record is cut off');
    const captured = this.#u32(at + 8);
    if (captured > MOST_CAPTURED) return this.#stop(`a record of ${captured} octets`);
    if (captured > left - RECORD_HEADER) return this.#stop('the last record is cut off');
    const from = at + RECORD_HEADER;
    this.#at = from + captured;
    return {
      interface: 0,
      time: BigInt(this.#u32(at)) * 1_000_000_000n + BigInt(this.#u32(at + 4)) * this.#unit,
      data: this.#bytes.subarray(from, from + captured),
      length: this.#u32(at + 12),
      comment: undefined,
    };
  }

  #u32(at: number): number { return this.#v.getUint32(at, this.#little); }

  #stop(problem: string): undefined {
    this.problem = problem;
    return undefined;
  }
}

/** Makes a pcap file: nanoseconds, big endian; one interface. Give each piece to the file in turn. */
export const PcapWriter = {
  header(linkType: number, snapLength = MOST_CAPTURED): Uint8Array {
    const out = new DataView(new ArrayBuffer(FILE_HEADER));
    out.setUint32(0, MAGIC_NANOS);
    out.setUint16(4, 2);
    out.setUint16(6, 4);
    out.setUint32(16, snapLength);
    out.setUint32(20, linkType);
    return new Uint8Array(out.buffer);
  },

  /** `time`: nanoseconds since the epoch; `length`: octets on the wire when the data is cut. */
  frame(data: Uint8Array, time: bigint, length = data.length): Uint8Array {
    const out = new Uint8Array(RECORD_HEADER + data.length);
    const v = new DataView(out.buffer);
    v.setUint32(0, Number(time / 1_000_000_000n));
    v.setUint32(4, Number(time % 1_000_000_000n));
    v.setUint32(8, data.length);
    v.setUint32(12, length);
    out.set(data, RECORD_HEADER);
    return out;
  },
} as const;
