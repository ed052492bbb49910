import { z } from 'zod';
import type { FlowView } from '../../../sdk/flow.ts';
import { format4, formatMac } from '../../../sdk/wire/address.ts';
import { levels } from '../../log.ts';
import { matchesFlow, parseFilter } from '../../router/packet-filter.ts';
import { HttpProblem } from '../problem.ts';
import { type Operation, operation, reading, writing } from './operation.ts';
import type { RestParts } from './parts.ts';

const tag = 'status';
const list = (of: string, key: string): Record<string, unknown> => ({ type: 'object', properties: { [key]: { type: 'array', items: { $ref: `#/components/schemas/${of}` } } }, required: [key] });
const text = (filter: string | undefined): string => filter ?? '';

/** What runs: version, links, flows, counts, the log. */
export function statusOperations({ router }: RestParts): Operation[] {
  const { engine, links } = router;
  const flowOf = (f: FlowView): object => {
    const name = (id: number): string => links.byId(id)?.name ?? '';
    const { original: o, reply: r, inLink, outLink, ...rest } = f;
    const end = (address: number, port: number): object => ({ address: format4(address), port });
    return { ...rest, protocol: o.proto, from: end(o.src, o.sport), to: end(o.dst, o.dport), replyFrom: end(r.src, r.sport), replyTo: end(r.dst, r.dport), inLink: name(inLink), outLink: name(outLink) };
  };
  return [
    operation({
      id: 'about', method: 'get', at: '/about', tag: 'about', summary: 'Which router this is', access: 'read', answer: z.object({ program: z.string(), version: z.string(), runtime: z.string(), upMs: z.number() }),
      run: () => ({ program: 'lancell', version: router.version, runtime: router.runtime, upMs: Math.round(router.uptimeMs()) }),
    }),
    operation({ id: 'status', method: 'get', at: '/status', tag, summary: 'Load, memory, links, counts', access: 'read', answer: 'Facts', run: ({ require }) => { require(reading('metrics', 'sys status'), reading('sys', 'sys status')); return router.metrics(); } }),
    operation({
      id: 'links', method: 'get', at: '/links', tag, summary: 'Links with state and counts', access: 'read', answer: list('Link', 'links'),
      run: ({ require }) => {
        require(reading('link', 'link list'));
        return { links: links.list().map((l) => ({ id: l.id, name: l.name, kind: l.kind, framing: l.framing, mac: l.framing === 'ether' ? formatMac(l.mac) : '', mtu: l.mtu, up: l.up, why: l.why, stats: { ...l.stats } })) };
      },
    }),
    operation({
      id: 'flows', method: 'get', at: '/flows', tag, summary: 'Flows through and to the router', access: 'read',
      query: { filter: { schema: z.string().max(1024).optional(), help: 'host <address>, port <number>, tcp|udp|icmp' }, most: { schema: z.int().min(1).max(10_000).default(1000), help: 'at most so many' } },
      answer: { type: 'object', properties: { size: { type: 'integer' }, max: { type: 'integer' }, flows: { type: 'array', items: { $ref: '#/components/schemas/Flow' } } }, required: ['size', 'max', 'flows'] },
      run: ({ require, query: { filter, most } }) => {
        require(reading('flow', 'flow list'));
        const wish = parseFilter(text(filter));
        return { size: engine.flows.size, max: engine.flows.max, flows: engine.flows.list((v) => matchesFlow(wish, engine.flows.table, v.id * 2), most).map(flowOf) };
      },
    }),
    operation({
      id: 'flow_cut', method: 'delete', at: '/flows/{id}', tag, summary: 'End a flow; its next packet is new again', access: 'write', path: { id: { schema: z.int().min(0), help: 'of the list of flows' } },
      run: ({ require, path: { id }, author }) => {
        require(writing('flow', 'flow cut'));
        if (!engine.flows.table.alive(id)) throw new HttpProblem(404, `there is no flow ${id}`);
        engine.flows.cut(id, `by ${author}`);
      },
    }),
    operation({
      id: 'counters', method: 'get', at: '/counters', tag, summary: 'Named counts, mostly of drops and why', access: 'read', answer: z.object({ counters: z.record(z.string(), z.number()) }),
      run: ({ require }) => { require(reading('counter', 'counter list'), reading('metrics', 'counter list')); return { counters: Object.fromEntries(engine.counters.list().map((c) => [c.name, c.n])) }; },
    }),
    operation({
      id: 'log', method: 'get', at: '/log', tag, summary: 'The last lines of the log, oldest first', access: 'read', answer: list('LogLine', 'lines'),
      query: {
        level: { schema: z.enum(levels).default('info'), help: 'this level and above' }, who: { schema: z.string().max(128).optional(), help: 'kernel, or a plugin' },
        text: { schema: z.string().max(256).optional(), help: 'somewhere in the line' }, most: { schema: z.int().min(1).max(1000).default(100), help: 'at most so many, the newest' },
      },
      run: ({ require, query: { level, who, text: part, most } }) => {
        require(reading('log', 'log show'));
        return { lines: router.log.ring.lines({ level, most, ...(who === undefined ? {} : { name: who }), ...(part === undefined ? {} : { text: part }) }) };
      },
    }),
  ];
}
