import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { BadDocument, DEEPEST, type Document, documentOf, isObject, LARGEST } from '../config/document.ts';
import { BadJson, NoText, readJson } from './json-text.ts';
import { Lane } from './lane.ts';
import { tooMany } from './settings.ts';

/**
 * A backup is JSON: {kind: 'lancell-backup', version: 1, made, router, settings}. With a passphrase that JSON is wrapped:
 *
 *     0        8        9        10   11   12         28        40
 *     | magic  | version| log2 N | r  | p  | salt 16  | iv 12   | AES-256-GCM of the JSON … | tag 16 |
 *
 * The key is scrypt (RFC 7914) of the passphrase; the header is authenticated too.
 */
const KIND = 'lancell-backup';
const VERSION = 1;
const MAGIC = Buffer.from('LANCELLB');
const HEADER = 40;
const TAG = 16;
const LOG_N = 15;
const [R, P] = [8, 1];
/** A foreign header may ask for this much work and no more: 2^17 · 128 · 8 octets are 128 MiB. */
const MOST_LOG_N = 17;

export interface Backup {
  /** ms since the epoch. */
  readonly made: number;
  /** Version of the router that made it. */
  readonly router: string;
  readonly settings: Document;
}

/** Why octets are no backup, in words for whoever brought them. */
export class BadBackup extends Error {
  override name = 'BadBackup';
}

/** Settings with all their secrets: whoever reads a backup without a passphrase knows them. */
export async function writeBackup(backup: Backup, passphrase?: string): Promise<Buffer> {
  const plain = Buffer.from(`${JSON.stringify({ kind: KIND, version: VERSION, ...backup }, null, 2)}\n`);
  if (passphrase === undefined) return plain;
  const header = Buffer.concat([MAGIC, Uint8Array.of(VERSION, LOG_N, R, P), randomBytes(16), randomBytes(12)]);
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, header), header.subarray(28, HEADER));
  cipher.setAAD(header);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([header, sealed, cipher.getAuthTag()]);
}

export const isEncrypted = (octets: Uint8Array): boolean => Buffer.from(octets.buffer, octets.byteOffset, Math.min(octets.length, MAGIC.length)).equals(MAGIC);

/** A foreign file may be dear to read, in memory and in time: one after the other. */
const reading = new Lane('backups', 8);
/** Values in a backup: 10,000 firewall rules with all they can say. */
const MOST_VALUES = 250_000;
/** Around the settings stand a few more levels; an empty list counts twice. */
const bounds = { values: MOST_VALUES + 50_000, depth: DEEPEST + 4 } as const;

/** Rejects with BadBackup, or LaneFull. */
export const readBackup = (octets: Uint8Array, passphrase?: string): Promise<Backup> => reading.run(() => read(octets, passphrase));

async function read(octets: Uint8Array, passphrase: string | undefined): Promise<Backup> {
  if (octets.length > LARGEST * 2) throw new BadBackup(`a backup is not larger than ${(LARGEST * 2) / 1048576} MiB`);
  const plain = isEncrypted(octets) ? await opened(Buffer.from(octets.buffer, octets.byteOffset, octets.length), passphrase) : octets;
  try {
    return backupOf(await readJson(plain, bounds));
  } catch (error) {
    if (error instanceof NoText) throw new BadBackup('it is no backup: neither JSON nor encrypted by a router of this kind');
    if (error instanceof BadDocument || error instanceof BadJson) throw new BadBackup(`it is no backup: ${error.message}`);
    throw error;
  }
}

function backupOf(value: unknown): Backup {
  if (!isObject(value) || value['kind'] !== KIND) throw new BadBackup('it is JSON, but no backup of a router of this kind');
  const { version, made, router, settings } = value;
  if (typeof version === 'number' && version > VERSION) throw new BadBackup(`it is a backup of version ${version}, newer than this router knows (${VERSION})`);
  if (version !== VERSION || typeof made !== 'number' || !Number.isFinite(new Date(made).getTime()) || typeof router !== 'string' || router.length > 64) throw new BadBackup('its head does not say what it is: version, made, router');
  const many = tooMany(settings, MOST_VALUES);
  if (many !== undefined) throw new BadBackup(`these are no settings of a router: ${many}`);
  return { made, router, settings: documentOf(settings) };
}

async function opened(octets: Buffer, passphrase: string | undefined): Promise<Buffer> {
  const [version, logN, r, p] = octets.subarray(MAGIC.length, MAGIC.length + 4);
  if (version !== undefined && version > VERSION) throw new BadBackup(`it is an encrypted backup of version ${version}, newer than this router knows (${VERSION})`);
  if (octets.length < HEADER + TAG) throw new BadBackup('it is an encrypted backup, but cut off');
  if (version !== VERSION || logN === undefined || logN < 10 || logN > MOST_LOG_N || r !== R || p !== P) throw new BadBackup('its header asks for what this router does not do');
  if (passphrase === undefined) throw new BadBackup('it is encrypted: the passphrase is missing');
  const header = octets.subarray(0, HEADER);
  const decipher = createDecipheriv('aes-256-gcm', await keyOf(passphrase, header), header.subarray(28, HEADER));
  decipher.setAAD(header);
  decipher.setAuthTag(octets.subarray(octets.length - TAG));
  try {
    return Buffer.concat([decipher.update(octets.subarray(HEADER, octets.length - TAG)), decipher.final()]);
  } catch {
    throw new BadBackup('the passphrase is wrong, or the file was changed or cut off');
  }
}

const keyOf = (passphrase: string, header: Buffer): Promise<Buffer> => new Promise((resolve, reject) => {
  const N = 2 ** header[MAGIC.length + 1]!;
  // The same letters typed on another system may be composed differently.
  scrypt(passphrase.normalize('NFC'), header.subarray(12, 28), 32, { N, r: R, p: P, maxmem: 256 * 1024 * 1024 }, (error, key) => (error ? reject(error) : resolve(key)));
});
