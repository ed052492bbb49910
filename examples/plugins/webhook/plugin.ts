import { CliError, definePlugin, type Disposable, drive, type Events, type Table } from 'lancell/sdk';
import { Delivery, type In, type Item, type Limits, type Out } from './delivery.ts';
import { type Answer, type Post, post } from './post.ts';
import { carried, type Settings, settings, shown } from './settings.ts';

/** Events posted as JSON to a web server. `send` and `random` are given by tests. */
export const webhook = (send: Post = post, random: () => number = Math.random) => definePlugin({
  id: 'webhook',
  version: '1.0.0',
  title: 'Events to a web server',
  config: settings,
  state: carried,
  setup(ctx) {
    let config = ctx.config;
    let last = 'nothing was posted yet';
    const taken = ctx.counter('webhook: posted');
    const lost = ctx.counter('webhook: lost');
    const delivery = new Delivery(limitsOf(config), random, ctx.previous?.waiting);
    const feed = drive<In, Out>(ctx.clock, ctx.scope, delivery, out => {
      if (out.kind === 'lost') {
        lost.n++;
        ctx.log.warn({ topic: out.item.topic, url: shown(config.url) }, `an event was not posted: ${out.why}`);
      } else void deliver(out.item);
    });
    const ask = (body: string): Promise<Answer> => send({ url: config.url, secret: config.secret, body, timeoutMs: config.timeoutSec * 1000 }, ctx.signal);
    const deliver = async (item: Item): Promise<void> => {
      const answer = await ask(item.body);
      // Unloaded meanwhile: the item is in what was saved.
      if (ctx.signal.aborted) return;
      last = `${new Date(ctx.clock.wall()).toISOString()} ${item.topic}: ${answer.words}`;
      if (answer.outcome === 'taken') taken.n++;
      feed({ kind: 'result', id: item.id, outcome: answer.outcome });
    };
    const json = (topic: string, event: unknown): string => JSON.stringify({ topic, at: new Date(ctx.clock.wall()).toISOString(), event });

    const listening: Disposable[] = [];
    const listen = (): void => {
      for (const each of listening.splice(0)) void each.dispose();
      // Topics that describe a state are told to late listeners at once. That is old news for the server.
      let replaying = true;
      for (const topic of new Set(config.topics)) {
        // Topics are settings here; what this build of the SDK knows of them does not matter.
        listening.push(ctx.on(topic as keyof Events, event => {
          if (!replaying && config.url !== '') feed({ kind: 'event', topic, body: json(topic, event) });
        }));
      }
      replaying = false;
    };
    listen();

    ctx.command({
      path: 'webhook status', help: 'where events go, and how that goes', access: 'read',
      run: () => ({ facts: {
        url: shown(config.url) || 'none', secret: config.secret === '' ? 'none' : '(set)', events: config.topics.join(' '), waiting: delivery.waiting.length,
        'failed tries of the first': delivery.tries, posted: taken.n, lost: lost.n, last,
      } }),
    });
    ctx.command({ path: 'webhook queue', help: 'events that wait', access: 'read', run: () => queue(delivery.waiting) });
    ctx.command({
      path: 'webhook test', help: 'post a test event now',
      run: async (_args, io) => {
        if (config.url === '') throw new CliError('no URL is set: config set webhook url https://…, then config commit');
        const answer = await ask(json('webhook/test', { author: io.author }));
        if (answer.outcome !== 'taken') throw new CliError(`${shown(config.url)} did not take it: ${answer.words}`);
        return `${shown(config.url)}: ${answer.words}`;
      },
    });

    return {
      reconfigure(next) {
        config = next;
        feed({ kind: 'limits', limits: limitsOf(next) });
        listen();
      },
      save: () => ({ waiting: [...delivery.waiting] }),
    };
  },
});

export default webhook();

const limitsOf = (c: Settings): Limits => ({ queue: c.maxQueue, tries: c.tries, firstMs: c.firstPauseSec * 1000, mostMs: c.mostPauseSec * 1000 });
const queue = (items: readonly Item[]): Table => ({ columns: ['event', 'topic', 'body'], rows: items.map(i => [i.id, i.topic, i.body]) });
