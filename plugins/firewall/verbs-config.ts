import { z } from '../../sdk/index.ts';
import type { Core } from './core.ts';
import type { thresholdNames } from './settings.ts';
import { thresholdFacts } from './tables.ts';

/** The original's words for thresholds. */
const names: Readonly<Record<string, (typeof thresholdNames)[number]>> = {
  'minute-high': 'oneMinuteHigh', 'minute-low': 'oneMinuteLow', 'max-incomplete-high': 'maxIncompleteHigh', 'max-incomplete-low': 'maxIncompleteLow', 'tcp-max-incomplete': 'tcpMaxIncomplete',
};

/** The original's older tree, `config edit firewall`. */
export function configVerbs(core: Core): void {
  const { ctx } = core;
  const yesNo = { schema: z.enum(['yes', 'no']), help: 'yes or no' };
  ctx.command({
    path: 'config edit firewall active', help: 'switch the firewall on or off', args: { active: yesNo },
    run: ({ active }, io) => ctx.commit((d) => { d.active = active === 'yes'; }, io.author),
  });
  ctx.command({
    path: 'config edit firewall attack send-alert', help: 'whether attacks are alerts', args: { alert: yesNo },
    run: ({ alert }, io) => ctx.commit((d) => { d.log.alerts = alert === 'yes'; }, io.author),
  });
  ctx.command({
    path: 'config edit firewall attack block-minute', help: 'minutes for which a destination with too many half-open sessions is blocked; 0: delete the oldest',
    args: { minutes: { schema: z.number().int().min(0).max(255), help: '0–255' } },
    run: ({ minutes }, io) => ctx.commit((d) => { d.dos.blockMinutes = minutes; }, io.author),
  });
  for (const [name, threshold] of Object.entries(names)) {
    ctx.command({
      path: `config edit firewall attack ${name}`, help: 'a threshold of half-open sessions', args: { value: { schema: z.number().int().min(1).max(1_000_000), help: 'sessions' } },
      async run({ value }, io) {
        await ctx.commit((d) => { d.dos.thresholds[threshold] = value; }, io.author);
        return thresholdFacts(core);
      },
    });
  }
}
