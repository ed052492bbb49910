import { z } from 'zod';
import { CliError } from '../../../sdk/cli.ts';
import type { Disposable } from '../../../sdk/scope.ts';
import { HttpProblem } from '../problem.ts';
import { NDJSON, ndjson } from './ndjson.ts';
import { type Operation, operation, reading } from './operation.ts';
import type { RestParts } from './parts.ts';
import { streamArea } from '../stream-area.ts';

/** The streams of the live console, one item per line. */
export function streamOperations({ router }: RestParts): Operation[] {
  const { streams, clock, panels } = router;
  return [
    operation({
      id: 'streams', method: 'get', at: '/streams', tag: 'streams', summary: 'Names of the streams', access: 'read', answer: z.object({ streams: z.array(z.string()) }),
      run: () => ({ streams: streams.names }),
    }),
    operation({
      id: 'stream', method: 'get', at: '/streams/{name}', tag: 'streams', summary: 'Items as they come, one per line', access: 'read', media: NDJSON, answer: 'StreamLine',
      description: 'Ends after `count` items or `seconds`; without them, when the client goes. A client that reads too slowly misses items, and is told how many.',
      path: { name: { schema: z.string(), help: 'events, log, metrics, flows, capture, plugins, config, panels, or panel:<path>' } },
      query: {
        count: { schema: z.int().min(1).max(1_000_000).optional(), help: 'end after so many items' },
        seconds: { schema: z.int().min(1).max(86_400).optional(), help: 'end after this time' },
        topic: { schema: z.string().max(128).optional(), help: 'events: a topic, or the first part of several (link)' },
        level: { schema: z.enum(['debug', 'info', 'warn', 'error']).optional(), help: 'log: this level and above' },
        who: { schema: z.string().max(128).optional(), help: 'log: kernel, or a plugin' },
        text: { schema: z.string().max(256).optional(), help: 'log: somewhere in the line' },
        filter: { schema: z.string().max(1024).optional(), help: 'capture: host, port, tcp|udp|icmp|arp, link' },
        snap: { schema: z.int().min(0).max(65_535).optional(), help: 'capture: octets of each packet' },
        most: { schema: z.int().min(1).max(10_000).optional(), help: 'flows: at most so many in one item' },
      },
      run: ({ path: { name }, query: { count, seconds, who, ...filter }, require, signal, session }) => {
        let keep: number;
        try {
          keep = streams.keep(name);
          require(...streamArea(name, panels).map((area) => reading(area, `stream ${name}`)));
        } catch (error) {
          throw error instanceof CliError ? new HttpProblem(404, error.message) : error;
        }
        let left = count ?? Number.POSITIVE_INFINITY;
        return ndjson({ keep, signal, session, wrap: (item) => ({ item }) }, (push, end) => {
          const wish = Object.fromEntries(Object.entries({ ...filter, name: who }).filter(([, v]) => v !== undefined));
          const held: Disposable[] = [];
          if (seconds !== undefined) held.push(clock.after(seconds * 1000, () => end({ closed: `${seconds} s are over` })));
          held.push(streams.open(name, wish, (item) => {
            if (left <= 0) return;
            push(item);
            if (--left <= 0) end({ closed: `${count} items were sent` });
          }, (why) => end({ closed: why })));
          return { dispose: () => { for (const each of held.splice(0)) void each.dispose(); } };
        });
      },
    }),
  ];
}
