import type { Clock } from '../../sdk/index.ts';
import type { CardMedium } from '../../plugins/cellular-cards/contract.ts';
import type { CardFile } from './card-file.ts';
import { type DiscFile, type DiscImage, isoImage } from './iso-image.ts';

/** What such a card's disc gives at best (octets per second). */
const RATE = 4 * 1024 * 1024;
const SETUP = 12 * 1024 * 1024;

/** The disc that a card shows before it is a modem: the programs of its maker for PCs, or what stands for them here. */
export function cardDisc({ title, maker, product, storage }: CardFile): DiscImage {
  const name = product.replace(/[^\w ]/g, ' ').trim();
  const words = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll('\n', '\r\n')));
  const program = (path: string, bytes: number): DiscFile => ({ path, bytes, pattern: words(`${path} of a simulated ${title}: this is no program.\n`) });
  const inf = `[Version]\nSignature="$Windows NT$"\nClass=Modem\nProvider=${maker}\n\n[Modems]\n"${title}"=Modem, USB\\VID_${(storage?.usb ?? '').replace(':', '&PID_')}\n`;
  return isoImage(storage?.label ?? name, [
    { path: 'autorun.inf', octets: words('[autorun]\nopen=Setup.exe\nicon=Setup.exe,0\n') },
    { path: 'Read Me First.txt', octets: words(`${title}\n\nThis disc brings the drivers and programs of the card along. A router needs neither.\n`) },
    program('Setup.exe', SETUP),
    { path: `Drivers/Windows 2000 and XP/${name} modem.inf`, octets: words(inf) },
    program(`Drivers/Windows 2000 and XP/${name} serial.sys`, 96_256),
    { path: `Drivers/Windows Vista/${name} modem.inf`, octets: words(inf) },
    program(`Drivers/Windows Vista/${name} serial.sys`, 112_640),
    program(`Mac OS X/${name} installer.pkg`, 700_000),
    ...(storage?.files ?? []).map(path => program(path, 1000)),
  ], storage?.bytes ?? 0);
}

/** The disc as it is read, no faster than a card; it is gone when its card is. */
export function mediumOf(image: DiscImage, clock: Clock): CardMedium {
  return {
    async read(offset, length) {
      const part = image.read(offset, length);
      const ms = Math.floor((part.length * 1000) / RATE);
      if (ms > 0) await new Promise<void>(resolve => { clock.after(ms, resolve); });
      return part;
    },
    close: () => {},
  };
}
