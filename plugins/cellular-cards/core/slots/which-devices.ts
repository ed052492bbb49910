import type { PluginCatalog } from '../../../../sdk/index.ts';
import { manifestSchema } from './manifest.ts';
import type { SysDevice } from './sysfs.ts';
import { knownSwitches } from './storage-switch.ts';

/** Drivers that serve mobile modems only. */
const modemDrivers = new Set(['option', 'option1', 'sierra', 'hso', 'qcserial', 'qcaux', 'ipw', 'nozomi', 'GobiSerial']);
/** Makers of modules whose ports may be cdc_acm, as those of many a device are that is no modem: Telit, Quectel, SIMCom, Huawei, Fibocom, Sierra. */
const moduleMakers = new Set(['1bc7', '2c7c', '1e0e', '12d1', '2cb7', '1199']);

/** Ids that card plugins ask for, loaded or not. */
export async function idsOf(catalog: PluginCatalog): Promise<ReadonlySet<string>> {
  const ids = knownSwitches.flatMap(s => s.usb);
  for (const { manifest } of await catalog.list()) {
    const read = manifestSchema.safeParse(manifest);
    if (read.success) ids.push(...(read.data.usb ?? []), ...(read.data.storage ?? []), ...(read.data.pcmcia ?? []).map(p => `${p.manf},${p.card}`));
  }
  return new Set(ids);
}

/** Serial adapters, printers and memory sticks are none of our business; what a plugin knows by its id is, and what only modems are driven by. */
export function isCard(device: SysDevice, ids: ReadonlySet<string>): boolean {
  if (device.usb !== undefined && ids.has(device.usb)) return true;
  if (device.pcmcia !== undefined) return ids.has(`${device.pcmcia.manf},${device.pcmcia.card}`);
  const maker = device.usb?.slice(0, 4) ?? '';
  return device.ports.some(p => modemDrivers.has(p.driver) || (p.driver === 'cdc_acm' && moduleMakers.has(maker)));
}
