/**
 * NAT-PMP (RFC 6886 §3), UDP port 5351. A request for a mapping:
 *
 *      0                   1                   2                   3
 *     | version 0     | op 1 UDP, 2 TCP | reserved                    |
 *     | internal port                 | suggested external port       |
 *     | requested lifetime in seconds                                 |
 *
 * and what answers it:
 *
 *     | version 0     | 128 + op      | result code                   |
 *     | seconds since the start of epoch                              |
 *     | internal port                 | mapped external port          |
 *     | lifetime in seconds                                           |
 */
export const PORT = 5351;
/** Where hosts listen for announcements, on 224.0.0.1. */
export const CLIENT_PORT = 5350;
export const ALL_HOSTS = 0xe000_0001;
export const VERSION = 0;

export const OP_ADDRESS = 0;
export const OP_MAP_UDP = 1;
export const OP_MAP_TCP = 2;

export const Result = { Success: 0, Version: 1, NotAuthorized: 2, NetworkFailure: 3, OutOfResources: 4, Opcode: 5 } as const;
export type Result = (typeof Result)[keyof typeof Result];

export interface MapRequest { readonly op: typeof OP_MAP_UDP | typeof OP_MAP_TCP; readonly intPort: number; readonly extPort: number; /** Seconds. */ readonly lifetime: number }
export type Request =
  | { readonly op: typeof OP_ADDRESS }
  | MapRequest
  /** To be answered with a result code: another opcode, or another version. */
  | { readonly op: 'unknown'; readonly opcode: number };

export type Response =
  | { readonly op: typeof OP_ADDRESS; readonly result: Result; readonly epoch: number; /** As in FlowKey. */ readonly address: number }
  | { readonly op: typeof OP_MAP_UDP | typeof OP_MAP_TCP; readonly result: Result; readonly epoch: number; readonly intPort: number; readonly extPort: number; readonly lifetime: number }
  | { readonly op: 'unknown'; readonly opcode: number; readonly result: Result; readonly epoch: number };

const u16 = (b: Uint8Array, at: number): number => b[at]! << 8 | b[at + 1]!;
const u32 = (b: Uint8Array, at: number): number => (b[at]! << 24 | b[at + 1]! << 16 | b[at + 2]! << 8 | b[at + 3]!) >>> 0;
const put16 = (b: Uint8Array, at: number, v: number): void => { b[at] = v >>> 8; b[at + 1] = v; };
const put32 = (b: Uint8Array, at: number, v: number): void => { put16(b, at, v >>> 16); put16(b, at + 2, v & 0xffff); };

/** A request in [at, end), of version 0. Undefined: too short, an answer, or another version. */
export function parse(buf: Uint8Array, at: number, end: number): Request | undefined {
  if (end - at < 2 || buf[at] !== VERSION) return undefined;
  const op = buf[at + 1]!;
  if (op >= 128) return undefined;
  if (op === OP_ADDRESS) return { op };
  if (op !== OP_MAP_UDP && op !== OP_MAP_TCP) return { op: 'unknown', opcode: op };
  if (end - at < 12) return undefined;
  return { op, intPort: u16(buf, at + 4), extPort: u16(buf, at + 6), lifetime: u32(buf, at + 8) };
}

/** A request, for clients and tests. */
export function emitRequest(r: Request): Uint8Array {
  if (r.op === OP_ADDRESS) return Uint8Array.of(VERSION, r.op);
  if (r.op === 'unknown') return Uint8Array.of(VERSION, r.opcode);
  const out = new Uint8Array(12);
  out[1] = r.op;
  put16(out, 4, r.intPort);
  put16(out, 6, r.extPort);
  put32(out, 8, r.lifetime);
  return out;
}

export function emit(r: Response): Uint8Array {
  const out = new Uint8Array(r.op === OP_ADDRESS ? 12 : r.op === 'unknown' ? 8 : 16);
  out[1] = 128 + (r.op === 'unknown' ? r.opcode : r.op);
  put16(out, 2, r.result);
  put32(out, 4, r.epoch);
  if (r.op === OP_ADDRESS) put32(out, 8, r.address);
  else if (r.op !== 'unknown') {
    put16(out, 8, r.intPort);
    put16(out, 10, r.extPort);
    put32(out, 12, r.lifetime);
  }
  return out;
}

/** An answer in [at, end), for clients and tests; undefined: it is none. */
export function parseResponse(buf: Uint8Array, at: number, end: number): Response | undefined {
  if (end - at < 8 || buf[at] !== VERSION || buf[at + 1]! < 128) return undefined;
  const op = buf[at + 1]! - 128;
  const head = { result: u16(buf, at + 2) as Result, epoch: u32(buf, at + 4) };
  if (op === OP_ADDRESS) return end - at < 12 ? undefined : { op, ...head, address: u32(buf, at + 8) };
  if (op !== OP_MAP_UDP && op !== OP_MAP_TCP) return { op: 'unknown', opcode: op, ...head };
  return end - at < 16 ? undefined : { op, ...head, intPort: u16(buf, at + 8), extPort: u16(buf, at + 10), lifetime: u32(buf, at + 12) };
}
