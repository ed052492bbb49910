import { CliError, z } from '../../sdk/index.ts';
import type { Core } from './core.ts';
import { RuleEditor } from './edit.ts';
import { profiles } from './profile.ts';
import { actions } from './settings.ts';
import { matrixTable, zoneNames } from './tables.ts';

/** Default actions of directions, and the profile they come from. */
export function directionVerbs(core: Core): void {
  const { ctx } = core;
  const editor = new RuleEditor(core);
  const zone = (help: string) => ({ schema: z.string().optional(), help, complete: () => zoneNames(core) });
  ctx.command({
    path: 'firewall default', help: 'default actions; with a direction and an action, change one',
    args: {
      from: zone('zone it comes from'), to: zone('zone it goes to'),
      action: { schema: z.enum([...actions, 'profile']).optional(), help: 'what happens when no rule matches; profile: as the profile says' },
      log: { schema: z.enum(['log', 'nolog']).optional(), help: 'whether that is logged' },
    },
    async run({ from, to, action, log }, io) {
      if (from === undefined) return matrixTable(core);
      if (to === undefined) throw new CliError('a direction has two zones: firewall default WAN LAN');
      const [f, t] = [editor.zone(from, true), editor.zone(to, true)];
      if (action === undefined) {
        const d = core.ruleset.direction(f, t);
        return `${f} → ${t}: ${d.action}${d.log ? ', log' : ''}`;
      }
      if (action === 'profile') await editor.setDefault(f, t, undefined, undefined, io.author);
      else await editor.setDefault(f, t, action, log === undefined ? undefined : log === 'log', io.author);
      return matrixTable(core);
    },
  });
  ctx.command({
    path: 'firewall profile', help: 'where defaults and thresholds come from: secure, or compat as the LAN-Cell 2 had them',
    args: { profile: { schema: z.enum(profiles).optional(), help: 'secure or compat' } },
    async run({ profile }, io) {
      if (profile === undefined) return core.settings.profile;
      await ctx.commit((draft) => { draft.profile = profile; }, io.author);
      return matrixTable(core);
    },
  });
}
