import type { CardSpec, Login, Report, Script, Tick } from '../../../../sdk/index.ts';
import type { CardStatus, TimelineEntry } from '../../contract.ts';
import type { Rung } from './ladder.ts';

/** What people have said about cellular calls; the machine reads it anew each time. */
export interface ModemSettings {
  /** False: the card is looked at and not used. */
  readonly enabled: boolean;
  /** Empty: none is known. */
  readonly pin: string;
  readonly login: Login;
  /** Number or whole dial command instead of the card's own; empty: the card's own. */
  readonly phone: string;
  /** Empty: as the card has it. */
  readonly networkType: string;
  /** Calls in a foreign network. */
  readonly roaming: boolean;
  /** The call is to stand all the time. */
  readonly nailedUp: boolean;
  /** Hang up after so long without a packet to the network (ms); 0: never. Not with `nailedUp`. */
  readonly idleMs: number;
}

/** Why there is no call, as far as it decides what to do next. */
export type CallTrouble =
  /** Somebody wanted it so. */ | 'asked'
  /** The network did not take the call, or dropped it. */ | 'call'
  /** User name or password, or the APN. */ | 'login'
  /** The card refused a command. */ | 'card';

export type ModemIn =
  | Tick
  /** The machine begins: the card was put in. */
  | { readonly kind: 'begin' }
  /** The ports were tried. `statusOnline`: a port other than the one with the call can be asked during it. */
  | { readonly kind: 'identified'; readonly spec: CardSpec; readonly statusOnline: boolean }
  | { readonly kind: 'unidentified'; readonly why: string }
  /** The script of `run` ended. `silent`: nothing of it was answered. */
  | { readonly kind: 'done'; readonly job: number; readonly value: unknown; readonly silent: boolean }
  /** The script threw, or could not run. */
  | { readonly kind: 'broken'; readonly job: number; readonly why: string }
  | { readonly kind: 'report'; readonly report: Report }
  /** A person wants the call, a packet does (and for how long as it goes by the idle time), or another uplink needs a stand-in. */
  | { readonly kind: 'connect' }
  | { readonly kind: 'demand' }
  | { readonly kind: 'stand-in'; readonly wanted: boolean }
  | { readonly kind: 'disconnect'; readonly why: string }
  /** A person enters the PIN, or PUK and new PIN. */
  | { readonly kind: 'pin'; readonly pin: string; readonly puk: string | undefined }
  /** Settings changed; or the call policies may say something else now. */
  | { readonly kind: 'settings' }
  | { readonly kind: 'policies' }
  /** The call, from `call` to `hung-up`. */
  | { readonly kind: 'authenticating' }
  | { readonly kind: 'network-up'; readonly local: number }
  | { readonly kind: 'call-ended'; readonly trouble: CallTrouble; readonly why: string }
  | { readonly kind: 'hung-up' };

export type ModemOut =
  /** Try the ports, find out what the card is. */
  | { readonly kind: 'probe' }
  /** Run this; answer with `done` or `broken`. */
  | { readonly kind: 'run'; readonly job: number; readonly script: Script<unknown> }
  /** The data port carries PPP from now on. */
  | { readonly kind: 'call' }
  /** End PPP politely; `call-ended` follows. */
  | { readonly kind: 'close-call'; readonly why: string }
  /** Make the data port take commands again; `hung-up` follows. */
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'replug' }
  | { readonly kind: 'reboot'; readonly why: string }
  | { readonly kind: 'note'; readonly as: TimelineEntry['kind']; readonly words: string }
  /** Something of `view` changed. */
  | { readonly kind: 'changed' };

/** What is known of the card; a part of its status. */
export type ModemView = Pick<CardStatus, 'phase' | 'words' | 'identity' | 'pin' | 'registration' | 'technology' | 'signal' | 'otherSignal' | 'networkTypes'>;

/** What a machine asks of its surroundings, without waiting. */
export interface ModemSurroundings {
  readonly settings: () => ModemSettings;
  /** Why no call may be made, or may go on; undefined: it may. */
  readonly mayDial: () => string | undefined;
  readonly mayStay: () => string | undefined;
  /** When the last packet was sent to the network (same clock as `now`). */
  readonly lastSent: () => number;
  /** What this slot can do besides what the card can. */
  readonly has: (rung: Rung) => boolean;
  /** Milliseconds since the epoch, for people. */
  readonly wall: () => number;
  /** Whether this SIM has refused this PIN, or any. */
  readonly pinRefused: (sim: string, pin: string | undefined) => boolean;
  readonly rememberPin: (sim: string, pin: string, refused: boolean) => void;
}
