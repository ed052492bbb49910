import { check, libc } from '../links/ffi.ts';
import { makeRaw } from './termios.ts';

const O_RDWR_NOCTTY_NONBLOCK_CLOEXEC = 2 | 0o400 | 0o4000 | 0o2_000_000;
const TIOCGPTN = 0x8004_5430;
const TIOCSPTLCK = 0x4004_5431;

/** A pair of terminals with nothing between them: the master is ours, the slave has a path that any program can open. */
export interface Pty { readonly master: number; readonly path: string }

/** Opens a PTY in raw mode. The master's descriptor is the caller's to close, and the pair ends with it. Throws with the reason. */
export function openPty(): Pty {
  const c = libc();
  const master = check(c.open('/dev/ptmx', O_RDWR_NOCTTY_NONBLOCK_CLOEXEC), '/dev/ptmx', { ENOENT: 'the system has no PTYs', ENOSPC: 'all PTYs are taken' });
  try {
    check(c.ioctl(master, TIOCSPTLCK, new Uint8Array(4)), 'pty: unlock');
    const number = new Uint32Array(1);
    check(c.ioctl(master, TIOCGPTN, new Uint8Array(number.buffer)), 'pty: number');
    makeRaw(master, 115_200, false);
    return { master, path: `/dev/pts/${number[0]}` };
  } catch (error) {
    c.close(master);
    throw error;
  }
}
