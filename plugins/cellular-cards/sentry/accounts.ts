import type { CardStatus } from '../contract.ts';
import { Budget, type BudgetIn, type BudgetOut, type BudgetState } from './budget.ts';
import { Shares, type SharesState } from './hosts.ts';
import type { JournalState } from './journal.ts';
import type { Settings } from './settings.ts';

/** SIMs and cards that are remembered; those not used for longest go first. */
const MOST = 16;

export interface Account { readonly key: string; readonly budget: Budget; readonly shares: Shares; seen: number }
interface Call { account: string; connectedAt: number; rx: number; tx: number }

/** Octets from and to the network since the call came up. */
export interface Octets { readonly rx: number; readonly tx: number }

/** Whose budget a card's traffic is: that of its SIM; cards without one have the account in themselves. */
export const accountOf = (s: Pick<CardStatus, 'slot' | 'identity'>): string => {
  const id = s.identity;
  const known = ([['IMSI', id?.imsi], ['ICCID', id?.iccid], ['MEID', id?.meid], ['ESN', id?.esn], ['IMEI', id?.imei]] as const).find(([, value]) => value !== undefined && value !== '');
  return known === undefined ? `slot ${s.slot}` : `${known[0]} ${known[1]}`.slice(0, 64);
};

/** The budgets of all accounts, and which calls use them. Wall-clock times in ms; `now` is the running clock. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #calls = new Map<number, Call>();
  /** Account of each slot with a card. */
  readonly #slots = new Map<number, string>();
  readonly #told: (account: Account, slots: readonly number[], outs: readonly BudgetOut[]) => void;
  #settings: Settings;
  dirty = false;

  constructor(settings: Settings, before: JournalState | undefined, told: (account: Account, slots: readonly number[], outs: readonly BudgetOut[]) => void) {
    this.#settings = settings;
    this.#told = told;
    for (const [key, a] of Object.entries(before?.accounts ?? {})) this.#make(key, a.seen, a.budget, a.shares);
    for (const [slot, call] of Object.entries(before?.calls ?? {})) this.#calls.set(Number(slot), { ...call });
  }

  of(slot: number): Account | undefined {
    const key = this.#slots.get(slot);
    return key === undefined ? undefined : this.#accounts.get(key);
  }
  slots(): readonly number[] { return [...this.#slots.keys()].sort((a, b) => a - b); }

  /** The card in a slot as it is now. */
  status(s: CardStatus, octets: Octets, wall: number, now: number): void {
    if (s.phase === 'empty' || s.phase === 'storage') return this.gone(s.slot, wall, now, octets);
    const key = accountOf(s);
    const call = this.#calls.get(s.slot);
    if (s.connectedAt === undefined) {
      // The octets are those of the call that has just ended.
      if (call !== undefined) this.#end(s.slot, call, octets, wall, now);
      this.#use(s.slot, key, wall);
      return;
    }
    this.#use(s.slot, key, wall);
    if (call !== undefined && (call.connectedAt !== s.connectedAt || call.account !== key)) this.#end(s.slot, call, undefined, wall, now);
    let present = this.#calls.get(s.slot);
    if (present === undefined) this.#calls.set(s.slot, present = { account: key, connectedAt: s.connectedAt, rx: 0, tx: 0 });
    if (this.#accounts.get(key)?.budget.up === false) this.#step(key, { kind: 'call', up: true, wall }, now);
    this.#count(present, octets, wall, now);
  }

  /** `octets`: those of the call that was under way, if they are known. */
  gone(slot: number, wall: number, now: number, octets?: Octets): void {
    const call = this.#calls.get(slot);
    if (call !== undefined) this.#end(slot, call, octets, wall, now);
    this.#slots.delete(slot);
  }

  /** Time passed. */
  look(wall: number, now: number): void {
    for (const key of this.#accounts.keys()) {
      const used = [...this.#slots.values()].includes(key);
      const a = this.#accounts.get(key)!;
      this.#step(key, { kind: 'look', wall }, now);
      if (used) a.seen = wall;
    }
  }

  settings(settings: Settings, wall: number, now: number): void {
    this.#settings = settings;
    for (const key of this.#accounts.keys()) this.#step(key, { kind: 'settings', settings, wall }, now);
  }

  reset(slot: number, wall: number, now: number): boolean {
    const account = this.of(slot);
    if (account !== undefined) this.#step(account.key, { kind: 'reset', wall }, now);
    return account !== undefined;
  }

  save(): Omit<JournalState, 'serial'> {
    return {
      accounts: Object.fromEntries([...this.#accounts].map(([key, a]) => [key, { budget: a.budget.state, shares: a.shares.save(), seen: a.seen }])),
      calls: Object.fromEntries(this.#calls),
    };
  }

  #end(slot: number, call: Call, octets: Octets | undefined, wall: number, now: number): void {
    if (octets !== undefined) this.#count(call, octets, wall, now);
    this.#calls.delete(slot);
    // Another slot may have a card with the same account.
    if (![...this.#calls.values()].some(c => c.account === call.account)) this.#step(call.account, { kind: 'call', up: false, wall }, now);
  }

  #count(call: Call, { rx, tx }: Octets, wall: number, now: number): void {
    const [more, moreTx] = [rx - call.rx, tx - call.tx];
    if (more <= 0 && moreTx <= 0) return;
    call.rx = Math.max(call.rx, rx);
    call.tx = Math.max(call.tx, tx);
    this.#step(call.account, { kind: 'traffic', rx: Math.max(0, more), tx: Math.max(0, moreTx), wall }, now);
  }

  #use(slot: number, key: string, wall: number): void {
    if (this.#slots.get(slot) === key) return;
    this.#slots.set(slot, key);
    const account = this.#accounts.get(key) ?? this.#make(key, wall);
    account.seen = wall;
    const idle = [...this.#accounts.values()].filter(a => ![...this.#slots.values()].includes(a.key)).sort((a, b) => a.seen - b.seen);
    for (const a of idle) {
      if (this.#accounts.size <= MOST) break;
      this.#accounts.delete(a.key);
    }
    this.dirty = true;
    this.#told(account, [slot], [{ kind: 'policy', why: 'another account' }]);
  }

  #make(key: string, seen: number, budget?: BudgetState, shares?: SharesState): Account {
    const account: Account = { key, budget: new Budget(this.#settings, budget), shares: new Shares(shares), seen };
    this.#accounts.set(key, account);
    return account;
  }

  #step(key: string, input: BudgetIn, now: number): void {
    const account = this.#accounts.get(key);
    if (account === undefined) return;
    const outs = account.budget.step(input, now);
    if (input.kind !== 'look' || account.budget.up || outs.length > 0) this.dirty = true;
    if (outs.length > 0) this.#told(account, this.slots().filter(slot => this.#slots.get(slot) === key), outs);
  }
}
