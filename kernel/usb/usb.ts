import type { Clock } from '../../sdk/clock.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Uevent, Usb, UsbDevice } from '../../sdk/usb.ts';
import { openUevents } from './uevents.ts';
import { openUsbfs } from './usbfs.ts';

/** No sockets, and why. */
export function noUsb(why: string): Usb {
  const refuse = (): never => { throw new Error(why); };
  return { why, sysfs: '/sys', dev: '/dev', open: refuse, uevents: refuse };
}

/** Those of this machine. */
export class SystemUsb implements Usb {
  readonly why = process.platform === 'linux' ? undefined : `card sockets need Linux, this is ${process.platform}`;
  readonly sysfs = '/sys';
  readonly dev = '/dev';
  readonly #clock: Clock;

  constructor(clock: Clock) { this.#clock = clock; }

  open(bus: number, device: number): UsbDevice {
    const three = (n: number) => String(n).padStart(3, '0');
    return openUsbfs(`${this.dev}/bus/usb/${three(bus)}/${three(device)}`, this.#clock);
  }

  uevents(tell: (e: Uevent) => void): Disposable { return openUevents(this.#clock, tell); }
}
