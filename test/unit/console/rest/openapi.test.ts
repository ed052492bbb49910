import { validate } from '@hyperjump/json-schema/openapi-3-1';
import { describe, expect, it } from 'vitest';
import { definePlugin, z } from '../../../../sdk/index.ts';
import { own } from '../../../sim/bed.ts';
import { faultsOf } from './openapi-check.ts';
import { served } from './rig.ts';

interface Parameter { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: { readonly default?: unknown } }
interface Described { readonly operationId: string; readonly parameters?: readonly Parameter[]; readonly responses: Record<string, { readonly content?: Record<string, unknown> }>; readonly requestBody?: { readonly content: Record<string, { readonly schema?: { readonly $ref?: string } }> }; readonly 'x-lancell-plugin'?: string }
interface Document { readonly servers: readonly { readonly url: string }[]; readonly paths: Record<string, Record<string, Described>>; readonly components: { readonly schemas: Record<string, { readonly properties?: Record<string, object> }> } }

const probe = definePlugin({
  id: 'test.probe', title: 'Probe',
  config: z.object({ tree: z.lazy(() => z.array(z.object({ name: z.string(), psk: z.string().optional() }))).default([]), level: z.int().min(1).max(9).default(1).meta({ title: 'Level', unit: 'dB', help: 'how much' }), kind: z.discriminatedUnion('at', [z.object({ at: z.literal('a'), n: z.int() }), z.object({ at: z.literal('b') })]).default({ at: 'b' }) }).meta({ title: 'Probe' }),
  setup: (ctx) => {
    ctx.command({ path: 'probe do', help: 'does', args: { n: { schema: z.int(), help: 'how often' } }, run: ({ n }) => String(n) });
    ctx.command({ path: 'probe look', help: 'looks', access: 'read', run: () => 'seen' });
    ctx.panel({ path: 'test/probe', title: 'Probe', view: () => ({ kind: 'log', lines: [] }), actions: { 'do it': () => 'done' } });
  },
});

/** What the OpenAPI Initiative's own schema of 3.1 documents says, the schemas inside them included; empty: nothing. */
async function invalid(document: unknown): Promise<string[]> {
  // Known to the library: nothing is fetched.
  const verdict = await validate('https://spec.openapis.org/oas/3.1/schema-base', document as never, 'BASIC');
  return verdict.valid ? [] : (verdict.errors ?? []).map((e) => `${e.instanceLocation}: ${e.keyword}`);
}

describe('the OpenAPI document', () => {
  it('is valid, and what a plugin brings vanishes with it', async () => {
    const { ask } = await served({ plugins: [...own, probe] });
    const get = async () => (await ask('/api/v1/openapi.json')).json as Document;
    const before = await get();
    expect(await invalid(before)).toEqual([]);
    expect(faultsOf(before)).toEqual([]);
    const all = Object.entries(before.paths).flatMap(([at, item]) => Object.entries(item).map(([method, o]) => ({ at, method, o })));
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter(({ o }) => o['x-lancell-plugin'] === 'test.probe').map(({ at, method }) => `${method} ${at}`).sort()).toEqual([
      'get /config/test.probe', 'get /config/test.probe/schema', 'get /panels/test%2Fprobe', 'get /verbs/probe/look', 'patch /config/test.probe', 'post /panels/test%2Fprobe/actions/do%20it', 'post /verbs/probe/do', 'put /config/test.probe',
    ]);
    expect(before.components.schemas['settings.test.probe']!.properties!['level']).toMatchObject({ title: 'Level', unit: 'dB', description: 'how much', minimum: 1, maximum: 9, default: 1 });
    await ask('/api/v1/plugins/test.probe/unload', { method: 'POST' });
    const after = await get();
    expect(await invalid(after)).toEqual([]);
    expect(faultsOf(after)).toEqual([]);
    expect(JSON.stringify(after)).not.toMatch(/test.probe|verbs\/probe/);
  });

  it('is told what is wrong by both checks', async () => {
    const wrong = (o: object, more: object = {}) => ({ openapi: '3.1.0', info: { title: 'x', version: '1' }, paths: { '/a/{b}': { get: { operationId: 'o', responses: { 200: { description: 'd' } }, parameters: [{ name: 'b', in: 'path', required: true, schema: { type: 'string' } }], ...o } } }, ...more });
    expect([await invalid(wrong({})), faultsOf(wrong({}))]).toEqual([[], []]);
    expect(await invalid({ ...wrong({}), openapi: '3.0.0' })).not.toEqual([]);
    expect(await invalid(wrong({ responses: { 99: {} } }))).not.toEqual([]);
    expect(await invalid(wrong({ parameters: [{ name: 'b', in: 'path', required: true, schema: { type: 'text' } }] }))).not.toEqual([]);
    for (const each of [
      wrong({ parameters: [] }), wrong({ tags: ['t'] }), wrong({ security: [{ s: [] }] }), wrong({ operationId: undefined }), wrong({ requestBody: { content: {} } }),
      wrong({ responses: { 200: { $ref: '#/components/responses/None' } } }), wrong({}, { tags: [{ name: 't' }, { name: 't' }] }), wrong({}, { components: { schemas: { s: { pattern: '(' } } } }),
    ]) expect(faultsOf(each)).toHaveLength(1);
  });

  it('is all that a client needs: it asks everything that only looks, changes a setting, commits, and rolls back', async () => {
    const { ask, router } = await served({ plugins: [...own, probe] });
    const document = (await ask('/api/v1/openapi.json')).json as Document;
    const base = document.servers[0]!.url;
    const all = Object.entries(document.paths).flatMap(([at, item]) => Object.entries(item).map(([method, o]) => ({ at, method, o })));
    const by = (id: string) => all.find(({ o }) => o.operationId === id)!;
    const asked: string[] = [];
    for (const { at, method, o } of all) {
      if (method !== 'get' || (o.parameters ?? []).some((p) => p.required)) continue;
      const bounds = (o.parameters ?? []).filter((p) => ['seconds', 'count', 'packets'].includes(p.name)).map((p) => `${p.name}=1`);
      const media = Object.keys(o.responses['200']!.content!)[0]!;
      const answer = await ask(`${base}${at}${bounds.length > 0 ? `?${bounds.join('&')}` : ''}`, { headers: { prefer: 'wait=1' } });
      expect([o.operationId, answer.status, answer.text.slice(0, 200)]).toEqual([o.operationId, expect.toSatisfy((s: number) => s === 200 || (s === 409 && o.operationId.startsWith('verb_'))), expect.anything()]);
      if (answer.status === 200) expect(answer.headers.get('content-type')).toContain(media);
      asked.push(o.operationId);
    }
    expect(asked.length).toBeGreaterThan(40);

    // A plugin whose settings have a number with bounds: found in the document, not known beforehand.
    const patch = all.find(({ method, o, at }) => method === 'patch' && at.startsWith('/config/') && o['x-lancell-plugin'] === 'test.probe')!;
    const level = document.components.schemas[`settings.${patch.o['x-lancell-plugin']}`]!.properties!['level'] as { maximum: number };
    const call = (id: string, body: unknown = {}) => ask(`${base}${by(id).at}`, { method: by(id).method, body });
    expect(await ask(`${base}${patch.at}`, { method: 'PATCH', body: { level: level.maximum + 1 } })).toMatchObject({ status: 422 });
    expect(await ask(`${base}${patch.at}`, { method: 'PATCH', body: { level: level.maximum, tree: [{ name: 'a', psk: 'p' }], kind: { at: 'a', n: 3 } } })).toMatchObject({ status: 200 });
    expect(await call('settings_commit', { note: 'from the document' })).toMatchObject({ status: 200 });
    expect(router.config.running('test.probe')).toEqual({ level: 9, tree: [{ name: 'a', psk: 'p' }], kind: { at: 'a', n: 3 } });
    expect(await call('settings_rollback', { n: 1 })).toMatchObject({ status: 200 });
    expect(router.config.running('test.probe')).toEqual({ level: 1, tree: [], kind: { at: 'b' } });
    expect(await call('verb_probe_do', { n: 7 })).toMatchObject({ status: 200, json: { parts: ['7'] } });
    expect(await call('panel_action_test_probe_do it')).toMatchObject({ status: 200 });
  });
});
