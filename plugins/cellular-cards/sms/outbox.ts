import { CliError, type PluginContext } from '../../../sdk/index.ts';
import * as gsm7 from '../../../sdk/wire/gsm7.ts';
import * as sms from '../../../sdk/wire/sms.ts';
import type { Cellular } from '../contract.ts';
import type { Message } from './contract.ts';
import { Hourly } from './gate.ts';
import type { Mailbox } from './mailbox.ts';
import { send } from './manner.ts';
import { mannerOf } from './manners.ts';
import { bare } from './numbers.ts';
import type { Settings } from './settings.ts';

const MOST_PARTS = 10;
/** Of an answer, in the alphabet of GSM: one message, whatever the card. */
const ANSWER = 160;

export interface OutboxParts {
  readonly ctx: Pick<PluginContext<unknown, {}, unknown>, 'clock'>;
  readonly cellular: Cellular;
  readonly mailbox: Mailbox;
  readonly settings: () => Settings;
  /** The mailbox changed. */
  readonly keep: () => void;
}

/** Sends through the cards of all slots, no more in an hour than it may. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #hourly = new Hourly();

  constructor(parts: OutboxParts) { this.#parts = parts; }

  async send(slot: number, to: string, text: string): Promise<Message> {
    const number = bare(to);
    if (!sms.isNumber(number)) throw new CliError(`'${to}' is not a number that a message can go to; write it as +15551234567`);
    if (text === '') throw new CliError('the message is empty');
    return this.#send(slot, number, text, true);
  }

  /** As `send`, in letters that every phone has, cut to what fits into one message. */
  async answer(slot: number, to: string, text: string): Promise<Message> { return this.#send(slot, bare(to), fitting(text), false); }

  /** `strict`: letters that the card cannot send are told and not replaced. */
  async #send(slot: number, to: string, text: string, strict: boolean): Promise<Message> {
    const { ctx, cellular, mailbox, settings } = this.#parts;
    const { perHour, reports, centre } = settings();
    const dialect = cellular.list().find(s => s.slot === slot)?.spec?.dialect;
    if (dialect === undefined) throw new CliError(`there is no card in slot ${slot} that could send`);
    const manner = mannerOf(dialect);
    if ('none' in manner) throw new CliError(manner.none);
    if (strict && manner.letters === 'ascii' && /[^\n\r\x20-\x7e]/.test(text)) throw new CliError('this card sends letters without accents, digits and signs of ASCII only');
    const messages = manner.compose({ to, text, reference: mailbox.reference(), reports, centre });
    if (messages.length > MOST_PARTS) throw new CliError(`the text needs ${messages.length} messages, at most ${MOST_PARTS} are sent at once; shorten it`);
    if (!this.#hourly.take(messages.length, perHour, ctx.clock.now())) throw new CliError(`more than ${perHour} messages in one hour; the settings of SMS allow no more`);
    const { parts, why, references } = await cellular.run(slot, send(manner, messages));
    const failed = why === undefined ? undefined : parts > 0 ? `${parts} of ${messages.length} parts were sent, then: ${why}` : `not sent: ${why}`;
    if (parts > 0) {
      const message = mailbox.sent(slot, to, messages.map(m => m.text), ctx.clock.wall(), reports && failed === undefined ? references : [], failed ?? null);
      this.#parts.keep();
      if (failed === undefined) {
        cellular.note?.(slot, 'sms', `message sent to ${to}`);
        return message;
      }
    }
    throw new CliError(failed ?? 'not sent');
  }
}

/** One message in the alphabet of GSM: other letters become question marks, what is too long ends in points. */
export function fitting(text: string): string {
  const plain = [...text.normalize('NFC')].map(c => (gsm7.septets(c) === undefined ? '?' : c));
  const cost = (c: string): number => gsm7.septets(c)!.flat().length;
  const total = (all: readonly string[]): number => all.reduce((n, c) => n + cost(c), 0);
  if (total(plain) <= ANSWER) return plain.join('');
  while (total(plain) > ANSWER - 3) plain.pop();
  return `${plain.join('')}...`;
}
