import { performance } from 'node:perf_hooks';
import { check, libc } from '../kernel/links/ffi.ts';
import { parse4 } from '../sdk/wire/address.ts';

/**
 * A program of its own: sends UDP datagrams from ordinary sockets with sendmmsg, 64 a call, for a bounded time, and prints how many.
 *
 *     node blast.js ADDRESS PORT OCTETS SECONDS [PER-SECOND [FLOWS]]
 *
 * Flows are spread over up to 100 sockets and as many destination ports, from PORT on, as it takes. A number of flows bounds the packets
 * as well: each flow gets one.
 */
const AF_INET = 2;
const SOCK_DGRAM = 2;
const MESSAGES = 64;
const SOCKETS_MOST = 100;
const LONGEST_S = 60;
const MSGHDR = 64;
const IOVEC = 16;
const SOCKADDR = 16;

const [to = '', port = '', octets = '', seconds = '', rate = '0', flowCount = '0'] = process.argv.slice(2);
const destination = parse4(to);
if (destination === undefined) throw new Error(`${to} is no IPv4 address`);
const flows = Number(flowCount);
const c = libc();

const sockets = Array.from({ length: Math.max(1, Math.min(flows, SOCKETS_MOST)) }, () => check(c.socket(AF_INET, SOCK_DGRAM, 0), 'socket'));
const ports = Math.max(1, Math.ceil(flows / sockets.length));
const payload = new Uint8Array(Math.max(1, Number(octets))).fill(0x78);

/** struct sockaddr_in: family, then port and address in network order. */
const names = new Uint8Array(ports * SOCKADDR);
for (let i = 0; i < ports; i++) {
  const v = new DataView(names.buffer, i * SOCKADDR);
  v.setUint16(0, AF_INET, true);
  v.setUint16(2, Number(port) + i);
  v.setUint32(4, destination);
}

/** MESSAGES of struct mmsghdr, behind them one struct iovec that all share. */
const messages = new Uint32Array((MESSAGES * MSGHDR + IOVEC) / 4);
const messagesAt = c.addressOf(messages);
const namesAt = c.addressOf(names);
const iovec = MESSAGES * MSGHDR / 4;
pointer(iovec, c.addressOf(payload));
messages[iovec + 2] = payload.length;
for (let i = 0; i < MESSAGES; i++) {
  const m = i * MSGHDR / 4;
  pointer(m, namesAt);
  messages[m + 2] = SOCKADDR;
  pointer(m + 4, messagesAt + iovec * 4);
  messages[m + 6] = 1;
}

function pointer(word: number, to: number): void {
  messages[word] = to >>> 0;
  messages[word + 1] = to / 0x1_0000_0000;
}

const begin = performance.now();
const end = begin + Math.min(LONGEST_S, Number(seconds)) * 1000;
const perMs = Number(rate) / 1000;
let sent = 0;
for (let now = begin; now < end && (flows === 0 || sent < flows); now = performance.now()) {
  const due = perMs > 0 ? Math.floor((now - begin) * perMs) - sent : MESSAGES;
  if (due <= 0) continue;
  const socket = Math.floor(sent / ports) % sockets.length;
  const first = sent % ports;
  const n = Math.min(due, MESSAGES, flows > 0 ? ports - first : MESSAGES);
  if (flows > 0) for (let i = 0; i < n; i++) pointer(i * MSGHDR / 4, namesAt + (first + i) * SOCKADDR);
  const done = c.sendmmsg(sockets[socket]!, messagesAt, n, 0);
  if (done > 0) sent += done;
}
process.stdout.write(`${JSON.stringify({ sent, perSecond: Math.round(sent / (performance.now() - begin) * 1000) })}\n`);
for (const s of sockets) c.close(s);
