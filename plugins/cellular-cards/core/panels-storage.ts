import { CliError, type Reply, type View, z } from '../../../sdk/index.ts';
import { checked } from './panels-actions.ts';
import { show } from './slots/disc-reader.ts';
import type { CellularService } from './service.ts';
import type { Slots } from './slots/slots.ts';

/** Built-in memory of cards: which card shows it, and how to make it show. */
export function storageView(slots: Slots, cellular: Pick<CellularService, 'spec'>): View {
  const cards = slots.list().map(({ device, face, words, held }) => ({
    slot: device.slot, title: [device.manufacturer, device.product].map(t => t.trim()).filter(t => t !== '').join(' ') || device.usb || 'a card',
    shows: face === 'storage' ? 'its disc' : face === 'coming' ? 'nothing yet' : device.disk === undefined ? 'its modem' : 'modem and disc',
    bytes: device.disk?.bytes ?? null, words: words || (held ? 'It is wanted as a disc.' : ''), disc: device.disk !== undefined, modem: face === 'modem',
    has: device.disk !== undefined || cellular.spec(device.slot)?.storage !== undefined,
  }));
  return { kind: 'element', tag: 'cellular-cards-core-storage', module: 'storage.js', data: { cards } };
}

const where = z.object({ slot: z.number().int().min(1), path: z.string().max(1000).default('/') });

/** A directory of a card's disc. */
export async function files(slots: Slots, input: unknown): Promise<Reply> {
  const { slot, path } = checked(where, input);
  const disc = slots.card(slot)?.device.disk;
  if (disc === undefined) throw new CliError(`the card in slot ${slot} shows no disc now`);
  try {
    const entries = await show(disc.path, path);
    return { columns: ['name', 'directory', 'octets'], rows: entries.map(e => [e.name, e.directory ? 'yes' : '', e.directory ? null : e.bytes]) };
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
