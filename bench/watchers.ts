import type { Browser } from 'playwright-core';
import { launch } from './chromium.ts';

/**
 * A program of its own: so many clients of the live console, each of which does what open pages of the web shell do. Used by browsers.ts.
 *
 *     node --experimental-websocket watchers.js http://HOST:PORT/#TOKEN CLIENTS [pages]
 *
 * With `pages` they are pages of a headless chromium that show Home. Prints `watching` when all of them have something to show, and goes
 * on until SIGTERM; then it prints as JSON what they were sent a second since: messages, and their octets.
 */
const address = new URL(process.argv[2] ?? '');
const clients = Number(process.argv[3] ?? 5);

/** What the shell itself, Home and the live console subscribe to. */
const streams = ['panels', 'plugins', 'config', 'metrics', 'flows', 'log', 'events'] as const;
/** What Home asks for its picture of the network, and how often. */
const lines = ['ip route status', 'ip arp status', 'lan status', 'lan fdb'] as const;
const ASK_EVERY_MS = 5000;

type Message =
  | { readonly type: 'welcome' }
  | { readonly type: 'items'; readonly id: number; readonly items: readonly unknown[] }
  | { readonly type: 'error'; readonly id?: number; readonly error: string }
  | { readonly type: 'bye'; readonly reason: string }
  | { readonly type: 'part' | 'end' | 'subscribed' };

const sent = { messages: 0, octets: 0 };
function received(data: string | Uint8Array): void {
  sent.messages++;
  sent.octets += data.length;
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

/** Resolves when the page would have all that it shows: the first sample and its panel. */
function watch(which: number): Promise<void> {
  return new Promise(resolve => {
    const socket = new WebSocket(`ws://${address.host}/ws`);
    const subscribed = new Map<number, string>();
    const waitsFor = new Set(['metrics', 'panel']);
    let next = 1;
    const send = (message: object): void => socket.send(JSON.stringify(message));
    const subscribe = (stream: string): void => {
      subscribed.set(next, stream);
      send({ type: 'subscribe', id: next++, stream });
    };
    const ask = (): void => { for (const line of lines) send({ type: 'run', id: next++, line, poll: true }); };
    const open = (panels: readonly { readonly path: string }[]): void => {
      const own = panels[which % panels.length] ?? fail('the router has no panels');
      for (const { path } of panels) if (path === own.path || path.startsWith('home/')) subscribe(`panel:${path}`);
    };
    const heard = (stream: string, items: readonly unknown[]): void => {
      if (stream === 'panels' && ![...subscribed.values()].some(s => s.startsWith('panel:'))) open(items.at(-1) as readonly { path: string }[]);
      waitsFor.delete(stream.split(':')[0]!);
      if (waitsFor.size === 0) resolve();
    };

    socket.onopen = () => send({ type: 'hello', token: address.hash.slice(1), client: 'web' });
    socket.onclose = ({ code, reason }) => fail(`the connection ended: ${code} ${reason}`);
    socket.onmessage = ({ data }) => {
      received(String(data));
      const message = JSON.parse(String(data)) as Message;
      switch (message.type) {
        case 'welcome':
          for (const stream of streams) subscribe(stream);
          ask();
          setInterval(ask, ASK_EVERY_MS);
          break;
        case 'items': heard(subscribed.get(message.id) ?? '', message.items); break;
        // A verb that this router does not have is none of a page's business.
        case 'error': if (message.id === undefined || subscribed.has(message.id)) fail(message.error); break;
        case 'bye': fail(message.reason);
      }
    };
  });
}

/** Pages that share one browser and its session, as tabs do; a headless browser takes each of them for visible. */
async function openPages(): Promise<Browser> {
  const browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  for (let i = 0; i < clients; i++) {
    const page = await context.newPage();
    page.on('websocket', socket => socket.on('framereceived', ({ payload }) => received(payload)));
    await page.goto(address.href);
    await page.locator('.home-stats .stat').first().waitFor();
  }
  return browser;
}

let browser: Browser | undefined;
if (process.argv[4] === 'pages') browser = await openPages();
else await Promise.all(Array.from({ length: clients }, (_, i) => watch(i)));
const before = { ...sent, at: performance.now() };
process.once('SIGTERM', () => {
  const seconds = (performance.now() - before.at) / 1000;
  process.stdout.write(`${JSON.stringify({ messages: (sent.messages - before.messages) / seconds, octets: (sent.octets - before.octets) / seconds })}\n`);
  void (browser?.close() ?? Promise.resolve()).finally(() => process.exit());
});
process.stdout.write('watching\n');
