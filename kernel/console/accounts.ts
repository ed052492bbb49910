import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { CliError } from '../../sdk/cli.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { AccountFile } from './account-file.ts';
import { Lockout } from './lockout.ts';
import { type PasswordHash, PasswordHasher, TooBusy } from './password-hash.ts';
import { type Role, roles } from './roles.ts';
import type { WebSession } from './sessions.ts';
import { Tenure } from './tenure.ts';

export interface User { readonly name: string; readonly role: Role }
export interface Account extends User { readonly password: PasswordHash; /** ms since the epoch. */ readonly changed: number }

/** Whether somebody may come in. `retryAfterMs` with a refusal: nothing was looked at, come back then. */
export type Verdict = { readonly ok: true; readonly user: User } | { readonly ok: false; readonly why: string; readonly retryAfterMs?: number };

export const AccountName = z.string().regex(/^[A-Za-z][\w.@-]{0,30}$/, 'a name begins with a letter and has at most 31 letters, digits, . _ - @');
/** The upper bound keeps hashing cheap to refuse, not passwords short. */
export const Password = z.string().min(8, 'a password has at least 8 characters').max(256, 'a password has at most 256 characters');
const MOST_ACCOUNTS = 64;
/** Without letters and digits that look alike. */
const CODE_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** The lock-out of wrong set-up codes; no account can have this name. */
const SETUP = '(set-up)';

export interface AccountOptions {
  readonly file: AccountFile;
  readonly clock: Clock;
  readonly hasher?: PasswordHasher;
  /** Wait after three wrong passwords, `sys pwderrtm`, in ms; 0: only the growing delay. */
  pauseMs?(): number;
}

/** The people who may manage the router. No default password: without an account, the set-up code of this start makes the first. */
export class Accounts {
  readonly #file: AccountFile;
  readonly #clock: Clock;
  readonly #hasher: PasswordHasher;
  readonly #lockout: Lockout;
  readonly #byName = new Map<string, Account>();
  readonly #listeners = new Set<(name: string, what: string) => void>();
  /** Of accounts that were asked for, by name. */
  readonly #tenures = new Map<string, Tenure>();
  #code: string | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(options: AccountOptions, stored: readonly Account[]) {
    this.#file = options.file;
    this.#clock = options.clock;
    this.#hasher = options.hasher ?? new PasswordHasher();
    this.#lockout = new Lockout(options.clock, () => options.pauseMs?.() ?? 0);
    for (const account of stored) this.#byName.set(keyOf(account.name), account);
    if (this.setupNeeded) this.#code = newCode();
  }

  static async open(options: AccountOptions): Promise<Accounts> {
    return new Accounts(options, await options.file.read());
  }

  get setupNeeded(): boolean { return this.#byName.size === 0; }
  /** Shown to whoever starts the router; works once. */
  get setupCode(): string | undefined { return this.#code; }
  /** By name. */
  get users(): readonly User[] { return [...this.#byName.values()].map(({ name, role }) => ({ name, role })).sort((a, b) => (a.name < b.name ? -1 : 1)); }
  user(name: string): User | undefined {
    const found = this.#byName.get(keyOf(name));
    return found === undefined ? undefined : { name: found.name, role: found.role };
  }

  /** For who is known as this account by something else than a session (a client certificate); undefined: there is no such account. */
  tenure(name: string): WebSession | undefined {
    const user = this.user(name);
    if (user === undefined) return undefined;
    const tenure = this.#tenures.get(user.name) ?? new Tenure({ ...user, via: 'session' });
    this.#tenures.set(user.name, tenure);
    return tenure;
  }

  /** Told when an account lost what it had: its sessions must end. */
  onRevoked(fn: (name: string, why: string) => void): void { this.#listeners.add(fn); }

  /** `from` is the address of who asks. Never throws for what somebody typed. */
  async verify(name: string, password: string, from: string): Promise<Verdict> {
    const wait = this.#lockout.begin(name, from);
    if (wait > 0) return { ok: false, why: `too many wrong passwords; try again in ${Math.ceil(wait / 1000)} s`, retryAfterMs: wait };
    try {
      const account = password.length > 256 ? undefined : this.#byName.get(keyOf(name));
      const right = await this.#hasher.matches(password.slice(0, 256), account?.password);
      // The account may have gone, or got another password, while the hash was computed.
      if (!right || account === undefined || this.#byName.get(keyOf(name)) !== account) return { ok: false, why: 'the name or the password is wrong' };
      this.#lockout.forgive(name, from);
      return { ok: true, user: { name: account.name, role: account.role } };
    } catch (error) {
      if (!(error instanceof TooBusy)) throw error;
      this.#lockout.abandon(name, from);
      return { ok: false, why: 'too many log-ins at once; try again in a moment', retryAfterMs: 1000 };
    }
  }

  /** Makes the first account, an administrator, for whoever has the set-up code. The code is used up by it. */
  async setup(code: string, name: string, password: string, from: string): Promise<Verdict> {
    if (this.#code === undefined || !this.setupNeeded) return { ok: false, why: 'the router is set up already' };
    const wait = this.#lockout.begin(SETUP, from);
    if (wait > 0) return { ok: false, why: `too many wrong codes; try again in ${Math.ceil(wait / 1000)} s`, retryAfterMs: wait };
    if (!sameText(plainCode(code), plainCode(this.#code))) return { ok: false, why: 'the set-up code is wrong; the router shows it where it was started' };
    this.#lockout.forgive(SETUP, from);
    await this.#exclusive(async () => {
      if (!this.setupNeeded) throw new CliError('the router is set up already');
      await this.#put(name, 'admin', password);
    });
    return { ok: true, user: this.user(name)! };
  }

  /** Throws CliError: a name taken or unfit, a password unfit, too many. */
  create(name: string, password: string, role: Role): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#byName.has(keyOf(name))) throw new CliError(`there is an account '${name}' already`);
      if (this.#byName.size >= MOST_ACCOUNTS) throw new CliError(`${MOST_ACCOUNTS} accounts are the most`);
      await this.#put(name, role, password);
    });
  }

  /** Throws CliError for the last administrator. */
  remove(name: string): Promise<void> {
    return this.#exclusive(async () => {
      const account = this.#of(name);
      this.#keepAnAdmin(account);
      await this.#store([...this.#byName.values()].filter((a) => a !== account));
      this.#revoked(account.name, 'the account was removed');
    });
  }

  setRole(name: string, role: Role): Promise<void> {
    return this.#exclusive(async () => {
      const account = this.#of(name);
      if (account.role === role) return;
      if (role !== 'admin') this.#keepAnAdmin(account);
      await this.#replace({ ...account, role });
      this.#revoked(account.name, `the account is now of role ${role}`);
    });
  }

  changePassword(name: string, password: string): Promise<void> {
    return this.#exclusive(async () => {
      const account = this.#of(name);
      await this.#put(account.name, account.role, password);
      this.#revoked(account.name, 'the password was changed');
    });
  }

  #of(name: string): Account {
    const account = this.#byName.get(keyOf(name));
    if (account === undefined) throw new CliError(`there is no account '${name}'; there are: ${this.users.map((u) => u.name).join(', ') || 'none'}`);
    return account;
  }

  #keepAnAdmin(but: Account): void {
    if (but.role === 'admin' && ![...this.#byName.values()].some((a) => a !== but && a.role === 'admin')) throw new CliError(`'${but.name}' is the only administrator`);
  }

  async #put(name: string, role: Role, password: string): Promise<void> {
    check(AccountName, name);
    check(Password, password);
    if (!roles.includes(role)) throw new CliError(`there is no role '${String(role)}'; there are: ${roles.join(', ')}`);
    await this.#replace({ name, role, password: await this.#hasher.hash(password), changed: this.#clock.wall() });
  }

  #replace(account: Account): Promise<void> {
    return this.#store([...[...this.#byName.values()].filter((a) => keyOf(a.name) !== keyOf(account.name)), account]);
  }

  /** On disk first: what could not be stored did not happen. */
  async #store(accounts: readonly Account[]): Promise<void> {
    await this.#file.write(accounts);
    this.#byName.clear();
    for (const account of accounts) this.#byName.set(keyOf(account.name), account);
    this.#code = undefined;
  }

  #revoked(name: string, why: string): void {
    this.#tenures.get(name)?.end(why);
    this.#tenures.delete(name);
    for (const fn of this.#listeners) fn(name, why);
  }

  #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(run);
    this.#tail = result.catch(() => {});
    return result;
  }
}

const keyOf = (name: string): string => name.toLowerCase();

function check(schema: z.ZodType, value: string): void {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new CliError(parsed.error.issues[0]?.message ?? 'it does not fit');
}

/** 60 bits in three groups that can be read aloud. */
function newCode(): string {
  const group = (): string => Array.from({ length: 4 }, () => CODE_LETTERS[randomInt(CODE_LETTERS.length)]).join('');
  return [group(), group(), group()].join('-');
}

const plainCode = (code: string): string => code.toUpperCase().replace(/[^A-Z0-9]/g, '');

function sameText(a: string, b: string): boolean {
  const [x, y] = [a, b].map((t) => createHash('sha256').update(t).digest());
  return timingSafeEqual(x!, y!);
}
