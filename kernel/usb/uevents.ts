import type { Clock } from '../../sdk/clock.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Uevent } from '../../sdk/usb.ts';
import { check, EAGAIN, libc } from '../links/ffi.ts';

const AF_NETLINK = 16;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2_000_000;
const NETLINK_KOBJECT_UEVENT = 15;
/** The kernel's own messages; group 2 has those of udev. */
const GROUP_KERNEL = 1;
/** struct sockaddr_nl: family (2), padding (2), port (4, 0: the system chooses), groups (4). */
const SOCKADDR_NL = 12;
const POLL_MS = 250;
/** The kernel's buffer for one message is 2 KiB. */
const MOST = 8192;
/** Messages per look: a bus that goes wild does not hold the router up. */
const TURN = 200;

/**
 * Listens to the kernel's device events. A card is seen a quarter of a second late at most, and no thread waits for it. Throws
 * where the socket is closed to us.
 */
export function openUevents(clock: Clock, tell: (e: Uevent) => void): Disposable {
  const c = libc();
  const fd = check(c.socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT), 'device events');
  const address = new Uint8Array(SOCKADDR_NL);
  new Uint16Array(address.buffer, 0, 1)[0] = AF_NETLINK;
  new Uint32Array(address.buffer, 8, 1)[0] = GROUP_KERNEL;
  try {
    check(c.bind(fd, address, SOCKADDR_NL), 'device events', { EPERM: 'not permitted' });
  } catch (error) {
    c.close(fd);
    throw error;
  }
  const buf = new Uint8Array(MOST);
  const bufAddress = c.addressOf(buf);
  const timer = clock.every(POLL_MS, () => {
    for (let i = 0; i < TURN; i++) {
      const n = c.read(fd, bufAddress, MOST);
      // A full socket buffer (ENOBUFS) means that some were lost; the next one is read all the same.
      if (n <= 0 && c.errno() === EAGAIN) return;
      const event = n > 0 ? parseUevent(buf, n) : undefined;
      if (event !== undefined) tell(event);
    }
  });
  return {
    dispose: () => {
      void timer.dispose();
      c.close(fd);
    },
  };
}

/** 'add@/devices/…' NUL 'ACTION=add' NUL 'DEVPATH=/devices/…' NUL 'SUBSYSTEM=usb' …; undefined for anything else. */
export function parseUevent(buf: Uint8Array, length: number): Uevent | undefined {
  const [head = '', ...pairs] = new TextDecoder().decode(buf.subarray(0, length)).split('\0');
  if (!/^[a-z]+@\//.test(head)) return undefined;
  const value = (key: string) => pairs.find(p => p.startsWith(`${key}=`))?.slice(key.length + 1);
  const [action, subsystem, path] = [value('ACTION'), value('SUBSYSTEM'), value('DEVPATH')];
  return action === undefined || subsystem === undefined || path === undefined ? undefined : { action, subsystem, path };
}
