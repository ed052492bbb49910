import { CliError, type FlowView, type PluginContext, type Table, z } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { translated } from './deciders.ts';
import type { Settings } from './settings.ts';
import type { Translator } from './translator.ts';

/** Rows of `ip nat hashTable`; the whole table can have 100,000. */
const MOST_ROWS = 1000;

const protocols: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 47: 'gre', 50: 'esp' };
const point = (ip: number, port: number): string => `${format4(ip)}:${port}`;

export const sessionTable = (flows: readonly FlowView[]): Table => ({
  columns: ['proto', 'inside', 'outside', 'remote', 'state', 'in', 'out', 'expires (s)'],
  rows: flows.map(f => [
    protocols[f.original.proto] ?? String(f.original.proto),
    point(f.original.src, f.original.sport), point(f.reply.dst, f.reply.dport), point(f.reply.src, f.reply.sport),
    f.state, f.bytes[1], f.bytes[0], Math.round(f.expiresInMs / 1000),
  ]),
});

type Ctx = Pick<PluginContext<Settings, {}, undefined>, 'command' | 'commit' | 'flows' | 'links'>;

export const addVerbs = (ctx: Ctx, nat: Translator, settings: () => Settings): void => {
  ctx.command({
    path: 'ip nat session', help: 'max. concurrent NAT sessions per host',
    args: { n: { schema: z.coerce.number().int().min(1).max(65535).optional(), help: 'sessions per host, 1-65535' } },
    async run({ n }, io) {
      if (n === undefined) return String(settings().maxSessionsPerHost);
      await ctx.commit(draft => { draft.maxSessionsPerHost = n; }, io.author);
      return undefined;
    },
  });
  ctx.command({
    path: 'ip nat hashTable', help: 'translated sessions of an uplink', access: 'read',
    args: { interface: { schema: z.string().optional(), help: 'uplink, for instance wan', complete: () => ctx.links.list().map(l => l.name) } },
    run({ interface: name }) {
      const link = name === undefined ? undefined : ctx.links.byName(name);
      if (name !== undefined && !link) throw new CliError(`no interface "${name}"; there are ${ctx.links.list().map(l => l.name).join(', ')}`);
      return sessionTable(ctx.flows.list(f => translated(f) && (!link || f.outLink === link.id), MOST_ROWS));
    },
  });
  ctx.command({
    path: 'ip nat active', help: 'switch address translation on or off',
    args: { active: { schema: z.enum(['yes', 'no']).optional(), help: 'yes or no' } },
    async run({ active }, io) {
      if (active === undefined) return settings().active ? 'yes' : 'no';
      await ctx.commit(draft => { draft.active = active === 'yes'; }, io.author);
      return undefined;
    },
  });
  ctx.command({
    path: 'ip nat status', help: 'what address translation does now', access: 'read',
    run: () => ({ facts: {
      active: settings().active ? 'yes' : 'no', mappings: nat.mappings, flows: ctx.flows.size, 'flows at most': ctx.flows.max,
      'sessions per host at most': settings().maxSessionsPerHost,
    } }),
  });
};
