import { join } from 'node:path';
import { type Args, CliError, type CommandSpec, type Disposable, z } from '../../../../sdk/index.ts';
import type { DiscReader } from './disc.ts';
import { copyOut, show, withDisc } from './disc-reader.ts';
import type { SlotCard, Slots } from './slots.ts';

export interface StorageVerbParts {
  readonly slots: Slots;
  /** Files are copied to `storage` below it; undefined: the router keeps no state. */
  readonly folder: string | undefined;
  command<A extends Args>(spec: CommandSpec<A>): Disposable;
}

const said = async <T>(work: () => T | Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

/** `wwan storage …`: the discs that cards bring along. */
export function storageVerbs({ slots, folder, command }: StorageVerbParts): void {
  const slot = { schema: z.coerce.number().int().min(1), help: 'number of a slot', complete: () => slots.list().map(c => String(c.device.slot)) };
  const onDisc = async <T>(n: number, work: (disc: DiscReader) => Promise<T>): Promise<T> => {
    const { disk, gone } = slots.disc(n);
    return withDisc(disk, gone, work);
  };
  command({
    path: 'wwan storage list', help: 'cards with storage, and whether it shows', access: 'read',
    run: () => ({ columns: ['slot', 'card', 'disc', 'size', 'vendor', 'state'], rows: slots.list().map(row) }),
  });
  command({
    path: 'wwan storage show', help: "files on a card's disc", access: 'read',
    args: { slot, path: { schema: z.string().default('/'), help: 'a directory of the disc', rest: true } },
    run: async args => {
      const entries = await onDisc(args.slot, disc => show(disc, args.path));
      return { columns: ['name', 'octets'], rows: entries.map(e => [e.directory ? `${e.name}/` : e.name, e.directory ? null : e.bytes]) };
    },
  });
  command({
    path: 'wwan storage copy', help: "copy a file from a card's disc to the router's own folder",
    args: { slot, path: { schema: z.string().min(1), help: 'a file of the disc', rest: true } },
    run: async args => {
      if (folder === undefined) throw new CliError('the router runs without a state directory, so there is nowhere to copy to');
      const copied = await onDisc(args.slot, disc => copyOut(disc, args.path, join(folder, 'storage', `slot${args.slot}`)));
      return { facts: { file: copied.file, octets: copied.bytes, 'SHA-256': copied.sha256 } };
    },
  });
  command({
    path: 'wwan storage mount', help: 'have a card show its disc, read-only, and not its modem', args: { slot },
    run: async args => {
      await said(() => slots.hold(args.slot));
      const card = slots.card(args.slot);
      return card?.device.disk === undefined
        ? `the card in slot ${args.slot} is being turned to its disc; then: wwan storage show ${args.slot}`
        : `the disc of slot ${args.slot} is there: wwan storage show ${args.slot}`;
    },
  });
  command({
    path: 'wwan storage eject', help: 'put a card\'s disc away, so that it becomes a modem', args: { slot },
    run: async args => {
      await said(() => slots.release(args.slot));
      return slots.card(args.slot)?.face === 'modem' ? `the card in slot ${args.slot} is a modem` : `the card in slot ${args.slot} is told to become a modem`;
    },
  });
}

const row = ({ device, face, words, held }: SlotCard): (string | number | null)[] => [
  device.slot, [device.manufacturer, device.product].filter(t => t !== '').join(' ') || device.usb || '',
  device.disk?.path ?? '', device.disk?.bytes ?? null, device.disk?.vendor ?? '', words || (face === 'modem' ? `modem${held ? ', wanted as a disc' : ''}` : 'just inserted'),
];
