import { type DownloadSpec, type Reply, type View, z } from '../../../sdk/index.ts';
import { checked } from './panels-actions.ts';
import { show, withDisc } from './slots/disc-reader.ts';
import type { Downloads } from './slots/downloads.ts';
import type { CellularService } from './service.ts';
import type { Slots } from './slots/slots.ts';

/** Built-in memory of cards: which card shows it, how to make it show, and what is on its way out of it. */
export function storageView(slots: Slots, cellular: Pick<CellularService, 'spec' | 'list'>, downloads: Downloads): View {
  const cards = slots.list().map(({ device, face, words, held }) => ({
    slot: device.slot, title: [device.manufacturer, device.product].map(t => t.trim()).filter(t => t !== '').join(' ') || device.usb || 'a card',
    shows: face === 'storage' ? 'its disc' : face === 'coming' ? 'nothing yet' : device.disk === undefined ? 'its modem' : 'modem and disc',
    bytes: device.disk?.bytes ?? null, words: words || (held ? 'It is wanted as a disc.' : ''), disc: device.disk !== undefined, modem: face === 'modem',
    has: device.disk !== undefined || cellular.spec(device.slot)?.storage !== undefined,
  }));
  const missing = cellular.list().filter(s => s.phase === 'empty' && s.words !== 'no card').map(s => ({ slot: s.slot, words: s.words }));
  return { kind: 'element', tag: 'cellular-cards-core-storage', module: 'storage.js', data: { cards, missing, transfers: downloads.list() } };
}

const slot = z.number().int().min(1).max(99);
const path = z.string().max(4000);
const where = z.object({ slot, path: path.default('/') });

/** A directory of a card's disc. */
export async function files(slots: Slots, input: unknown): Promise<Reply> {
  const at = checked(where, input);
  const { disk, gone } = slots.disc(at.slot);
  return withDisc(disk, gone, async disc => {
    const entries = await show(disc, at.path);
    return { title: [disc.system, disc.label].filter(t => t !== '').join(', '), columns: ['name', 'directory', 'octets'], rows: entries.map(e => [e.name, e.directory ? 'yes' : '', e.directory ? null : e.bytes]) };
  });
}

/** What of a card's disc can be fetched. */
export function storageDownloads(downloads: Downloads): Readonly<Record<string, DownloadSpec>> {
  const args = { slot: { schema: slot, help: 'number of a slot' } };
  const file = z.object({ slot, path });
  const image = z.object({ slot });
  return {
    file: {
      help: "A file of a card's disc", args: { ...args, path: { schema: path.min(1), help: 'where it is: /Drivers/modem.inf' } },
      open: values => { const at = checked(file, values); return downloads.file(at.slot, at.path); },
    },
    image: { help: "A card's disc, octet for octet", args, open: values => downloads.image(checked(image, values).slot) },
  };
}
