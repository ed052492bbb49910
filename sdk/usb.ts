import type { Disposable } from './scope.ts';
import { token } from './token.ts';

/** A USB device, spoken to past its drivers (usbfs). What fails rejects or throws in words; all of it does when the device is pulled. */
export interface UsbDevice extends Disposable {
  /** Takes an interface, from its driver too. */
  claim(number: number): void;
  /** Gives it back; its driver may have it again. */
  release(number: number): void;
  /** A control transfer; `length` octets are read when bit 7 of `requestType` is set, else `data` is sent. Gives what was read. */
  control(t: { readonly requestType: number; readonly request: number; readonly value: number; readonly index: number; readonly data?: Uint8Array; readonly length?: number }, timeoutMs?: number): Promise<Uint8Array>;
  /** `endpoint`: its address without bit 7. */
  bulkOut(endpoint: number, data: Uint8Array, timeoutMs?: number): Promise<void>;
  /** At most `length` octets; `endpoint` with bit 7. */
  bulkIn(endpoint: number, length: number, timeoutMs?: number): Promise<Uint8Array>;
}

/** What the kernel tells of a device: NETLINK_KOBJECT_UEVENT. */
export interface Uevent {
  /** 'add', 'remove', 'change', 'bind' … */
  readonly action: string;
  /** 'usb', 'tty', 'net', 'block', 'pcmcia' … */
  readonly subsystem: string;
  /** Below sysfs: '/devices/pci0000:00/…'. */
  readonly path: string;
}

/** The machine's USB and PCMCIA sockets. */
export interface Usb {
  /** Undefined: they are ours to use. Else why not, in words. */
  readonly why: string | undefined;
  /** Where sysfs and the device files are. */
  readonly sysfs: string;
  readonly dev: string;
  /** By the numbers that sysfs gives: busnum, devnum. Throws with the reason. */
  open(bus: number, device: number): UsbDevice;
  /** Tells what comes and goes, as soon as the system says so. Throws where the system does not. */
  uevents(tell: (e: Uevent) => void): Disposable;
}
export const UsbToken = token<Usb>('kernel.usb');
