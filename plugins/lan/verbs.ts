import { CliError, type PluginContext, type Table, z } from '../../sdk/index.ts';
import { format4, formatMac, parse4, parseMac } from '../../sdk/wire/address.ts';
import { type Lan, type Role, roles } from './contract.ts';
import type { DhcpService } from './dhcp-service.ts';
import type { DnsService } from './dns-service.ts';
import type { DhcpSettings, Settings } from './settings.ts';
import { isPort, type Switch } from './switch.ts';

type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'command' | 'commit' | 'links' | 'clock'>;

export interface Parts {
  readonly settings: () => Settings;
  readonly ports: Switch;
  readonly lan: Lan;
  readonly dhcp: Readonly<Record<Role, DhcpService>>;
  readonly dns: DnsService;
}

/** Text of a client as a console may show it: a stranger must not send it escape sequences. */
const shown = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 63);

export const leaseTable = (leases: ReturnType<Lan['leases']>): Table => ({
  columns: ['#', 'IP address', 'host name', 'MAC address', 'kind', 'expires (s)'],
  rows: leases.map((l, i) => [i + 1, format4(l.ip), shown(l.host), l.mac, l.fixed ? 'static' : 'dynamic', Math.round(l.expiresInMs / 1000)]),
});

export const portTable = (ctx: Pick<Ctx, 'links'>, settings: Settings): Table => ({
  title: 'ports', columns: ['port', 'role', 'link', 'MAC address', 'rx packets', 'tx packets'],
  rows: ctx.links.list().filter(l => isPort(l.name)).map(l => [
    l.name, settings.ports[l.name] ?? 'none', l.up ? 'up' : 'down', formatMac(l.mac), l.stats.rxPackets, l.stats.txPackets,
  ]),
});

export const interfaceTable = (lan: Lan): Table => ({
  title: 'interfaces', columns: ['interface', 'IP address', 'ports', 'leases'],
  rows: lan.list().map(i => [i.role, i.ip ? `${format4(i.ip)}/${i.bits}` : 'none', i.ports.join(' ') || 'none', lan.leases(i.role).length]),
});

export const addVerbs = (ctx: Ctx, parts: Parts): void => {
  const { settings } = parts;
  for (const path of ['lan status', 'ether status']) {
    ctx.command({ path, help: 'inside interfaces and their ports', access: 'read', run: () => [interfaceTable(parts.lan), portTable(ctx, settings())] });
  }
  ctx.command({
    path: 'lan fdb', help: 'stations by port', access: 'read',
    run: (): Table => ({
      columns: ['interface', 'port', 'MAC address', 'silent for (s)'],
      rows: parts.ports.segments.flatMap(s => s.bridge.fdb.list(ctx.clock.now())
        .map(e => [s.role, ctx.links.byId(e.port)?.name ?? String(e.port), e.mac, Math.round(e.ageMs / 1000)] as const)),
    }),
  });
  ctx.command({
    path: 'lan role', help: 'what a port belongs to',
    args: {
      port: { schema: z.string(), help: 'port1, port2, …', complete: () => Object.keys(settings().ports) },
      role: { schema: z.enum(roles).optional(), help: 'lan, dmz or wlan' },
    },
    async run({ port, role }, io) {
      const known = new Set([...Object.keys(settings().ports), ...ctx.links.list().map(l => l.name).filter(isPort)]);
      if (!known.has(port)) throw new CliError(`no port "${port}"; there are ${[...known].join(', ')}`);
      if (role === undefined) return settings().ports[port] ?? 'none';
      await ctx.commit(draft => { draft.ports = { ...draft.ports, [port]: role }; }, io.author);
      return undefined;
    },
  });
  for (const role of roles) addDhcpVerbs(ctx, parts, role);
  addDnsVerbs(ctx, parts);
};

/** `ip dhcp <if> …` of one interface. */
const addDhcpVerbs = (ctx: Ctx, { settings, lan, dhcp }: Parts, role: Role): void => {
  const at = `ip dhcp ${role}`;
  const now = (): DhcpSettings => settings()[role].dhcp;
  const change = (fn: (draft: DhcpSettings) => void, author: string) => ctx.commit(draft => fn(draft[role].dhcp), author);
  const address = z.string().refine(t => parse4(t) !== undefined, 'must be an IPv4 address');

  ctx.command({
    path: `${at} status`, help: `DHCP leases of ${role}`, access: 'read',
    run: () => [{ facts: { mode: dhcp[role].mode, 'pool start': now().poolStart, 'pool size': now().poolSize, leases: lan.leases(role).length } }, leaseTable(lan.leases(role))],
  });
  ctx.command({
    path: `${at} mode`, help: `what ${role} does with DHCP`,
    args: { mode: { schema: z.enum(['server', 'relay', 'none']).optional(), help: 'server, relay or none' } },
    async run({ mode }, io) {
      if (mode === undefined) return now().mode;
      await change(d => { d.mode = mode; }, io.author);
      return undefined;
    },
  });
  ctx.command({
    path: `${at} relay server`, help: 'the DHCP server to relay to',
    args: { ip: { schema: address.optional(), help: 'address of the server' } },
    async run({ ip }, io) {
      if (ip === undefined) return now().relay ?? 'none';
      await change(d => { d.relay = ip; }, io.author);
      return undefined;
    },
  });
  ctx.command({
    path: `${at} server pool`, help: 'the addresses to lease',
    args: { start: { schema: address.optional(), help: 'first address' }, size: { schema: z.coerce.number().int().min(1).max(253).optional(), help: 'how many, 1-253' } },
    async run({ start, size }, io) {
      if (start === undefined) return `${now().poolStart} ${now().poolSize}`;
      await change(d => { d.poolStart = start; if (size !== undefined) d.poolSize = size; }, io.author);
      return undefined;
    },
  });
  ctx.command({
    path: `${at} server leasetime`, help: 'how long an address is lent',
    args: { seconds: { schema: z.coerce.number().int().min(120).optional(), help: 'seconds, from 120' } },
    async run({ seconds }, io) {
      if (seconds === undefined) return String(now().leaseSec);
      await change(d => { d.leaseSec = seconds; }, io.author);
      return undefined;
    },
  });
  ctx.command({
    path: `${at} server gateway`, help: 'the gateway told to clients',
    args: { ip: { schema: address.optional(), help: 'address; 0.0.0.0: the router itself' } },
    async run({ ip }, io) {
      if (ip === undefined) return now().gateway ?? settings()[role].ip;
      await change(d => { if (parse4(ip) === 0) delete d.gateway; else d.gateway = ip; }, io.author);
      return undefined;
    },
  });
  for (const [word, key, what] of [['dnsserver', 'dns', 'DNS'], ['winsserver', 'wins', 'WINS']] as const) {
    ctx.command({
      path: `${at} server ${word}`, help: `${what} servers told to clients`,
      args: { first: { schema: address.optional(), help: 'address; 0.0.0.0: none' }, second: { schema: address.optional(), help: 'address' } },
      async run({ first, second }, io) {
        if (first === undefined) return now()[key].join(' ') || 'none';
        await change(d => { d[key] = [first, second].filter((t): t is string => t !== undefined && parse4(t) !== 0); }, io.author);
        return undefined;
      },
    });
  }
  ctx.command({
    path: `${at} static display`, help: 'static leases', access: 'read',
    run: (): Table => ({ columns: ['#', 'MAC address', 'IP address', 'name'], rows: now().static.map((s, i) => [i + 1, s.mac, s.ip, s.name]) }),
  });
  ctx.command({
    path: `${at} static update`, help: 'enter or change a static lease',
    args: {
      n: { schema: z.coerce.number().int().min(1).max(128), help: 'number of the entry; one more than there are adds it' },
      mac: { schema: z.string().refine(t => parseMac(t) !== undefined, 'must be a MAC address'), help: 'MAC address' },
      ip: { schema: address, help: 'IP address' },
      name: { schema: z.string().max(31).optional(), help: 'host name' },
    },
    async run({ n, mac, ip, name }, io) {
      if (n > now().static.length + 1) throw new CliError(`there are ${now().static.length} static leases; the next number is ${now().static.length + 1}`);
      await change(d => { d.static[n - 1] = { mac: formatMac(parseMac(mac)!), ip, name: name ?? '' }; }, io.author);
      return undefined;
    },
  });
  ctx.command({
    path: `${at} static delete`, help: 'remove a static lease; those behind it move up',
    args: { n: { schema: z.coerce.number().int().min(1).max(128), help: 'number of the entry' } },
    async run({ n }, io) {
      if (n > now().static.length) throw new CliError(`there are ${now().static.length} static leases`);
      await change(d => { d.static.splice(n - 1, 1); }, io.author);
      return undefined;
    },
  });
};

const addDnsVerbs = (ctx: Ctx, { dns }: Parts): void => {
  ctx.command({
    path: 'ip dns cache display', help: 'answers the DNS relay keeps', access: 'read',
    run: (): Table => ({
      columns: ['name', 'type', 'kind', 'answers', 'keeps (s)', 'hits'],
      rows: dns.relay.cache.rows(ctx.clock.now()).map(r => [r.name, r.type, r.negative ? 'negative' : 'positive', r.answers, r.ttl, r.hits]),
    }),
  });
  ctx.command({ path: 'ip dns cache flush', help: 'forget them', run: () => `${dns.relay.cache.flush()} entries forgotten` });
  ctx.command({
    path: 'ip dns query name', help: 'the addresses of a host', access: 'read',
    args: { host: { schema: z.string(), help: 'host name' } },
    run: async ({ host }) => (await dns.lookup(host)).join(' '),
  });
  ctx.command({
    path: 'ip dns query status', help: 'servers and questions of the DNS relay', access: 'read',
    run: () => ({ facts: { servers: dns.relay.servers.map(format4).join(' ') || 'none', 'questions under way': dns.relay.pending, 'answers kept': dns.relay.cache.size } }),
  });
};
