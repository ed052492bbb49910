import type { Phase } from '../../contract.ts';
import type { Knowledge } from './knowledge.ts';
import type { Rung, Trouble } from './ladder.ts';
import type { CallTrouble } from './messages.ts';
import type { Wishes } from './wishes.ts';
import * as words from './words.ts';

export type State =
  | { readonly at: 'empty' | 'identifying' | 'starting' | 'opening' | 'off' | 'registered' | 'dialling' }
  /** The SIM is in the way; looked at again then. */
  | { readonly at: 'locked'; readonly again: number; readonly why: string }
  | { readonly at: 'searching'; readonly since: number }
  /** `proving`: the log-in is under way; `upAt`: it stands since. */
  | { readonly at: 'call'; readonly upAt: number | undefined; readonly proving: boolean; readonly closing: boolean }
  | { readonly at: 'hanging up'; readonly trouble: CallTrouble; readonly why: string; readonly by: number; /** the call was never more than a CONNECT */ readonly early: boolean }
  /** A step of the ladder is under way; `until`: then the card is looked at anew. */
  | { readonly at: 'recovering'; readonly rung: Rung; readonly until: number | undefined }
  | { readonly at: 'failed'; readonly why: string };

/** The ladder's next step. */
export interface Pending { readonly rung: Rung; readonly due: number; readonly why: string; readonly trouble: Trouble }

export function phaseOf(s: State, pending: Pending | undefined, known: Knowledge): Phase {
  switch (s.at) {
    case 'empty': return 'identifying';
    case 'opening': return 'starting';
    case 'locked': return ({ pin: 'pin needed', puk: 'puk needed', 'no sim': 'no sim' } as Partial<Record<string, Phase>>)[known.pin?.state ?? ''] ?? 'failed';
    case 'call': return s.closing ? 'hanging up' : s.upAt !== undefined ? 'online' : s.proving ? 'authenticating' : 'dialling';
    case 'searching': case 'registered': return pending !== undefined && pending.trouble !== 'service' ? 'recovering' : s.at;
    default: return s.at;
  }
}

/** `blocked`: why no call is made, if one is wanted. */
export function wordsOf(s: State, pending: Pending | undefined, known: Knowledge, wishes: Wishes, blocked: string | undefined, now: number): string {
  const next = pending === undefined ? '' : ` (${pending.rung === 'redial' ? 'next try' : words.rungWords[pending.rung]} in ${words.span(pending.due - now)})`;
  switch (s.at) {
    case 'empty': case 'identifying': return 'finding out what the card is';
    case 'starting': return 'starting the card';
    case 'opening': return 'getting the card ready';
    case 'off': return 'cellular is switched off';
    case 'locked': return s.why;
    case 'failed': return `${s.why}${next}`;
    case 'recovering': return words.rungWords[s.rung];
    case 'hanging up': return 'hanging up';
    case 'dialling': return 'dialling';
    case 'call': return s.closing ? 'hanging up' : s.upAt !== undefined ? `online ${words.networkWords(known.registration)}` : s.proving ? 'telling the network who we are' : 'talking to the network';
    case 'searching': return `${words.searchWords(known.registration)}${next}`;
    case 'registered':
      if (pending !== undefined) return `${pending.why}${next}`;
      if (wishes.held !== '') return `disconnected ${wishes.held}, and stays so until somebody connects it`;
      return blocked === undefined ? `ready, ${words.networkWords(known.registration)}` : `not connected: ${blocked}`;
  }
}
