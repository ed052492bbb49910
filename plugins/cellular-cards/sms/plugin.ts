import { Subject } from 'rxjs';
import { definePlugin } from '../../../sdk/index.ts';
import { CellularToken } from '../contract.ts';
import { builtIn } from './commands.ts';
import { type Message, MessagesToken, SmsCommandsToken } from './contract.ts';
import { Gate, hushed, isAllowed } from './gate.ts';
import { Mailbox, type MailboxState, mailboxState } from './mailbox.ts';
import { MailboxFile } from './mailbox-file.ts';
import { panel } from './panel.ts';
import { Post } from './post.ts';
import { type Settings, settings, verify } from './settings.ts';
import { verbs } from './verbs.ts';

const needs = { cellular: CellularToken, commands: SmsCommandsToken };

/** How often it is looked at which texts will not become whole any more. */
const GIVE_UP_MS = 3600_000;

/** Short messages: received, sent, kept; and commands by SMS from numbers that are allowed to. */
export default definePlugin<Settings, typeof needs, MailboxState>({
  id: 'cellular-cards.sms',
  title: 'SMS',
  needs,
  provides: [MessagesToken, SmsCommandsToken],
  config: settings,
  verify,
  state: mailboxState,
  setup(ctx) {
    const { cellular, commands } = ctx.use;
    let now = ctx.config;
    const file = new MailboxFile(ctx.file('messages.json'));
    const mailbox = new Mailbox(ctx.previous ?? file.load());
    const gate = new Gate();
    const changes = new Subject<void>();
    const all = () => builtIn(cellular, () => commands);
    const post = new Post({
      ctx, cellular, mailbox, settings: () => now, keep: () => file.save(mailbox.save()), unreadable: ctx.counter('sms: unreadable'),
      changed: () => changes.next(), came, shown,
    });
    ctx.scope.add(post, 'post');

    /** The password of a command is nobody's to read, be it the right one or not; not while commands are off either. */
    function shown(m: Message): Message {
      const rules = { ...now.commands, enabled: true, countryCode: now.countryCode };
      return m.way === 'in' && isAllowed(m.number, rules) ? { ...m, text: hushed(m.text, rules.password) } : m;
    }

    function came(message: Message): void {
      const { slot, number, missing, parts } = message;
      ctx.emit('card/sms', { slot, from: number, text: shown(message).text, atMs: message.atMs });
      cellular.note?.(slot, 'sms', `message from ${number}${missing === 0 ? '' : `, ${missing} of its ${parts} parts never came`}`);
      const judged = gate.judge(message, { ...now.commands, countryCode: now.countryCode }, all().map(c => c.word), ctx.clock.wall(), ctx.clock.now());
      if (judged.kind === 'refused') cellular.note?.(slot, 'sms', `command from ${number} not carried out: ${judged.why}`);
      if (judged.kind !== 'command') return;
      cellular.note?.(slot, 'sms', `command "${judged.word}" from ${number}`);
      let answer: string;
      try {
        answer = all().find(c => c.word === judged.word)!.run(slot);
      } catch (error) {
        answer = error instanceof Error ? error.message : String(error);
      }
      post.answer(slot, number, hushed(answer, now.commands.password)).catch((error: unknown) => cellular.note?.(slot, 'sms', `no answer to ${number}: ${error instanceof Error ? error.message : String(error)}`));
    }

    ctx.on('card/inserted', e => post.inserted(e.slot));
    ctx.on('card/removed', e => post.removed(e.slot));
    ctx.on('card/status', s => post.status(s));
    ctx.on('cellular/message-waiting', e => post.waiting(e.slot, e.memory));
    ctx.on('cellular/message', e => { void post.handed(e.slot, e.pdu); });
    ctx.clock.every(GIVE_UP_MS, () => post.giveUp());
    for (const s of cellular.list()) post.status(s);
    verbs(ctx, post, cellular);
    panel(ctx, post, cellular, changes);
    ctx.provide(MessagesToken, post);
    return {
      reconfigure(next) {
        now = next;
        post.settingsChanged();
      },
      save: () => mailbox.save(),
    };
  },
});
