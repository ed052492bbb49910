import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurablySync } from '../config/durable.ts';

const hostKeyKinds = ['ed25519', 'rsa'] as const;
export type HostKeyKind = (typeof hostKeyKinds)[number];

/**
 * The private keys by which clients recognise this router, made at the first start (0600). Without a folder they live as long as the
 * process. A file that cannot be read as a key throws: a new one would look like an attack to every client that knows the old.
 */
export async function hostKeys(folder: string | undefined, make: (kind: HostKeyKind) => Promise<string>, valid: (text: string) => boolean): Promise<string[]> {
  const keys: string[] = [];
  for (const kind of hostKeyKinds) keys.push(folder === undefined ? await make(kind) : await stored(folder, kind, make, valid));
  return keys;
}

async function stored(folder: string, kind: HostKeyKind, make: (kind: HostKeyKind) => Promise<string>, valid: (text: string) => boolean): Promise<string> {
  const path = join(folder, `host_${kind}_key`);
  if (existsSync(path)) {
    chmodSync(path, 0o600);
    const text = readFileSync(path, 'utf8');
    if (!valid(text)) throw new Error(`${path} is no private key; put the right one back, or remove it to have a new one made`);
    return text;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const text = await make(kind);
  writeDurablySync(path, text);
  return text;
}
