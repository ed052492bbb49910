import { describe, expect, it } from 'vitest';
import { eventSource, logSource } from '../../../kernel/console/sources.ts';
import { StreamRegistry } from '../../../kernel/console/streams.ts';
import { Bus } from '../../../kernel/events.ts';
import { createLog, type LogLine } from '../../../kernel/log.ts';

describe('sources', () => {
  it('give the log, old lines first', () => {
    const streams = new StreamRegistry();
    const log = createLog({ clock: { wall: () => 0 } });
    logSource(streams, log.ring);
    const speak = log.logger('wan');
    speak.warn({}, 'one');
    speak.info({}, 'two');
    const heard: string[] = [];
    const held = streams.open('log', { level: 'warn', most: 5, name: 7 }, (line) => heard.push((line as LogLine).msg), () => {});
    speak.error({}, 'three');
    speak.info({}, 'four');
    held.dispose();
    speak.error({}, 'five');
    expect(heard).toEqual(['one', 'three']);
  });

  it('give events, those asked for or the usual ones', () => {
    const streams = new StreamRegistry();
    const bus = new Bus();
    eventSource(streams, bus, () => 7, () => ['link/up']);
    const usual: unknown[] = [];
    const asked: unknown[] = [];
    const a = streams.open('events', {}, (e) => usual.push(e), () => {});
    const b = streams.open('events', { topics: ['link/mtu', 3] }, (e) => asked.push(e), () => {});
    bus.emit('link/up', { link: 1, name: 'eth0' });
    bus.emit('link/mtu', { link: 1, name: 'eth0', mtu: 68 });
    a.dispose();
    b.dispose();
    expect(usual).toEqual([{ topic: 'link/up', time: 7, event: { link: 1, name: 'eth0' } }]);
    expect(asked).toEqual([{ topic: 'link/mtu', time: 7, event: { link: 1, name: 'eth0', mtu: 68 } }]);
    expect(bus.count()).toBe(0);
  });
});
