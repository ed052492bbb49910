import { CliError, type FlowKey, type FlowView, type PluginContext, type Table, z } from '../../sdk/index.ts';
import { format4, parse4 } from '../../sdk/wire/address.ts';
import { translated, turnedInward } from './deciders.ts';
import type { IkeHosts } from './ike-hosts.ts';
import type { DynamicMappings } from './mappings.ts';
import type { NatUplink, Plan } from './plan.ts';
import type { PptpCalls } from './pptp-calls.ts';
import { openServices, type Settings } from './settings.ts';
import { timeoutNames, tooShort } from './timeouts.ts';
import type { Translator } from './translator.ts';
import { addAddressVerbs } from './verbs-address.ts';
import { addServerVerbs } from './verbs-server.ts';

/** Rows of `ip nat hashTable`; the whole table can have 100,000. */
const MOST_ROWS = 1000;

const protocols: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 47: 'gre', 50: 'esp' };
const numbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17 };
const point = (ip: number, port: number): string => `${format4(ip)}:${port}`;

export const sessionTable = (flows: readonly FlowView[]): Table => ({
  columns: ['proto', 'inside', 'outside', 'remote', 'state', 'in', 'out', 'expires (s)'],
  rows: flows.map(f => {
    const outbound = translated(f);
    return [
      protocols[f.original.proto] ?? String(f.original.proto),
      outbound ? point(f.original.src, f.original.sport) : point(f.reply.src, f.reply.sport),
      outbound ? point(f.reply.dst, f.reply.dport) : point(f.original.dst, f.original.dport),
      outbound ? point(f.reply.src, f.reply.sport) : point(f.original.src, f.original.sport),
      f.state, f.bytes[outbound ? 1 : 0], f.bytes[outbound ? 0 : 1], Math.round(f.expiresInMs / 1000),
    ];
  }),
});

export type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'command' | 'commit' | 'flows' | 'links'>;
export interface Parts { readonly nat: Translator; readonly dynamics: DynamicMappings; readonly calls: PptpCalls; readonly ike: IkeHosts; plan(): Plan; settings(): Settings; /** ms */ now(): number }

export const uplinkTable = (plan: Plan, nat: Translator): Table => ({
  title: 'Uplinks',
  columns: ['uplink', 'address', 'mode', 'filtering', 'addresses', 'mappings', 'free tcp / udp', 'forwards'],
  rows: plan.uplinks.map(u => {
    const outside = [...plan.outside.values()].filter(o => o.uplink === u);
    const mapped = [1, 6, 17].reduce((n, proto) => n + (nat.pool(u.ip, proto)?.mappings ?? 0), 0);
    return [u.name, u.ip ? format4(u.ip) : 'none', u.config.mode, u.config.filtering, outside.length, mapped,
      [6, 17].map(proto => nat.pool(u.ip, proto)?.free ?? 'all').join(' / '), u.forwards.rows.length + u.dynamics.tcp.size + u.dynamics.udp.size];
  }),
});

/** `ip nat …`, in the original's words. */
export const addVerbs = (ctx: Ctx, parts: Parts): void => {
  const { nat, settings } = parts;
  const names = (): string[] => parts.plan().uplinks.map(u => u.name);
  const uplinkArg = { schema: z.string().optional(), help: 'uplink, for instance wan', complete: names };
  const uplinkNamed = (name: string): NatUplink => {
    const u = parts.plan().named(name);
    if (!u) throw new CliError(`no uplink "${name}" with NAT; there are ${names().join(', ') || 'none'}`);
    return u;
  };
  const ofUplink = (u: NatUplink | undefined) => (f: FlowView): boolean => {
    if (!translated(f) && !turnedInward(f, parts.plan().outside)) return false;
    return u === undefined || f.outLink === u.link || f.inLink === u.link;
  };
  const onOff = (path: string, help: string, words: readonly [string, string], get: () => boolean, put: (draft: Settings, on: boolean) => void): void => {
    ctx.command({
      path, help, args: { value: { schema: z.enum([...words]).optional(), help: `${words.join(' or ')}; without: the present value` } },
      async run({ value }, io) {
        if (value === undefined) return get() ? words[0] : words[1];
        await ctx.commit(draft => put(draft, value === words[0]), io.author);
        return undefined;
      },
    });
  };

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
    path: 'ip nat hashTable', help: 'translated sessions of an uplink', access: 'read', args: { interface: uplinkArg },
    run: ({ interface: name }) => sessionTable(ctx.flows.list(ofUplink(name === undefined ? undefined : uplinkNamed(name)), MOST_ROWS)),
  });
  onOff('ip nat active', 'switch address translation on or off', ['yes', 'no'], () => settings().active, (d, on) => { d.active = on; });
  onOff('ip nat loopback', 'whether hosts inside reach forwarded ports by the outside address', ['on', 'off'], () => settings().loopback, (d, on) => { d.loopback = on; });
  onOff('ip nat incikeport', 'whether IKE gets other ports than 500 outside', ['on', 'off'], () => settings().vpn.incikeport, (d, on) => { d.vpn.incikeport = on; });
  ctx.command({
    path: 'ip nat routing', help: 'interfaces whose hosts keep their addresses',
    args: {
      interface: { schema: z.enum(['lan', 'dmz', 'wlan']).optional(), help: 'lan, dmz or wlan' },
      value: { schema: z.enum(['on', 'off']).optional(), help: 'on: without NAT' },
    },
    async run({ interface: name, value }, io) {
      if (name === undefined) return settings().routing.join(' ') || 'none';
      if (value === undefined) return settings().routing.includes(name) ? 'on' : 'off';
      await ctx.commit(draft => { draft.routing = [...draft.routing.filter(r => r !== name), ...(value === 'on' ? [name] : [])]; }, io.author);
      return undefined;
    },
  });
  ctx.command({
    path: 'ip nat timeout', help: 'seconds without a packet after which sessions end',
    args: {
      kind: { schema: z.enum([...timeoutNames]).optional(), help: timeoutNames.join(', ') },
      seconds: { schema: z.coerce.number().int().min(1).max(604_800).optional(), help: 'seconds' },
    },
    async run({ kind, seconds }, io) {
      if (kind === undefined) return { title: 'NAT timeouts (s)', facts: { ...settings().timeouts } };
      if (seconds === undefined) return String(settings().timeouts[kind]);
      await ctx.commit(draft => { draft.timeouts[kind] = seconds; }, io.author);
      return tooShort(kind, seconds);
    },
  });
  ctx.command({
    path: 'ip nat status', help: 'what address translation does now', access: 'read',
    run: () => ({ facts: {
      active: settings().active ? 'yes' : 'no', loopback: settings().loopback ? 'on' : 'off', mappings: nat.mappings, hosts: nat.hosts, flows: ctx.flows.size, 'flows at most': ctx.flows.max,
      'sessions per host at most': settings().maxSessionsPerHost, 'port mappings': parts.dynamics.list().length, 'PPTP calls': parts.calls.list().length, 'IKE flows that share a port': parts.ike.size,
    } }),
  });
  ctx.command({ path: 'ip nat iface', help: 'uplinks and what NAT does there', access: 'read', args: { interface: uplinkArg }, run: ({ interface: name }) => {
    const table = uplinkTable(parts.plan(), nat);
    return name === undefined ? table : { ...table, rows: table.rows.filter(r => r[0] === uplinkNamed(name).name) };
  } });
  ctx.command({
    path: 'ip nat lookup', help: 'what an inside address and port are outside', access: 'read',
    args: {
      protocol: { schema: z.enum(['tcp', 'udp', 'icmp']), help: 'tcp, udp or icmp' },
      address: { schema: z.string().refine(t => parse4(t) !== undefined, 'must be an IPv4 address'), help: 'inside or outside address' },
      port: { schema: z.coerce.number().int().min(0).max(65535), help: 'port or ICMP identifier' },
    },
    run({ protocol, address, port }) {
      const ip = parse4(address)!;
      const proto = numbers[protocol]!;
      const rows: (string | number | null)[][] = [];
      for (const o of parts.plan().outside.values()) {
        const pool = nat.pool(o.address, proto);
        if (o.address === ip && pool?.held(port)) rows.push([point(pool.ownerIp(port), pool.ownerPort(port)), point(ip, port), o.uplink.name]);
        const mapped = pool?.lookup(ip, port) ?? -1;
        if (mapped >= 0) rows.push([point(ip, port), point(o.address, mapped), o.uplink.name]);
      }
      return { columns: ['inside', 'outside', 'uplink'], rows };
    },
  });
  ctx.command({
    path: 'ip nat reset', help: 'ends all sessions of an uplink', args: { interface: { schema: z.string(), help: 'uplink', complete: names } },
    run: ({ interface: name }) => `${ctx.flows.cutWhere(ofUplink(uplinkNamed(name)), 'ip nat reset')} sessions ended`,
  });
  ctx.command({
    path: 'ip nat resetport', help: 'hosts give back the ports that triggers gave them, and sessions through these end', args: { interface: uplinkArg },
    run({ interface: name }) {
      const uplinks = name === undefined ? parts.plan().uplinks : [uplinkNamed(name)];
      let [ports, sessions] = [0, 0];
      for (const u of uplinks) {
        ports += u.triggers.reset(parts.now());
        // What a forward or a mapping leads in does not come by a trigger.
        const triggered = ({ proto, dport }: FlowKey): boolean => u.triggers.rows.some(t => dport >= t.inFirst && dport <= t.inLast)
          && u.forwards.find(proto, dport) === undefined && !(proto === 6 ? u.dynamics.tcp : u.dynamics.udp).has(dport);
        sessions += ctx.flows.cutWhere(f => f.original.dst === u.ip && turnedInward(f, parts.plan().outside) && triggered(f.original), 'ip nat resetport');
      }
      return `${ports} triggers given back, ${sessions} sessions ended`;
    },
  });
  ctx.command({
    path: 'ip nat service', help: 'services that anybody may reach, once a host uses their port',
    args: { service: { schema: z.enum(['xboxlive']).optional(), help: 'xboxlive: UDP port 3074' }, value: { schema: z.enum(['on', 'off']).optional(), help: 'on or off; without: the present value' } },
    async run({ service, value }, io) {
      if (service === undefined) return { facts: Object.fromEntries(Object.keys(openServices).map(n => [n, settings().services.some(s => s === n) ? 'on' : 'off'])) };
      if (value === undefined) return settings().services.includes(service) ? 'on' : 'off';
      await ctx.commit(draft => { draft.services = [...draft.services.filter(s => s !== service), ...(value === 'on' ? [service] : [])]; }, io.author);
      return undefined;
    },
  });
  ctx.command({
    path: 'ip nat iamt', help: 'which host has which outside address', access: 'read', args: { interface: uplinkArg },
    run({ interface: name }) {
      const rows = parts.plan().uplinks.filter(u => name === undefined || u === uplinkNamed(name)).flatMap(u => u.rules.flatMap(r => (r.pairs?.list() ?? []).map(p => [u.name, r.number, format4(p.host), format4(p.global)])));
      return { columns: ['uplink', 'rule', 'host', 'outside'], rows };
    },
  });
  addServerVerbs(ctx, parts);
  addAddressVerbs(ctx, parts);
};
