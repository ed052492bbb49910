import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../../sdk/cli.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { Logger } from '../../sdk/log.ts';
import { writeDurably } from '../config/durable.ts';
import { identityOfKey, type Key } from './auth.ts';
import { type Role, roles } from './roles.ts';
import { Tenure } from './tenure.ts';

export const TokenName = z.string().regex(/^[A-Za-z0-9][\w.-]{0,31}$/, 'a letter or digit, then letters, digits, . _ -; 32 at most');
export const TokenRole = z.enum(roles);
/** Ids of plugins, and first words of the kernel's own verbs. */
export const TokenAreas = z.array(z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'an area is a plugin or one of: config, plugin, flow, link, capture, metrics, log, events, sys')).min(1).max(32);

const MOST_TOKENS = 256;
/** Marks a token, so that people and scanners of leaked files know one when they see it. */
const PREFIX = 'lct_';

const Stored = z.object({
  format: z.literal(1),
  tokens: z.array(z.object({ name: TokenName, hash: z.string().length(44), role: TokenRole, areas: TokenAreas.optional(), made: z.number(), by: z.string() })).max(MOST_TOKENS),
});
type Entry = z.infer<typeof Stored>['tokens'][number];

/** What may be told of a token; the token itself is known to nobody but its owner. `made`: ms since the epoch. */
export interface TokenInfo {
  readonly name: string;
  readonly role: Role;
  /** null: all. */
  readonly areas: readonly string[] | null;
  readonly made: number;
  readonly by: string;
  /** ms since the epoch, since the router started; null: not used. */
  readonly used: number | null;
}

/**
 * Keys for programs, each with a role and, if wanted, confined to areas. `<state>/tokens.json` holds hashes only; a token has 256
 * random bits, so a fast hash cannot be searched.
 */
export class Tokens {
  readonly #path: string | undefined;
  readonly #clock: Clock;
  #entries: readonly Entry[] = [];
  readonly #used = new Map<string, number>();
  /** Of tokens that were used, by their hashes. */
  readonly #tenures = new Map<string, Tenure>();
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(path: string | undefined, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Without a directory they last as long as the process. A file that cannot be read is put aside: then no token is good. */
  static async open(directory: string | undefined, clock: Clock, log: Logger): Promise<Tokens> {
    const tokens = new Tokens(directory === undefined ? undefined : join(directory, 'tokens.json'), clock);
    await tokens.#load(log);
    return tokens;
  }

  async #load(log: Logger): Promise<void> {
    const path = this.#path;
    if (path === undefined) return;
    try {
      this.#entries = Stored.parse(JSON.parse(await readFile(path, 'utf8'))).tokens;
      await chmod(path, 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
      await rename(path, `${path}.bad`);
      log.error({ kept: `${path}.bad` }, 'tokens: the file cannot be used; tokens have to be made again');
    }
  }

  list(): TokenInfo[] {
    return this.#entries.map(({ name, role, areas, made, by }) => ({ name, role, areas: areas ?? null, made, by, used: this.#used.get(name) ?? null }));
  }

  /** Gives the token, this once. Throws CliError. */
  async add(wish: { readonly name: string; readonly role: Role; readonly areas?: readonly string[] | undefined; readonly by: string }): Promise<string> {
    const token = PREFIX + randomBytes(32).toString('base64url');
    await this.#change((entries) => {
      if (entries.some((e) => e.name === wish.name)) throw new CliError(`there is a token '${wish.name}' already`);
      if (entries.length >= MOST_TOKENS) throw new CliError(`${MOST_TOKENS} tokens are the most`);
      return [...entries, { name: wish.name, hash: hashOf(token), role: wish.role, ...(wish.areas === undefined ? {} : { areas: [...wish.areas] }), made: this.#clock.wall(), by: wish.by }];
    });
    return token;
  }

  /** From now on it is good for nothing, and whatever was opened with it ends. Throws CliError when there is none of that name. */
  async remove(name: string): Promise<void> {
    const hash = this.#entries.find((e) => e.name === name)?.hash ?? '';
    await this.#change((entries) => {
      if (!entries.some((e) => e.name === name)) throw new CliError(`there is no token '${name}'; there are: ${entries.map((e) => e.name).join(', ') || 'none'}`);
      return entries.filter((e) => e.name !== name);
    });
    this.#used.delete(name);
    this.#tenures.get(hash)?.end(`the token ${name} was removed`);
    this.#tenures.delete(hash);
  }

  /** The key that this token is. Looking a hash up tells nothing about how near a guess was. */
  find(token: string): Key | undefined {
    const hash = hashOf(token);
    const entry = this.#entries.find((e) => e.hash === hash);
    if (entry === undefined) return undefined;
    this.#used.set(entry.name, this.#clock.wall());
    const key: Key = { name: entry.name, token, access: entry.role === 'viewer' ? 'read' : 'write', role: entry.role, ...(entry.areas === undefined ? {} : { areas: entry.areas }) };
    const tenure = this.#tenures.get(hash) ?? new Tenure(identityOfKey(key));
    this.#tenures.set(hash, tenure);
    return { ...key, tenure };
  }

  /** One after the other; in force only when it is stored. */
  #change(make: (entries: readonly Entry[]) => Entry[]): Promise<void> {
    const done = this.#tail.then(async () => {
      const next = make(this.#entries);
      if (this.#path !== undefined) {
        await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
        await writeDurably(this.#path, `${JSON.stringify({ format: 1, tokens: next }, null, 2)}\n`);
      }
      this.#entries = next;
    });
    this.#tail = done.catch(() => {});
    return done;
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64');
