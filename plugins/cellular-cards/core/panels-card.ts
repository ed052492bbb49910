import type { BudgetLeft, CardStatus, Phase } from '../contract.ts';
import { format4 } from '../../../sdk/wire/address.ts';
import { esnDecimal } from './modem/words.ts';
import type { PanelParts } from './panels.ts';
import { type Remedy, remedyOf } from './remedy.ts';

type Tone = 'ok' | 'ready' | 'busy' | 'warn' | 'bad' | 'off';

/** What people call the phases, and how they look. */
const phases: Readonly<Record<Phase, readonly [string, Tone]>> = {
  empty: ['No card', 'off'], storage: ['Storage', 'busy'], identifying: ['Identifying', 'busy'], starting: ['Starting', 'busy'],
  'pin needed': ['PIN needed', 'warn'], 'puk needed': ['PUK needed', 'bad'], 'no sim': ['No SIM', 'bad'], searching: ['Searching', 'busy'],
  registered: ['Ready', 'ready'], dialling: ['Dialling', 'busy'], authenticating: ['Authenticating', 'busy'], online: ['Online', 'ok'],
  'hanging up': ['Hanging up', 'busy'], recovering: ['Recovering', 'warn'], failed: ['Failed', 'bad'], off: ['Switched off', 'off'],
};
/** A card that could call, and may not. */
const barred: Partial<Readonly<Record<Remedy, readonly [string, Tone]>>> = { apn: ['No APN', 'warn'], roaming: ['Roaming, no calls', 'warn'], budget: ['Over budget', 'bad'] };
/** A call is up or on its way. */
const inCall: ReadonlySet<Phase> = new Set(['dialling', 'authenticating', 'online']);
/** There is something to make a call with. */
const mayCall: ReadonlySet<Phase> = new Set(['searching', 'registered', 'recovering', 'failed']);

export interface ShownSignal { readonly bars: number; readonly dbm: number | undefined; readonly measure: string; readonly quality: number | undefined; readonly radio: string | undefined; readonly source: string; readonly atMs: number; readonly stale: boolean }
export interface ShownCard {
  readonly slot: number; readonly phase: string; readonly tone: Tone; readonly words: string; readonly maker: string; readonly model: string;
  /** IMEI, ESN or MEID, by which the network knows the card. */
  readonly number: readonly [string, string] | undefined;
  readonly signal: ShownSignal | undefined;
  /** Of the card's other radio. */
  readonly otherSignal: ShownSignal | undefined;
  readonly technology: { readonly value: string; readonly atMs: number; readonly stale: boolean } | undefined;
  readonly provider: string | undefined;
  readonly roaming: boolean;
  readonly connectedAt: number | undefined; readonly rx: number; readonly tx: number; readonly ip: string;
  readonly budget: readonly BudgetLeft[];
  readonly pin: { readonly state: string; readonly attempts: number | undefined; readonly pukAttempts: number | undefined } | undefined;
  readonly can: { readonly connect: boolean; readonly disconnect: boolean; readonly enable: boolean; readonly activate: boolean };
  /** What somebody has to do before the card goes on. */
  readonly remedy: Remedy | undefined;
  /** What else is known. */
  readonly more: readonly (readonly [string, string])[];
}
export interface CardPageData { readonly wall: number; readonly enabled: boolean; readonly cards: readonly ShownCard[]; readonly supported: readonly string[] }

/** All cards that are in, as the windows draw them; times are ms since the epoch by the router's clock, as `wall` is. */
export function cardData({ ctx, cellular, budgets, settings }: PanelParts, supported: readonly string[]): CardPageData {
  return {
    wall: ctx.clock.wall(), enabled: settings().enabled, supported,
    cards: cellular.list().filter(s => s.phase !== 'empty').map(s => {
      const left = budgets.flatMap(b => b.left(s.slot));
      return shownCard(s, left, remedyOf(s, settings(), left));
    }),
  };
}

function shownCard(s: CardStatus, budget: readonly BudgetLeft[], remedy: Remedy | undefined): ShownCard {
  const { identity: id, registration: r, signal, technology } = s;
  const [phase, tone] = (remedy && barred[remedy]) ?? phases[s.phase];
  const dialect = s.spec?.dialect;
  return {
    slot: s.slot, phase, tone, words: s.words, maker: s.spec?.maker || s.maker, model: s.model,
    number: id?.imei ? ['IMEI', id.imei] : id?.esn ? ['ESN', id.esn] : id?.meid ? ['MEID', id.meid] : undefined,
    signal: shownSignal(signal), otherSignal: shownSignal(s.otherSignal),
    technology: technology && { value: technology.value, atMs: technology.atMs, stale: technology.stale },
    provider: r?.carrier ?? r?.network, roaming: r?.state === 'roaming',
    connectedAt: s.connectedAt, rx: s.rxBytes, tx: s.txBytes, ip: s.ip === 0 ? '' : format4(s.ip), budget,
    pin: s.pin && { state: s.pin.state, attempts: s.pin.attempts, pukAttempts: s.pin.pukAttempts },
    can: { connect: mayCall.has(s.phase), disconnect: inCall.has(s.phase), enable: s.phase === 'off', activate: dialect?.activate !== undefined && s.phase !== 'identifying' && s.phase !== 'starting' },
    remedy, more: facts(s),
  };
}

function shownSignal(of: CardStatus['signal']): ShownSignal | undefined {
  if (of === undefined) return undefined;
  const { bars, dbm, measure, quality, radio, source } = of.value;
  return { bars, dbm, measure, quality, radio, source, atMs: of.atMs, stale: of.stale };
}

function facts({ identity: id, registration: r, dns, networkTypes, spec, pin }: CardStatus): readonly (readonly [string, string])[] {
  const all: readonly (readonly [string, string | undefined])[] = [
    ['Card', spec?.title], ['Form', spec?.form.join(', ')], ['Firmware', id?.revision], ['IMEI', id?.imei], ['ESN', id?.esn], ['ESN, decimal', id?.esn && esnDecimal(id.esn)], ['MEID', id?.meid], ['IMSI', id?.imsi], ['ICCID', id?.iccid],
    ['Phone number', id?.phone], ['SIM', pin && pin.state !== 'not applicable' ? pinWords(pin.state, pin.attempts) : undefined],
    ['Registration', r && ({ home: 'home network', unknown: undefined } as Record<string, string | undefined>)[r.state] || r?.state], ['Network', r?.network], ['Area', r?.area], ['Cell', r?.cell],
    ['Network type', networkTypes?.choices.find(c => c.id === networkTypes.now)?.title], ['DNS servers', dns.map(format4).join(', ')],
  ];
  return all.flatMap(([name, value]) => (value ? [[name, value] as const] : []));
}

/** 'wants its PIN, 2 attempts left'. */
export function pinWords(state: string, attempts: number | undefined): string {
  const words = ({ ready: 'unlocked', pin: 'wants its PIN', puk: 'locked, wants its PUK', pin2: 'unlocked', puk2: 'unlocked', 'no sim': 'there is none' } as Record<string, string>)[state] ?? state;
  return attempts === undefined || state === 'puk' ? words : `${words}, ${attempts} attempt${attempts === 1 ? '' : 's'} left`;
}
