import { CliError, type PluginContext, type Table, z } from '../../../sdk/index.ts';
import type { Cellular } from '../contract.ts';
import type { Message } from './contract.ts';
import type { Post } from './post.ts';

type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'command'>;

const time = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** What is to be known of a message besides what it says. */
export function stateOf(m: Message): string {
  if (m.way === 'in') return m.missing > 0 ? `${m.missing} of ${m.parts} parts ${m.givenUp ? 'never came' : 'have not come yet'}` : m.read ? 'read' : 'new';
  return m.arrivedMs !== undefined ? `arrived ${time(m.arrivedMs)}` : m.trouble ?? 'sent';
}

/** Newest first. */
export const messageTable = (messages: readonly Message[], most: number): Table => ({
  columns: ['message', 'time', 'slot', 'state', 'way', 'number', 'text'],
  rows: messages.slice(-most).reverse().map(m => [m.id, time(m.sentMs ?? m.atMs), m.slot, stateOf(m), m.way === 'in' ? 'from' : 'to', m.number, m.text]),
});

/** The slot that people mean when they name none. */
export const usualSlot = (post: Post, cellular: Cellular): number => post.slots()[0] ?? cellular.list()[0]?.slot ?? 1;

export function verbs(ctx: Ctx, post: Post, cellular: Cellular): void {
  const slotArg = { schema: z.number().int().min(1).max(99).optional(), help: 'slot; default: the first with a card' };
  ctx.command({
    path: 'wwan sms list', help: 'messages that came and went, the newest first', access: 'read',
    args: { most: { schema: z.number().int().min(1).max(500).optional(), help: 'how many; default 20' } },
    run: ({ most }) => messageTable(post.list(), most ?? 20),
  });
  ctx.command({
    path: 'wwan sms read', help: 'a message whole, which is no new one any more',
    args: { message: { schema: z.coerce.number().int().min(1), help: 'its number in the list' } },
    run({ message }) {
      const m = post.list().find(each => each.id === message);
      if (m === undefined) throw new CliError(`there is no message ${message}`);
      post.markRead([m.id]);
      return { facts: { [m.way === 'in' ? 'from' : 'to']: m.number, sent: time(m.sentMs ?? m.atMs), ...(m.way === 'in' ? { came: time(m.atMs) } : {}), state: stateOf({ ...m, read: true }), text: m.text } };
    },
  });
  ctx.command({
    path: 'wwan sms send', help: 'sends a message; long texts go as several',
    args: { number: { schema: z.string().min(1).max(40), help: '+15551234567' }, text: { schema: z.string().min(1).max(2000), help: 'the text', rest: true } },
    async run({ number, text }) {
      const message = await post.send(usualSlot(post, cellular), number, text);
      return message.parts === 1 ? `sent to ${message.number}` : `sent to ${message.number} in ${message.parts} parts`;
    },
  });
  ctx.command({
    path: 'wwan sms delete', help: 'deletes a message, or all of them',
    args: { message: { schema: z.union([z.literal('all'), z.string().regex(/^\d{1,9}$/)]), help: 'its number in the list, or all' } },
    async run({ message }) {
      const ids = message === 'all' ? post.list().map(m => m.id) : [Number(message)];
      for (const id of ids) await post.delete(id);
      return message === 'all' ? `${ids.length} deleted` : undefined;
    },
  });
  ctx.command({
    path: 'wwan sms clear', help: 'makes room in the card: deletes from it what the router has, and what was sent', args: { slot: slotArg },
    run: async ({ slot }) => `${await post.clear(slot ?? usualSlot(post, cellular))} deleted from the card`,
  });
  ctx.command({
    path: 'wwan sms fetch', help: 'looks into the card for new messages', args: { slot: slotArg },
    async run({ slot }) {
      const before = post.list().length;
      await post.fetch(slot ?? usualSlot(post, cellular));
      return `${Math.max(0, post.list().length - before)} new`;
    },
  });
  ctx.command({
    path: 'wwan sms status', help: 'whether messages can be read', access: 'read',
    run() {
      if (post.slots().length === 0) throw new CliError('there is no card');
      return { columns: ['slot', 'messages'], rows: post.states().map(({ slot, why, warning }) => [slot, [why || 'are read', warning].filter(w => w !== '').join('; ')]) };
    },
  });
}
