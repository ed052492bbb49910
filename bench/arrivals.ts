import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause, type Running, start } from './processes.ts';
import { at, type Place } from './wires.ts';

/** When the kernel had each numbered packet in its hands, in ms; by number. */
export type Arrivals = ReadonlyMap<number, number>;

/** Octets of a classic pcap file's head and of each record's. */
const FILE_HEAD = 24;
const RECORD_HEAD = 16;
/** Ethernet, IPv4 without options, UDP. */
const HEADERS = 14 + 20 + 8;
const READY_MS = 5000;

/** tcpdump on a host's device, for numbered packets (steady.ts) to this port. The times are the kernel's, so that it does not matter when tcpdump gets to run. */
export class Capture {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lancell-bench-'));
  readonly #file = join(this.#folder, 'packets.pcap');
  readonly #dump: Running;

  constructor(place: Place, device: string, port: number) {
    this.#dump = start(at(place, 'tcpdump', '-i', device, '-n', '-w', this.#file, '-s', '64', '-B', '16384', '--time-stamp-precision=nano', `udp dst port ${port}`));
  }

  async ready(): Promise<void> {
    for (const end = performance.now() + READY_MS; performance.now() < end; await pause(20)) if (this.#dump.output().includes('listening')) return;
    throw new Error(`tcpdump: ${this.#dump.output().trim()}`);
  }

  /** Ends it. Throws when it missed packets itself. */
  async end(): Promise<Arrivals> {
    await this.#dump.stop();
    const file = readFileSync(this.#file);
    rmSync(this.#folder, { recursive: true });
    const missed = Number(/(\d+) packets? dropped by kernel/.exec(this.#dump.output())?.[1] ?? 0);
    if (missed > 0) throw new Error(`tcpdump missed ${missed} packets`);
    const seen = new Map<number, number>();
    for (let i = FILE_HEAD; i + RECORD_HEAD + HEADERS + 4 <= file.length; i += RECORD_HEAD + file.readUInt32LE(i + 8)) {
      const number = file.readUInt32BE(i + RECORD_HEAD + HEADERS);
      if (!seen.has(number)) seen.set(number, file.readUInt32LE(i) * 1000 + file.readUInt32LE(i + 4) / 1e6);
    }
    return seen;
  }
}

export interface Passage {
  readonly offered: number;
  readonly lost: number;
  /** ms between one packet and the next at the far end, the longest; and between those offered. */
  readonly longestGap: number;
  readonly longestGapOffered: number;
  /** ms from the client's device to the server's. */
  readonly longestStay: number;
  readonly stay99: number;
}

/** What became of the packets that left here. */
export function passage(left: Arrivals, came: Arrivals): Passage {
  const stays: number[] = [];
  for (const [number, when] of left) {
    const there = came.get(number);
    if (there !== undefined) stays.push(there - when);
  }
  if (left.size === 0) throw new Error('nothing was sent');
  stays.sort((a, b) => a - b);
  return {
    offered: left.size, lost: left.size - stays.length, longestGap: gap(came), longestGapOffered: gap(left),
    longestStay: stays.at(-1) ?? Number.POSITIVE_INFINITY, stay99: stays[Math.floor(stays.length * 0.99)] ?? Number.POSITIVE_INFINITY,
  };
}

function gap(seen: Arrivals): number {
  const times = [...seen.values()].sort((a, b) => a - b);
  let longest = 0;
  for (let i = 1; i < times.length; i++) longest = Math.max(longest, times[i]! - times[i - 1]!);
  return longest;
}
