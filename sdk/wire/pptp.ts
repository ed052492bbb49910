/**
 * PPTP control messages (RFC 2637 §2), on TCP port 1723:
 *
 *     0        2              4              8              10         12
 *     | length | message type | magic cookie | control type | reserved | call id or peer's call id | peer's call id or … | …
 */
export const PORT = 1723;
export const MAGIC = 0x1a2b_3c4d;
/** Message type of control messages; 2 is for management messages, which nobody uses. */
export const CONTROL = 1;

export const OUTGOING_CALL_REQUEST = 7;
export const OUTGOING_CALL_REPLY = 8;
export const INCOMING_CALL_REQUEST = 9;
export const INCOMING_CALL_REPLY = 10;
export const INCOMING_CALL_CONNECTED = 11;
export const CALL_CLEAR_REQUEST = 12;
export const CALL_DISCONNECT_NOTIFY = 13;
export const WAN_ERROR_NOTIFY = 14;
export const SET_LINK_INFO = 15;

/** Octets from the start of a message until both call id fields are known. */
export const HEAD = 16;
/** The longest message there is (Incoming-Call-Request) has 220 octets. */
export const LONGEST = 220;
export const SHORTEST = 12;

/** Where the sender's own call id stands in a message of this type; 0: it has none. */
export const callIdAt = (type: number): number => (type >= OUTGOING_CALL_REQUEST && type <= INCOMING_CALL_REPLY) || type === CALL_CLEAR_REQUEST || type === CALL_DISCONNECT_NOTIFY ? 12 : 0;

/** Where the other side's call id stands; 0: it is not there. */
export const peerCallIdAt = (type: number): number => {
  if (type === OUTGOING_CALL_REPLY || type === INCOMING_CALL_REPLY) return 14;
  return type === INCOMING_CALL_CONNECTED || type === WAN_ERROR_NOTIFY || type === SET_LINK_INFO ? 12 : 0;
};

/** Octets of the whole message. */
export const length = (buf: Uint8Array, at: number): number => buf[at]! << 8 | buf[at + 1]!;
export const messageType = (buf: Uint8Array, at: number): number => buf[at + 2]! << 8 | buf[at + 3]!;
export const magic = (buf: Uint8Array, at: number): number => (buf[at + 4]! << 24 | buf[at + 5]! << 16 | buf[at + 6]! << 8 | buf[at + 7]!) >>> 0;
export const controlType = (buf: Uint8Array, at: number): number => buf[at + 8]! << 8 | buf[at + 9]!;
export const id = (buf: Uint8Array, at: number): number => buf[at]! << 8 | buf[at + 1]!;

/** A control message begins here and says a length that can be: its first SHORTEST octets lie inside [at, end). */
export const fits = (buf: Uint8Array, at: number, end: number): boolean =>
  end - at >= SHORTEST && magic(buf, at) === MAGIC && length(buf, at) >= SHORTEST && length(buf, at) <= LONGEST;

/** A control message of this type, with nothing in it but the two fields; for tests and labs. */
export function emit(type: number, size: number, fields: { readonly callId?: number; readonly peerCallId?: number } = {}): Uint8Array {
  const out = new Uint8Array(size);
  const put = (at: number, v: number) => { out[at] = v >> 8; out[at + 1] = v & 0xff; };
  put(0, size);
  put(2, CONTROL);
  out[4] = MAGIC >>> 24; out[5] = MAGIC >>> 16 & 0xff; out[6] = MAGIC >>> 8 & 0xff; out[7] = MAGIC & 0xff;
  put(8, type);
  if (fields.callId !== undefined && callIdAt(type) !== 0) put(callIdAt(type), fields.callId);
  if (fields.peerCallId !== undefined && peerCallIdAt(type) !== 0) put(peerCallIdAt(type), fields.peerCallId);
  return out;
}
