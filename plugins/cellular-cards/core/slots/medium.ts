import { open } from 'node:fs/promises';
import type { CardMedium } from '../../contract.ts';

/** A block device, or a file that is like one; opened for reading only, so that nothing of it can change. Rejects in words. */
export async function openDevice(path: string): Promise<CardMedium> {
  const file = await open(path, 'r').catch((error: unknown) => { throw new Error(`the disc cannot be read: ${words(error)}`); });
  return {
    async read(offset, length) {
      const buf = new Uint8Array(length);
      let n = 0;
      while (n < length) {
        const { bytesRead } = await file.read(buf, n, length - n, offset + n).catch((error: unknown) => { throw new Error(`the disc cannot be read any further: ${words(error)}`); });
        if (bytesRead === 0) break;
        n += bytesRead;
      }
      return buf.subarray(0, n);
    },
    close: () => file.close(),
  };
}

/** The same medium until `gone` fires: from then on nothing of it is waited for. */
export function until(gone: AbortSignal, medium: CardMedium): CardMedium {
  const why = (): Error => new Error('the card went away while its disc was being read');
  return {
    read: (offset, length) => new Promise((resolve, reject) => {
      if (gone.aborted) {
        reject(why());
        return;
      }
      const left = (): void => reject(why());
      gone.addEventListener('abort', left, { once: true });
      medium.read(offset, length).then(resolve, error => reject(gone.aborted ? why() : error as Error)).finally(() => gone.removeEventListener('abort', left));
    }),
    close: () => medium.close(),
  };
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
