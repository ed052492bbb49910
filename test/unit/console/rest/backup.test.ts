import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BadBackup, isEncrypted, readBackup, writeBackup } from '../../../../kernel/console/backup.ts';
import type { Document } from '../../../../kernel/config/document.ts';
import { definePlugin, z } from '../../../../sdk/index.ts';
import { own } from '../../../sim/bed.ts';
import { served } from './rig.ts';

const settings: Document = { format: 1, sections: { a: { version: 1, settings: { psk: 'geheim', n: 1 } } } };
const backup = { made: 1_700_000_000_000, router: '1.0', settings };
const why = (octets: Uint8Array, passphrase?: string) => readBackup(octets, passphrase).then(() => 'read', (e: Error) => { expect(e).toBeInstanceOf(BadBackup); return e.message; });
const json = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

describe('a backup file', () => {
  it('reads back, in clear and encrypted, and never the same twice', async () => {
    expect(await readBackup(await writeBackup(backup))).toEqual(backup);
    const [one, two] = [await writeBackup(backup, 'pässwort'), await writeBackup(backup, 'pässwort')];
    expect(isEncrypted(one)).toBe(true);
    expect(one.equals(two)).toBe(false);
    expect(one.includes('geheim')).toBe(false);
    expect(await readBackup(one, 'pässwort'.normalize('NFD'))).toEqual(backup);
  });

  it('says what is wrong with any other octets', async () => {
    const sealed = await writeBackup(backup, 'right');
    expect(await why(sealed)).toContain('passphrase is missing');
    expect(await why(sealed, 'wrong')).toContain('passphrase is wrong');
    for (const cut of [8, 11, 39, 55, sealed.length - 1]) expect(await why(sealed.subarray(0, cut), 'right')).toMatch(/cut off|does not do/);
    for (const at of [12, 30, 41, sealed.length - 1]) {
      const flipped = Buffer.from(sealed);
      flipped[at]! ^= 1;
      expect(await why(flipped, 'right')).toContain('wrong, or the file was changed');
    }
    const costly = Buffer.from(sealed);
    costly[9] = 31;
    expect(await why(costly, 'right')).toContain('does not do');
    const newer = Buffer.from(sealed);
    newer[8] = 9;
    expect(await why(newer, 'right')).toContain('version 9, newer');
    const head = { kind: 'lancell-backup', version: 1, made: 1, router: '1' };
    expect(await why(json(''))).toContain('empty');
    expect(await why(Uint8Array.of(0xff, 0xfe, 0))).toContain('neither JSON');
    expect(await why(json({ ...head, settings }).subarray(0, 80))).toContain('cut off');
    expect(await why(json({ ...head, version: 2, settings }))).toContain('version 2, newer');
    expect(await why(json({ ...head, settings: { format: 7, sections: {} } }))).toContain('format 7');
    expect(await why(json({ ...head, settings: [] }))).toContain('no settings document');
    expect(await why(json([]))).toContain('no backup');
    expect(await why(json(`{"kind":"lancell-backup","version":1,"made":1,"router":"1","settings":{"format":1,"sections":{"a":{"version":1,"settings":{"__proto__":{"x":1}}}}}}`))).toContain('__proto__');
    expect(await why(json(`{"kind":"lancell-backup","version":1,"made":1,"router":"1","settings":{"format":1,"sections":{"a":{"version":1,"settings":{"x":1e999}}}}}`))).toContain('Infinity');
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    expect(await why(json(`{"kind":"lancell-backup","version":1,"made":1,"router":"1","settings":{"format":1,"sections":{"a":{"version":1,"settings":${deep}}}}}`))).toContain('deeper');
    const deeper = deep.replaceAll('{"a":', '{"a":'.repeat(10)).replaceAll('}', '}'.repeat(10));
    expect(await why(json(`{"kind":"lancell-backup","version":1,"made":1,"router":"1","settings":{"format":1,"sections":{"a":{"version":1,"settings":${deeper}}}}}`))).toContain('deeper');
    const wide = `{${Array.from({ length: 400_000 }, (_, i) => `"k${i}":${i}`).join(',')}}`;
    expect(await why(json(`{"kind":"lancell-backup","version":1,"made":1,"router":"1","settings":{"format":1,"sections":{"a":{"version":1,"settings":${wide}}}}}`))).toContain('values');
    expect(await why(new Uint8Array(9 * 1024 * 1024))).toContain('not larger');
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

const probe = definePlugin({ id: 'test.probe', config: z.object({ name: z.string().max(8).default('x'), psk: z.string().default('').meta({ secret: true }) }), setup: () => ({ reconfigure() {} }) });
const api = '/api/v1';

describe('backup and restore by REST', () => {
  it('downloads, says what a restore would change, and restores', async () => {
    const { ask, router } = await served({ plugins: [...own, probe] });
    await router.config.update<{ name: string; psk: string }>('test.probe', (d) => { d.name = 'then'; d.psk = 'geheim'; }, 'test');
    const plain = await ask(`${api}/backup`);
    expect(plain.headers.get('content-disposition')).toMatch(/^attachment; filename="lancell-[\d-]+\.json"$/);
    const sealed = await ask(`${api}/backup`, { method: 'POST', body: { passphrase: 'ü 1' } });
    await router.config.update<{ name: string; psk: string }>('test.probe', (d) => { d.name = 'now'; d.psk = 'anders'; }, 'test');
    const before = JSON.stringify(router.config.document);
    const dry = await ask(`${api}/restore?dryRun=1`, { method: 'POST', body: plain.octets });
    expect(dry).toMatchObject({ status: 200, json: { restored: false, problems: [], changes: [{ words: 'test.probe.name: now → then' }, { words: 'test.probe.psk: (changed)' }] } });
    expect(dry.text).not.toMatch(/geheim|anders/);
    expect(JSON.stringify(router.config.document)).toBe(before);
    expect(await ask(`${api}/restore`, { method: 'POST', body: sealed.octets })).toMatchObject({ status: 422, json: { error: expect.stringContaining('passphrase is missing') } });
    expect(await ask(`${api}/restore`, { method: 'POST', body: sealed.octets, headers: { 'lancell-passphrase': 'no' } })).toMatchObject({ status: 422 });
    expect(await ask(`${api}/restore`, { method: 'POST', body: sealed.octets, headers: { 'lancell-passphrase': '%' } })).toMatchObject({ status: 400 });
    expect(JSON.stringify(router.config.document)).toBe(before);
    expect(await ask(`${api}/restore`, { method: 'POST', body: sealed.octets, headers: { 'lancell-passphrase': encodeURIComponent('ü 1') } })).toMatchObject({ status: 200, json: { restored: true } });
    expect(router.config.running('test.probe')).toEqual({ name: 'then', psk: 'geheim' });
    expect(router.config.history()[0]).toMatchObject({ author: 'ws admin', note: expect.stringContaining('restored: backup of') });
  });

  it('restores nothing when anything does not fit', async () => {
    const { ask, router } = await served({ plugins: [...own, probe] });
    const before = JSON.stringify(router.config.document);
    const of = (sections: unknown) => json({ kind: 'lancell-backup', version: 1, made: 1, router: '9', settings: { format: 1, sections } });
    const wrong = of({ 'test.probe': { version: 1, settings: { name: 'much too long', psk: 'p' } }, gone: { version: 1, settings: { a: 1 } } });
    expect(await ask(`${api}/restore?dryRun=1`, { method: 'POST', body: wrong })).toMatchObject({ status: 200, json: { restored: false, problems: [{ section: 'test.probe', keys: ['name'] }], notes: expect.arrayContaining([expect.stringContaining('gone are kept')]) } });
    expect(await ask(`${api}/restore`, { method: 'POST', body: wrong })).toMatchObject({ status: 422, json: { problems: [{ keys: ['name'] }], restored: false } });
    expect(await ask(`${api}/restore`, { method: 'POST', body: of({ 'test.probe': { version: 5, settings: { name: 'a' } } }) })).toMatchObject({ status: 422, json: { problems: [{ message: expect.stringContaining('newer') }] } });
    expect(await ask(`${api}/restore`, { method: 'POST', body: new Uint8Array(8 * 1024 * 1024 + 1) })).toMatchObject({ status: 413 });
    expect(await ask(`${api}/restore`, { method: 'POST', body: json('[') })).toMatchObject({ status: 422 });
    expect(JSON.stringify(router.config.document)).toBe(before);
    expect(router.config.diff()).toEqual([]);
  });

  it('does the same from the command line', async () => {
    const { verb, router, state } = await served({ plugins: [...own, probe] });
    const file = join(state, 'one.backup');
    await router.config.update<{ name: string }>('test.probe', (d) => { d.name = 'then'; }, 'test');
    expect(await verb(`config backup ${file} "long word"`)).toMatchObject({ code: 0, text: expect.stringContaining('encrypted') });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(isEncrypted(readFileSync(file))).toBe(true);
    expect(await verb(`config backup ${file}`)).toMatchObject({ code: 1, text: expect.stringContaining('EEXIST') });
    await router.config.update<{ name: string }>('test.probe', (d) => { d.name = 'now'; }, 'test');
    expect(await verb(`config restore ${file} dry "long word"`)).toMatchObject({ code: 0, text: expect.stringContaining('a restore would make 1 change') });
    expect(await verb(`config restore ${file} now wrong`)).toMatchObject({ code: 1, text: expect.stringContaining('passphrase is wrong') });
    expect(router.config.running('test.probe')).toMatchObject({ name: 'now' });
    expect(await verb(`config restore ${file} now "long word"`)).toMatchObject({ code: 0, text: expect.stringContaining('restored, 1 change') });
    expect(router.config.running('test.probe')).toMatchObject({ name: 'then' });
    expect(await verb('config restore /nowhere/at/all')).toMatchObject({ code: 1, text: expect.stringContaining('ENOENT') });
  });
});
