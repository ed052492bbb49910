import type { Document } from './document.ts';

/** A list of so many entries makes settings large: every step over them takes milliseconds. */
const MANY = 500;

const isLarge = (doc: Document): boolean => Object.values(doc.sections).some((s) => Object.values(s.settings).some((v) => Array.isArray(v) && v.length > MANY));

/** Between two steps of a commit of large settings: lets packets and consoles have their turn. */
export async function breath(doc: Document): Promise<void> {
  if (isLarge(doc)) await new Promise<void>((resolve) => { setImmediate(resolve); });
}
