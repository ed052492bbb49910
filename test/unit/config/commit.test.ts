import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { VirtualClock } from '../../../kernel/clock.ts';
import { inWords } from '../../../kernel/config/diff.ts';
import { ConfigProblem } from '../../../kernel/config/section.ts';
import { CommitFailed } from '../../../kernel/config/transaction.ts';
import { CliError } from '../../../sdk/cli.ts';
import { ike, lan, rig, settled, temporaryDir } from './rig.ts';

interface Lan { mtu: number; dns: string[]; interfaces: Record<string, { ip: string; bits: number }>; wifi: { psk: string; key: string } }

describe('a commit', () => {
  it('puts the candidate into force, tells the diff, the history and the bus', async () => {
    const { config, events, clock } = await rig();
    const section = lan();
    config.attach(section);
    expect(config.set('lan', ['interfaces', 'lan', 'ip'], '192.168.10.1', 'terminal').map(inWords)).toEqual(['lan.interfaces.lan.ip: 192.168.1.1 → 192.168.10.1']);
    expect(config.running<Lan>('lan').interfaces['lan']?.ip).toBe('192.168.1.1');
    expect(config.diff().map(inWords)).toEqual(['lan.interfaces.lan.ip: 192.168.1.1 → 192.168.10.1']);
    clock.advance(5000);
    await config.commit({ author: 'terminal', note: 'moved' });
    expect(config.running<Lan>('lan').interfaces).toEqual({ lan: { ip: '192.168.10.1', bits: 24 }, dmz: { ip: '192.168.2.1', bits: 24 } });
    expect(section.applied).toHaveLength(1);
    expect(events).toEqual([{ author: 'terminal', changed: ['lan'] }]);
    expect(config.history()[0]).toMatchObject({ author: 'terminal', note: 'moved', time: clock.wall() });
    expect(config.diff()).toEqual([]);
    expect((await config.commit({ author: 'x' })).changes).toEqual([]);
    expect(config.history()).toHaveLength(2);
  });

  it('gives back defaults on delete and drops entries', async () => {
    const { config } = await rig();
    config.attach(lan());
    const remove = (...keys: (string | number)[]) => config.delete('lan', keys, 't');
    config.set('lan', ['interfaces', 'lan', 'ip'], '10.0.0.1', 't');
    config.set('lan', ['interfaces', 'guest', 'ip'], '10.3.0.1', 't');
    config.set('lan', ['dns', 1], '8.8.8.8', 't');
    config.set('lan', ['wifi', 'key'], 'zzz', 't');
    await config.commit({ author: 't' });
    expect(config.running<Lan>('lan').dns).toEqual(['192.168.1.1', '8.8.8.8']);
    remove('interfaces', 'lan', 'ip'); remove('interfaces', 'guest'); remove('dns', 1); remove('wifi', 'key');
    await config.commit({ author: 't' });
    expect(config.document.sections).toEqual({});
    remove('interfaces', 'dmz');
    await config.commit({ author: 't' });
    expect(Object.keys(config.running<Lan>('lan').interfaces)).toEqual(['lan']);
    remove('interfaces');
    await config.commit({ author: 't' });
    expect(Object.keys(config.running<Lan>('lan').interfaces)).toEqual(['lan', 'dmz']);
    expect(() => remove('nonsense')).toThrow(CliError);
  });

  it('tells no secret, wherever it lies', async () => {
    const dir = temporaryDir();
    const { config } = await rig(dir);
    const held = config.attach(lan());
    config.set('lan', ['wifi', 'psk'], 'hunter22', 't');
    config.set('lan', ['wifi', 'key'], 'hunter23', 't');
    expect(config.diff().map(inWords)).toEqual(['lan.wifi.psk: (changed)', 'lan.wifi.key: (changed)']);
    await config.commit({ author: 't' });
    expect(JSON.stringify(config.history().map((e) => e.changes))).not.toContain('hunter');
    // With the plugin gone nobody knows that `key` is secret.
    await held.dispose();
    await config.rollback(1, 't');
    expect(JSON.stringify(config.history().map((e) => e.changes))).not.toContain('hunter');
    await config.close();
  });

  it('refuses what does not parse or verify, lists every field, and keeps the candidate', async () => {
    const { config } = await rig();
    const section = lan({ verify: (mine, all) => ((mine as Lan).mtu > 1400 && 'vpn.ike' in all ? [{ path: ['mtu'], message: 'must be at most 1400 while vpn.ike runs' }] : []) });
    config.attach(section);
    config.set('lan', ['mtu'], 12, 't');
    config.set('lan', ['dns'], ['x'], 't');
    const problem = await config.commit({ author: 't' }).catch((e: unknown) => e) as ConfigProblem;
    expect(problem).toBeInstanceOf(ConfigProblem);
    expect(problem.fields.map((f) => f.path)).toEqual(['lan.mtu', 'lan.dns[0]']);
    expect(config.check().map((f) => f.path)).toEqual(['lan.mtu', 'lan.dns[0]']);
    config.delete('lan', ['dns'], 't');
    config.set('lan', ['mtu'], 1500, 't');
    config.set('lan', ['name'], 'x', 't');
    config.attach(ike());
    await expect(config.commit({ author: 't' })).rejects.toThrow('lan.mtu: must be at most 1400 while vpn.ike runs');
    expect(section.applied).toEqual([]);
    expect(config.discard()).toBe(true);
    expect(config.discard()).toBe(false);
  });

  it('counts a check that throws as a problem of its plugin', async () => {
    const { config } = await rig();
    config.attach(lan({ verify: () => { throw new Error('oops'); } }));
    config.set('lan', ['mtu'], 1400, 't');
    await expect(config.commit({ author: 't' })).rejects.toThrow('lan: its check failed: oops');
  });

  it('restores every section when one in the middle does not take its settings', async () => {
    const { config, events } = await rig();
    const calls: string[] = [];
    const part = (id: string, fails = false) => ({
      id, version: 1, schema: z.object({ n: z.number().default(0) }),
      apply: async (next: unknown) => { const { n } = next as { n: number }; calls.push(`${id}=${n}`); if (fails && n > 0) throw new Error('no such link'); },
    });
    for (const s of [part('a'), part('b', true), part('c')]) config.attach(s);
    for (const id of ['a', 'b', 'c']) config.set(id, ['n'], 1, 't');
    const failed = await config.commit({ author: 't' }).catch((e: unknown) => e) as CommitFailed;
    expect(failed).toBeInstanceOf(CommitFailed);
    expect(failed.message).toBe('b did not take its settings: no such link; nothing was changed; restored: b, a');
    expect(calls).toEqual(['a=1', 'b=1', 'b=0', 'a=0']);
    expect(['a', 'b', 'c'].map((id) => config.running<{ n: number }>(id).n)).toEqual([0, 0, 0]);
    expect(events).toEqual([]);
    expect(config.history()).toHaveLength(1);
    expect(config.diff()).toHaveLength(3);
  });

  it('says which section did not take its old settings back either', async () => {
    const { config } = await rig();
    config.attach({ id: 'a', version: 1, schema: z.object({ n: z.number().default(0) }), apply: () => { throw new Error('broken'); } });
    config.set('a', ['n'], 1, 't');
    const failed = await config.commit({ author: 't' }).catch((e: unknown) => e) as CommitFailed;
    expect(failed.lost).toEqual([{ id: 'a', why: 'broken' }]);
  });

  it('gives up on a section that never answers', async () => {
    const { config, clock } = await rig();
    config.attach(lan({ apply: (next) => ((next as Lan).mtu === 1400 ? new Promise<void>(() => {}) : undefined) }));
    config.set('lan', ['mtu'], 1400, 't');
    const result = config.commit({ author: 't' }).catch((e: unknown) => e);
    await settled();
    clock.advance(30_000);
    expect(String(await result)).toMatch(/lan did not take its settings: not done within 30 s/);
    expect(clock.next()).toBeUndefined();
  });

  it('restores everything when the disk fails', async () => {
    const dir = temporaryDir();
    const section = lan();
    let full = false;
    const { config } = await rig(dir, new VirtualClock(), (store) => new Proxy(store, {
      get: (target, name) => name === 'writeConfig' && full ? async () => { full = false; throw new Error('ENOSPC'); } : typeof target[name as 'load'] === 'function' ? target[name as 'load'].bind(target) : target[name as 'load'],
    }));
    config.attach(section);
    config.set('lan', ['mtu'], 1400, 't');
    full = true;
    await expect(config.commit({ author: 't', confirmMinutes: 1 })).rejects.toThrow(/could not be stored: ENOSPC/);
    expect(section.applied.map((a) => (a as Lan).mtu)).toEqual([1400, 1500]);
    expect(readdirSync(join(dir, 'history'))).toHaveLength(1);
    expect(existsSync(join(dir, 'pending.json'))).toBe(false);
    await config.commit({ author: 't' });
    expect(config.running<Lan>('lan').mtu).toBe(1400);
    await config.close();
  });

  it('queues a second commit, which sees the first one whole', async () => {
    const { config } = await rig();
    let release = (): void => {};
    const seen: number[] = [];
    config.attach(lan({ apply: async (next) => { seen.push((next as Lan).mtu); await new Promise<void>((r) => { release = r; }); } }));
    const first = config.update<Lan>('lan', (d) => { d.mtu = 1400; }, 'a');
    const second = config.update<Lan>('lan', (d) => { d.mtu = d.mtu - 100; }, 'b');
    await settled();
    expect(seen).toEqual([1400]);
    release();
    await first;
    await settled();
    expect(seen).toEqual([1400, 1300]);
    release();
    await second;
    expect(config.running<Lan>('lan').mtu).toBe(1300);
  });

  it('lets a plugin come anew while it is being applied', async () => {
    const { config } = await rig();
    let held = config.attach(lan());
    await held.dispose();
    const inside: number[] = [];
    const reloading = lan({ apply: async () => { await held.dispose(); held = config.attach(lan()); inside.push(config.running<Lan>('lan').mtu); } });
    held = config.attach(reloading);
    config.attach(ike({ apply: () => { throw new Error('no'); } }));
    await config.update<Lan>('lan', (d) => { d.mtu = 1400; }, 't');
    expect(inside).toEqual([1400]);
    expect(config.running<Lan>('lan').mtu).toBe(1400);
    config.set('lan', ['mtu'], 1300, 't');
    config.set('vpn.ike', ['life'], 90, 't');
    await expect(config.commit({ author: 't' })).rejects.toThrow(CommitFailed);
    expect(config.running<Lan>('lan').mtu).toBe(1400);
  });

  it('tells a plugin that came during a commit what it missed', async () => {
    const { config } = await rig();
    config.attach(ike());
    const held = config.attach(lan());
    config.set('lan', ['mtu'], 1400, 't');
    await config.commit({ author: 't' });
    await held.dispose();
    const late = lan();
    config.attach({ id: 'a', version: 1, schema: z.object({ n: z.number().default(1) }), apply: (next) => { if ((next as { n: number }).n === 1) config.attach(late); } });
    config.set('a', ['n'], 2, 't');
    await config.commit({ author: 't' });
    await config.rollback(2, 't');
    expect(config.running<Lan>('lan').mtu).toBe(1500);
    expect(late.applied).toHaveLength(1);
  });

  it('keeps the candidate beside an update by a plugin', async () => {
    const { config } = await rig();
    config.attach(lan());
    config.set('lan', ['mtu'], 1400, 'alice');
    config.set('lan', ['name'], 'x', 'bob');
    expect(config.candidate.authors).toEqual(['alice', 'bob']);
    await config.update<Lan>('lan', (d) => { d.dns.push('8.8.8.8'); delete d.interfaces['dmz']; }, 'plugin');
    expect(config.running<Lan>('lan')).toMatchObject({ mtu: 1500, dns: ['192.168.1.1', '8.8.8.8'], interfaces: { lan: { ip: '192.168.1.1' } } });
    expect(config.document.sections['lan']?.settings).toEqual({ dns: ['192.168.1.1', '8.8.8.8'], interfaces: { lan: { ip: '192.168.1.1', bits: 24 } } });
    expect(config.diff().map(inWords)).toEqual(['lan.mtu: 1500 → 1400', 'lan.name: null → x']);
    await config.commit({ author: 'alice' });
    expect(config.running<Lan>('lan')).toMatchObject({ mtu: 1400, dns: ['192.168.1.1', '8.8.8.8'] });
    await expect(config.update<Lan>('lan', (d) => { d.mtu = 3; }, 'plugin')).rejects.toThrow(ConfigProblem);
    await expect(config.update('nat', () => {}, 'plugin')).rejects.toThrow('the plugin nat is not loaded');
  });

  it('writes through codecs and refuses one-way transforms', async () => {
    const { config } = await rig();
    const seconds = z.codec(z.number(), z.object({ ms: z.number() }), { decode: (n) => ({ ms: n * 1000 }), encode: (o) => o.ms / 1000 });
    config.attach({ id: 'a', version: 1, schema: z.object({ t: seconds.prefault(5), b: z.boolean().default(false) }) });
    config.attach({ id: 'b', version: 1, schema: z.object({ t: z.string().transform(Number).prefault('1') }) });
    await config.update<{ t: { ms: number } }>('a', (d) => { d.t.ms = 9000; }, 't');
    expect(config.document.sections['a']?.settings).toEqual({ t: 9 });
    await expect(config.update<{ t: number }>('b', (d) => { d.t = 2; }, 't')).rejects.toThrow(/use z.codec/);
  });

  it('refuses hostile keys and values', async () => {
    const { config } = await rig();
    config.attach(lan());
    for (const keys of [['interfaces', '__proto__', 'ip'], ['__proto__', 'x'], ['interfaces', 'constructor']]) expect(() => config.set('lan', keys, 'x', 't')).toThrow(CliError);
    expect(() => config.replace('lan', JSON.parse('{"__proto__":{"x":1}}'), 't')).toThrow(CliError);
    expect(() => config.set('lan', ['mtu'], Number.NaN, 't')).toThrow(CliError);
    expect(() => config.set('lan', ['leases', 5], {}, 't')).toThrow(/next one would be \[0\]/);
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

describe('commit confirm', () => {
  it('rolls back by itself unless confirmed', async () => {
    const { config, clock, log } = await rig();
    const section = lan();
    config.attach(section);
    config.set('lan', ['mtu'], 1400, 't');
    const { confirmBy } = await config.commit({ author: 't', confirmMinutes: 5 });
    expect(confirmBy).toBe(clock.wall() + 300_000);
    await expect(config.update<Lan>('lan', (d) => { d.mtu = 1000; }, 'p')).rejects.toThrow(/waits for confirmation/);
    clock.advance(299_999);
    await settled();
    expect(config.running<Lan>('lan').mtu).toBe(1400);
    clock.advance(1);
    await settled();
    expect(config.running<Lan>('lan').mtu).toBe(1500);
    expect(section.applied.map((a) => (a as Lan).mtu)).toEqual([1400, 1500]);
    expect(config.history()[0]?.note).toBe('not confirmed in time: rolled back');
    expect(config.confirmBy).toBeUndefined();
    await expect(config.confirm()).rejects.toThrow('no commit waits');
    expect(log.lines.filter((l) => l.startsWith('error'))).toEqual([]);
    expect(clock.next()).toBeUndefined();
  });

  it('stays when confirmed, also over a restart', async () => {
    const dir = temporaryDir();
    const { config, clock } = await rig(dir);
    config.attach(lan());
    config.set('lan', ['mtu'], 1400, 't');
    await config.commit({ author: 't', confirmMinutes: 5 });
    await config.confirm();
    clock.advance(600_000);
    await settled();
    expect(config.running<Lan>('lan').mtu).toBe(1400);
    await config.close();
    const second = await rig(dir);
    second.config.attach(lan());
    expect(second.config.running<Lan>('lan').mtu).toBe(1400);
    await second.config.close();
  });

  it('rolls back at the next start when the router stopped unconfirmed', async () => {
    const dir = temporaryDir();
    const { config } = await rig(dir);
    config.attach(lan());
    config.set('lan', ['mtu'], 1400, 't');
    await config.commit({ author: 't', confirmMinutes: 5 });
    await config.close();
    for (let restart = 0; restart < 2; restart++) {
      const next = await rig(dir);
      next.config.attach(lan());
      expect(next.config.running<Lan>('lan').mtu).toBe(1500);
      expect(next.config.history()).toHaveLength(3);
      expect(existsSync(join(dir, 'pending.json'))).toBe(false);
      await next.config.close();
    }
  });

  it('tries again when the roll-back fails', async () => {
    const { config, clock } = await rig();
    let stuck = true;
    config.attach(lan({ apply: (next) => { if (stuck && (next as Lan).mtu === 1500) throw new Error('busy'); } }));
    config.set('lan', ['mtu'], 1400, 't');
    await config.commit({ author: 't', confirmMinutes: 1 });
    clock.advance(60_000);
    await settled();
    expect(config.running<Lan>('lan').mtu).toBe(1400);
    stuck = false;
    clock.advance(60_000);
    await settled();
    expect(config.running<Lan>('lan').mtu).toBe(1500);
  });

  it('is ended by an explicit roll-back', async () => {
    const { config, clock } = await rig();
    config.attach(lan());
    config.set('lan', ['mtu'], 1400, 't');
    await config.commit({ author: 't', confirmMinutes: 1 });
    await config.rollback(1, 't');
    expect(config.running<Lan>('lan').mtu).toBe(1500);
    expect(clock.next()).toBeUndefined();
  });
});

describe('sections', () => {
  it('keep the settings of a plugin that is not loaded', async () => {
    const dir = temporaryDir();
    const { config } = await rig(dir);
    const foreign = { version: 7, settings: { a: [1, { b: null }], é: 'ü', '': 0 } };
    const held = config.attach({ id: 'x', version: 7, schema: z.looseObject({}) });
    config.replace('x', foreign.settings, 't');
    await config.commit({ author: 't' });
    await held.dispose();
    config.attach(lan());
    config.set('lan', ['mtu'], 1400, 't');
    await config.commit({ author: 't' });
    expect(JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8')).sections.x).toEqual(foreign);
    expect(() => config.set('x', ['a'], 1, 't')).toThrow(/not loaded/);
    await config.close();
  });

  it('migrate old settings, and keep the stored form until somebody edits', async () => {
    const { config } = await rig();
    const old = config.attach({ id: 'a', version: 1, schema: z.object({ minutes: z.number().default(1) }) });
    config.set('a', ['minutes'], 2, 't');
    await config.commit({ author: 't' });
    await old.dispose();
    const migrations = [(s: Record<string, unknown>) => ({ seconds: Number(s['minutes']) * 60 }), (s: Record<string, unknown>) => ({ ms: Number(s['seconds']) * 1000 })];
    const schema = z.object({ ms: z.number().default(0), n: z.number().default(0) });
    const now = config.attach({ id: 'a', version: 3, schema, migrations });
    expect(config.running('a')).toEqual({ ms: 120_000, n: 0 });
    expect(config.document.sections['a']).toEqual({ version: 1, settings: { minutes: 2 } });
    expect(config.set('a', ['n'], 5, 't').map(inWords)).toEqual(['a.n: 0 → 5']);
    await config.commit({ author: 't' });
    expect(config.document.sections['a']).toEqual({ version: 3, settings: { ms: 120_000, n: 5 } });
    await now.dispose();
    expect(() => config.attach({ id: 'a', version: 1, schema: z.object({}) })).toThrow(/version 3, newer than this plugin knows \(1\)/);
    expect(() => config.attach({ id: 'a', version: 5, schema })).toThrow(/no migration from 3 to 4/);
    expect(() => config.attach({ id: 'a', version: 4, schema, migrations: [...migrations, () => { throw new Error('oops'); }] })).toThrow(/from version 3 to 4 failed: oops/);
    config.attach({ id: 'a', version: 3, schema });
    await config.rollback(1, 't').catch((e: unknown) => expect(String(e)).toMatch(/no migration/));
  });

  it('refuse stored settings that do not parse, with every field, and keep them', async () => {
    const { config } = await rig();
    const loose = config.attach({ id: 'lan', version: 1, schema: z.looseObject({}) });
    config.replace('lan', { mtu: 'big', mode: 'hub' }, 't');
    await config.commit({ author: 't' });
    await loose.dispose();
    const problem = (() => { try { config.attach(lan()); return undefined; } catch (e) { return e as ConfigProblem; } })();
    expect(problem?.fields.map((f) => f.path)).toEqual(['lan.mtu', 'lan.mode']);
    expect(config.document.sections['lan']?.settings).toEqual({ mtu: 'big', mode: 'hub' });
    expect(() => config.running('lan')).toThrow(/not loaded/);
  });

  it('are attached once, under a harmless name', async () => {
    const { config } = await rig();
    const held = config.attach(lan());
    expect(() => config.attach(lan())).toThrow(/attached already/);
    expect(() => config.attach(lan({ id: '__proto__' }))).toThrow();
    await held.dispose();
    await held.dispose();
    config.attach(lan());
  });
});

describe('defaults', () => {
  it('reset to the user-defined default where there is one, else to the factory', async () => {
    const dir = temporaryDir();
    const { config } = await rig(dir);
    config.attach(lan());
    await config.update<Lan>('lan', (d) => { d.mtu = 1400; }, 't');
    expect((await config.reset('user', 't')).to).toBe('factory');
    expect(config.running<Lan>('lan').mtu).toBe(1500);
    await config.update<Lan>('lan', (d) => { d.mtu = 1300; }, 't');
    await config.saveDefault();
    await config.update<Lan>('lan', (d) => { d.mtu = 1200; }, 't');
    expect((await config.reset('user', 'button')).to).toBe('user');
    expect(config.running<Lan>('lan').mtu).toBe(1300);
    await config.close();
    const second = await rig(dir);
    second.config.attach(lan());
    await second.config.reset('factory', 't');
    expect(second.config.running<Lan>('lan').mtu).toBe(1500);
    await second.config.reset('user', 't');
    expect(second.config.running<Lan>('lan').mtu).toBe(1300);
    await second.config.close();
  });

  it('remember fifty commits', async () => {
    const dir = temporaryDir();
    const { config } = await rig(dir);
    config.attach(lan());
    for (let i = 0; i < 60; i++) await config.update<Lan>('lan', (d) => { d.mtu = 1000 + i; }, 't');
    expect(config.history()).toHaveLength(50);
    expect(readdirSync(join(dir, 'history'))).toHaveLength(50);
    await config.rollback(49, 't');
    expect(config.running<Lan>('lan').mtu).toBe(1010);
    await expect(config.rollback(50, 't')).rejects.toThrow(/from 0 \(what runs\) to 49/);
    await expect(config.rollback(0, 't')).rejects.toThrow(/runs already/);
    await config.close();
  });
});
