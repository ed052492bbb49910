import type { StorageSwitch } from '../../../../sdk/index.ts';
import type { CardDevice } from '../../contract.ts';

/** A card whose storage face is known by id, and what may be sent to it. */
export interface SwitchPlan { readonly how: StorageSwitch['how']; readonly words: string }

/** In hex: a SCSI command in a command block wrapper (USB Mass Storage Class, Bulk-Only Transport 1.0, 5.1), 31 octets long. */
const wrapped = (command: string, { tag = '12345678', length = '00000000', flags = '00', commandLength = '06' } = {}): string =>
  `55534243${tag}${length}${flags}00${commandLength}${command}`.padEnd(62, '0');

/** PREVENT ALLOW MEDIUM REMOVAL, so that it may go; START STOP UNIT with LOEJ (SBC), and it does. */
export const ejectMessages: readonly string[] = [wrapped('1e'), wrapped('1b00000002', { tag: '12345679' })];

const hso = ['6711', '6731', '6751', '6771', '6791', '7011', '7031', '7051', '7071'].map(product => `0af0:${product}`);

const pantech = { length: '24000000', flags: '80', commandLength: '08' };

/** What turns known storage faces into modems. Discs that are not here, nor in a card's plugin, are never touched. */
export const knownSwitches: readonly StorageSwitch[] = [
  // Sierra TRU-Install: SetSwocMode.
  { usb: ['1199:0fff'], how: { kind: 'control', requestType: 0x40, request: 0x0b, value: 1, index: 0 } },
  // Option; the id is one that many makers ship.
  { usb: ['05c6:1000'], vendorText: ['Option', 'GT'], how: { kind: 'bulk', messages: [wrapped('01')], readAnswer: true } },
  { usb: hso, how: { kind: 'bulk', messages: [wrapped('01', { tag: '78563412', length: '01000000', flags: '80' })], readAnswer: false } },
  // Huawei: SET_FEATURE, a standard request (USB 2.0, 9.4.9) that means something else to these cards.
  { usb: ['12d1:1001', '12d1:1003'], how: { kind: 'control', requestType: 0x00, request: 0x03, value: 1, index: 0 } },
  { usb: ['1410:5010'], how: { kind: 'bulk', messages: [wrapped('1b00000002')], readAnswer: false } },
  { usb: ['106c:3b03'], how: { kind: 'bulk', messages: [wrapped('ff02444556434847', pantech)], readAnswer: false } },
  { usb: ['106c:3b05'], how: { kind: 'bulk', messages: [wrapped('ff02', pantech)], readAnswer: false } },
];

/**
 * What to send to this storage face, by the card's own plugin first. A string says why nothing may be sent: an id that is
 * shared by many makers needs the maker's word in the vendor text that the disc itself gives.
 */
export function planSwitch(device: CardDevice, fromPlugins: readonly StorageSwitch[]): SwitchPlan | string {
  const forId = [...fromPlugins, ...knownSwitches].filter(s => device.usb !== undefined && s.usb.includes(device.usb));
  if (forId.length === 0) return `no switch message is known for ${device.usb ?? 'this card'}, so nothing is sent to it`;
  const vendor = device.disk?.vendor?.trim() ?? '';
  const fits = forId.find(s => s.vendorText === undefined || s.vendorText.some(text => vendor.toLowerCase() === text.toLowerCase() || vendor.toLowerCase().startsWith(`${text.toLowerCase()} `)));
  if (fits === undefined) {
    return vendor === ''
      ? `many makers use the id ${device.usb}, and this disc does not tell its maker, so nothing is sent to it`
      : `many makers use the id ${device.usb}, and this disc is of "${vendor}", not of ${forId.flatMap(s => s.vendorText ?? []).join(' or ')}, so nothing is sent to it`;
  }
  return { how: fits.how, words: inWords(fits.how) };
}

const hex = (n: number): string => `0x${n.toString(16).padStart(2, '0')}`;

function inWords(how: StorageSwitch['how']): string {
  if (how.kind === 'control') return `control request ${hex(how.request)} (type ${hex(how.requestType)}, value ${how.value}, index ${how.index})`;
  if (how.kind === 'eject') return 'eject';
  return how.messages.map(m => `bulk message ${m.replace(/(?:00)+$/, '')}…`).join(', ');
}
