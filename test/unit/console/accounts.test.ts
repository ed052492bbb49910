import { scryptSync } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { accountsIn, accountsInMemory } from '../../../kernel/console/account-file.ts';
import { Accounts } from '../../../kernel/console/accounts.ts';
import { PasswordHasher, TooBusy } from '../../../kernel/console/password-hash.ts';
import { notes } from '../config/rig.ts';
import { temporary } from './rig.ts';

const cheap = () => new PasswordHasher({ cost: { n: 16, r: 1, p: 1 } });
async function open(pauseMs = 0) {
  const clock = new VirtualClock();
  const accounts = await Accounts.open({ file: accountsInMemory(), clock, hasher: cheap(), pauseMs: () => pauseMs });
  return { clock, accounts, verify: (name: string, password: string, from = 'a') => accounts.verify(name, password, from) };
}

describe('password hashes', () => {
  it('are scrypt with N of 2^15 at least, a salt each, and verified by another implementation call', async () => {
    const hasher = new PasswordHasher();
    const [a, b] = [await hasher.hash('päßword'), await hasher.hash('päßword')];
    expect(a.n).toBeGreaterThanOrEqual(2 ** 15);
    expect(a.salt).not.toBe(b.salt);
    const { n, r, p } = a;
    expect(scryptSync('päßword', Buffer.from(a.salt, 'base64'), 32, { N: n, r, p, maxmem: 256 * n * r }).toString('base64')).toBe(a.hash);
    expect(await hasher.matches('päßword'.normalize('NFD'), a)).toBe(true);
    expect(await hasher.matches('passwort', a)).toBe(false);
    expect(await hasher.matches('', undefined)).toBe(false);
  });

  it('are computed one or two at a time, by the cores there are; few wait, the rest is refused at once', async () => {
    let running = 0;
    let most = 0;
    const done: (() => void)[] = [];
    const hasher = new PasswordHasher({ derive: async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => { done.push(resolve); });
      running--;
      return Buffer.alloc(32);
    } });
    const results = Array.from({ length: 10_000 }, () => hasher.matches('x', undefined).then(() => 'judged', (e: unknown) => (e instanceof TooBusy ? 'refused' : 'broken')));
    let settled = 0;
    for (const r of results) void r.then(() => { settled++; });
    while (settled < results.length) {
      await new Promise((resolve) => setImmediate(resolve));
      done.shift()?.();
    }
    const all = await Promise.all(results);
    expect([1, 2]).toContain(most);
    expect(all.filter((r) => r === 'judged')).toHaveLength(16 + most);
    expect(all.filter((r) => r === 'refused')).toHaveLength(9984 - most);
  });
});

describe('accounts', () => {
  it('begin with the set-up code, which works once', async () => {
    const { accounts, verify } = await open();
    const code = accounts.setupCode!;
    expect(code).toMatch(/^[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}$/);
    expect(await verify('admin', '1234')).toMatchObject({ ok: false });
    expect(await accounts.setup('AAAA-AAAA-AAAA', 'ann', 'long enough', 'a')).toMatchObject({ ok: false });
    await expect(accounts.setup(code, 'ann', 'short', 'a')).rejects.toThrow('at least 8');
    expect(accounts.setupNeeded).toBe(true);
    expect(await accounts.setup(code.toLowerCase().replaceAll('-', ' '), 'ann', 'long enough', 'a')).toEqual({ ok: true, user: { name: 'ann', role: 'admin' } });
    expect([accounts.setupNeeded, accounts.setupCode]).toEqual([false, undefined]);
    expect(await accounts.setup(code, 'eve', 'long enough', 'a')).toMatchObject({ ok: false, why: 'the router is set up already' });
    expect(await verify('ANN', 'long enough')).toEqual({ ok: true, user: { name: 'ann', role: 'admin' } });
  });

  it('slow wrong set-up codes down', async () => {
    const { accounts } = await open();
    for (let i = 0; i < 3; i++) await accounts.setup('AAAA', 'ann', 'long enough', 'a');
    expect(await accounts.setup(accounts.setupCode!, 'ann', 'long enough', 'a')).toMatchObject({ ok: false, retryAfterMs: 1000 });
  });

  it('keep an administrator, and bound what a name may be', async () => {
    const { accounts } = await open();
    await accounts.create('ann', 'long enough', 'admin');
    await expect(accounts.remove('ann')).rejects.toThrow('only administrator');
    await expect(accounts.setRole('ann', 'viewer')).rejects.toThrow('only administrator');
    await expect(accounts.create('Ann', 'long enough', 'viewer')).rejects.toThrow('already');
    for (const name of ['', '1a', '__proto__ x', 'a b', 'a'.repeat(32), '<b>']) await expect(accounts.create(name, 'long enough', 'viewer')).rejects.toThrow('a name begins');
    await expect(accounts.create('bob', 'x'.repeat(257), 'viewer')).rejects.toThrow('at most 256');
    await accounts.create('bob', 'long enough', 'admin');
    await accounts.remove('ann');
    expect(accounts.users).toEqual([{ name: 'bob', role: 'admin' }]);
  });

  it('tell when what somebody has is taken away', async () => {
    const { accounts } = await open();
    const told: string[] = [];
    accounts.onRevoked((name, why) => told.push(`${name}: ${why}`));
    await accounts.create('ann', 'long enough', 'admin');
    await accounts.create('bob', 'long enough', 'operator');
    await accounts.setRole('bob', 'viewer');
    await accounts.changePassword('bob', 'another one');
    await accounts.remove('bob');
    expect(told).toEqual(['bob: the account is now of role viewer', 'bob: the password was changed', 'bob: the account was removed']);
  });

  it('are kept in a file for the owner only, without passwords in it', async () => {
    const directory = join(temporary(), 'new');
    const clock = new VirtualClock();
    const log = notes();
    const make = () => Accounts.open({ file: accountsIn(directory, log), clock, hasher: cheap() });
    const first = await make();
    await first.create('ann', 'long enough', 'admin');
    const path = join(directory, 'accounts.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain('long enough');
    const second = await make();
    expect(second.setupCode).toBeUndefined();
    expect((await second.verify('ann', 'long enough', 'a')).ok).toBe(true);
    for (const text of ['', 'null', '{"format":1,"accounts":[{"name":"x"}]}', '{"format":2,"accounts":[]}']) {
      writeFileSync(path, text);
      expect((await make()).setupCode).toBeDefined();
      expect(existsSync(`${path}.bad`)).toBe(true);
    }
  });
});

describe('the lock-out', () => {
  /** Tries until it is looked at; says how long that took. */
  const waits = async (verify: (n: string, p: string, f?: string) => Promise<{ ok: boolean; retryAfterMs?: number }>, clock: VirtualClock, times: number, name = 'ann') => {
    const found: number[] = [];
    for (let i = 0; i < times; i++) {
      const verdict = await verify(name, 'wrong', 'a');
      found.push(verdict.retryAfterMs ?? 0);
      if (verdict.retryAfterMs !== undefined) { clock.advance(verdict.retryAfterMs); i--; }
    }
    return found.filter((ms) => ms > 0);
  };

  it('grows per address to a quarter of an hour', async () => {
    const { accounts, clock, verify } = await open();
    await accounts.create('ann', 'long enough', 'admin');
    expect(await waits(verify, clock, 15)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900].map((s) => s * 1000));
    expect((await verify('ann', 'long enough', 'a')).ok).toBe(false);
    clock.advance(900_000);
    expect((await verify('ann', 'long enough', 'a')).ok).toBe(true);
    expect((await verify('ann', 'wrong', 'a'))).not.toHaveProperty('retryAfterMs');
  });

  it('grows per name, but not so that a stranger can lock the owner out', async () => {
    const { accounts, clock, verify } = await open();
    await accounts.create('ann', 'long enough', 'admin');
    expect((await verify('ann', 'long enough', 'home')).ok).toBe(true);
    for (let i = 0; i < 20; i++) { await verify('ann', 'wrong', `bot${i}`); clock.advance(30_000); }
    await verify('ann', 'wrong', 'bot');
    expect(await verify('ann', 'long enough', 'elsewhere')).toMatchObject({ ok: false, retryAfterMs: 30_000 });
    expect((await verify('ann', 'long enough', 'home')).ok).toBe(true);
  });

  it('counts what is asked in parallel', async () => {
    const { accounts, verify } = await open();
    await accounts.create('ann', 'long enough', 'admin');
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => verify('ann', 'wrong', 'a')));
    expect(verdicts.filter((v) => !v.ok && v.retryAfterMs === undefined)).toHaveLength(3);
  });

  it('is as for accounts that do not exist', async () => {
    const { accounts, clock, verify } = await open();
    await accounts.create('ann', 'long enough', 'admin');
    expect(await waits(verify, clock, 5, 'nobody')).toEqual([1000, 2000]);
    expect((await verify('nobody', 'wrong', 'b') as { why: string }).why).not.toContain('no account');
  });

  it('waits as long as sys pwderrtm says after three', async () => {
    const { accounts, verify } = await open(60_000);
    await accounts.create('ann', 'long enough', 'admin');
    for (let i = 0; i < 3; i++) expect(await verify('ann', 'wrong')).not.toHaveProperty('retryAfterMs');
    expect(await verify('ann', 'wrong')).toMatchObject({ retryAfterMs: 60_000 });
  });

  it('is not pushed out of memory by many names from one address', async () => {
    const { verify } = await open();
    let judged = 0;
    for (let i = 0; i < 10_000; i++) if (!('retryAfterMs' in await verify(`n${i}`, 'wrong', 'a'))) judged++;
    expect(judged).toBe(3);
  });
});
