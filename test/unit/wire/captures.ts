import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Frame {
  readonly file: string;
  /** From 1, as the usual tools count. */
  readonly n: number;
  /** 1: Ethernet, 101 and 228: raw IP. */
  readonly linkType: number;
  readonly bytes: Uint8Array;
  /** The capture kept less than was on the wire. */
  readonly cut: boolean;
}

const root = process.env['LANCELL_CAPTURES'];

/** Paths of the captures in some folders of $LANCELL_CAPTURES; none when it is not set. */
export function captureFiles(...folders: string[]): string[] {
  if (root === undefined || !existsSync(root)) return [];
  return folders.flatMap((folder) => readdirSync(join(root, folder)).filter((name) => /\.(p?cap|pcapng)(\.gz)?$/.test(name)).sort().map((name) => join(root, folder, name)));
}

/** One capture by its path under $LANCELL_CAPTURES. */
export function capture(path: string): Frame[] {
  return frames(join(root ?? '', path));
}

export const haveCaptures = captureFiles('ip').length > 0;

/** Reads pcap (both byte orders, both clocks) and pcapng. A file cut in the middle gives the frames before the cut, another format none. */
export function frames(path: string): Frame[] {
  const raw = readFileSync(path);
  const file = path.endsWith('.gz') ? gunzipSync(raw) : raw;
  if (file.length < 24) return [];
  const magic = file.readUInt32BE(0);
  if (magic === 0x0a0d0d0a) return pcapng(path, file);
  return LITTLE.includes(magic) || BIG.includes(magic) ? pcap(path, file, LITTLE.includes(magic)) : [];
}

/** Magic numbers of pcap, for microseconds and nanoseconds. */
const LITTLE: readonly number[] = [0xd4c3b2a1, 0x4d3cb2a1];
const BIG: readonly number[] = [0xa1b2c3d4, 0xa1b23c4d];

function pcap(path: string, file: Buffer, little: boolean): Frame[] {
  const u32 = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const out: Frame[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const kept = u32(at + 8);
    if (at + 16 + kept > file.length) break;
    out.push({ file: path, n: out.length + 1, linkType: u32(20) & 0xffff, bytes: new Uint8Array(file.subarray(at + 16, at + 16 + kept)), cut: u32(at + 12) > kept });
    at += 16 + kept;
  }
  return out;
}

function pcapng(path: string, file: Buffer): Frame[] {
  const little = file.readUInt32LE(8) === 0x1a2b3c4d;
  const u32 = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const linkTypes: number[] = [];
  const out: Frame[] = [];
  for (let at = 0; at + 12 <= file.length; ) {
    const length = u32(at + 4);
    if (length < 12 || at + length > file.length) break;
    if (u32(at) === 1) linkTypes.push(little ? file.readUInt16LE(at + 8) : file.readUInt16BE(at + 8));
    if (u32(at) === 6) {
      const kept = Math.min(u32(at + 20), length - 32);
      out.push({ file: path, n: out.length + 1, linkType: linkTypes[u32(at + 8)] ?? 1, bytes: new Uint8Array(file.subarray(at + 28, at + 28 + kept)), cut: u32(at + 24) > kept });
    }
    at += length;
  }
  return out;
}
