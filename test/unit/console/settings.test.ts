import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { Config } from '../../../kernel/config/commit.ts';
import type { ConfigProblem } from '../../../kernel/config/section.ts';
import { memoryStore } from '../../../kernel/config/store.ts';
import { Connection } from '../../../kernel/console/connection.ts';
import { SettingsDesk, withKeys } from '../../../kernel/console/settings.ts';
import { z } from '../../../sdk/index.ts';
import { FakeChannel, owner, rig } from './rig.ts';

const schema = z.object({
  name: z.string().max(8).default('router').meta({ title: 'Name', help: 'what it is called' }),
  lease: z.int().min(60).default(3600).meta({ unit: 's' }),
  psk: z.string().default('').meta({ secret: true }),
  pin: z.string().min(4).optional(),
  users: z.array(z.object({ user: z.string(), password: z.string().min(4).optional(), level: z.int().default(1) })).default([]),
  ports: z.object({ low: z.int().default(1), high: z.int().default(9) }).prefault({}),
}).meta({ title: 'A plugin' });
type Settings = z.infer<typeof schema>;

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function desk() {
  const clock = new VirtualClock();
  const config = await Config.open({ store: memoryStore(), clock, log: quiet, bus: { emit() {} } });
  const attached = config.attach({
    id: 'area.thing', version: 1, schema,
    verify: (mine) => ((mine as Settings).ports.low > (mine as Settings).ports.high ? [{ path: ['ports', 'low'], message: 'above high' }] : []),
  });
  return { clock, config, attached, desk: new SettingsDesk(config) };
}
const running = (config: Config) => config.running<Settings>('area.thing');

describe('settings for remote faces', () => {
  it('gives the schema with title, unit and help, and never shows a secret', async () => {
    const { desk: d, config } = await desk();
    await d.set('area.thing.psk', 'geheim-psk', 'a');
    d.set(['area.thing', 'users', 0], { user: 'anna', password: 'geheim-pw' }, 'a');
    await d.commit('a');
    expect(running(config).psk).toBe('geheim-psk');
    const told = JSON.stringify([d.schema('area.thing'), d.show('area.thing'), d.diff(1), d.history(), d.entry(0)]);
    expect(told).not.toContain('geheim');
    const { properties } = d.schema('area.thing').schema as { properties: Record<string, Record<string, unknown>> };
    expect(properties['name']).toMatchObject({ title: 'Name', help: 'what it is called', default: 'router', maxLength: 8 });
    expect(properties['lease']).toMatchObject({ unit: 's', minimum: 60 });
    expect(properties['lease']).not.toHaveProperty('maximum', Number.MAX_SAFE_INTEGER);
    expect(properties['psk']).toMatchObject({ writeOnly: true });
    expect(properties['psk']).not.toHaveProperty('default');
    expect(properties['pin']).toMatchObject({ writeOnly: true });
    expect(d.show('area.thing').running).toMatchObject({ psk: true, users: [{ user: 'anna', password: true, level: 1 }] });
    const { running: some, set } = d.show('area.thing', 'none of them');
    expect([some, set]).toEqual([expect.not.objectContaining({ users: expect.anything() }), expect.not.objectContaining({ users: expect.anything() })]);
    expect(some).toMatchObject({ psk: true, name: 'router' });
    expect(d.show('area.thing', 'users').running).toEqual(expect.objectContaining({ psk: true, users: [{ user: 'anna', password: true, level: 1 }] }));
  });

  it('keeps a secret that is sent back as it was shown, replaces and clears it', async () => {
    const { desk: d, config } = await desk();
    d.set('area.thing', { psk: 'first' }, 'a');
    await d.commit('a');
    const shown = d.show('area.thing').candidate as Record<string, unknown>;
    expect(d.set('area.thing', { ...shown, name: 'other' }, 'a').changes.map((c) => c.words)).toEqual(['area.thing.name: router → other']);
    expect(d.set('area.thing.psk', '', 'a').changes).toEqual([]);
    await d.commit('a');
    expect(running(config)).toMatchObject({ psk: 'first', name: 'other' });
    expect(d.set('area.thing.psk', 'second', 'a').changes).toEqual([{ section: 'area.thing', path: 'area.thing.psk', secret: true, words: 'area.thing.psk: (changed)' }]);
    await d.commit('a');
    expect(running(config).psk).toBe('second');
    d.set(['area.thing', 'psk'], null, 'a');
    await d.commit('a');
    expect(running(config).psk).toBe('');
    expect(() => d.set('area.thing.psk', true, 'a')).toThrow('type it again');
  });

  it('finds the secrets of a list again that was sorted, edited and shortened', async () => {
    const { desk: d, config } = await desk();
    const of = () => running(config).users.map((u) => `${u.user}:${u.password ?? ''}:${u.level}`);
    d.set('area.thing.users', [{ user: 'a', password: 'aaaa' }, { user: 'b', password: 'bbbb' }, { user: 'c', password: 'cccc' }], 'x');
    await d.commit('x');
    d.set('area.thing.users', [{ user: 'c', password: true, level: 1 }, { user: 'a', password: true, level: 5 }], 'x');
    await d.commit('x');
    expect(of()).toEqual(['c:cccc:1', 'a:aaaa:5']);
    // A renamed one keeps its place, and with it its password.
    d.set('area.thing.users', [{ user: 'c', password: true }, { user: 'anna', password: '', level: 5 }], 'x');
    await d.commit('x');
    expect(of()).toEqual(['c:cccc:1', 'anna:aaaa:5']);
    expect(() => d.set('area.thing.users', [{ user: 'new', password: true }], 'x')).toThrow('type it again');
    d.set('area.thing.users', [{ user: 'c', password: null }], 'x');
    await d.commit('x');
    expect(of()).toEqual(['c::1']);
  });

  it('refuses what can never fit, with the way to the field, and tells what does not fit together', async () => {
    const { desk: d } = await desk();
    try {
      d.set('area.thing', { lease: 5, users: [{ user: 7 }] }, 'a');
      expect.unreachable();
    } catch (e) {
      expect((e as ConfigProblem).fields.map((f) => withKeys(f).keys)).toEqual([['lease'], ['users', 0, 'user']]);
    }
    expect(d.diff()).toMatchObject({ changes: [], authors: [], since: null, confirmBy: null });
    const { changes, problems } = d.set('area.thing.ports.low', 20, 'a');
    expect(changes).toHaveLength(1);
    expect(problems).toEqual([{ section: 'area.thing', path: 'area.thing.ports.low', keys: ['ports', 'low'], message: 'above high' }]);
    await expect(d.commit('a')).rejects.toThrow('above high');
    expect(d.discard()).toBe(true);
    for (const hostile of [JSON.parse('{"__proto__": {"x": 1}}'), JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`), { name: Number.POSITIVE_INFINITY }]) expect(() => d.set('area.thing', hostile, 'a')).toThrow();
    expect(() => d.set('area.thing.nothing', 1, 'a')).toThrow(/no (setting|'nothing')/);
    expect(d.diff().changes).toEqual([]);
  });
});

describe('what is shown', () => {
  const user = fc.record({ user: fc.constantFrom('a', 'b', 'c', 'd'), password: fc.option(fc.stringMatching(/^[a-z]{4,6}$/), { nil: undefined }), level: fc.integer({ min: 0, max: 2 }) }, { requiredKeys: ['user'] });
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('can be sent back whatever it is, and nothing changes', async () => {
    const { desk: d } = await desk();
    await fc.assert(fc.asyncProperty(fc.array(user, { maxLength: 6 }), fc.string({ maxLength: 8 }), async (users, psk) => {
      d.set(['area.thing'], plain({ users, psk }), 'a');
      await d.commit('a');
      expect(d.set(['area.thing'], plain(d.show('area.thing').candidate), 'a').changes).toEqual([]);
      expect(d.diff().changes).toEqual([]);
    }), { numRuns: 60 });
  });

  it('never moves a secret to an entry of another name when the names are different', async () => {
    const { desk: d, config } = await desk();
    const named = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
    await fc.assert(fc.asyncProperty(named, fc.gen(), async (names, g) => {
      d.set(['area.thing'], { users: names.map((user) => ({ user, password: `pw-${user}` })) }, 'a');
      await d.commit('a');
      const shown = (d.show('area.thing').candidate as unknown as { users: { level: number }[] }).users.map((u) => ({ ...u, level: g(fc.integer, { min: 0, max: 3 }) }));
      const kept = g(fc.shuffledSubarray, shown);
      d.set(['area.thing', 'users'], plain(kept), 'a');
      await d.commit('a');
      expect(running(config).users.map((u) => u.password)).toEqual(running(config).users.map((u) => `pw-${u.user}`));
    }), { numRuns: 60 });
  });
});

describe('the same over the console protocol', () => {
  const connect = async (access: 'read' | 'write') => {
    const { services } = rig();
    const { desk: d } = await desk();
    const channel = new FakeChannel();
    new Connection(channel, { ...services, settings: d }, { identity: { ...owner.identity, role: access === 'read' ? 'viewer' : 'admin' } }, () => {});
    let id = 0;
    return { channel, ask: async (message: object) => { channel.say({ id: ++id, ...message }); await channel.next('welcome'); for (;;) { const found = channel.sent.find((a) => 'id' in a && a.id === id); if (found) return found as never as { type: string; result: never; error: string; problems: unknown }; await new Promise((r) => setImmediate(r)); } } };
  };

  it('edits, commits with confirmation, and rolls back', async () => {
    const { ask } = await connect('write');
    expect(await ask({ type: 'config.sections' })).toMatchObject({ type: 'result', result: { sections: [{ id: 'area.thing', title: 'A plugin' }] } });
    expect(await ask({ type: 'config.set', path: ['area.thing', 'lease'], value: 120 })).toMatchObject({ result: { changes: [{ before: 3600, after: 120 }], problems: [] } });
    expect(await ask({ type: 'config.set', path: 'area.thing.lease', value: 'long' })).toMatchObject({ type: 'error', code: 1, problems: [{ keys: ['lease'] }] });
    expect(await ask({ type: 'config.commit', confirmMinutes: 1 })).toMatchObject({ result: { confirmBy: expect.any(Number) } });
    expect(await ask({ type: 'config.confirm' })).toMatchObject({ type: 'result' });
    expect(await ask({ type: 'config.rollback', n: 1 })).toMatchObject({ result: { changes: [{ after: 3600 }] } });
    expect(await ask({ type: 'config.history' })).toMatchObject({ result: { entries: [{ n: 0, changes: 1, note: expect.stringContaining('rollback 1') }, { n: 1 }, { n: 2 }] } });
    expect(await ask({ type: 'config.show', section: 'nothing' })).toMatchObject({ type: 'error', error: expect.stringContaining('there are: area.thing') });
  });

  it('lets a viewer look only', async () => {
    const { ask } = await connect('read');
    expect(await ask({ type: 'config.show', section: 'area.thing' })).toMatchObject({ type: 'result' });
    for (const message of [{ type: 'config.set', path: 'area.thing.lease', value: 120 }, { type: 'config.commit' }, { type: 'config.discard' }, { type: 'config.rollback', n: 1 }, { type: 'config.reset', to: 'factory' }]) {
      expect(await ask(message)).toMatchObject({ type: 'error', error: expect.stringContaining('viewer') });
    }
  });

  it('keeps a token to its areas', async () => {
    const { services } = rig();
    const { desk: d } = await desk();
    services.streams.source('log', () => ({ dispose() {} }));
    services.streams.source('flows', () => ({ dispose() {} }));
    const channel = new FakeChannel();
    new Connection(channel, { ...services, settings: d }, { identity: { name: 't', role: 'operator', via: 'token', areas: ['flow', 'area.thing'] } }, () => {});
    channel.say({ type: 'subscribe', id: 1, stream: 'flows' });
    channel.say({ type: 'subscribe', id: 2, stream: 'log' });
    channel.say({ type: 'config.set', id: 3, path: 'area.thing.lease', value: 120 });
    channel.say({ type: 'config.rollback', id: 4, n: 1 });
    expect(await channel.next('result')).toMatchObject({ id: 3 });
    expect(channel.of('subscribed').map((a) => a.id)).toEqual([1]);
    await channel.next('error', 2);
    expect(channel.of('error').map((a) => [a.id, a.error])).toEqual([[2, expect.stringContaining('this token is for flow, area.thing')], [4, expect.stringContaining('belongs to config')]]);
  });
});
