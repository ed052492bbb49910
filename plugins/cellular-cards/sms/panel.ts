import { defer, map, type Observable, startWith } from 'rxjs';
import { CliError, type PluginContext, type View, z } from '../../../sdk/index.ts';
import type { Cellular } from '../contract.ts';
import type { Post } from './post.ts';
import { messageTable, usualSlot } from './verbs.ts';

const ROWS = 100;
type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'panel'>;

const draft = z.object({ to: z.string().min(1).max(40), text: z.string().min(1).max(2000), slot: z.number().int().optional() });

/** SMS: write one, read them, settings. */
export function panel(ctx: Ctx, post: Post, cellular: Cellular, changes: Observable<void>): void {
  const view = (): View => ({ kind: 'stack', title: 'SMS', views: [
    { kind: 'element', tag: 'cellular-cards-sms-compose', module: 'compose.js', data: { slots: post.slots().map(slot => ({ slot, why: post.why(slot) })) } },
    { kind: 'table', table: { ...messageTable(post.list(), ROWS), title: 'Messages' }, rowActions: ['delete'] },
    { kind: 'form', settings: 'cellular-cards.sms' },
  ] });
  ctx.panel({
    path: 'network/cellular/sms', title: 'SMS', order: 6,
    view: () => defer(() => changes.pipe(startWith(undefined), map(view))),
    actions: {
      async send(input) {
        const read = draft.safeParse(input);
        if (!read.success) throw new CliError('a message needs a number and a text');
        const message = await post.send(read.data.slot ?? usualSlot(post, cellular), read.data.to, read.data.text);
        return message.parts === 1 ? 'sent' : `sent in ${message.parts} parts`;
      },
      async delete(input) {
        const id = z.number().int().safeParse(Array.isArray(input) ? input[0] : input);
        if (!id.success) throw new CliError('which message?');
        await post.delete(id.data);
      },
    },
  });
}
