import { describe, expect, it } from 'vitest';
import { createLog, type LogLine } from '../../kernel/log.ts';

describe('log', () => {
  it('keeps lines with time, level, name and fields', () => {
    const out: string[] = [];
    const log = createLog({ clock: { wall: () => 1234 }, out: line => out.push(line) });
    log.logger('vpn.ike').warn({ peer: '10.0.0.1', level: 'mine', msg: 'mine too' }, 'no answer');
    expect(log.ring.lines()).toEqual([
      { time: 1234, level: 'warn', name: 'vpn.ike', msg: 'no answer', fields: { peer: '10.0.0.1', level: 'mine', msg: 'mine too' } },
    ]);
    expect(out).toHaveLength(1);
    expect(out[0]).not.toContain('\n');
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ name: 'vpn.ike' });
  });

  it('covers secrets by key name at any depth, and only those', () => {
    const log = createLog();
    log.logger('x').info({
      password: 'a', deep: [{ wifiPsk: 'a', simPin: 1234, sim_pin: 1, API_TOKEN: 'a', apiToken: 'a', clientSecret: { a: 1 } }],
      ping: 'kept', mapping: 'kept', pinned: 'kept',
    }, 'settings');
    const text = JSON.stringify(log.ring.lines()[0]?.fields);
    expect(text.match(/\[redacted\]/g)).toHaveLength(7);
    expect(text.match(/kept/g)).toHaveLength(3);
    expect(text).not.toContain('1234');
  });

  it('survives whatever it is given', () => {
    const log = createLog();
    const circle: Record<string, unknown> = { big: 10n, sym: Symbol('s'), fn: () => 1, bytes: new Uint8Array([1, 255]), map: new Map([['k', new Set([1])]]) };
    circle.self = circle;
    const logger = log.logger('x');
    logger.error({ err: new AggregateError([new Error('inner', { cause: 'why' })], 'outer') }, 'failed');
    logger.info(circle, 'circle');
    logger.info({ get bad(): string { throw new Error('getter'); } }, 'getter');
    logger.info(undefined as unknown as object, 'nothing');
    const [failed, odd, getter, nothing] = log.ring.lines();
    expect(failed?.fields).toMatchObject({ err: { message: 'outer', errors: [{ message: 'inner', cause: 'why' }] } });
    expect(odd?.fields).toMatchObject({ big: '10', bytes: '01ff', map: { k: [1] }, fn: '[function]' });
    expect(getter?.fields).toEqual({ unreadable: 'getter' });
    expect(nothing?.msg).toBe('nothing');
  });

  it('filters by level, name and text, and keeps only so many', () => {
    const log = createLog({ level: 'debug', keep: 4 });
    for (let i = 0; i < 5; i++) log.logger('old').info({}, `line ${i}`);
    log.logger('vpn').debug({}, 'quiet');
    log.logger('vpn.ike').error({ peer: 'Berlin' }, 'loud');
    expect(log.ring.lines().map(l => l.msg)).toEqual(['line 3', 'line 4', 'quiet', 'loud']);
    expect(log.ring.lines({ name: 'vpn' }).map(l => l.msg)).toEqual(['quiet', 'loud']);
    expect(log.ring.lines({ level: 'warn' }).map(l => l.msg)).toEqual(['loud']);
    expect(log.ring.lines({ text: 'berlin' }).map(l => l.msg)).toEqual(['loud']);
    expect(log.ring.lines({ most: 1 }).map(l => l.msg)).toEqual(['loud']);
    expect(log.ring.lines({ most: 0 })).toEqual([]);
    log.level = 'error';
    log.logger('vpn').warn({}, 'not any more');
    expect(log.ring.lines({ text: 'not any more' })).toEqual([]);
  });

  it('follows until told to stop, and takes off a reader that throws', () => {
    const log = createLog();
    const heard: LogLine[] = [];
    const tail = log.ring.tail(line => heard.push(line), { level: 'warn' });
    let calls = 0;
    log.ring.tail(() => { calls++; throw new Error('bad reader'); });
    const logger = log.logger('x');
    logger.info({}, 'one');
    logger.warn({}, 'two');
    void tail.dispose();
    logger.warn({}, 'three');
    expect(heard.map(l => l.msg)).toEqual(['two']);
    expect(calls).toBe(1);
  });
});
