import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../../sdk/cli.ts';
import { writeDurablySync } from '../config/durable.ts';

/** A public key of an account. */
export interface AuthorizedKey {
  /** 'ssh-ed25519'. */
  readonly type: string;
  /** What follows the type in an authorized_keys file: base64 of RFC 4253 section 6.6. */
  readonly blob: string;
  readonly comment: string;
}

const kinds = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];
const MOST_PER_ACCOUNT = 32;
const Stored = z.record(z.string(), z.array(z.object({ type: z.enum(kinds), blob: z.string().max(4096), comment: z.string().max(256) })).max(MOST_PER_ACCOUNT));

/** As OpenSSH shows it: 'SHA256:…'. */
export const fingerprint = (key: Pick<AuthorizedKey, 'blob'>): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key.blob, 'base64')).digest('base64').replace(/=+$/, '')}`;

/** A line of an authorized_keys file without options. Throws CliError. */
export function parseKeyLine(line: string): AuthorizedKey {
  const [type = '', blob = '', ...comment] = line.trim().split(/\s+/);
  if (!kinds.includes(type)) throw new CliError(`'${type.slice(0, 40)}' is no type of key that is taken here; there are ${kinds.join(', ')}`);
  const bytes = /^[A-Za-z0-9+/]{40,4096}={0,2}$/.test(blob) ? Buffer.from(blob, 'base64') : Buffer.alloc(0);
  // The blob begins with its own type, length first.
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  if (bytes.toString('base64').replace(/=+$/, '') !== blob.replace(/=+$/, '') || bytes.toString('latin1', 4, 4 + length) !== type) throw new CliError('this is no public key: it should look like "ssh-ed25519 AAAA… comment"');
  if (type === 'ssh-rsa' && bytes.length < 256) throw new CliError('RSA keys need at least 2048 bits');
  return { type, blob: bytes.toString('base64'), comment: comment.join(' ').replace(/[^\x20-\x7e]/g, '').slice(0, 256) };
}

/** Who may log in with which public key: a file of the state directory, by account in lower case. */
export class AuthorizedKeys {
  readonly #path: string | undefined;
  #byName: Record<string, AuthorizedKey[]>;

  /** Throws when the file is there and cannot be understood. */
  constructor(folder: string | undefined) {
    this.#path = folder === undefined ? undefined : join(folder, 'authorized-keys.json');
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#byName = this.#read();
  }

  of(name: string): readonly AuthorizedKey[] { return Object.hasOwn(this.#byName, name.toLowerCase()) ? this.#byName[name.toLowerCase()]! : []; }

  get names(): readonly string[] { return Object.keys(this.#byName).sort(); }

  find(name: string, blob: Uint8Array): AuthorizedKey | undefined {
    const wanted = Buffer.from(blob).toString('base64');
    return this.of(name).find((key) => key.blob === wanted);
  }

  /** Throws CliError. */
  add(name: string, line: string): AuthorizedKey {
    const key = parseKeyLine(line);
    const there = this.of(name);
    if (there.some((each) => each.blob === key.blob)) throw new CliError(`${name} has this key already`);
    if (there.length >= MOST_PER_ACCOUNT) throw new CliError(`${MOST_PER_ACCOUNT} keys of one account are the most`);
    this.#write({ ...this.#byName, [name.toLowerCase()]: [...there, key] });
    return key;
  }

  /** By fingerprint, or the beginning of it. Throws CliError. */
  remove(name: string, which: string): AuthorizedKey {
    const there = this.of(name);
    const bare = which.replace(/^SHA256:/, '');
    const found = there.filter((key) => bare !== '' && fingerprint(key).slice(7).startsWith(bare));
    if (found.length !== 1) throw new CliError(found.length === 0 ? `${name} has no key ${which}; see: sys ssh keys list ${name}` : `${which} is the beginning of ${found.length} keys`);
    const { [name.toLowerCase()]: _, ...others } = this.#byName;
    const rest = there.filter((key) => key !== found[0]);
    this.#write(rest.length === 0 ? others : { ...others, [name.toLowerCase()]: rest });
    return found[0]!;
  }

  /** An account is gone: whoever gets its name later must not be let in by its keys. */
  forget(name: string): void {
    const { [name.toLowerCase()]: gone, ...others } = this.#byName;
    if (gone !== undefined) this.#write(others);
  }

  #read(): Record<string, AuthorizedKey[]> {
    if (this.#path === undefined) return {};
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw error;
    }
    try {
      return Stored.parse(JSON.parse(text)) as Record<string, AuthorizedKey[]>;
    } catch (error) {
      throw new Error(`${this.#path} cannot be understood: ${String(error)}`);
    }
  }

  /** On disk first: what could not be stored did not happen. */
  #write(next: Record<string, AuthorizedKey[]>): void {
    if (this.#path !== undefined) {
      writeDurablySync(this.#path, `${JSON.stringify(next, undefined, 2)}\n`);
    }
    this.#byName = next;
  }
}
