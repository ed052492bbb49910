import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bed, bed, own } from './bed.ts';
import { pingWorks } from './frames.ts';

/** A router that is switched off and on again, with the same state directory each time. */
describe('a router with a state directory', () => {
  let state: string;
  const running = new Set<Bed>();
  beforeEach(() => { state = mkdtempSync(join(tmpdir(), 'lancell-state-')); });
  afterEach(async () => {
    for (const b of running) await off(b);
    rmSync(state, { recursive: true, force: true });
  });
  const on = async () => {
    const b = await bed({ state });
    running.add(b);
    await b.advance(5000);
    return b;
  };
  const off = async (b: Bed) => { running.delete(b); await b.stop(); };
  const sessions = async (b: Bed) => (await b.verb('ip nat session')).text.trim();
  const warned = (b: Bed) => b.log.ring.lines({ level: 'warn' }).map(l => `${l.msg} ${JSON.stringify(l.fields)}`).join('\n');

  it('keeps settings, history, user default and leases', async () => {
    let b = await on();
    await b.verb('ip nat session 111');
    await b.verb('config default save');
    await b.verb('ip nat session 222');
    await b.advance(60_000);
    await off(b);
    b = await on();
    expect(await sessions(b)).toBe('222');
    expect((await b.verb('config history')).text).toMatch(/test/);
    expect((await b.verb('ip dhcp lan status')).text).toMatch(/192\.168\.1\.33 +lan1/);
    await b.verb('config reset');
    expect(await sessions(b)).toBe('111');
    expect(await pingWorks(b)).toBe(true);
  });

  it('rolls back at the start what nobody confirmed', async () => {
    let b = await on();
    await b.verb('ip nat session 111');
    await b.verb('config set nat.maxSessionsPerHost 222');
    expect((await b.verb('config commit confirm 5')).code).toBe(0);
    await off(b);
    b = await on();
    expect(await sessions(b)).toBe('111');
  });

  it('refuses a second router on it', async () => {
    const b = await on();
    await expect(bed({ state })).rejects.toThrow(/another router|in use|runs/);
    expect(await pingWorks(b)).toBe(true);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['not JSON', () => '\u0000\u0001 rubbish'],
    ['empty', () => ''],
    ['of a newer version', (text: string) => JSON.stringify({ ...JSON.parse(text) as object, format: 999 })],
    ['no settings at all', () => '[1, 2, 3]'],
  ])('starts with the last good settings when the file is %s; the bad one is kept aside, and the log says so', async (_what, spoil) => {
    let b = await on();
    await b.verb('ip nat session 111');
    await b.verb('ip nat session 222');
    await off(b);
    const file = join(state, 'config.json');
    const spoilt = spoil(readFileSync(file, 'utf8'));
    writeFileSync(file, spoilt);
    b = await on();
    expect(['111', '222']).toContain(await sessions(b));
    const [aside, ...more] = readdirSync(join(state, 'bad'));
    expect(more).toEqual([]);
    expect(readFileSync(join(state, 'bad', aside!), 'utf8')).toBe(spoilt);
    expect(warned(b)).toContain(aside);
    expect(await pingWorks(b)).toBe(true);
    expect((await b.verb('ip nat session 333')).code).toBe(0);
    await off(b);
    b = await on();
    expect(await sessions(b)).toBe('333');
  });

  it('leaves a plugin without settings that fit waiting, and the others running', async () => {
    let b = await on();
    await b.verb('ip nat session 111');
    await off(b);
    const file = join(state, 'config.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"maxSessionsPerHost": ?111/, '"maxSessionsPerHost": "many"'));
    b = await on();
    const nat = b.router.plugins.info('nat')!;
    expect(`${nat.state}: ${nat.why}`).toMatch(/^failed: settings: .*maxSessionsPerHost/);
    const others = b.router.plugins.list().filter(p => p.id !== 'nat');
    expect(others.filter(p => p.state !== 'active').map(p => `${p.id} ${p.state}`)).toEqual(['upnp waiting']); // it maps ports of nat
    expect(others).toHaveLength(own.length - 1);
    // It guards the router: nothing is forwarded without it, and the router itself answers.
    expect(await pingWorks(b)).toBe(false);
    expect((await b.exec('lan1', 'ping -c 1 192.168.1.1')).output).toContain('1 received');
    expect((await b.verb('config rollback 1')).code).toBe(0);
    await b.advance(1000);
    expect(b.router.plugins.info('nat')!.state).toBe('active');
    expect(await pingWorks(b)).toBe(true);
  });
});
