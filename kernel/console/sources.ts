import type { Events } from '../../sdk/events.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Bus } from '../events.ts';
import { levels, type LogFilter, type LogRing } from '../log.ts';
import type { Filter, StreamRegistry } from './streams.ts';

/** The stream `log`: the newest lines first of all (filter `most`, default 100), then every new one. */
export function logSource(streams: StreamRegistry, ring: LogRing): Disposable {
  return streams.source('log', (filter, push) => {
    const wanted = logFilter(filter);
    for (const line of ring.lines({ ...wanted, most: typeof filter['most'] === 'number' ? filter['most'] : 100 })) push(line);
    return ring.tail(push, wanted);
  });
}

function logFilter(filter: Filter): LogFilter {
  const level = levels.find((l) => l === filter['level']);
  const { name, text } = filter;
  return { ...(level === undefined ? {} : { level }), ...(typeof name === 'string' ? { name } : {}), ...(typeof text === 'string' ? { text } : {}) };
}

/** The stream `events`: `{ topic, time, event }`. Filter `topics`: a list of them; without it `usual`. */
export function eventSource(streams: StreamRegistry, bus: Bus, wall: () => number, usual: () => readonly string[]): Disposable {
  return streams.source('events', (filter, push) => {
    const asked = filter['topics'];
    const topics = Array.isArray(asked) ? asked.filter((t): t is string => typeof t === 'string').slice(0, 64) : usual();
    const held = topics.map((topic) => bus.on(topic as keyof Events, (event) => push({ topic, time: wall(), event }), 'console'));
    return { dispose: () => { for (const h of held) void h.dispose(); } };
  });
}
