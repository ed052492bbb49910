import type { Disposable } from '../../../sdk/scope.ts';
import { HttpProblem } from '../problem.ts';
import { jsonOf } from '../protocol.ts';
import type { WebSession } from '../sessions.ts';
import { Subscription } from '../subscription.ts';

export const NDJSON = 'application/x-ndjson';
/** Lines handed to the socket before it has taken the ones before. */
const AHEAD = 16;
/** Streams that are open at one time, of all clients. */
const MOST_STREAMS = 256;
let open = 0;

export interface LineOptions {
  /** Items that wait for a slow reader; then the oldest go, and are counted. */
  readonly keep: number;
  readonly signal: AbortSignal;
  /** The stream ends with it. */
  readonly session: WebSession | undefined;
  /** An item as a line. */
  wrap(item: unknown): object;
}

/** Starts a source: `push` gives an item, `end` the last line. */
export type Source = (push: (item: unknown) => void, end: (last: object) => void) => Disposable;

/** An answer that grows, one JSON object per line. The source never waits for the reader. */
export function ndjson(options: LineOptions, source: Source): Response {
  if (open >= MOST_STREAMS) throw new HttpProblem(429, `${MOST_STREAMS} streams are open already`);
  const waiting = new Subscription(options.keep);
  const held: Disposable[] = [];
  let last: object | undefined;
  let live = true;
  let out: ReadableStreamDefaultController<Uint8Array> | undefined;
  const line = (value: object): Uint8Array => new TextEncoder().encode(`${jsonOf(value)}\n`);
  const close = (): void => {
    if (!live) return;
    live = false;
    open--;
    options.signal.removeEventListener('abort', abandon);
    for (const each of held.splice(0)) void each.dispose();
  };
  let pumping = false;
  const pump = (): void => {
    // Handing a line over may make the reader ask for the next at once.
    if (pumping || !live || out === undefined) return;
    pumping = true;
    while (live && (out.desiredSize ?? 0) > 0 && waiting.waiting > 0) {
      const { items, missed } = waiting.take(1);
      if (missed > 0) out.enqueue(line({ missed }));
      out.enqueue(line(options.wrap(items[0])));
    }
    pumping = false;
    if (!live || last === undefined || waiting.waiting > 0) return;
    close();
    out.enqueue(line(last));
    out.close();
  };
  const end = (with_: object): void => {
    last ??= with_;
    pump();
  };
  const abandon = (): void => {
    if (!live) return;
    close();
    try {
      out?.close();
    } catch { /* the reader has cancelled already */ }
  };
  open++;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => { out = controller; }, pull: pump, cancel: close }, { highWaterMark: AHEAD });
  try {
    held.push(source((item) => {
      if (!live || last !== undefined) return;
      waiting.push(item);
      pump();
    }, end));
  } catch (error) {
    close();
    throw error;
  }
  if (options.session !== undefined) held.push(options.session.onEnd((why) => end({ closed: why })));
  if (options.signal.aborted) close();
  else options.signal.addEventListener('abort', abandon, { once: true });
  // The source may have ended, or the reader gone, before it was held.
  if (!live) for (const each of held.splice(0)) void each.dispose();
  return new Response(body, { headers: { 'content-type': NDJSON, 'cache-control': 'no-store' } });
}
