/**
 * PCP (RFC 6887), UDP port 5351 as NAT-PMP. IPv4 addresses stand in it as ::ffff:a.b.c.d. A request:
 *
 *     | version 2     |0| opcode      | reserved                      |
 *     | requested lifetime in seconds                                 |
 *     | client's address, 16 octets                                   |
 *     | what the opcode says, then options                            |
 *
 * An answer has the R bit, a result code in its fourth octet, and in place of the address the epoch time and 12 octets of zeros.
 */
export const PORT = 5351;
export const VERSION = 2;
export const HEADER = 24;
/** The longest message (§7). */
export const LONGEST = 1100;

export const OP_ANNOUNCE = 0;
export const OP_MAP = 1;
export const OP_PEER = 2;

export const OPTION_THIRD_PARTY = 1;
export const OPTION_PREFER_FAILURE = 2;
export const OPTION_FILTER = 3;

export const Result = {
  Success: 0, UnsuppVersion: 1, NotAuthorized: 2, MalformedRequest: 3, UnsuppOpcode: 4, UnsuppOption: 5, MalformedOption: 6,
  NetworkFailure: 7, NoResources: 8, UnsuppProtocol: 9, UserExQuota: 10, CannotProvideExternal: 11, AddressMismatch: 12, ExcessiveRemotePeers: 13,
} as const;
export type Result = (typeof Result)[keyof typeof Result];

export const MAP_LENGTH = 36;
export const PEER_LENGTH = 56;
const NONCE = 12;

/** §11.1. `external`: suggested in requests, assigned in answers; 0: none. */
export interface MapData { /** 12 octets. */ readonly nonce: Uint8Array; readonly protocol: number; readonly intPort: number; readonly extPort: number; readonly external: number }
/** §12.1: a MAP's data, and behind it the other end of the flow. */
export interface PeerData extends MapData { readonly remotePort: number; readonly remote: number }
export interface Filter { /** Length of the prefix in bits of IPv4, 0–32; -1: all filters are taken away. */ readonly bits: number; readonly port: number; readonly address: number }
export interface Options {
  /** Address of another host than the sender; undefined: none is named. */
  readonly thirdParty: number | undefined;
  readonly preferFailure: boolean;
  readonly filters: readonly Filter[];
}

export interface Request {
  readonly opcode: number;
  /** Seconds. */
  readonly lifetime: number;
  /** The client's own address as it knows it; undefined: not IPv4. */
  readonly client: number | undefined;
  /** With opcode MAP. */
  readonly map: MapData | undefined;
  /** With opcode PEER. */
  readonly peer: PeerData | undefined;
  readonly options: Options;
}
export type Parsed = { readonly request: Request } | { /** Answer with this. */ readonly error: Result; readonly opcode: number } | undefined;

const u16 = (b: Uint8Array, at: number): number => b[at]! << 8 | b[at + 1]!;
const u32 = (b: Uint8Array, at: number): number => (b[at]! << 24 | b[at + 1]! << 16 | b[at + 2]! << 8 | b[at + 3]!) >>> 0;
const put16 = (b: Uint8Array, at: number, v: number): void => { b[at] = v >>> 8; b[at + 1] = v; };
const put32 = (b: Uint8Array, at: number, v: number): void => { put16(b, at, v >>> 16); put16(b, at + 2, v & 0xffff); };

/** ::ffff:a.b.c.d, and the unspecified address :: as 0; undefined: IPv6. */
function mapped(b: Uint8Array, at: number): number | undefined {
  for (let i = 0; i < 10; i++) if (b[at + i] !== 0) return undefined;
  if (u16(b, at + 10) === 0xffff) return u32(b, at + 12);
  return u16(b, at + 10) === 0 && u32(b, at + 12) === 0 ? 0 : undefined;
}
function putMapped(b: Uint8Array, at: number, ip: number): void {
  put16(b, at + 10, 0xffff);
  put32(b, at + 12, ip);
}

/** A request in [at, end). Undefined: to be dropped without an answer (§8.3: an answer, or too short to be answered). */
export function parse(buf: Uint8Array, at: number, end: number): Parsed {
  const length = end - at;
  if (length < 2 || (buf[at + 1]! & 0x80) !== 0) return undefined;
  const opcode = buf[at + 1]! & 0x7f;
  if (buf[at] !== VERSION) return { error: Result.UnsuppVersion, opcode };
  if (length < HEADER || length > LONGEST || length % 4 !== 0) return { error: Result.MalformedRequest, opcode };
  let map: MapData | undefined;
  let peer: PeerData | undefined;
  let next = at + HEADER;
  if (opcode === OP_MAP) {
    if (length < HEADER + MAP_LENGTH) return { error: Result.MalformedRequest, opcode };
    map = readMap(buf, next);
    next += MAP_LENGTH;
  } else if (opcode === OP_PEER) {
    if (length < HEADER + PEER_LENGTH) return { error: Result.MalformedRequest, opcode };
    peer = readPeer(buf, next);
    next += PEER_LENGTH;
  } else if (opcode !== OP_ANNOUNCE) return { error: Result.UnsuppOpcode, opcode };
  const options = readOptions(buf, next, end, opcode);
  if (typeof options === 'number') return { error: options, opcode };
  return { request: { opcode, lifetime: u32(buf, at + 4), client: mapped(buf, at + 8), map, peer, options } };
}

const readMap = (buf: Uint8Array, at: number): MapData => ({
  nonce: buf.slice(at, at + NONCE), protocol: buf[at + 12]!, intPort: u16(buf, at + 16), extPort: u16(buf, at + 18), external: mapped(buf, at + 20) ?? 0,
});

const readPeer = (buf: Uint8Array, at: number): PeerData => ({ ...readMap(buf, at), remotePort: u16(buf, at + 36), remote: mapped(buf, at + 40) ?? 0 });

/** §7.3: options below 128 must be understood, the others may be skipped. */
function readOptions(buf: Uint8Array, from: number, end: number, opcode: number): Options | Result {
  let thirdParty: number | undefined;
  let preferFailure = false;
  const filters: Filter[] = [];
  for (let at = from; at < end;) {
    if (end - at < 4) return Result.MalformedOption;
    const code = buf[at]!;
    const length = u16(buf, at + 2);
    const data = at + 4;
    if (data + length > end) return Result.MalformedOption;
    at = data + (length + 3 & ~3);
    // §13: PREFER_FAILURE and FILTER are MAP's alone.
    if (code < OPTION_THIRD_PARTY || code > (opcode === OP_MAP ? OPTION_FILTER : opcode === OP_PEER ? OPTION_THIRD_PARTY : 0)) {
      if (code < 128) return Result.UnsuppOption;
      continue;
    }
    if (code === OPTION_THIRD_PARTY) {
      const ip = length === 16 ? mapped(buf, data) : undefined;
      if (ip === undefined || thirdParty !== undefined) return Result.MalformedOption;
      thirdParty = ip;
    } else if (code === OPTION_PREFER_FAILURE) {
      if (length !== 0 || preferFailure) return Result.MalformedOption;
      preferFailure = true;
    } else {
      const filter = length === 20 ? readFilter(buf, data) : undefined;
      if (filter === undefined) return Result.MalformedOption;
      filters.push(filter);
    }
  }
  return { thirdParty, preferFailure, filters };
}

/** §13.3: the prefix counts bits of the IPv6 form, so 96 more than those of IPv4. */
function readFilter(buf: Uint8Array, at: number): Filter | undefined {
  const prefix = buf[at + 1]!;
  const address = mapped(buf, at + 4);
  if (prefix === 0) return { bits: -1, port: 0, address: 0 };
  return address === undefined || prefix < 96 || prefix > 128 ? undefined : { bits: prefix - 96, port: u16(buf, at + 2), address };
}

export interface Answer { readonly result: Result; readonly opcode: number; readonly lifetime: number; readonly epoch: number }

/** §8.2. An error carries a copy of the request behind the header, cut to the longest message and filled up to a multiple of 4. */
export function emitError(answer: Answer, request: Uint8Array): Uint8Array {
  const copied = Math.min(Math.max(request.length, HEADER), LONGEST);
  const out = new Uint8Array(copied + 3 & ~3);
  out.set(request.subarray(0, out.length));
  out.fill(0, 0, HEADER);
  return head(out, answer);
}

export const emitAnnounce = (epoch: number): Uint8Array => head(new Uint8Array(HEADER), { result: Result.Success, opcode: OP_ANNOUNCE, lifetime: 0, epoch });

/** A mapping that was made; the options that were obeyed are told (§7.3), in the order of their codes. */
export function emitMap(answer: Answer, map: MapData, options: Options): Uint8Array {
  const told = optionOctets(options);
  const out = new Uint8Array(HEADER + MAP_LENGTH + told.length);
  writeMap(out, HEADER, map);
  out.set(told, HEADER + MAP_LENGTH);
  return head(out, answer);
}

/** What is known of a flow (§12.1); of the options only THIRD_PARTY is told. */
export function emitPeer(answer: Answer, peer: PeerData, options: Options): Uint8Array {
  const told = optionOctets({ ...options, preferFailure: false, filters: [] });
  const out = new Uint8Array(HEADER + PEER_LENGTH + told.length);
  writePeer(out, HEADER, peer);
  out.set(told, HEADER + PEER_LENGTH);
  return head(out, answer);
}

function head(out: Uint8Array, a: Answer): Uint8Array {
  out[0] = VERSION;
  out[1] = 0x80 | a.opcode;
  out[3] = a.result;
  put32(out, 4, a.lifetime);
  put32(out, 8, a.epoch);
  return out;
}

function writeMap(out: Uint8Array, at: number, map: MapData): void {
  out.set(map.nonce.subarray(0, NONCE), at);
  out[at + 12] = map.protocol;
  put16(out, at + 16, map.intPort);
  put16(out, at + 18, map.extPort);
  putMapped(out, at + 20, map.external);
}

function writePeer(out: Uint8Array, at: number, peer: PeerData): void {
  writeMap(out, at, peer);
  put16(out, at + 36, peer.remotePort);
  putMapped(out, at + 40, peer.remote);
}

function optionOctets(o: Options): Uint8Array {
  const out = new Uint8Array((o.thirdParty === undefined ? 0 : 20) + (o.preferFailure ? 4 : 0) + o.filters.length * 24);
  let at = 0;
  const begin = (code: number, length: number): number => {
    out[at] = code;
    put16(out, at + 2, length);
    const data = at + 4;
    at = data + length;
    return data;
  };
  if (o.thirdParty !== undefined) putMapped(out, begin(OPTION_THIRD_PARTY, 16), o.thirdParty);
  if (o.preferFailure) begin(OPTION_PREFER_FAILURE, 0);
  for (const f of o.filters) {
    const data = begin(OPTION_FILTER, 20);
    out[data + 1] = f.bits < 0 ? 0 : f.bits + 96;
    put16(out, data + 2, f.port);
    putMapped(out, data + 4, f.address);
  }
  return out;
}

/** A request, for clients and tests. */
export function emitRequest(r: { readonly opcode: number; readonly lifetime: number; readonly client: number; readonly map?: MapData; readonly peer?: PeerData; readonly options?: Options }): Uint8Array {
  const options = optionOctets(r.options ?? { thirdParty: undefined, preferFailure: false, filters: [] });
  const body = r.peer ? PEER_LENGTH : r.map ? MAP_LENGTH : 0;
  const out = new Uint8Array(HEADER + body + options.length);
  out[0] = VERSION;
  out[1] = r.opcode;
  put32(out, 4, r.lifetime);
  putMapped(out, 8, r.client);
  if (r.peer) writePeer(out, HEADER, r.peer);
  else if (r.map) writeMap(out, HEADER, r.map);
  out.set(options, HEADER + body);
  return out;
}

/** An answer in [at, end), for clients and tests; undefined: it is none. */
export function parseResponse(buf: Uint8Array, at: number, end: number): (Answer & { readonly map: MapData | undefined; readonly peer: PeerData | undefined }) | undefined {
  if (end - at < HEADER || buf[at] !== VERSION || (buf[at + 1]! & 0x80) === 0) return undefined;
  const opcode = buf[at + 1]! & 0x7f;
  const map = opcode === OP_MAP && end - at >= HEADER + MAP_LENGTH ? readMap(buf, at + HEADER) : undefined;
  const peer = opcode === OP_PEER && end - at >= HEADER + PEER_LENGTH ? readPeer(buf, at + HEADER) : undefined;
  return { opcode, result: buf[at + 3]! as Result, lifetime: u32(buf, at + 4), epoch: u32(buf, at + 8), map, peer };
}
