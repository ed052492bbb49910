import type { Context, Hono } from 'hono';
import type { Download } from '../../../sdk/panel.ts';
import { clip } from '../../config/spelling.ts';
import { attachment } from '../attachment.ts';
import { HttpProblem } from '../problem.ts';
import { unauthenticated, type WebEnv } from '../web.ts';
import { type Call, type Operation, operation, type Parameters, reading } from './operation.ts';
import type { RestParts } from './parts.ts';

const OCTETS = 'application/octet-stream';

/** One operation per file, or kind of files, that a panel gives out. */
export function downloadOperations({ router }: RestParts, panel: string): Operation[] {
  const owner = router.panels.owner(panel);
  return Object.entries(router.panels.downloads(panel)).map(([name, spec]) => operation({
    id: `panel_download_${`${panel} ${name}`.replace(/[^\w]+/g, '_')}`, method: 'get', at: `/panels/${encodeURIComponent(panel)}/downloads/${encodeURIComponent(name)}`, tag: 'panels', plugin: owner,
    summary: spec.help, description: 'One range of octets may be asked for (RFC 9110 section 14).', access: 'read', media: OCTETS, answer: { type: 'string', contentMediaType: OCTETS },
    query: Object.fromEntries(Object.entries(spec.args ?? {}).map(([arg, { schema, help }]) => [arg, { schema, help }])) as Parameters,
    run: async (call) => {
      call.require(reading(owner, `panel ${panel}`), reading('panel'));
      const download = await spec.open(call.query);
      // A card takes its time: the log-in may be over by now, and would not end what begins after it.
      if (call.session?.ended) throw new HttpProblem(401, 'the session is over; log in again', { headers: unauthenticated });
      return sent(download, call as unknown as Call);
    },
  }));
}

/** The downloads as they are when a request comes: plugins bring and take them at any time. */
export function downloadRoutes(app: Hono<WebEnv>, parts: RestParts, answered: (c: Context<WebEnv>, o: Operation) => Promise<Response>): void {
  app.get('/panels/:panel/downloads/:download', (c) => {
    const [panel, name] = [c.req.param('panel'), c.req.param('download')];
    const at = `/panels/${encodeURIComponent(panel)}/downloads/${encodeURIComponent(name)}`;
    const found = parts.router.panels.list().some((p) => p.path === panel) ? downloadOperations(parts, panel).find((o) => o.at === at) : undefined;
    if (found === undefined) throw new HttpProblem(404, `there is no download '${clip(name)}' of a panel '${clip(panel)}'`);
    return answered(c, found);
  });
}

function sent(download: Download, { headers, signal, session, breakOff }: Call): Response {
  const { bytes } = download;
  const range = rangeOf(headers, bytes);
  const [from, to] = range ?? [0, bytes];
  const source = download.octets(from, to);
  const stop = (): void => {
    void source.return(undefined).catch(() => {});
    void over?.dispose();
    signal.removeEventListener('abort', stop);
  };
  const over = session?.onEnd(() => {
    stop();
    breakOff();
  });
  signal.addEventListener('abort', stop, { once: true });
  // Nothing is read before somebody takes it, and then one piece at a time.
  const body = new ReadableStream<Uint8Array>({
    pull: async (out) => {
      const { done, value } = await source.next().catch(() => {
        breakOff();
        return { done: true, value: undefined };
      });
      session?.touch();
      if (value !== undefined && done !== true) {
        out.enqueue(value);
        return;
      }
      stop();
      out.close();
    },
    cancel: stop,
  }, { highWaterMark: 0 });
  return new Response(body, {
    status: range === undefined ? 200 : 206,
    headers: {
      'content-type': OCTETS, 'content-disposition': attachment(download.name), 'content-length': String(to - from), 'accept-ranges': 'bytes', 'cache-control': 'no-store',
      ...(range === undefined ? {} : { 'content-range': `bytes ${from}-${to - 1}/${bytes}` }),
    },
  });
}

/** RFC 9110 section 14.2: the one range that is wanted, from and up to; undefined: all of it. A condition that nothing here can meet asks for all as well. */
function rangeOf(headers: Headers, bytes: number): readonly [number, number] | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.get('range')?.trim() ?? '') ?? [];
  if ((first === '' && last === '') || headers.has('if-range')) return undefined;
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const to = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < from) return undefined;
  if (from >= bytes) throw new HttpProblem(416, `the file has ${bytes} octets`, { headers: { 'content-range': `bytes */${bytes}` } });
  return [from, to];
}
