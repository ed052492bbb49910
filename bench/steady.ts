import { check, libc } from '../kernel/links/ffi.ts';
import { parse4 } from '../sdk/wire/address.ts';

/**
 * A program of its own: a steady UDP stream whose packets are numbered, and how many it sent.
 *
 *     node steady.js ADDRESS PORT PER-SECOND SECONDS
 *
 * The payload is the packet's number, 32 bits in network order, and padding. It sleeps a millisecond between bursts: on a small machine a
 * sender that spins takes a core from whom it measures. What it could not send in time it sends in the next burst, up to BURST_MOST.
 */
const AF_INET = 2;
const SOCK_DGRAM = 2;
const OCTETS = 18;
const BURST_MOST = 256;
const LONGEST_S = 60;
const RATE_MOST = 100_000;

const [to = '', port = '', rate = '', seconds = ''] = process.argv.slice(2);
const destination = parse4(to);
if (destination === undefined) throw new Error(`${to} is no IPv4 address`);
const perMs = Math.min(RATE_MOST, Number(rate)) / 1000;
const c = libc();
const socket = check(c.socket(AF_INET, SOCK_DGRAM, 0), 'socket');

/** struct sockaddr_in: family, then port and address in network order. */
const name = new Uint8Array(16);
const inName = new DataView(name.buffer);
inName.setUint16(0, AF_INET, true);
inName.setUint16(2, Number(port));
inName.setUint32(4, destination);

const payloads = new Uint8Array(BURST_MOST * OCTETS).fill(0x78);
const numbers = new DataView(payloads.buffer);
/** BURST_MOST of struct mmsghdr (64 octets), behind them as many struct iovec (16); in words of 4. */
const messages = new Uint32Array(BURST_MOST * (16 + 4));
const [nameAt, payloadsAt, messagesAt] = [c.addressOf(name), c.addressOf(payloads), c.addressOf(messages)];
for (let i = 0; i < BURST_MOST; i++) {
  const header = i * 16;
  const iovec = BURST_MOST * 16 + i * 4;
  pointer(header, nameAt);
  messages[header + 2] = name.length;
  pointer(header + 4, messagesAt + iovec * 4);
  messages[header + 6] = 1;
  pointer(iovec, payloadsAt + i * OCTETS);
  messages[iovec + 2] = OCTETS;
}

function pointer(word: number, to: number): void {
  messages[word] = to >>> 0;
  messages[word + 1] = to / 0x1_0000_0000;
}

const nap = new Int32Array(new SharedArrayBuffer(4));
const begin = performance.now();
const end = begin + Math.min(LONGEST_S, Number(seconds)) * 1000;
let sent = 0;
for (let now = begin; now < end; now = performance.now()) {
  const due = Math.min(BURST_MOST, Math.floor((now - begin) * perMs) - sent);
  for (let i = 0; i < due; i++) numbers.setUint32(i * OCTETS, sent + i);
  if (due > 0) sent += Math.max(0, c.sendmmsg(socket, messagesAt, due, 0));
  if (due < BURST_MOST) Atomics.wait(nap, 0, 0, 1);
}
process.stdout.write(`${JSON.stringify({ sent })}\n`);
c.close(socket);
