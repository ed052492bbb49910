import type { StorageSwitch, Usb } from '../../../../sdk/index.ts';
import type { SysDevice } from './sysfs.ts';
import { ejectMessages } from './storage-switch.ts';

/** A command status wrapper (Bulk-Only Transport 1.0, 5.2) has 13 octets; some cards send more. */
const ANSWER = 64;
const ANSWER_MS = 3000;

/** Sends a switch message. Resolves when it was sent; what the card does about it is seen by its coming and going. */
export async function sendSwitch(usb: Usb, device: SysDevice, how: StorageSwitch['how']): Promise<void> {
  const opened = usb.open(device.busNumber, device.deviceNumber);
  try {
    if (how.kind === 'control') {
      const { requestType, request, value, index, data } = how;
      await opened.control({ requestType, request, value, index, data: Uint8Array.from(Buffer.from(data ?? '', 'hex')) });
      return;
    }
    const { storage } = device;
    const out = storage?.endpoints.find(e => e.bulk && e.address < 0x80);
    const back = storage?.endpoints.find(e => e.bulk && e.address >= 0x80);
    if (storage === undefined || out === undefined) throw new Error('the card has no storage interface to send it to');
    opened.claim(storage.interface);
    const messages = how.kind === 'eject' ? ejectMessages : how.messages;
    const [last] = messages.slice(-1);
    for (const message of messages) {
      await opened.bulkOut(out.address, Uint8Array.from(Buffer.from(message, 'hex')));
      // A card that leaves for its other face does not answer any more; between two messages its answer must be fetched.
      if (back && (how.kind === 'eject' || how.readAnswer)) await opened.bulkIn(back.address, ANSWER, ANSWER_MS).catch(error => { if (message !== last) throw error; });
    }
  } finally {
    await opened.dispose();
  }
}
