import { type Problem, z } from '../../../sdk/index.ts';
import { isZone } from './calendar.ts';

/** "recurring every N minutes" (the original's field was widened to this). */
export const LONGEST_RECURRING_MIN = 46_000;
/** MB. */
export const LARGEST_DATA = 100_000;
/** Hours of the longest month. */
export const LONGEST_TIME = 744;

const actions = (when: string) => ({
  log: z.boolean().default(true).meta({ title: 'Log', help: `Write a line into the log ${when}.` }),
  alert: z.boolean().default(false).meta({ title: 'Alert', help: 'Make the line an alert. Only with Log.' }),
  recurring: z.boolean().default(false).meta({ title: 'Recurring', help: 'Write it again and again as long as it lasts. Only with Log.' }),
  recurringMin: z.number().int().min(1).max(LONGEST_RECURRING_MIN).default(60).meta({ title: 'Every', unit: 'min' }),
});
const percent = (what: string) => z.number().int().min(1).max(99).default(80).meta({ title: `Over % of ${what}`, unit: '%', help: 'Another value starts the counters anew.' });

export const settings = z.object({
  enabled: z.boolean().default(false).meta({ title: 'Enable budget control', help: 'A monthly limit for the account of the inserted card. Counted here; the carrier may count differently.' }),
  time: z.object({
    enabled: z.boolean().default(false).meta({ title: 'Time budget' }),
    quota: z.number().int().min(1).max(LONGEST_TIME).default(LONGEST_TIME).meta({ title: 'Hours per month', unit: 'h', help: 'Another value starts the counters anew.' }),
  }).prefault({}).meta({ title: 'Time' }),
  data: z.object({
    enabled: z.boolean().default(false).meta({ title: 'Data budget' }),
    quota: z.number().int().min(1).max(LARGEST_DATA).default(LARGEST_DATA).meta({ title: 'MB per month', unit: 'MB', help: '1 MB is 1,000,000 octets. Another value starts the counters anew.' }),
    direction: z.enum(['upload', 'download', 'both']).default('both').meta({ title: 'Counted', help: 'Another value starts the counters anew.' }),
  }).prefault({}).meta({ title: 'Data' }),
  resetDay: z.number().int().min(0).max(31).default(1).meta({ title: 'Restart budget counter on day', help: 'Of the month; in a month that lacks that day, and with 0, its last day.' }),
  highLimit: z.object({
    ...actions('when the budget is used up'),
    newConnection: z.enum(['allow', 'disallow']).default('allow').meta({ title: 'New connection' }),
    currentConnection: z.enum(['keep', 'drop']).default('keep').meta({ title: 'Current connection', help: 'Drop goes with Disallow only. Disallow and Keep: the connection goes on and is not made again once it is lost.' }),
  }).prefault({}).meta({ title: 'Over budget' }),
  lowLimit: z.object({ data: percent('the data budget'), time: percent('the time budget'), ...actions('when that much is used') }).prefault({}).meta({ title: 'Warning' }),
  timeZone: z.string().max(64).refine(isZone, 'must be a time zone such as Europe/Berlin').default('').meta({ title: 'Time zone', help: 'Of the carrier\'s days; empty: that of this machine.' }),
}).meta({ title: 'Cell-Sentry' });
export type Settings = z.infer<typeof settings>;

export function verify(mine: Settings): Problem[] {
  const out: Problem[] = [];
  for (const level of ['highLimit', 'lowLimit'] as const) {
    const { log, alert, recurring } = mine[level];
    if (alert && !log) out.push({ path: [level, 'alert'], message: 'an alert is a line of the log: choose Log as well' });
    if (recurring && !log) out.push({ path: [level, 'recurring'], message: 'only what is logged can be logged again: choose Log as well' });
  }
  const { newConnection, currentConnection } = mine.highLimit;
  if (newConnection === 'allow' && currentConnection === 'drop') {
    out.push({ path: ['highLimit', 'currentConnection'], message: 'drop and allow do not go together: the connection that is dropped would be made again at once; disallow new connections first, or keep the current one' });
  }
  return out;
}
