import { z } from '../../../../sdk/index.ts';
import type { CardDevice, CardManifest } from '../../contract.ts';

const usbId = z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/, 'four hex digits, a colon, four hex digits, lower case');
const word = z.string().min(1).max(64);

/** `card.json`: what a card plugin says of itself before it is loaded. */
export const manifestSchema: z.ZodType<CardManifest> = z.object({
  model: word,
  title: word.optional(),
  usb: z.array(usbId).max(64).optional(),
  pcmcia: z.array(z.object({ manf: word, card: word })).max(16).optional(),
  storage: z.array(usbId).max(64).optional(),
}) as z.ZodType<CardManifest>;

/** The device is a modem that this manifest knows. */
export const knowsModem = (m: CardManifest, device: CardDevice): boolean =>
  (device.usb !== undefined && (m.usb ?? []).includes(device.usb)) ||
  (device.pcmcia !== undefined && (m.pcmcia ?? []).some(p => p.manf === device.pcmcia?.manf && p.card === device.pcmcia.card));

/** The device has the id of this card's storage face. */
export const knowsStorage = (m: CardManifest, device: CardDevice): boolean => device.usb !== undefined && (m.storage ?? []).includes(device.usb);
