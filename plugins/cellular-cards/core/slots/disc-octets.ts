import type { CardDevice } from '../../contract.ts';
import { pieces } from './disc.ts';
import { fileAt, openMedium, recognised } from './disc-reader.ts';

type Disk = NonNullable<CardDevice['disk']>;

/** A part of a file of a card's disc; the disc is let go of when the last octet is taken, or nobody wants more. */
export async function* fileOctets(disk: Disk, gone: AbortSignal, path: string, from: number, to: number): AsyncGenerator<Uint8Array> {
  const medium = await openMedium(disk, gone);
  try {
    const disc = await recognised(medium);
    yield* disc.octets(await fileAt(disc, path), from, to);
  } finally {
    await medium.close();
  }
}

/** The same of the disc itself, whatever is on it. */
export async function* discOctets(disk: Disk, gone: AbortSignal, from: number, to: number): AsyncGenerator<Uint8Array> {
  const medium = await openMedium(disk, gone);
  try {
    yield* pieces(medium.read, from, to);
  } finally {
    await medium.close();
  }
}
