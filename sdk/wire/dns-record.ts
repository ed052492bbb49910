import { labelsOf, readName } from './dns-name.ts';
import { take, u16, u32 } from './octets.ts';

/** Types (RFC 1035 §3.2.2 and later). */
export const TYPE_A = 1;
export const TYPE_NS = 2;
export const TYPE_CNAME = 5;
export const TYPE_SOA = 6;
export const TYPE_PTR = 12;
export const TYPE_MX = 15;
export const TYPE_TXT = 16;
export const TYPE_AAAA = 28;
export const TYPE_SRV = 33;
/** EDNS (RFC 6891): class is the sender's UDP size, ttl holds flags; its data stays raw. */
export const TYPE_OPT = 41;
export const TYPE_ANY = 255;
export const CLASS_IN = 1;
export const CLASS_ANY = 255;

/** What a record says. Types not known here, and records without data, are raw octets. */
export type Data =
  | { readonly kind: 'address'; readonly address: number }
  | { readonly kind: 'address6'; readonly bytes: Uint8Array }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'soa'; readonly mname: string; readonly rname: string; readonly serial: number; readonly refresh: number; readonly retry: number; readonly expire: number; readonly minimum: number }
  | { readonly kind: 'text'; readonly parts: readonly Uint8Array[] }
  | { readonly kind: 'mx'; readonly preference: number; readonly exchange: string }
  | { readonly kind: 'srv'; readonly priority: number; readonly weight: number; readonly port: number; readonly target: string }
  | { readonly kind: 'raw'; readonly bytes: Uint8Array };

/** Reads the data of a record in [at, to) of the message [start, end). Undefined when a known type is malformed. */
export function readData(buf: Uint8Array, start: number, type: number, at: number, to: number): Data | undefined {
  // Dynamic updates name what is to be deleted by records without data (RFC 2136 §2.5.2).
  if (at === to) return { kind: 'raw', bytes: new Uint8Array(0) };
  switch (type) {
    case TYPE_A:
      return to - at === 4 ? { kind: 'address', address: u32(buf, at) } : undefined;
    case TYPE_AAAA:
      return to - at === 16 ? { kind: 'address6', bytes: take(buf, at, to) } : undefined;
    case TYPE_NS: case TYPE_CNAME: case TYPE_PTR: {
      const read = readName(buf, start, at, to);
      return read?.next === to ? { kind: 'name', name: read.name } : undefined;
    }
    case TYPE_SOA:
      return readSoa(buf, start, at, to);
    case TYPE_MX: {
      const read = to - at > 2 ? readName(buf, start, at + 2, to) : undefined;
      return read?.next === to ? { kind: 'mx', preference: u16(buf, at), exchange: read.name } : undefined;
    }
    case TYPE_SRV: {
      const read = to - at > 6 ? readName(buf, start, at + 6, to) : undefined;
      return read?.next === to ? { kind: 'srv', priority: u16(buf, at), weight: u16(buf, at + 2), port: u16(buf, at + 4), target: read.name } : undefined;
    }
    case TYPE_TXT:
      return readText(buf, at, to);
    default:
      return { kind: 'raw', bytes: take(buf, at, to) };
  }
}

function readSoa(buf: Uint8Array, start: number, at: number, to: number): Data | undefined {
  const mname = readName(buf, start, at, to);
  const rname = mname && readName(buf, start, mname.next, to);
  if (!rname || rname.next + 20 !== to) return undefined;
  const n = rname.next;
  return {
    kind: 'soa', mname: mname.name, rname: rname.name,
    serial: u32(buf, n), refresh: u32(buf, n + 4), retry: u32(buf, n + 8), expire: u32(buf, n + 12), minimum: u32(buf, n + 16),
  };
}

function readText(buf: Uint8Array, at: number, to: number): Data | undefined {
  const parts: Uint8Array[] = [];
  for (let o = at; o < to; ) {
    const next = o + 1 + buf[o]!;
    if (next > to) return undefined;
    parts.push(take(buf, o + 1, next));
    o = next;
  }
  return { kind: 'text', parts };
}

/** Collects the octets of a message and remembers where names were written. */
export class Writer {
  readonly #out: number[] = [];
  /** Rest of a name → where it stands; undefined: no compression. */
  readonly #seen: Map<string, number> | undefined;

  constructor(compress: boolean) {
    this.#seen = compress ? new Map() : undefined;
  }

  get length(): number {
    return this.#out.length;
  }

  u16(v: number): void {
    this.#out.push((v >>> 8) & 255, v & 255);
  }

  u32(v: number): void {
    this.#out.push(v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255);
  }

  bytes(octets: Uint8Array): void {
    for (const octet of octets) this.#out.push(octet);
  }

  /** `pointers`: false inside data of types younger than RFC 1035 (RFC 3597 §4). Throws RangeError for what is no name. */
  name(name: string, pointers = true): void {
    const labels = labelsOf(name);
    if (!labels) throw new RangeError(`not a domain name: ${name}`);
    for (const [i, label] of labels.entries()) {
      // Case counts here, so that every name comes out as it went in.
      const rest = labels.slice(i).map((l) => `${l.length}${String.fromCharCode(...l)}`).join('');
      const at = this.#seen?.get(rest);
      if (at !== undefined && pointers) {
        this.u16(0xc000 | at);
        return;
      }
      // A pointer has 14 bits.
      if (at === undefined && this.length < 0x4000) this.#seen?.set(rest, this.length);
      this.#out.push(label.length, ...label);
    }
    this.#out.push(0);
  }

  /** The length and data of a record. */
  data(data: Data): void {
    const lengthAt = this.length;
    this.u16(0);
    switch (data.kind) {
      case 'address': this.u32(data.address); break;
      case 'address6': case 'raw': this.bytes(data.bytes); break;
      case 'name': this.name(data.name); break;
      case 'text': for (const part of data.parts) { this.#out.push(Math.min(255, part.length)); this.bytes(part.subarray(0, 255)); } break;
      case 'mx': this.u16(data.preference); this.name(data.exchange); break;
      case 'srv': this.u16(data.priority); this.u16(data.weight); this.u16(data.port); this.name(data.target, false); break;
      case 'soa':
        this.name(data.mname);
        this.name(data.rname);
        for (const v of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) this.u32(v);
        break;
    }
    const length = this.length - lengthAt - 2;
    this.#out[lengthAt] = length >>> 8;
    this.#out[lengthAt + 1] = length & 255;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#out);
  }
}
