import type { Packet } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { describe } from '../../sdk/wire/describe.ts';
import type { Filter, StreamRegistry } from '../console/streams.ts';
import { type Level, levels } from '../log.ts';
import { openNeighbourhood } from './neighbourhood.ts';
import { matchesFlow, matchesPacket, parseFilter } from './packet-filter.ts';
import type { Router } from './router.ts';

const EVERY_MS = 1000;
const FLOWS_SENT = 200;
/** Events that are kept for those who come later. */
const EVENTS_KEPT = 200;
const TRACES_MOST = 100;
/** Octets of each captured packet that are sent along unless the subscriber asks for more. */
const SNAP = 128;

const text = (filter: Filter, key: string): string | undefined => typeof filter[key] === 'string' ? filter[key] : undefined;

/** What clients of the live console can subscribe to. */
export function kernelStreams(router: Router, streams: StreamRegistry): void {
  const { bus, clock, engine, links, log } = router;
  const name = (id: number) => links.byId(id)?.name ?? '';
  const every = (make: () => unknown, push: (item: unknown) => void): Disposable => {
    push(make());
    return clock.every(EVERY_MS, () => push(make()));
  };

  const recent: { readonly topic: string; readonly at: number; readonly event: unknown }[] = [];
  bus.tap((topic, event) => {
    recent.push({ topic, at: clock.wall(), event });
    if (recent.length > EVENTS_KEPT) recent.shift();
  }, 'live console');
  streams.source('events', (filter, push) => {
    const topic = text(filter, 'topic');
    const meant = (t: string): boolean => topic === undefined || t === topic || t.startsWith(`${topic}/`);
    const backlog = Number(filter['backlog'] ?? 0);
    if (backlog > 0) for (const each of recent.filter(e => meant(e.topic)).slice(-backlog)) push(each);
    return bus.tap((t, event) => { if (meant(t)) push({ topic: t, at: clock.wall(), event }); }, 'live console');
  });
  streams.source('log', (filter, push) => {
    const level = levels.find(l => l === filter['level']) as Level | undefined;
    const wish = { ...(level ? { level } : {}), ...(text(filter, 'name') ? { name: text(filter, 'name')! } : {}), ...(text(filter, 'text') ? { text: text(filter, 'text')! } : {}) };
    for (const line of log.ring.lines({ ...wish, most: 50 })) push(line);
    return log.ring.tail(push, wish);
  });
  streams.source('metrics', (_filter, push) => every(() => router.metrics(), push), { keep: 1 });
  const changing = (make: () => unknown, push: (item: unknown) => void): { tell(): void } => {
    let last = '';
    const tell = () => {
      const item = make();
      const text = JSON.stringify(item);
      if (text !== last) push(item);
      last = text;
    };
    tell();
    return { tell };
  };
  streams.source('plugins', (_filter, push) => {
    const { tell } = changing(() => router.plugins.list(), push);
    const held = [bus.on('plugin/state', tell, 'live console'), clock.every(EVERY_MS, tell)];
    return { dispose: () => { for (const h of held) void h.dispose(); } };
  }, { keep: 1 });
  // Edits from the command line are not told by anybody: the clock finds them.
  streams.source('config', (_filter, push) => {
    const { tell } = changing(() => ({ ...router.settings.diff(), newest: router.config.history()[0]?.seq ?? 0 }), push);
    const held = [bus.on('config/committed', tell, 'live console'), clock.every(EVERY_MS, tell), { dispose: router.settings.onChange(tell) }];
    return { dispose: () => { for (const h of held) void h.dispose(); } };
  }, { keep: 1 });
  streams.source('flows', (filter, push) => {
    const most = typeof filter['most'] === 'number' ? Math.min(filter['most'], 10_000) : FLOWS_SENT;
    return every(() => ({ size: engine.flows.size, max: engine.flows.max, flows: engine.flows.list(undefined, most) }), push);
  }, { keep: 1 });
  streams.source('neighbourhood', (_filter, push) => openNeighbourhood(router, push), { keep: 1 });
  // Stays open when it has told all that it was asked for: what waits for a slow reader shall still come.
  streams.source('trace', (filter, push) => {
    const wish = parseFilter(text(filter, 'filter') ?? '');
    const most = Math.max(1, Math.min(Number(filter['most'] ?? 10) || 10, TRACES_MOST));
    return engine.tracer.follow({ match: p => matchesPacket(wish, p, name), matchFlow: (table, tuple) => matchesFlow(wish, table, tuple), most, done: push });
  }, { keep: TRACES_MOST });
  streams.source('capture', (filter, push) => {
    const wish = parseFilter(text(filter, 'filter') ?? '');
    const snap = typeof filter['snap'] === 'number' ? Math.max(0, Math.min(filter['snap'], 65_535)) : SNAP;
    const see = (p: Packet, link: number, direction: 'in' | 'out') => {
      if (!matchesPacket(wish, p, name, link)) return;
      const kind = p.off === p.l3 ? 'ip' : 'ether';
      push({ at: clock.wall(), link: name(link), direction, octets: p.len, framing: kind, says: describe(p.buf, p.off, p.off + p.len, kind), bytes: Buffer.from(p.buf.subarray(p.off, p.off + Math.min(p.len, snap))).toString('base64') });
    };
    const held = [
      engine.pipelines.add({ slot: 'ingress.tap', name: 'capture.in', process: b => { for (let i = 0; i < b.n; i++) see(b.at(i), b.at(i).inLink, 'in'); } }, 'live console'),
      engine.pipelines.add({ slot: 'egress.tap', name: 'capture.out', process: b => { for (let i = 0; i < b.n; i++) see(b.at(i), b.at(i).outLink, 'out'); } }, 'live console'),
    ];
    return { dispose: () => { for (const h of held) void h.dispose(); } };
  }, { keep: 1024 });
}
