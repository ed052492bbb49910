import { CliError, z } from '../../sdk/index.ts';
import type { Context, Gateway } from './gateway.ts';
import { mappingTable, revoke, statusFacts } from './panel.ts';
import { addRuleVerbs } from './verbs-rules.ts';

/** The original's switches and what they are called in the settings. */
const switches = [
  ['active', 'active', 'UPnP, NAT-PMP and PCP for hosts inside'], ['config', 'configure', 'whether hosts may make mappings'],
  ['firewall', 'firewall', 'whether mapped ports pass the firewall'], ['reserve', 'retain', 'whether mappings stay when the uplink goes down'],
] as const;

/** `sys upnp …` as in the original, and `ip upnp …` about the mappings. */
export function addVerbs(ctx: Context, g: Gateway): void {
  for (const [word, field, help] of switches) {
    ctx.command({
      path: `sys upnp ${word}`, help, args: { on: { schema: z.boolean().optional(), help: 'on or off; without it: what it is now' } },
      async run({ on }, io) {
        if (on === undefined) return g.settings[field] ? 'on' : 'off';
        await ctx.commit(draft => { draft[field] = on; }, io.author);
        return undefined;
      },
    });
  }
  ctx.command({ path: 'sys upnp display', help: 'what UPnP does now', access: 'read', run: () => statusFacts(g) });
  ctx.command({ path: 'ip upnp status', help: 'what UPnP, NAT-PMP and PCP do now', access: 'read', run: () => statusFacts(g) });
  ctx.command({ path: 'ip upnp list', help: 'port mappings that hosts have asked for', access: 'read', run: () => mappingTable(g) });
  ctx.command({
    path: 'ip upnp remove', help: 'ends a mapping, or all of them',
    args: { which: { schema: z.union([z.literal('all'), z.number().int().min(1)]), help: 'its number in the list, or all', complete: () => ['all', ...g.book.list().map(e => String(e.number))] } },
    run({ which }) {
      if (which !== 'all') return revoke(g, which);
      const n = g.book.removeWhere(() => true, 'revoked');
      return `${n} ended`;
    },
  });
  ctx.command({
    path: 'ip upnp uplink', help: 'where ports are opened',
    args: { name: { schema: z.string().optional(), help: 'an uplink, or auto', complete: () => ['auto', ...ctx.use.uplinks.map(u => u.name)] } },
    async run({ name }, io) {
      if (name === undefined) return g.settings.uplink || 'auto';
      if (name !== 'auto' && !ctx.use.uplinks.some(u => u.name === name)) throw new CliError(`there is no uplink ${name}; there are ${ctx.use.uplinks.map(u => u.name).join(', ') || 'none'}`);
      await ctx.commit(draft => { draft.uplink = name === 'auto' ? '' : name; }, io.author);
      return undefined;
    },
  });
  addRuleVerbs(ctx, g);
}
