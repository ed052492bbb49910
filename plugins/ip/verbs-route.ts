import { CliError, type Disposable, type Table, z } from '../../sdk/index.ts';
import { format4, maskOf, parse4, parsePrefix } from '../../sdk/wire/address.ts';
import type { RouteSpec } from './contract.ts';
import type { Context, Core } from './core.ts';
import { address, type Carried, LAST_INDEX, type StaticRoute } from './settings.ts';
import { editable, emptyRow, type Field, fields, withField } from './static.ts';

const prefix = z.string().refine((s) => parsePrefix(s) !== undefined || parse4(s) !== undefined || s === 'default', 'must be like 10.0.0.0/8, 10.1.2.3 or default');
const metric = z.number().int().min(1).max(15).optional();

const parseDest = (text: string): { dest: number; bits: number } => {
  if (text === 'default') return { dest: 0, bits: 0 };
  const p = parsePrefix(text) ?? { address: parse4(text) ?? 0, bits: 32 };
  return { dest: (p.address & maskOf(p.bits)) >>> 0, bits: p.bits };
};

export function routeTable(core: Core): Table {
  const rows = [...core.routes.list()].sort((a, b) => b.bits - a.bits || a.dest - b.dest || a.metric - b.metric)
    .map((r) => [`${format4(r.dest)}/${r.bits}`, r.via === undefined ? null : format4(r.via), core.interfaces.nameOf(r.link), r.metric, r.name, core.lookup(r.dest) === r ? 'used' : core.linkUp(r.link) ? 'ready' : 'link down']);
  return { title: 'Routes', columns: ['destination', 'gateway', 'interface', 'metric', 'made by', 'state'], rows };
}

export function staticTable(core: Core): Table {
  const reserved = ([1, 2] as const).map((n) => {
    const r = core.routes.list().find((route) => route.reserved === n);
    const name = n === 1 ? 'WAN (reserved)' : 'CELLULAR (reserved)';
    return r ? [n, name, 'yes', '0.0.0.0', '0.0.0.0', r.via === undefined ? null : format4(r.via), r.metric, null, core.linkUp(r.link) ? 'in use' : 'link down']
      : [n, name, 'no', '0.0.0.0', '0.0.0.0', null, null, null, 'no default route now'];
  });
  const rows = [...core.config.staticRoutes].sort((a, b) => a.index - b.index).map((r) =>
    [r.index, r.name, r.active ? 'yes' : 'no', r.destination, r.mask, r.gateway, r.metric, r.private ? 'yes' : 'no', core.statics.state(r)]);
  return { title: 'Static routes', columns: ['#', 'name', 'active', 'destination', 'mask', 'gateway', 'metric', 'private', 'state'], rows: [...reserved, ...rows] };
}

/** `ip route …`: routes of the moment, gone with the next start of the router. Returns what a reload carries over. */
export function routeVerbs(ctx: Context, core: Core): () => Carried['routes'] {
  const live = new Map<string, { readonly spec: RouteSpec; readonly route: Disposable }>();
  const nameOf = (r: { dest: number; bits: number }) => `${format4(r.dest)}/${r.bits}`;
  const put = (spec: RouteSpec) => {
    void live.get(nameOf(spec))?.route.dispose();
    live.set(nameOf(spec), { spec, route: core.addRoute(spec) });
  };
  for (const { link, via, ...r } of ctx.previous?.routes ?? []) {
    const info = ctx.links.byName(link);
    if (info) put({ ...r, via, link: info.id, name: 'by hand' });
  }
  const destArg = { schema: prefix, help: 'destination/bits' };
  const add = (dest: string, gateway: string, m: number | undefined, priv: boolean) => {
    const via = parse4(gateway) as number;
    const on = core.addresses.subnetOf(via);
    if (!on || core.addresses.ownedBy(via)) throw new CliError(`${gateway} is no gateway: it must be another host in one of ${core.addresses.list().map((a) => `${format4(a.ip)}/${a.bits}`).join(', ') || 'no subnets'}`);
    put({ ...parseDest(dest), via, link: on.link, metric: m ?? 2, name: 'by hand', private: priv });
  };
  const gatewayArgs = { dest: destArg, gateway: { schema: address, help: 'next hop' }, metric: { schema: metric, help: 'metric 1–15, default 2' } };
  ctx.command({ path: 'ip route status', help: 'the routing table', access: 'read', run: () => routeTable(core) });
  ctx.command({ path: 'ip route add', help: 'adds a route until the next start', args: gatewayArgs, run: (a) => add(a.dest, a.gateway, a.metric, false) });
  ctx.command({ path: 'ip route addprivate', help: 'the same, not told to others', args: gatewayArgs, run: (a) => add(a.dest, a.gateway, a.metric, true) });
  ctx.command({
    path: 'ip route addiface', help: 'adds a route to an interface', args: { dest: destArg, interface: { schema: z.string(), help: 'lan, wan, dmz, wlan', complete: () => core.interfaces.names() }, metric: { schema: metric, help: 'metric 1–15, default 2' } },
    run: (a) => put({ ...parseDest(a.dest), link: core.interfaces.find(a.interface).id, metric: a.metric ?? 2, name: 'by hand' }),
  });
  ctx.command({
    path: 'ip route drop', help: 'removes a route that was added by hand', args: { dest: destArg },
    run(a) {
      const name = nameOf(parseDest(a.dest));
      const known = live.get(name);
      if (!known) throw new CliError(`${name} was not added by hand; that were ${[...live.keys()].join(', ') || 'none'}`);
      live.delete(name);
      void known.route.dispose();
    },
  });
  ctx.command({
    path: 'ip route flush', help: 'removes all routes that were added by hand',
    run() {
      for (const { route } of live.values()) void route.dispose();
      live.clear();
    },
  });
  ctx.command({
    path: 'ip route lookup', help: 'the route to a host', access: 'read', args: { address: { schema: address, help: 'IP address' } },
    run(a) {
      const ip = parse4(a.address) as number;
      const own = core.addresses.ownedBy(ip);
      if (own) return `${a.address} is the router's own address on ${own.name}`;
      const r = core.lookup(ip);
      if (!r) throw new CliError(`no route to ${a.address}`);
      return { facts: { route: `${format4(r.dest)}/${r.bits}`, gateway: r.via === undefined ? 'on-link' : format4(r.via), interface: core.interfaces.nameOf(r.link), source: format4(core.sourceTowards(ip)), metric: r.metric, 'made by': r.name } };
    },
  });
  return () => [...live.values()].map(({ spec: r }) => ({ dest: r.dest, bits: r.bits, via: r.via, link: ctx.links.byId(r.link)?.name ?? '', metric: r.metric, private: r.private ?? false }));
}

/** `ip stroute …`: a working copy per person, loaded, changed and saved, as the original has it. */
export function strouteVerbs(ctx: Context, core: Core): void {
  const copies = new Map<string, StaticRoute>();
  const index = z.number().int().min(1).max(LAST_INDEX);
  const row = (n: number) => core.config.staticRoutes.find((r) => r.index === n);
  const store = async (n: number, next: StaticRoute | undefined, author: string) => {
    await ctx.commit((draft) => {
      const others = draft.staticRoutes.filter((r) => r.index !== n);
      draft.staticRoutes = (next ? [...others, next] : others).sort((a, b) => a.index - b.index);
    }, author);
  };
  const loaded = (author: string): StaticRoute => {
    const copy = copies.get(author);
    if (!copy) throw new CliError('no entry is loaded: ip stroute load <entry> comes first');
    return copy;
  };
  ctx.command({
    path: 'ip stroute display', help: 'the static routes, or one entry', access: 'read', args: { entry: { schema: index.optional(), help: `entry 1–${LAST_INDEX}` } },
    run(a) {
      const table = staticTable(core);
      return a.entry === undefined ? table : { ...table, rows: table.rows.filter((r) => r[0] === a.entry) };
    },
  });
  ctx.command({
    path: 'ip stroute load', help: 'begins to edit an entry', args: { entry: { schema: index, help: 'entry' } },
    run(a, io) {
      editable(a.entry);
      copies.set(io.author, row(a.entry) ?? emptyRow(a.entry));
    },
  });
  for (const field of fields) {
    ctx.command({
      path: `ip stroute config ${field}`, help: `${field} of the loaded entry`, args: { value: { schema: z.string().optional(), help: 'new value; without: the present one', rest: true } },
      run(a, io) {
        const copy = loaded(io.author);
        if (a.value === undefined) return String(copy[field as Field]);
        copies.set(io.author, withField(copy, field, a.value));
        return undefined;
      },
    });
  }
  ctx.command({
    path: 'ip stroute save', help: 'saves the loaded entry',
    async run(_, io) {
      const copy = loaded(io.author);
      await store(copy.index, copy, io.author);
      copies.delete(io.author);
    },
  });
  ctx.command({
    path: 'ip stroute delete', help: 'empties an entry', args: { entry: { schema: index, help: 'entry' } },
    async run(a, io) {
      editable(a.entry);
      if (!row(a.entry)) throw new CliError(`entry ${a.entry} is empty`);
      await store(a.entry, undefined, io.author);
    },
  });
}
