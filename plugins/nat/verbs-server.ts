import { CliError, type Table, z } from '../../sdk/index.ts';
import type { PortForward, Settings } from './settings.ts';
import { MOST_PORT_FORWARDS, portForward, uplinkSettings } from './settings.ts';
import type { Ctx, Parts } from './verbs.ts';
import { incoming, translatedTo } from './verify.ts';

const ports = (s: { first: number; last: number }): string => (s.first === s.last ? String(s.first) : `${s.first}-${s.last}`);

/** The port forwarding table; rule 1 is the default server, as in the original. */
export function forwardTable(settings: Settings, uplink?: string): Table {
  const rows = settings.portForwarding.map((f, i) => ({ f, i })).filter(({ f }) => uplink === undefined || f.uplink === uplink);
  return {
    title: 'Port forwarding', columns: ['#', 'active', 'name', 'uplink', 'protocol', 'incoming', 'translated', 'server', 'only from'],
    rows: rows.map(({ f, i }) => [i + 1, f.active ? 'yes' : 'no', f.name, f.uplink, f.protocol, ports(incoming(f)), ports(translatedTo(f)), f.server, f.remote || 'anywhere']),
  };
}

/** What is being edited: the rules of one uplink, until `save`. Entry 1 stands for the default server. */
interface Buffer { readonly uplink: string; defaultServer: string; rules: PortForward[] }

/**
 * `ip nat server load <set>`, `disp`, `edit <rule> <field> <value>`, `clear <rule>`, `save`: the original's working copy. A set is
 * an uplink's rules; a number counts the uplinks from 1.
 */
export function addServerVerbs(ctx: Ctx, parts: Parts): void {
  let buffer: Buffer | undefined;
  const loaded = (): Buffer => {
    if (!buffer) throw new CliError('no set is loaded; "ip nat server load wan" does that');
    return buffer;
  };
  const named = (word: string): string => (/^\d+$/.test(word) ? parts.plan().uplinks[Number(word) - 1]?.name ?? '' : word);
  const rule = { schema: z.coerce.number().int().min(1).max(MOST_PORT_FORWARDS + 1), help: 'entry; 1 is the default server' };

  ctx.command({
    path: 'ip nat server load', help: 'takes the rules of an uplink to edit', args: { set: { schema: z.string(), help: 'uplink, or its number', complete: () => parts.plan().uplinks.map(u => u.name) } },
    run({ set }) {
      const uplink = named(set);
      if (!parts.plan().named(uplink)) throw new CliError(`there is no set "${set}"; there are ${parts.plan().uplinks.map(u => u.name).join(', ') || 'none'}`);
      const s = parts.settings();
      buffer = { uplink, defaultServer: s.uplinks.find(u => u.name === uplink)?.defaultServer ?? '0.0.0.0', rules: structuredClone(s.portForwarding.filter(f => f.uplink === uplink)) };
      return undefined;
    },
  });
  ctx.command({
    path: 'ip nat server disp', help: 'the rules that are loaded, or else all', access: 'read',
    run() {
      if (!buffer) return forwardTable(parts.settings());
      const table = forwardTable({ ...parts.settings(), portForwarding: buffer.rules });
      const server = [1, buffer.defaultServer === '0.0.0.0' ? 'no' : 'yes', 'default server', buffer.uplink, '', 'others', '', buffer.defaultServer, 'anywhere'];
      return { ...table, title: `Port forwarding of ${buffer.uplink}, not saved`, rows: [server, ...table.rows.map((r, i) => [i + 2, ...r.slice(1)])] };
    },
  });
  ctx.command({
    path: 'ip nat server edit', help: 'changes a field of a loaded rule',
    args: {
      rule, field: { schema: z.enum(['active', 'svrport', 'intport', 'forwardip', 'remotehost', 'leasetime', 'rulename', 'protocol']), help: 'field' },
      value: { schema: z.string(), help: 'its value; ports: first [last]', rest: true },
    },
    run({ rule: n, field, value }) {
      const b = loaded();
      if (n === 1) {
        if (field !== 'forwardip') throw new CliError('entry 1 is the default server and has a forwardip only');
        b.defaultServer = value;
        return undefined;
      }
      if (n - 2 > b.rules.length) throw new CliError(`the next entry is ${b.rules.length + 2}`);
      const at = n - 2;
      const next = { ...(b.rules[at] ?? portForward.parse({ uplink: b.uplink, active: false })), ...change(field, value) };
      const checked = portForward.safeParse(next);
      if (!checked.success) throw new CliError(checked.error.issues.map(i => i.message).join('; '));
      b.rules[at] = checked.data;
      return undefined;
    },
  });
  ctx.command({
    path: 'ip nat server clear', help: 'takes a rule out of the loaded ones', args: { rule },
    run({ rule: n }) {
      const b = loaded();
      if (n === 1) b.defaultServer = '0.0.0.0';
      else if (n - 2 < b.rules.length) b.rules.splice(n - 2, 1);
      else throw new CliError(`there is no entry ${n}`);
      return undefined;
    },
  });
  ctx.command({
    path: 'ip nat server save', help: 'puts the loaded rules in force',
    async run(_args, io) {
      const b = loaded();
      await ctx.commit(draft => {
        draft.portForwarding = [...draft.portForwarding.filter(f => f.uplink !== b.uplink), ...b.rules];
        const u = draft.uplinks.find(o => o.name === b.uplink);
        if (u) u.defaultServer = b.defaultServer;
        else if (b.defaultServer !== '0.0.0.0') draft.uplinks = [...draft.uplinks, uplinkSettings.parse({ name: b.uplink, defaultServer: b.defaultServer })];
      }, io.author);
      buffer = undefined;
    },
  });
}

/** One field in the original's words. */
function change(field: string, value: string): Partial<PortForward> {
  const [first = '', last = '0'] = value.trim().split(/\s+/);
  switch (field) {
    case 'active':
      if (value !== 'yes' && value !== 'no') throw new CliError(`'${value}' is not allowed for active; allowed: yes, no`);
      return { active: value === 'yes' };
    case 'svrport': return { start: Number(first), end: Number(last) };
    case 'intport': return { translateStart: Number(first), translateEnd: Number(last) };
    case 'forwardip': return { server: value };
    case 'remotehost': return { remote: value === '0.0.0.0' ? '' : value };
    case 'leasetime':
      if (first !== '0') throw new CliError('forwards of the settings have no lease; allowed: 0. What has a lease is made by UPnP (sys upnp)');
      return {};
    case 'rulename': return { name: value };
    default: return { protocol: value as PortForward['protocol'] };
  }
}
