import { type Arg, CliError, type PluginContext, z } from '../../../sdk/index.ts';
import type { Accounts } from './accounts.ts';
import { LARGEST_DATA, LONGEST_RECURRING_MIN, LONGEST_TIME, type Settings } from './settings.ts';
import { facts, hostTable } from './view.ts';

export interface Shown {
  readonly accounts: Accounts;
  settings(): Settings;
  /** False: there is no card. */
  reset(slot: number): boolean;
  linkOf(slot: number): number | undefined;
}
type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'command' | 'commit' | 'clock' | 'flows'>;

const PATH = 'wwan config budgetCtrl';
const onOff: Arg = { schema: z.enum(['on', 'off']).optional(), help: 'on or off; without: shows it' };
const number = (least: number, most: number, what: string): Arg => ({ schema: z.number().int().min(least).max(most).optional(), help: `${what}, ${least}-${most}; without: shows it` });
const directions = ['upload', 'download', 'both'] as const;

/** The settings under the original's words, and what it never had: the state, the hosts. */
export function verbs(ctx: Ctx, shown: Shown): void {
  const verb = (path: string, help: string, arg: Arg, show: (s: Settings) => string, set: (draft: Mutable<Settings>, value: string | number) => void): void => {
    ctx.command({
      path: `${PATH} ${path}`, help, args: { value: arg },
      async run({ value }, io) {
        if (value === undefined) return show(shown.settings());
        await ctx.commit(draft => set(draft as Mutable<Settings>, value as string | number), io.author);
        return undefined;
      },
    });
  };
  const toggle = (path: string, help: string, get: (s: Settings) => boolean, set: (draft: Mutable<Settings>, on: boolean) => void): void =>
    verb(path, help, onOff, s => (get(s) ? 'on' : 'off'), (draft, value) => set(draft, value === 'on'));

  toggle('enable', 'budget control', s => s.enabled, (d, on) => { d.enabled = on; });
  toggle('data enable', 'the data budget', s => s.data.enabled, (d, on) => { d.data.enabled = on; });
  verb('data dir', 'what is counted: 1 upload (Tx), 2 download (Rx), 3 both', number(1, 3, 'direction'), s => String(directions.indexOf(s.data.direction) + 1), (d, n) => { d.data.direction = directions[Number(n) - 1]!; });
  verb('data quota', 'MB per month', number(1, LARGEST_DATA, 'MB'), s => `${s.data.quota} MB`, (d, n) => { d.data.quota = Number(n); });
  toggle('time enable', 'the time budget', s => s.time.enabled, (d, on) => { d.time.enabled = on; });
  verb('time quota', 'hours per month', number(1, LONGEST_TIME, 'hours'), s => `${s.time.quota} h`, (d, n) => { d.time.quota = Number(n); });
  for (const [level, when] of [['highLimit', 'over budget'], ['lowLimit', 'at the warning level']] as const) {
    toggle(`${level} log`, `a line of the log ${when}`, s => s[level].log, (d, on) => { Object.assign(d[level], on ? { log: true } : { log: false, alert: false, recurring: false }); });
    toggle(`${level} alert`, `an alert ${when}; needs log`, s => s[level].alert, (d, on) => { d[level].alert = on; });
    ctx.command({
      path: `${PATH} ${level} recurring`, help: `the line again every so many minutes while it is ${when}; needs log`,
      args: { minutes: { schema: z.string().regex(/^(off|\d{1,5})$/).optional(), help: `1-${LONGEST_RECURRING_MIN} minutes, or off; without: shows it` } },
      async run({ minutes }, io) {
        const now = shown.settings()[level];
        if (minutes === undefined) return now.recurring ? `every ${now.recurringMin} minutes` : 'off';
        await ctx.commit(draft => { Object.assign(draft[level], minutes === 'off' ? { recurring: false } : { recurring: true, recurringMin: Number(minutes) }); }, io.author);
        return undefined;
      },
    });
  }
  toggle('highLimit AllowNewConn', 'whether calls are made over budget', s => s.highLimit.newConnection === 'allow', (d, on) => { d.highLimit.newConnection = on ? 'allow' : 'disallow'; });
  toggle('highLimit KeepCurrConn', 'whether the present call stays over budget; off needs AllowNewConn off', s => s.highLimit.currentConnection === 'keep', (d, on) => { d.highLimit.currentConnection = on ? 'keep' : 'drop'; });
  for (const limit of ['data', 'time'] as const) verb(`lowLimit ${limit}`, `per cent of the ${limit} budget that warn`, number(1, 99, 'per cent'), s => `${s.lowLimit[limit]}%`, (d, n) => { d.lowLimit[limit] = Number(n); });
  verb('resetDay', 'day of the month on which the counters begin anew; 0: its last', number(0, 31, 'day'), s => String(s.resetDay), (d, n) => { d.resetDay = Number(n); });
  verb('timeZone', "whose days and months are counted: the carrier's", { schema: z.string().max(64).optional(), help: "such as Europe/Berlin, or machine; without: shows it" }, s => s.timeZone || 'machine', (d, zone) => { d.timeZone = zone === 'machine' ? '' : String(zone); });
  stateVerbs(ctx, shown);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };

function stateVerbs(ctx: Ctx, shown: Shown): void {
  const slotArg = { schema: z.number().int().min(1).max(99).optional(), help: 'slot; default: the first with a card' };
  const of = (slot: number | undefined): number => slot ?? shown.accounts.slots()[0] ?? 1;
  ctx.command({
    path: `${PATH} display`, help: 'the budget of this month, and the settings', access: 'read', args: { slot: slotArg },
    run({ slot }) {
      const s = shown.settings();
      const { highLimit: high, lowLimit: low } = s;
      const said = (a: typeof high | typeof low): string => [a.log ? 'log' : 'no log', ...(a.alert ? ['alert'] : []), ...(a.recurring ? [`every ${a.recurringMin} min`] : [])].join(', ');
      return [facts(shown.accounts.of(of(slot)), s, ctx.clock.wall()), { title: 'Settings', facts: {
        data: s.data.enabled ? `${s.data.quota} MB, ${s.data.direction}` : 'no limit', time: s.time.enabled ? `${s.time.quota} h` : 'no limit', 'restart day': s.resetDay,
        'over budget': `${said(high)}; new connection: ${high.newConnection}, current connection: ${high.currentConnection}`, warning: `at ${low.data}% of data, ${low.time}% of time; ${said(low)}`,
      } }];
    },
  });
  ctx.command({
    path: `${PATH} hosts`, help: 'which hosts used the budget of this month, about', access: 'read', args: { slot: slotArg },
    run({ slot }) {
      const account = shown.accounts.of(of(slot));
      if (account === undefined) throw new CliError('there is no card');
      return hostTable(account, ctx.flows, shown.linkOf(of(slot)));
    },
  });
  ctx.command({
    path: `${PATH} reset`, help: 'counters to zero; the restart day stays', args: { slot: slotArg },
    run({ slot }) {
      if (!shown.reset(of(slot))) throw new CliError('there is no card whose counters could be set to zero');
    },
  });
}
