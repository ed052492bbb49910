/** One frame of a capture file. */
export interface CapturedFrame {
  /** Index into the capture's interfaces. */
  readonly interface: number;
  /** Nanoseconds since the Unix epoch. */
  readonly time: bigint;
  /** A view into the file's bytes; may be shorter than what was on the wire. */
  readonly data: Uint8Array;
  /** Octets on the wire. */
  readonly length: number;
  readonly comment: string | undefined;
}

export interface CaptureInterface {
  readonly name: string | undefined;
  /** LINKTYPE_ number, https://www.tcpdump.org/linktypes.html. */
  readonly linkType: number;
  readonly snapLength: number;
}

/** Reads a capture from front to back. Bytes that make no sense end it; they never throw. */
export interface CaptureReader {
  /** Those seen so far. */
  readonly interfaces: readonly CaptureInterface[];
  /** undefined: the end, or what `problem` says. */
  next(): CapturedFrame | undefined;
  /** Why reading ended before the file did. */
  readonly problem: string | undefined;
}

export const LINKTYPE_ETHERNET = 1;
/** IPv4 or IPv6 without a link header. */
export const LINKTYPE_RAW = 101;

/** A reader that stands at the end already. */
export const nothingToRead = (problem: string): CaptureReader => ({ interfaces: [], next: () => undefined, problem });
