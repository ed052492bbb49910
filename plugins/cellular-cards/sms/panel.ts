import { defer, map, type Observable, startWith } from 'rxjs';
import { CliError, type PluginContext, type View, z } from '../../../sdk/index.ts';
import type { Cellular } from '../contract.ts';
import type { Post } from './post.ts';
import { stateOf, usualSlot } from './verbs.ts';

const ROWS = 100;
type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'panel'>;

const draft = z.object({ to: z.string().min(1).max(40), text: z.string().min(1).max(2000), slot: z.number().int().optional() });
const ids = z.array(z.number().int()).min(1).max(ROWS);
const slotOf = z.object({ slot: z.number().int().min(1) });

/** Throws in words for people. */
function read<T>(schema: z.ZodType<T>, input: unknown, words: string): T {
  const { data, success } = schema.safeParse(input);
  if (!success) throw new CliError(words);
  return data;
}

/** SMS: write one, read them, settings. */
export function panel(ctx: Ctx, post: Post, cellular: Cellular, changes: Observable<void>): void {
  const view = (): View => ({ kind: 'stack', title: 'SMS', views: [
    { kind: 'element', tag: 'cellular-cards-sms-page', module: 'page.js', data: { slots: post.states(), messages: post.list().slice(-ROWS).reverse().map(m => ({
      id: m.id, slot: m.slot, way: m.way, number: m.number, text: m.text, timeMs: m.way === 'in' ? m.sentMs ?? m.atMs : m.atMs, zoneless: m.zoneless, state: stateOf(m), fresh: m.way === 'in' && !m.read,
      mark: m.missing > 0 || (m.way === 'out' && m.trouble !== undefined) ? 'warn' : m.arrivedMs !== undefined ? 'ok' : '',
    })) } },
    { kind: 'form', settings: 'cellular-cards.sms' },
  ] });
  ctx.panel({
    path: 'network/cellular/sms', title: 'SMS', order: 6,
    view: () => defer(() => changes.pipe(startWith(undefined), map(view))),
    actions: {
      async send(input) {
        const { slot, to, text } = read(draft, input, 'a message needs a number and a text');
        const message = await post.send(slot ?? usualSlot(post, cellular), to, text);
        return message.parts === 1 ? 'sent' : `sent in ${message.parts} parts`;
      },
      async delete(input) { for (const id of read(ids, input, 'which message?')) await post.delete(id); },
      read(input) {
        post.markRead(read(ids, input, 'which message?'));
        return undefined;
      },
      clear: async input => `${await post.clear(read(slotOf, input, 'which slot?').slot)} deleted from the card`,
    },
  });
}
