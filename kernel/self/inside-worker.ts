import { writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { check, libc } from '../links/ffi.ts';
import { openTunDevice } from '../links/tun.ts';
import { DEVICE, type Errand } from './inside.ts';

/** The thread of inside.ts: goes into the namespace, opens what is wanted, and ends there. Answers in shared[1…], then sets shared[0]. */
const { shared, words, errand } = workerData as { shared: Int32Array; words: Uint8Array; errand: Errand };

const CLONE_NEWNET = 0x4000_0000;
const O_RDONLY_CLOEXEC = 0o2_000_000;
const AF_INET = 2;
const AF_NETLINK = 16;
const SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0o4000 | 0o2_000_000;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2_000_000;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2_000_000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const BACKLOG = 128;
/** Sockets made at once for connections to elsewhere. */
const SPARE = 4;

/** A fresh namespace: descriptors of it, of the TUN device in it, and of two sockets to talk about it. */
function make(): number[] {
  const c = libc();
  check(c.unshare(CLONE_NEWNET), 'a network namespace', { EPERM: 'needs root or a user namespace' });
  // Where /proc/sys may not be written, the defaults have to do; the plugin throws away what is not IPv4.
  tune('/proc/sys/net/ipv6/conf/all/disable_ipv6', '1');
  tune('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1');
  // RFC 4821: a path whose ICMP errors get lost would stop a connection.
  tune('/proc/sys/net/ipv4/tcp_mtu_probing', '1');
  return [
    check(c.open('/proc/thread-self/ns/net', O_RDONLY_CLOEXEC), '/proc/thread-self/ns/net'),
    openTunDevice({ kind: 'tun', device: DEVICE }),
    check(c.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0), 'socket'),
    check(c.socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, 0), 'netlink socket'),
  ];
}

function enter(namespace: number): ReturnType<typeof libc> {
  const c = libc();
  check(c.setns(namespace, CLONE_NEWNET), 'setns', { EPERM: 'needs CAP_SYS_ADMIN' });
  return c;
}

function sockets(namespace: number): number[] {
  const c = enter(namespace);
  const fds = [check(c.socket(AF_INET, SOCK_STREAM_NONBLOCK_CLOEXEC, 0), 'socket')];
  while (fds.length < SPARE) {
    const fd = c.socket(AF_INET, SOCK_STREAM_NONBLOCK_CLOEXEC, 0);
    // Descriptors run out: what is there will do.
    if (fd < 0) break;
    fds.push(fd);
  }
  return fds;
}

function listen(namespace: number, port: number): number[] {
  const c = enter(namespace);
  const fd = check(c.socket(AF_INET, SOCK_STREAM_NONBLOCK_CLOEXEC, 0), 'socket');
  try {
    check(c.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, Uint8Array.of(1, 0, 0, 0), 4), 'SO_REUSEADDR');
    // struct sockaddr_in: family, port in network order, any address.
    const any = new Uint8Array(16);
    any.set([AF_INET, 0, port >> 8, port & 255]);
    check(c.bind(fd, any, any.length), `port ${port}`);
    check(c.listen(fd, BACKLOG), `port ${port}`);
    return [fd];
  } catch (error) {
    c.close(fd);
    throw error;
  }
}

function tune(path: string, value: string): void {
  try { writeFileSync(path, value); } catch { /* see make */ }
}

let failed = 0;
try {
  const fds = errand.kind === 'make' ? make() : errand.kind === 'sockets' ? sockets(errand.namespace) : listen(errand.namespace, errand.port);
  fds.forEach((fd, i) => { Atomics.store(shared, 1 + i, fd); });
} catch (error) {
  failed = new TextEncoder().encodeInto(error instanceof Error ? error.message : String(error), words).written;
}
Atomics.store(shared, 0, failed === 0 ? 1 : -failed);
Atomics.notify(shared, 0);
