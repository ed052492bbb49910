import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { Tokens } from '../../../../kernel/console/tokens.ts';
import { temporary } from '../rig.ts';
import { served } from './rig.ts';

const warnings: string[] = [];
const log = { debug() {}, info() {}, warn() {}, error: (_f: object, msg: string) => void warnings.push(msg) };
const open = (directory: string) => Tokens.open(directory, new VirtualClock(), log);

describe('tokens', () => {
  it('are kept as hashes, come back after a restart, and go for good', async () => {
    const directory = temporary();
    const tokens = await open(directory);
    const token = await tokens.add({ name: 'grafana', role: 'viewer', areas: ['metrics'], by: 'test' });
    expect(token).toMatch(/^lct_[\w-]{43}$/);
    const file = join(directory, 'tokens.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(token.slice(4));
    const again = await open(directory);
    expect(again.find(token)).toMatchObject({ name: 'grafana', access: 'read', role: 'viewer', areas: ['metrics'] });
    expect(again.find(`${token}x`)).toBeUndefined();
    expect(again.list()).toMatchObject([{ name: 'grafana', used: expect.any(Number) }]);
    await expect(again.add({ name: 'grafana', role: 'admin', by: 'test' })).rejects.toThrow('already');
    await again.remove('grafana');
    expect(again.find(token)).toBeUndefined();
    expect((await open(directory)).list()).toEqual([]);
    await expect(again.remove('grafana')).rejects.toThrow('no token');
  });

  it('puts a file aside that is not one of tokens', async () => {
    for (const text of ['{', '[]', '{"format":1,"tokens":[{"name":"x","role":"god"}]}']) {
      const directory = temporary();
      writeFileSync(join(directory, 'tokens.json'), text);
      expect((await open(directory)).list()).toEqual([]);
      expect(existsSync(join(directory, 'tokens.json.bad'))).toBe(true);
    }
    expect(warnings).toHaveLength(3);
  });

  it('are made, listed and removed by REST and by verbs, for administrators', async () => {
    const { ask, verb } = await served();
    const made = await ask('/api/v1/tokens', { method: 'POST', body: { name: 'ci', role: 'operator', areas: ['config'] } });
    const { token } = made.json as { token: string };
    expect((await ask('/api/v1/config', { token })).status).toBe(200);
    expect((await ask('/api/v1/tokens', { token })).status).toBe(403);
    const listed = await ask('/api/v1/tokens');
    expect(listed.json).toMatchObject({ tokens: expect.arrayContaining([expect.objectContaining({ name: 'ci', by: 'ws admin', areas: ['config'] })]) });
    expect(listed.text).not.toMatch(/lct_|hash/);
    expect(await verb('sys token list')).toMatchObject({ text: expect.stringContaining('ci') });
    expect(await verb('sys token remove ci')).toMatchObject({ code: 0 });
    expect((await ask('/api/v1/config', { token })).status).toBe(401);
    expect(await verb('sys token add other viewer metrics flow')).toMatchObject({ text: expect.stringContaining('lct_') });
    expect(await verb('sys token add third god')).toMatchObject({ code: 2 });
    expect(await verb('sys token add fourth viewer no/area')).toMatchObject({ code: 1 });
    expect(await ask('/api/v1/tokens/nobody', { method: 'DELETE' })).toMatchObject({ status: 404 });
    expect(await ask('/api/v1/tokens/other', { method: 'DELETE' })).toMatchObject({ status: 204 });
  });
});
