import type { Clock } from '../../sdk/clock.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { UsbDevice } from '../../sdk/usb.ts';
import { check, EAGAIN, ENODEV, errorName, type Libc, libc } from '../links/ffi.ts';

const O_RDWR_CLOEXEC = 2 | 0o2_000_000;

/** linux/usbdevice_fs.h, on machines with pointers of 64 bits. */
const SUBMITURB = 0x8038_550a;
const DISCARDURB = 0x550b;
const REAPURBNDELAY = 0x4008_550d;
const RELEASEINTERFACE = 0x8004_5510;
const IOCTL = 0xc010_5512;
const CONNECT = 0x5517;
const DISCONNECT_CLAIM = 0x8108_551b;

/**
 * struct usbdevfs_urb:
 *
 *     0      1          4        8       16       24       28       32 … 48
 *     | type | endpoint | status | flags | buffer | length | actual | …  |
 */
const URB = 56;
const TYPE_CONTROL = 2;
const TYPE_BULK = 3;
/** bmRequestType, bRequest, wValue, wIndex, wLength (USB 2.0, 9.3). */
const SETUP = 8;
const MOST = 64 * 1024;
const POLL_MS = 5;
const TIMEOUT_MS = 3000;

const hints = { EACCES: 'not permitted', EPERM: 'not permitted', ENOENT: 'the device is gone', ENODEV: 'the device is gone', EBUSY: 'another program has it' };
const outcomes: Readonly<Record<string, string>> = {
  EPIPE: 'the device refused it', ENODEV: 'the device is gone', ESHUTDOWN: 'the device is gone', EPROTO: 'the device did not answer as it should', EOVERFLOW: 'the device sent too much',
};

/** Opens a device file of usbfs. Throws with the reason. */
export function openUsbfs(path: string, clock: Clock, c: Libc = libc()): UsbDevice {
  return new Usbfs(path, check(c.open(path, O_RDWR_CLOEXEC), path, hints), clock, c);
}

/** Transfers are handed to the system and asked for every few ms, so that a device that hangs does not hold the router up. */
class Usbfs implements UsbDevice {
  readonly #path: string;
  readonly #fd: number;
  readonly #clock: Clock;
  readonly #c: Libc;
  readonly #claimed = new Set<number>();
  /** Ends the transfer under way. */
  #abandon: ((why: string) => void) | undefined;
  #open = true;

  constructor(path: string, fd: number, clock: Clock, c: Libc) {
    this.#path = path;
    this.#fd = fd;
    this.#clock = clock;
    this.#c = c;
  }

  claim(number: number): void {
    // struct usbdevfs_disconnect_claim: interface (4), flags (4), driver (256); no flags: whatever driver it has lets go.
    const argument = new Uint8Array(264);
    new Uint32Array(argument.buffer, 0, 1)[0] = number;
    check(this.#c.ioctl(this.#fd, DISCONNECT_CLAIM, argument), `${this.#path}: interface ${number}`, hints);
    this.#claimed.add(number);
  }

  release(number: number): void {
    if (!this.#claimed.delete(number)) return;
    const argument = new Uint8Array(4);
    new Uint32Array(argument.buffer)[0] = number;
    // A device that is gone has nothing to give back.
    if (this.#c.ioctl(this.#fd, RELEASEINTERFACE, argument) < 0) return;
    // struct usbdevfs_ioctl: interface (4), ioctl (4), data (8).
    const connect = new Uint8Array(16);
    new Uint32Array(connect.buffer, 0, 2).set([number, CONNECT]);
    this.#c.ioctl(this.#fd, IOCTL, connect);
  }

  async control(t: Parameters<UsbDevice['control']>[0], timeoutMs = TIMEOUT_MS): Promise<Uint8Array> {
    const reads = (t.requestType & 0x80) !== 0;
    const length = reads ? t.length ?? 0 : t.data?.length ?? 0;
    const buffer = new Uint8Array(SETUP + length);
    const setup = new DataView(buffer.buffer);
    setup.setUint8(0, t.requestType);
    setup.setUint8(1, t.request);
    setup.setUint16(2, t.value, true);
    setup.setUint16(4, t.index, true);
    setup.setUint16(6, length, true);
    if (!reads && t.data) buffer.set(t.data, SETUP);
    const n = await this.#transfer(TYPE_CONTROL, 0, buffer, timeoutMs);
    return reads ? buffer.slice(SETUP, SETUP + n) : new Uint8Array(0);
  }

  async bulkOut(endpoint: number, data: Uint8Array, timeoutMs = TIMEOUT_MS): Promise<void> {
    const n = await this.#transfer(TYPE_BULK, endpoint & 0x7f, Uint8Array.from(data), timeoutMs);
    if (n < data.length) throw new Error(`${this.#path}: ${n} of ${data.length} octets were taken`);
  }

  async bulkIn(endpoint: number, length: number, timeoutMs = TIMEOUT_MS): Promise<Uint8Array> {
    const buffer = new Uint8Array(Math.min(length, MOST));
    return buffer.slice(0, await this.#transfer(TYPE_BULK, endpoint | 0x80, buffer, timeoutMs));
  }

  dispose(): void {
    if (!this.#open) return;
    this.#abandon?.('closed');
    for (const number of [...this.#claimed]) this.release(number);
    this.#open = false;
    this.#c.close(this.#fd);
  }

  /** One at a time. Resolves with the octets that went, or came. */
  #transfer(type: number, endpoint: number, buffer: Uint8Array, timeoutMs: number): Promise<number> {
    if (!this.#open) return Promise.reject(new Error(`${this.#path} is closed`));
    if (this.#abandon) return Promise.reject(new Error(`${this.#path}: a transfer is under way`));
    // The system writes into both until the transfer is reaped: the closures below hold them, and so they stay where they are.
    const urb = new Uint8Array(URB);
    const view = new DataView(urb.buffer);
    const little = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
    view.setUint8(0, type);
    view.setUint8(1, endpoint);
    view.setBigUint64(16, BigInt(this.#c.addressOf(buffer)), little);
    view.setInt32(24, buffer.length, little);
    const urbAddress = this.#c.addressOf(urb);
    try {
      check(this.#c.ioctlNumber(this.#fd, SUBMITURB, urbAddress), this.#path, hints);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    const began = this.#clock.now();
    return new Promise((resolve, reject) => {
      let timer: Disposable | undefined;
      const end = (done: () => void) => {
        void timer?.dispose();
        this.#abandon = undefined;
        done();
      };
      const failed = (why: string) => end(() => reject(new Error(`${this.#path}: ${why}`)));
      const cancel = (why: string) => {
        this.#c.ioctlNumber(this.#fd, DISCARDURB, urbAddress);
        // What was called off is reaped at once, and before its memory goes.
        this.#reap();
        failed(why);
      };
      this.#abandon = cancel;
      const look = () => {
        const reaped = this.#reap();
        if (reaped === 'later') {
          if (this.#clock.now() - began >= timeoutMs) cancel(`no answer within ${timeoutMs} ms`);
          else timer = this.#clock.after(POLL_MS, look);
          return;
        }
        if (reaped !== 'done') return failed(reaped);
        const status = view.getInt32(4, little);
        if (status < 0) failed(outcomes[errorName(-status)] ?? errorName(-status));
        else end(() => resolve(view.getInt32(28, little)));
      };
      look();
    });
  }

  #reap(): string {
    // A pointer to the finished urb is written here; there is only the one.
    if (this.#c.ioctl(this.#fd, REAPURBNDELAY, new Uint8Array(8)) >= 0) return 'done';
    const errno = this.#c.errno();
    if (errno === EAGAIN) return 'later';
    return errno === ENODEV ? 'the device is gone' : errorName(errno);
  }
}
