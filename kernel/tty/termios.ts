import { check, libc } from '../links/ffi.ts';

/**
 * struct termios2 (asm-generic/termbits.h), numbers in the machine's own order:
 *
 *     0         4         8         12        16       17         36       40       44
 *     | c_iflag | c_oflag | c_cflag | c_lflag | c_line | c_cc[19] | ispeed | ospeed |
 */
const TERMIOS2 = 44;
const TCGETS2 = 0x802c_542a;
const TCSETS2 = 0x402c_542b;
const TCFLSH = 0x540b;
const TCIOFLUSH = 2;
const TIOCEXCL = 0x540c;
const TIOCMGET = 0x5415;
const TIOCMBIS = 0x5416;
const TIOCMBIC = 0x5417;

const CFLAG = 8;
const CC = 17;
const VTIME = 5;
const VMIN = 6;
const ISPEED = 36;
const OSPEED = 40;

const CS8 = 0o60;
const CREAD = 0o200;
const HUPCL = 0o2000;
const CLOCAL = 0o4000;
const CBAUD = 0o10017;
/** The speed is the number in ospeed, whatever it is. */
const BOTHER = 0o10000;
const CRTSCTS = 0x8000_0000;

/** Bits of the modem lines (asm-generic/termios.h). */
export const DTR = 0x002;
export const RTS = 0x004;
export const CTS = 0x020;
export const DCD = 0x040;
export const RING = 0x080;
export const DSR = 0x100;

const LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * Raw: no echo, no line, no signals, no translation, eight bits. CLOCAL: that carrier comes and goes is for us to see, not for
 * the system to hang up on. HUPCL: DTR falls with the last close.
 */
export function makeRaw(fd: number, baud: number, flowControl: boolean): void {
  const bytes = new Uint8Array(TERMIOS2);
  check(libc().ioctl(fd, TCGETS2, bytes), 'serial port', { ENOTTY: 'is no serial port', EIO: 'does not answer' });
  const view = new DataView(bytes.buffer);
  for (const flags of [0, 4, 12]) view.setUint32(flags, 0, LITTLE);
  view.setUint32(CFLAG, (CS8 | CREAD | HUPCL | CLOCAL | BOTHER | (flowControl ? CRTSCTS : 0)) >>> 0, LITTLE);
  bytes[CC + VTIME] = 0;
  bytes[CC + VMIN] = 1;
  writeSpeed(view, baud);
  check(libc().ioctl(fd, TCSETS2, bytes), `serial port at ${baud} bit/s`);
}

export function setSpeed(fd: number, baud: number): void {
  const bytes = new Uint8Array(TERMIOS2);
  check(libc().ioctl(fd, TCGETS2, bytes), 'serial port');
  const view = new DataView(bytes.buffer);
  view.setUint32(CFLAG, ((view.getUint32(CFLAG, LITTLE) & ~CBAUD) | BOTHER) >>> 0, LITTLE);
  writeSpeed(view, baud);
  check(libc().ioctl(fd, TCSETS2, bytes), `serial port at ${baud} bit/s`);
}

function writeSpeed(view: DataView, baud: number): void {
  view.setUint32(ISPEED, baud, LITTLE);
  view.setUint32(OSPEED, baud, LITTLE);
}

/** Nobody else may open the port from now on (root may). */
export function claim(fd: number): void {
  libc().ioctlNumber(fd, TIOCEXCL, 0);
}

/** What waits in the system, both ways, is forgotten. */
export function flush(fd: number): void {
  libc().ioctlNumber(fd, TCFLSH, TCIOFLUSH);
}

/** Bits of all lines; undefined: the device has none. */
export function modemBits(fd: number): number | undefined {
  const bits = new Uint8Array(4);
  return libc().ioctl(fd, TIOCMGET, bits) < 0 ? undefined : new DataView(bits.buffer).getUint32(0, LITTLE);
}

/** Raises or lowers our lines; false: the device has none. */
export function setModemBits(fd: number, bits: number, raised: boolean): boolean {
  const argument = new Uint8Array(4);
  new DataView(argument.buffer).setUint32(0, bits, LITTLE);
  return libc().ioctl(fd, raised ? TIOCMBIS : TIOCMBIC, argument) >= 0;
}
