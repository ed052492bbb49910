import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { EAGAIN, ENODEV, type Libc } from '../../../kernel/links/ffi.ts';
import { openUsbfs } from '../../../kernel/usb/usbfs.ts';
import { noUsb } from '../../../kernel/usb/usb.ts';

const SUBMIT = 0x8038_550a;
const DISCARD = 0x550b;
const REAP = 0x4008_550d;

/** usbfs as far as this code uses it: arrays are found again by the address that was asked for. */
function fakeUsbfs() {
  const arrays = new Map<number, Uint8Array>();
  const calls: string[] = [];
  let urb: Uint8Array | undefined;
  let errno = 0;
  let done = false;
  const fake = {
    calls, gone: false, refuses: 0,
    buffer: () => arrays.get(Number(new DataView(urb!.buffer).getBigUint64(16, true)))!,
    /** The device answers: status, and how much went or came. */
    finish(status: number, actual: number, data?: Uint8Array) {
      const view = new DataView(urb!.buffer);
      view.setInt32(4, status, true);
      view.setInt32(28, actual, true);
      if (data) fake.buffer().set(data, urb![0] === 2 ? 8 : 0);
      done = true;
    },
  };
  const fails = (n: number) => { errno = n; return -1; };
  const c = {
    open: (path: string) => { calls.push(`open ${path}`); return 9; },
    close: () => { calls.push('close'); return 0; },
    errno: () => errno,
    addressOf: (a: Uint8Array) => { const at = 0x1000 * (arrays.size + 1); arrays.set(at, a); return at; },
    ioctlNumber: (_fd: number, request: number, argument: number) => {
      if (request === SUBMIT) {
        if (fake.refuses > 0) return fails(fake.refuses);
        urb = arrays.get(argument)!;
        done = false;
        calls.push(`submit type ${urb[0]} ep ${urb[1]} ${Buffer.from(fake.buffer()).toString('hex')}`);
      } else if (request === DISCARD) {
        calls.push('discard');
        fake.finish(-2, 0);
      }
      return 0;
    },
    ioctl: (_fd: number, request: number, argument: Uint8Array) => {
      if (request === REAP) return done ? 0 : fails(fake.gone ? ENODEV : EAGAIN);
      calls.push(`ioctl ${request.toString(16)} ${argument[0]}`);
      return 0;
    },
  };
  return { c: c as unknown as Libc, fake };
}

describe('usbfs', () => {
  it('sends a control transfer as USB lays it out, and resolves when it is done', async () => {
    const clock = new VirtualClock();
    const { c, fake } = fakeUsbfs();
    const device = openUsbfs('/dev/bus/usb/003/007', clock, c);
    const sent = device.control({ requestType: 0x40, request: 0x0b, value: 1, index: 0x0203, data: Uint8Array.of(9) });
    clock.advance(20);
    fake.finish(0, 1);
    clock.advance(10);
    expect([...await sent]).toEqual([]);
    expect(fake.calls).toEqual(['open /dev/bus/usb/003/007', 'submit type 2 ep 0 400b01000302010009']);
    const asked = device.control({ requestType: 0xc0, request: 0x0a, value: 0, index: 0, length: 8 });
    fake.finish(0, 3, Uint8Array.of(1, 2, 3));
    clock.advance(10);
    expect([...await asked]).toEqual([1, 2, 3]);
    void device.dispose();
    expect([fake.calls.at(-1), clock.next()]).toEqual(['close', undefined]);
  });

  it('takes an interface from its driver, sends and reads in bulk, and gives it back', async () => {
    const clock = new VirtualClock();
    const { c, fake } = fakeUsbfs();
    const device = openUsbfs('x', clock, c);
    device.claim(2);
    const sent = device.bulkOut(1, Uint8Array.of(0x55, 0x53));
    fake.finish(0, 2);
    clock.advance(10);
    await sent;
    const read = device.bulkIn(0x82, 13);
    fake.finish(0, 2, Uint8Array.of(7, 8));
    clock.advance(10);
    expect([...await read]).toEqual([7, 8]);
    await device.dispose();
    expect(fake.calls).toEqual(['open x', 'ioctl 8108551b 2', 'submit type 3 ep 1 5553', `submit type 3 ep 130 ${'00'.repeat(13)}`, 'ioctl 80045510 2', 'ioctl c0105512 2', 'close']);
  });

  it.each([[-32, 'the device refused it'], [-71, 'the device did not answer as it should'], [-19, 'the device is gone']])('says what status %d means', async (status, words) => {
    const clock = new VirtualClock();
    const { c, fake } = fakeUsbfs();
    const device = openUsbfs('x', clock, c);
    const sent = device.bulkOut(1, new Uint8Array(4));
    fake.finish(status, 0);
    clock.advance(10);
    await expect(sent).rejects.toThrow(`x: ${words}`);
    await device.dispose();
  });

  it('gives up on a device that hangs, is pulled, is closed, or takes less than all', async () => {
    const clock = new VirtualClock();
    const { c, fake } = fakeUsbfs();
    const device = openUsbfs('x', clock, c);
    const hangs = device.bulkIn(0x82, 13, 1000);
    await expect(device.bulkIn(0x82, 13)).rejects.toThrow('x: a transfer is under way');
    clock.advance(1100);
    await expect(hangs).rejects.toThrow('x: no answer within 1000 ms');
    expect(fake.calls.at(-1)).toBe('discard');
    const short = device.bulkOut(1, new Uint8Array(31));
    fake.finish(0, 30);
    clock.advance(10);
    await expect(short).rejects.toThrow('30 of 31 octets were taken');
    const pulled = device.bulkIn(0x82, 13);
    fake.gone = true;
    clock.advance(10);
    await expect(pulled).rejects.toThrow('x: the device is gone');
    fake.gone = false;
    const closed = device.bulkIn(0x82, 13);
    await device.dispose();
    await expect(closed).rejects.toThrow('x: closed');
    await expect(device.bulkIn(0x82, 13)).rejects.toThrow('x is closed');
    expect(clock.next()).toBeUndefined();
  });

  it('says why a transfer cannot even begin, and why there are no sockets', async () => {
    const { c, fake } = fakeUsbfs();
    const device = openUsbfs('x', new VirtualClock(), c);
    fake.refuses = ENODEV;
    await expect(device.bulkOut(1, new Uint8Array(1))).rejects.toThrow(/x/);
    const none = noUsb('the lab keeps off');
    expect(none.why).toBe('the lab keeps off');
    expect(() => none.open(1, 2)).toThrow('the lab keeps off');
    expect(() => none.uevents(() => {})).toThrow('the lab keeps off');
  });
});
