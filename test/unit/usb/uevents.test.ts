import { existsSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { openUevents, parseUevent } from '../../../kernel/usb/uevents.ts';
import type { Uevent } from '../../../sdk/index.ts';

const octets = (text: string) => new TextEncoder().encode(text);
const message = ['add@/devices/pci0000:00/0000:02:00.0/usb3/3-1', 'ACTION=add', 'DEVPATH=/devices/pci0000:00/0000:02:00.0/usb3/3-1', 'SUBSYSTEM=usb', 'MAJOR=189', ''].join('\0');

describe('device events', () => {
  it('are read as the kernel writes them', () => {
    expect(parseUevent(octets(message), message.length)).toEqual({ action: 'add', subsystem: 'usb', path: '/devices/pci0000:00/0000:02:00.0/usb3/3-1' });
    expect(parseUevent(octets(`libudev\0${message}`), message.length + 8)).toBeUndefined();
    expect(parseUevent(octets('add@/x\0ACTION=add\0'), 18)).toBeUndefined();
  });

  it('never throw, whatever comes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (tail, head) => {
      const buf = head ? Uint8Array.from([...octets('add@/'), ...tail]) : tail;
      parseUevent(buf, buf.length);
    }));
  });

  /** The kernel says it again for whoever writes to this file; that needs root, and a sysfs that can be written. */
  const again = '/sys/class/tty/ptmx/uevent';
  const told = (() => {
    try {
      if (!existsSync(again)) return false;
      writeFileSync(again, 'change');
      return true;
    } catch {
      return false;
    }
  })();
  it.skipIf(!told)('come from the kernel', () => {
    const clock = new VirtualClock();
    const seen: Uevent[] = [];
    const listening = openUevents(clock, e => seen.push(e));
    writeFileSync(again, 'change');
    clock.advance(300);
    void listening.dispose();
    expect([seen.filter(e => e.path.endsWith('/tty/ptmx')).length > 0, clock.next()]).toEqual([true, undefined]);
  });
});
