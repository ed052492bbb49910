import { token } from '../../../sdk/index.ts';

/** A message that came or went; `number` and `text` of one that came are a stranger's. Plain data. */
export interface Message {
  readonly id: number;
  readonly slot: number;
  readonly way: 'in' | 'out';
  readonly number: string;
  readonly text: string;
  /** When it came to the router, or left it (ms since the epoch). */
  readonly atMs: number;
  /** By the service centre's clock; `zoneless`: that is some local time. */
  readonly sentMs: number | undefined;
  readonly zoneless: boolean;
  readonly parts: number;
  /** Parts that have not come. */
  readonly missing: number;
  /** They are not waited for any more. */
  readonly givenUp: boolean;
  /** Somebody has seen it; true of all that were sent. */
  readonly read: boolean;
  /** When all of one that was sent had arrived, by the network's report. */
  readonly arrivedMs: number | undefined;
  /** Why one that was sent has not arrived, or not yet. */
  readonly trouble: string | undefined;
}

export interface Messages {
  /** Oldest first. */
  list(): readonly Message[];
  /** Resolves when the network has taken all parts; rejects in words. */
  send(slot: number, to: string, text: string): Promise<Message>;
}
export const MessagesToken = token<Messages>('cellular.messages');

/** A word that somebody on the list of numbers may send by SMS. `run` gives the answer: one message of plain words. */
export interface SmsCommand { readonly word: string; readonly help: string; run(slot: number): string }
/** A contribution point. */
export const SmsCommandsToken = token<readonly SmsCommand[]>('cellular.sms-commands');
