import { z } from 'zod';
import { attachment } from '../attachment.ts';
import { CaptureStream } from '../capture-stream.ts';
import { HttpProblem } from '../problem.ts';
import { parseFilter } from '../../router/packet-filter.ts';
import { type Operation, operation, reading } from './operation.ts';
import type { RestParts } from './parts.ts';

const PCAPNG = 'application/x-pcapng';

/** Captures at one time: each sees every packet. */
const MOST_CAPTURES = 8;

/** Packets as a file that grows. */
export function captureOperations({ router }: RestParts): Operation[] {
  let running = 0;
  return [
    operation({
      id: 'capture', method: 'get', at: '/capture', tag: 'capture', summary: 'Packets as a pcapng file', description: 'Ends at the first bound that is reached.', access: 'read', media: PCAPNG, answer: { type: 'string', contentMediaType: PCAPNG },
      query: {
        filter: { schema: z.string().max(1024).default(''), help: 'host <address>, port <number>, tcp|udp|icmp|gre|esp|arp, link <name>; all must hold' },
        packets: { schema: z.int().min(1).max(1_000_000).default(10_000), help: 'at most so many packets' },
        octets: { schema: z.int().min(1).max(256 * 1024 * 1024).default(16 * 1024 * 1024), help: 'at most so many octets of file' },
        seconds: { schema: z.int().min(1).max(3600).default(60), help: 'at most so long' },
        snap: { schema: z.int().min(14).max(65_535).default(65_535), help: 'octets of each packet' },
      },
      run: ({ require, query, signal, session }) => {
        require(reading('capture', 'capture'));
        if (running >= MOST_CAPTURES) throw new HttpProblem(429, `${MOST_CAPTURES} captures are running already`);
        const capture = new CaptureStream(parseFilter(query.filter), query, { clock: router.clock, links: router.links, pipelines: router.engine.pipelines });
        running++;
        const over = session?.onEnd(() => capture.end());
        capture.onEnd = () => {
          running--;
          void over?.dispose();
        };
        if (signal.aborted) capture.end();
        else signal.addEventListener('abort', () => capture.end(), { once: true });
        const name = `capture-${new Date(router.clock.wall()).toISOString().slice(0, 19).replace(/[:T]/g, '-')}.pcapng`;
        return new Response(capture.body, { headers: { 'content-type': PCAPNG, 'content-disposition': attachment(name), 'cache-control': 'no-store' } });
      },
    }),
  ];
}
