import type { SimulatedCard } from './card.ts';
import type { Facts } from './facts.ts';
import { messageEffects } from './message-effects.ts';

/** What an effect changes about the answer. `later` is asked after `ms`, when the answer is due. */
export interface Effect {
  readonly say?: readonly string[];
  readonly final?: string;
  readonly ms?: number;
  readonly later?: () => Effect;
  /** Octets in place of an answer; the line then goes on with a body up to Ctrl-Z. */
  readonly prompt?: (body: string) => Effect;
  /** The port carries a call from now on. */
  readonly data?: () => void;
}

export interface Hand {
  readonly card: SimulatedCard;
  /** Puts the port into a call; a string: the call is not taken. */
  dial(apn: string, login: { readonly user: string; readonly password: string } | undefined): Effect;
  /** Ends the call of this or another port. */
  hangUp(): void;
  /** Back into the call. */
  resume(): Effect;
  setEcho(on: boolean): void;
  setErrors(how: number): void;
}

const cme = (n: number): Effect => ({ final: `+CME ERROR: ${n}` });
/** TS 27.007 §9.2: incorrect password, SIM PUK required, operation not allowed. */
const WRONG = 16;
const PUK_NEEDED = 12;
const NOT_ALLOWED = 3;

export type Run = (hand: Hand, found: Facts) => Effect | undefined;

/** What commands do, by the name that card files have for it. Arguments are the groups of the rule's expression. */
export const effects: Readonly<Record<string, Run>> = {
  echo: (h, f) => { h.setEcho(f['1'] !== '0'); return undefined; },
  errors: (h, f) => { h.setErrors(Number(f['1'] ?? 0)); return undefined; },
  reset: (h) => ({ later: () => { h.card.restart('it was reset'); return {}; } }),
  radio: (h, f) => { h.card.setFunctionality(Number(f['1'] ?? 1)); return undefined; },
  attach: (h, f) => { h.card.attach(f['1'] !== '0'); return undefined; },
  mode: (h) => { h.card.searchAgain(); return undefined; },
  pin: ({ card }, f) => {
    if (card.sim === undefined) return cme(10);
    if (card.sim.state === 'SIM PUK') return cme(PUK_NEEDED);
    if (card.sim.state === 'READY') return cme(NOT_ALLOWED);
    if (!card.sim.enter(f['pin'] ?? '')) return cme(card.sim.pinLeft === 0 ? PUK_NEEDED : WRONG);
    card.unlocked();
    return undefined;
  },
  puk: ({ card }, f) => {
    if (card.sim === undefined) return cme(10);
    if (!card.sim.unblock(f['puk'] ?? '', f['pin'] ?? '')) return cme(WRONG);
    card.unlocked();
    return undefined;
  },
  lock: ({ card }, f) => (card.sim?.setLock(f['1'] === '1', f['pin'] ?? '') === true ? undefined : cme(WRONG)),
  changePin: ({ card }, f) => {
    if (card.sim?.enter(f['pin'] ?? '') !== true) return cme(WRONG);
    card.sim.pin = f['new'] ?? card.sim.pin;
    return undefined;
  },
  context: ({ card }, f) => { card.contexts.set(Number(f['cid'] ?? 1), (f['apn'] ?? '').toLowerCase()); return undefined; },
  login: ({ card }, f) => {
    if (f['user'] === undefined || f['user'] === '') card.logins.delete(Number(f['cid'] ?? 1));
    else card.logins.set(Number(f['cid'] ?? 1), { user: f['user'], password: f['password'] ?? '' });
    return undefined;
  },
  dial: (h, f) => {
    const cid = Number(f['cid'] ?? 1) || 1;
    const { card } = h;
    if (card.fault === 'busy') return { ms: card.file.timing.dialMs, final: 'BUSY' };
    if (card.fault === 'no-carrier') return { ms: card.file.timing.dialMs, final: 'NO CARRIER' };
    if (card.online) return { final: 'NO CARRIER' };
    const nobody = (): Effect => ({ final: card.refused({ final: 'NO CARRIER' }) });
    return { ms: card.file.timing.dialMs, later: () => (card.canDial ? h.dial(card.contexts.get(cid) ?? '', card.logins.get(cid)) : nobody()) };
  },
  hangUp: (h) => { h.hangUp(); return undefined; },
  resume: (h) => h.resume(),
  ...messageEffects,
};
