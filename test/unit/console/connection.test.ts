import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Connection, type Known } from '../../../kernel/console/connection.ts';
import { admin, FakeChannel, owner, rig, viewer } from './rig.ts';

function open(known: Known | undefined = owner) {
  const all = rig();
  const channel = new FakeChannel();
  let gone = 0;
  const connection = new Connection(channel, all.services, known, () => { gone++; });
  return { ...all, channel, connection, gone: () => gone };
}
const stranger = () => {
  const all = rig();
  const channel = new FakeChannel();
  const connection = new Connection(channel, all.services, undefined, () => {});
  return { ...all, channel, connection };
};

describe('authentication', () => {
  it('welcomes who has the token, with what it may do', () => {
    const { channel } = stranger();
    channel.say({ type: 'hello', token: viewer.token });
    expect(channel.sent).toMatchObject([{ type: 'welcome', protocol: 1, version: '1.2.3', author: 'ws viewer', access: 'read', prompt: 'lancell> ', streams: ['panel:<name>', 'panels'] }]);
  });

  it('sends away who says nothing within 10 s', () => {
    const { channel, clock } = stranger();
    clock.advance(9_999);
    expect(channel.ended).toBeUndefined();
    clock.advance(1);
    expect(channel.ended).toEqual({ code: 4401, reason: 'no authentication within 10 s' });
    expect(channel.sent).toEqual([{ type: 'bye', reason: 'no authentication within 10 s' }]);
    expect(clock.next()).toBeUndefined();
  });

  it.each([['junk'], ['{}'], ['[1]'], ['null'], [{ type: 'run', id: 1, line: 'sys version' }], [{ type: 'hello', token: 'x'.repeat(300) }]])('ends at once after %j', (message) => {
    const { channel } = stranger();
    channel.say(message);
    expect(channel.ended).toBeDefined();
    expect(channel.types()).toEqual(['bye']);
  });

  it('lets a wrong token be tried three times, each answer later than the one before', () => {
    const { channel, clock } = stranger();
    channel.say({ type: 'hello', token: 'wrong' });
    expect(channel.sent).toEqual([{ type: 'error', error: 'the token is wrong', code: 1 }]);
    channel.say({ type: 'hello', token: 'wrong' });
    clock.advance(499);
    expect(channel.sent).toHaveLength(1);
    clock.advance(1);
    expect(channel.sent).toHaveLength(2);
    channel.say({ type: 'hello', token: admin.token });
    clock.advance(999);
    expect(channel.sent).toHaveLength(2);
    clock.advance(1);
    expect(channel.types()).toEqual(['error', 'error', 'welcome']);
  });

  it('ends after the third', () => {
    const { channel, clock } = stranger();
    for (let i = 0; i < 3; i++) {
      channel.say({ type: 'hello', token: 'wrong' });
      clock.advance(5000);
    }
    expect(channel.ended).toEqual({ code: 4401, reason: 'the token is wrong' });
  });

  it('holds a viewer to looking', async () => {
    const { channel, services } = open({ identity: { name: 'viewer', role: 'viewer', via: 'token' } });
    services.panels.register({ path: 'p', title: 'P', view: () => ({ kind: 'log', lines: [] }), actions: { go: () => 'gone' } }, 't');
    channel.say({ type: 'run', id: 1, line: 'sys hostname x' });
    channel.say({ type: 'act', id: 2, panel: 'p', action: 'go', input: null });
    channel.say({ type: 'lab', id: 3, host: 'lan1', argv: ['id'] });
    await channel.next('error', 3);
    expect(channel.of('error').map((e) => e.error).sort()).toEqual(["'lab exec' changes the router; a viewer may only look", "'panel p' changes the router; a viewer may only look", "'sys hostname' changes the router; a viewer may only look"]);
  });
});

describe('requests', () => {
  it('streams the output of a verb', async () => {
    const { channel } = open();
    channel.say({ type: 'run', id: 'r', line: 'count' });
    await channel.next('end');
    expect(channel.sent.slice(1)).toEqual([
      { type: 'part', id: 'r', part: '1' }, { type: 'part', id: 'r', part: { text: '2' } }, { type: 'part', id: 'r', part: '3' }, { type: 'end', id: 'r', code: 0 }]);
  });

  it('tells what was wrong, where, and what is allowed', async () => {
    const { channel, faults } = open();
    channel.say({ type: 'run', id: 1, line: 'sys x' });
    expect(await channel.next('error')).toEqual({ type: 'error', id: 1, error: "unknown word 'x'; allowed: hostname, version", code: 2, at: 4, allowed: ['hostname', 'version'] });
    channel.say({ type: 'run', id: 2, line: 'bug' });
    expect(await channel.next('error', 2)).toMatchObject({ id: 2, code: 1, error: "the verb 'bug' of plugin t failed: oops" });
    expect(faults).toHaveLength(1);
  });

  it('cancels', async () => {
    const { channel } = open();
    channel.say({ type: 'run', id: 1, line: 'hang' });
    channel.say({ type: 'run', id: 1, line: 'hang' });
    expect((await channel.next('error')).error).toBe('a verb with this id is running');
    channel.say({ type: 'cancel', id: 1 });
    expect(await channel.next('error', 2)).toMatchObject({ id: 1, code: 130 });
  });

  it('completes and helps', async () => {
    const { channel } = open();
    channel.say({ type: 'complete', id: 1, line: 'sys h' });
    expect(await channel.next('completion')).toEqual({ type: 'completion', id: 1, from: 4, to: 5, candidates: [{ word: 'hostname', help: 'name' }], hint: '' });
    channel.say({ type: 'help', id: 2, line: 'sys ?' });
    expect((await channel.next('help')).parts).toEqual([{ columns: ['word', 'meaning'], rows: [['hostname', 'name'], ['version', 'version']] }]);
  });

  it('serves the lab', async () => {
    const { channel, services } = open();
    channel.say({ type: 'lab', id: 1, host: 'lan1', argv: ['id'] });
    expect((await channel.next('error')).error).toBe('this router does not run in a lab');
    const door = services.lab.open((host) => (host === 'lan1' ? { spawn: ['nsenter', '-n'] } : { output: 'hi', code: 3 }));
    channel.say({ type: 'lab', id: 2, host: 'lan1', argv: ['id'] });
    expect(await channel.next('spawn')).toEqual({ type: 'spawn', id: 2, argv: ['nsenter', '-n'] });
    channel.say({ type: 'lab', id: 3, host: 'v', argv: ['id'] });
    expect(await channel.next('output')).toEqual({ type: 'output', id: 3, output: 'hi', code: 3 });
    door.dispose();
  });

  it('forgives some junk, not all of it', () => {
    const { channel } = open();
    for (let i = 0; i < 10; i++) channel.say({ type: 'dance', id: 7 });
    expect(channel.of('error')).toHaveLength(10);
    expect(channel.of('error')[0]).toMatchObject({ id: 7, code: 2 });
    channel.say('{');
    expect(channel.ended).toEqual({ code: 1008, reason: 'not JSON' });
  });

  it('never throws, whatever arrives', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.json(), fc.record({ type: fc.constantFrom('run', 'subscribe', 'help', 'complete', 'cancel', 'act', 'lab', 'panels', 'hello', 'unsubscribe'), id: fc.anything(), line: fc.anything(), stream: fc.anything(), filter: fc.anything() }).map((m) => JSON.stringify(m) ?? ''))), (messages) => {
      const { channel } = open();
      for (const m of messages) channel.say(m);
    }), { numRuns: 100 });
  });

  it('gives everything back when the client goes', () => {
    const { channel, streams, clock, gone } = open();
    let held = 0;
    streams.source('s', () => { held++; return { dispose: () => { held--; } }; });
    channel.say({ type: 'subscribe', id: 1, stream: 's' });
    channel.say({ type: 'run', id: 2, line: 'hang' });
    expect(held).toBe(1);
    channel.hangUp();
    expect([held, gone(), clock.next()]).toEqual([0, 1, undefined]);
  });
});

describe('a reader that never reads', () => {
  function flooding() {
    const all = open();
    let push: (item: unknown) => void = () => {};
    all.streams.source('s', (_f, p) => { push = p; return { dispose: () => {} }; }, { keep: 10 });
    all.channel.say({ type: 'subscribe', id: 1, stream: 's' });
    return { ...all, push: (item: unknown) => push(item) };
  }

  it('costs a bounded queue, and is told what it missed', async () => {
    const { channel, push } = flooding();
    channel.buffered = 100_000;
    for (let i = 0; i < 1000; i++) push(i);
    await Promise.resolve();
    expect(channel.of('items')).toEqual([]);
    channel.drain();
    expect(channel.of('items')).toEqual([{ type: 'items', id: 1, missed: 990, items: [990, 991, 992, 993, 994, 995, 996, 997, 998, 999] }]);
    push('next');
    await Promise.resolve();
    expect(channel.of('items')[1]).toEqual({ type: 'items', id: 1, missed: 0, items: ['next'] });
  });

  it('never has more than the limit and one message waiting in its channel', async () => {
    const { channel, push } = flooding();
    channel.stuck = true;
    for (let i = 0; i < 5000; i++) {
      push('y'.repeat(1000));
      if (i % 10 === 9) await Promise.resolve();
    }
    expect(channel.buffered).toBeLessThan(64 * 1024 + 64 * 1100);
  });

  it('sends items pushed in one go in one message', async () => {
    const { channel, push } = flooding();
    push(1);
    push(2);
    await Promise.resolve();
    expect(channel.of('items')).toMatchObject([{ items: [1, 2] }]);
  });

  it('loses parts of a flood of output, and is told so at the end', async () => {
    const { channel } = open();
    channel.stuck = true;
    channel.say({ type: 'run', id: 1, line: 'flood' });
    const end = await channel.next('end');
    expect(channel.of('part').length + (end.missed ?? 0)).toBe(100);
    expect(end.missed).toBeGreaterThan(70);
    expect(channel.buffered).toBeLessThan(5 * 1024 * 1024);
  });

  it('is sent away when it keeps asking', () => {
    const { channel } = open();
    channel.buffered = 20 * 1024 * 1024;
    channel.say({ type: 'panels', id: 1 });
    expect(channel.ended).toEqual({ code: 4429, reason: 'this client does not read what it asked for' });
  });
});

describe('subscriptions', () => {
  it('names the streams there are', () => {
    const { channel, streams } = open();
    streams.source('log', () => ({ dispose: () => {} }));
    channel.say({ type: 'subscribe', id: 1, stream: 'lug' });
    expect(channel.of('error')).toEqual([{ type: 'error', id: 1, code: 1, error: "there is no stream 'lug'; there are: log, panel:<name>, panels" }]);
  });

  it('ends when asked, and when the source goes', () => {
    const { channel, streams } = open();
    const filters: unknown[] = [];
    const source = streams.source('s', (filter) => { filters.push(filter); return { dispose: () => {} }; });
    channel.say({ type: 'subscribe', id: 1, stream: 's', filter: { level: 'warn' } });
    channel.say({ type: 'subscribe', id: 1, stream: 's' });
    channel.say({ type: 'subscribe', id: 2, stream: 's' });
    channel.say({ type: 'unsubscribe', id: 1 });
    channel.say({ type: 'unsubscribe', id: 1 });
    source.dispose();
    expect(channel.sent.slice(1)).toMatchObject([
      { type: 'subscribed', id: 1, stream: 's' }, { type: 'error', id: 1, error: 'a subscription with this id exists' }, { type: 'subscribed', id: 2 },
      { type: 'closed', id: 1, why: 'unsubscribed' }, { type: 'error', id: 1 }, { type: 'closed', id: 2, why: "the source of 's' went away" }]);
    expect(filters).toEqual([{ level: 'warn' }, {}]);
  });

  it('reports a source that throws, and one that ends at once', () => {
    const { channel, streams } = open();
    let disposed = 0;
    streams.source('bad', () => { throw new Error('no'); });
    streams.source('brief', (_f, _p, _r, end) => { end('over'); return { dispose: () => { disposed++; } }; });
    channel.say({ type: 'subscribe', id: 1, stream: 'bad' });
    channel.say({ type: 'subscribe', id: 2, stream: 'brief' });
    expect(channel.sent.slice(2)).toMatchObject([{ type: 'error', id: 1, error: 'no' }, { type: 'subscribed', id: 2 }, { type: 'closed', id: 2, why: 'over' }]);
    expect(disposed).toBe(1);
  });

  it('has a bound', () => {
    const { channel, streams } = open();
    streams.source('s', () => ({ dispose: () => {} }));
    for (let i = 0; i < 65; i++) channel.say({ type: 'subscribe', id: i, stream: 's' });
    expect(channel.of('error')).toMatchObject([{ id: 64, error: '64 subscriptions are the most' }]);
  });
});
