import { type CardSpec, CliError, type Facts, type PluginContext, type Table, z } from '../../../sdk/index.ts';
import { format4 } from '../../../sdk/wire/address.ts';
import type { BudgetSource, CardStatus, TimelineEntry } from '../contract.ts';
import { esnDecimal, span } from './modem/words.ts';
import type { CellularService } from './service.ts';
import type { Settings } from './settings.ts';
import { remedyOf, remedyVerbs } from './remedy.ts';

type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'command' | 'clock' | 'config'>;

/** The last argument of most verbs. */
export const slotArg = { schema: z.number().int().min(1).max(99).optional(), help: 'slot; default: the one with the card' };
const TIMELINE_ROWS = 50;
const MIB = 1024 * 1024;

export const facts = (s: CardStatus, wall: number, remedy: string | null = null): Facts => {
  const id = s.identity;
  const r = s.registration;
  const aged = (atMs: number, stale: boolean): string => (stale ? ` (${span(wall - atMs)} ago)` : '');
  const level = (of: CardStatus['signal']): string | null => {
    if (of === undefined) return null;
    const { bars, dbm, quality, measure, radio } = of.value;
    const value = dbm !== undefined ? `, ${dbm} dBm` : quality === undefined ? '' : `, ${quality} dB`;
    return `${bars} of 5${value} (${radio === undefined ? '' : `${radio} `}${measure})${aged(of.atMs, of.stale)}`;
  };
  const shown: Record<string, string | number | null> = {
    slot: s.slot, state: s.phase, '': s.words, 'to do': remedy, card: `${s.maker} ${s.model}`.trim() || null, revision: id?.revision || null,
    IMEI: id?.imei ?? null, ESN: id?.esn ?? null, MEID: id?.meid ?? null, IMSI: id?.imsi ?? null, ICCID: id?.iccid ?? null, 'phone number': id?.phone ?? null,
    'ESN, decimal': id?.esn === undefined ? null : esnDecimal(id.esn),
    SIM: s.pin === undefined ? null : `${s.pin.state}${s.pin.attempts === undefined ? '' : `, ${s.pin.attempts} attempts left`}`,
    provider: r?.carrier ?? r?.network ?? null, registration: r?.state ?? null,
    technology: s.technology === undefined ? null : `${s.technology.value}${aged(s.technology.atMs, s.technology.stale)}`,
    signal: level(s.signal), 'other radio': level(s.otherSignal),
    'connected for': s.connectedAt === undefined ? null : span(wall - s.connectedAt),
    'IP address': s.ip === 0 ? null : format4(s.ip), 'DNS servers': s.dns.map(format4).join(' ') || null,
    received: s.connectedAt === undefined ? null : `${(s.rxBytes / MIB).toFixed(2)} MiB`, sent: s.connectedAt === undefined ? null : `${(s.txBytes / MIB).toFixed(2)} MiB`,
  };
  return { title: 'Cellular', facts: Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== null).map(([key, value]) => [key === '' ? 'what' : key, value])) };
};

export const timelineTable = (entries: readonly TimelineEntry[], most = TIMELINE_ROWS): Table => ({
  columns: ['time', 'slot', 'kind', 'what'],
  rows: entries.slice(-most).map(e => [new Date(e.atMs).toISOString().slice(0, 19).replace('T', ' '), e.slot, e.kind, e.words]),
});

const specTable = (specs: readonly CardSpec[]): Table => ({
  title: 'Cards of which the description is loaded',
  columns: ['model', 'maker', 'form', 'radio', 'USB ids'],
  rows: [...specs].sort((a, b) => a.model.localeCompare(b.model)).map(s => [s.model, s.maker, s.form.join(' '), s.technologies.join(' '), s.match.usb.join(' ')]),
});

/** What is there, and what people can tell a card to do. */
export function cardVerbs(ctx: Ctx, cellular: CellularService, budgets: readonly BudgetSource[]): void {
  const of = (slot: number | undefined): number => slot ?? cellular.defaultSlot();
  const status = (slot: number | undefined): Facts => {
    const now = cellular.status(of(slot));
    const remedy = remedyOf(now, ctx.config, budgets.flatMap(b => b.left(now.slot)));
    return facts(now, ctx.clock.wall(), remedy === undefined ? null : remedyVerbs[remedy].replace('SLOT', String(now.slot)));
  };

  ctx.command({ path: 'wwan status', help: 'the cellular card: who it is, its network, signal and connection', access: 'read', args: { slot: slotArg }, run: ({ slot }) => status(slot) });
  ctx.command({
    path: 'wwan signal', help: 'signal, technology and network of the card, with their age', access: 'read', args: { slot: slotArg },
    run({ slot }) {
      const all = status(slot).facts;
      return { facts: Object.fromEntries(['signal', 'other radio', 'technology', 'provider', 'registration'].flatMap(key => (key === 'other radio' && all[key] === undefined ? [] : [[key, all[key] ?? 'not known']]))) };
    },
  });
  ctx.command({
    path: 'wwan cards', help: 'the slots, and the cards that are known', access: 'read',
    run: () => [{ columns: ['slot', 'card', 'state', 'what'], rows: cellular.list().map(s => [s.slot, `${s.maker} ${s.model}`.trim(), s.phase, s.words]) }, specTable(cellular.specs())],
  });
  ctx.command({
    path: 'wwan timeline', help: 'what happened to the cards, the newest last', access: 'read', args: { slot: slotArg },
    run: ({ slot }) => timelineTable(cellular.timeline(slot)),
  });
  ctx.command({
    path: 'wwan log', help: 'what router and card said to each other; PINs and passwords are left out', args: { slot: slotArg },
    run: ({ slot }) => ({ text: cellular.conversation(of(slot)).join('\n') || 'nothing yet' }),
  });
  ctx.command({ path: 'wwan connect', help: 'makes the connection, and allows it after "wwan disconnect"', args: { slot: slotArg }, run: ({ slot }) => cellular.connect(of(slot)) });
  ctx.command({ path: 'wwan dial', help: 'the same as "wwan connect"', args: { slot: slotArg }, run: ({ slot }) => cellular.connect(of(slot)) });
  ctx.command({
    path: 'wwan disconnect', help: 'ends the connection; no packet brings it back before "wwan connect"', args: { slot: slotArg },
    run: ({ slot }, io) => cellular.disconnect(of(slot), `by ${io.author}`),
  });
  pinVerbs(ctx, cellular, of);
  ctx.command({
    path: 'wwan networks', help: 'searches for networks; takes minutes and may break the connection', args: { slot: slotArg },
    async run({ slot }, io) {
      io.write('searching …');
      const lines = await cellular.command(of(slot), 'AT+COPS=?');
      const found = [...lines.join(' ').matchAll(/\(\s*(\d)\s*,\s*"([^"]*)"\s*,\s*"?([^",)]*)"?\s*(?:,\s*"?(\d{5,6})"?)?\s*(?:,\s*(\d+))?\s*\)/g)];
      if (found.length === 0) return { text: lines.join('\n') };
      const states = ['unknown', 'available', 'present one', 'forbidden'];
      return { columns: ['network', 'number', 'state', 'technology'], rows: found.map(m => [m[2]!, m[4] ?? m[3] ?? '', states[Number(m[1])] ?? m[1]!, m[5] ?? '']) };
    },
  });
  ctx.command({
    path: 'wwan at', help: 'sends an AT command to the card and shows its answer. A wrong one can make the card unusable, for good',
    args: { line: { schema: z.string().min(2).max(512), help: 'AT…', rest: true } },
    run: async ({ line }) => ({ text: (await cellular.command(cellular.defaultSlot(), line)).join('\n') }),
  });
}

function pinVerbs(ctx: Ctx, cellular: CellularService, of: (slot: number | undefined) => number): void {
  const pin = { schema: z.string().regex(/^\d{4,8}$/, 'must be 4 to 8 digits'), help: '4 to 8 digits' };
  const stateOf = (slot: number) => cellular.status(slot).pin;
  ctx.command({
    path: 'wwan pin status', help: 'whether the SIM wants a PIN, and how many attempts are left', access: 'read', args: { slot: slotArg },
    run({ slot }) {
      const known = stateOf(of(slot));
      return { facts: { state: known?.state ?? 'not known', 'attempts left': known?.attempts ?? 'not known', 'attempts left for the PUK': known?.pukAttempts ?? 'not known' } };
    },
  });
  ctx.command({
    path: 'wwan pin enter', help: 'enters the PIN of the SIM; "sure" behind it when one attempt is left',
    args: { pin, sure: { schema: z.literal('sure').optional(), help: 'sure: although one attempt is left' } },
    run({ pin: text, sure }) {
      const slot = of(undefined);
      const known = stateOf(slot);
      if (known?.state !== 'pin') throw new CliError(known?.state === 'puk' ? 'the SIM is locked and wants its PUK: "wwan pin unlock"' : 'the SIM wants no PIN now');
      if (known.attempts === 1 && sure !== 'sure') throw new CliError('one attempt is left, then the SIM is locked and wants its PUK; if you are certain: wwan pin enter PIN sure');
      cellular.pin(slot, text, undefined);
    },
  });
  ctx.command({
    path: 'wwan pin unlock', help: 'unlocks a SIM by its PUK, and gives it a new PIN. A wrong PUK too often destroys the SIM',
    args: { puk: { schema: z.string().regex(/^\d{8}$/, 'must be 8 digits'), help: '8 digits, from the carrier' }, pin },
    run({ puk, pin: text }) {
      const slot = of(undefined);
      if (stateOf(slot)?.state !== 'puk') throw new CliError('the SIM does not want its PUK now');
      cellular.pin(slot, text, puk);
    },
  });
}
