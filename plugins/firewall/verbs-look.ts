import { CliError, z } from '../../sdk/index.ts';
import type { Core } from './core.ts';
import { hitTable } from './rule-table.ts';
import { attackKinds, attackTable, dropTable, senderTable, statusFacts } from './tables.ts';

const most = (n: number) => ({ schema: z.number().int().min(1).max(10_000).default(n), help: 'how many' });

/** What the firewall sees and did. */
export function lookVerbs(core: Core): void {
  const { ctx } = core;
  ctx.command({ path: 'firewall status', help: 'whether it is on, and what it counts', access: 'read', run: () => statusFacts(core) });
  ctx.command({
    path: 'firewall zones', help: 'zones and the interfaces in them', access: 'read',
    run: () => ({ columns: ['zone', 'interfaces'], rows: core.zones.names.slice(1).map((name) => [name, core.zones.linksOf(name).map((l) => ctx.links.byId(l)?.name ?? String(l)).join(', ')]) }),
  });
  ctx.command({
    path: 'firewall hits', help: 'rules that decided about something, the busiest first', access: 'read', args: { most: most(50) },
    run: (args) => hitTable(core, args.most),
  });
  ctx.command({
    path: 'firewall hits clear', help: 'counts of all rules begin at 0',
    run: () => core.hits.clear(),
  });
  ctx.command({ path: 'firewall attacks', help: 'kinds of attacks, how often, and by whom most', access: 'read', run: () => attackKinds(core) });
  ctx.command({ path: 'firewall attacks list', help: 'who attacked, one by one, the latest first', access: 'read', args: { most: most(100) }, run: (args) => attackTable(core, args.most) });
  ctx.command({
    path: 'firewall attacks by', help: 'everybody who attacked in this way, the worst first', access: 'read',
    args: { kind: { schema: z.string().max(100), help: 'a kind of attack', rest: true, complete: (typed) => core.attacks.kinds().flatMap(({ kind }) => kind.startsWith(typed) ? kind.slice(typed.lastIndexOf(' ') + 1) : []) } },
    run({ kind }) {
      const table = senderTable(core, kind);
      if (table.rows.length === 0) throw new CliError(`there was no '${kind}'; there was: ${core.attacks.kinds().map((k) => k.kind).join(', ') || 'nothing'}`);
      return table;
    },
  });
  ctx.command({ path: 'firewall attacks clear', help: 'forget them', run: () => core.attacks.clear() });
  ctx.command({ path: 'firewall drops', help: 'what was refused lately, and why', access: 'read', args: { most: most(50) }, run: (args) => dropTable(core, args.most) });
}
