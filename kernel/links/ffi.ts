import { createRequire } from 'node:module';
import { constants } from 'node:os';

/**
 * libc through koffi: the only module that touches koffi, and only when first asked, so that a router of memory links runs
 * where koffi does not. Functions come in two manners. Those of the packet path take native addresses as plain numbers (a user
 * address has 47 bits) and allocate nothing. The others take a Uint8Array or a string where C has a pointer.
 */
export interface Libc {
  recvmmsg(fd: number, vector: number, n: number, flags: number, timeout: number): number;
  sendmmsg(fd: number, vector: number, n: number, flags: number): number;
  read(fd: number, address: number, length: number): number;
  write(fd: number, address: number, length: number): number;
  poll(fds: number, n: number, timeoutMs: number): number;
  sched_yield(): number;

  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  getsockopt(fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  /** ioctl whose argument is a number, not a pointer. */
  ioctlNumber(fd: number, request: number, argument: number): number;
  open(path: string, flags: number): number;
  close(fd: number): number;
  setns(fd: number, kind: number): number;
  unshare(kind: number): number;
  listen(fd: number, backlog: number): number;
  /** fcntl(2) with a number as its argument. */
  fcntl(fd: number, command: number, argument: number): number;
  eventfd(initial: number, flags: number): number;
  bpf(number: number, command: number, attributes: Uint8Array, size: number): number;

  /** Of the last call that failed. */
  errno(): number;
  /**
   * The native address of an array's first octet. The store of an ArrayBuffer never moves, so the address is good for as long as
   * the array is reachable: whoever hands an address to the system must hold the array as well.
   */
  addressOf(bytes: Uint8Array | Uint32Array | Int32Array): number;
}

let loaded: Libc | undefined;

/** Throws when koffi cannot be loaded or the system is not Linux. */
export function libc(): Libc {
  return loaded ??= load();
}

function load(): Libc {
  if (process.platform !== 'linux') throw new Error(`raw links need Linux, this is ${process.platform}`);
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const c = koffi.load(null);
  return {
    recvmmsg: c.func('int recvmmsg(int, size_t, unsigned int, int, size_t)'),
    sendmmsg: c.func('int sendmmsg(int, size_t, unsigned int, int)'),
    read: c.func('int64_t read(int, size_t, size_t)'),
    write: c.func('int64_t write(int, size_t, size_t)'),
    poll: c.func('int poll(size_t, unsigned long, int)'),
    sched_yield: c.func('int sched_yield()'),
    socket: c.func('int socket(int, int, int)'),
    bind: c.func('int bind(int, void *, unsigned int)'),
    setsockopt: c.func('int setsockopt(int, int, int, void *, unsigned int)'),
    getsockopt: c.func('int getsockopt(int, int, int, void *, void *)'),
    ioctl: c.func('int ioctl(int, unsigned long, void *)'),
    ioctlNumber: c.func('ioctl', 'int', ['int', 'unsigned long', 'unsigned long']),
    open: c.func('int open(str, int)'),
    close: c.func('int close(int)'),
    setns: c.func('int setns(int, int)'),
    unshare: c.func('int unshare(int)'),
    listen: c.func('int listen(int, int)'),
    fcntl: c.func('fcntl', 'int', ['int', 'int', 'int']),
    eventfd: c.func('int eventfd(unsigned int, int)'),
    bpf: c.func('syscall', 'long', ['long', 'int', 'void *', 'unsigned int']),
    errno: () => koffi.errno(),
    addressOf: (bytes) => Number(koffi.address(bytes)),
  };
}

const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** Numbers of errors, for comparing on the packet path. */
export const { EAGAIN, ENOBUFS, ENOMEM, ENETDOWN, ENODEV, ENXIO, EIO } = constants.errno;

/** 'EPERM' for 1. */
export const errorName = (errno: number): string => names.get(errno) ?? `errno ${errno}`;

/** The last failure as an error: 'EPERM: socket: needs root or CAP_NET_RAW'. `code` is the name. */
export function osError(what: string, hints: Readonly<Record<string, string>> = {}): Error & { code: string } {
  const code = errorName(libc().errno());
  const hint = hints[code];
  return Object.assign(new Error(`${code}: ${what}${hint ? `: ${hint}` : ''}`), { code });
}

/** The result of a call, or its failure thrown. */
export function check(result: number, what: string, hints?: Readonly<Record<string, string>>): number {
  if (result < 0) throw osError(what, hints);
  return result;
}
