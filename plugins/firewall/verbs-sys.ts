import { z } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { type Core, exemptOf } from './core.ts';
import { RuleEditor } from './edit.ts';
import { ruleTable, rulesOf } from './rule-table.ts';
import { type Settings, thresholdNames } from './settings.ts';
import { attackTable, dropTable, matrixTable, statusFacts, thresholdFacts, TRIANGLE_WARNING, zoneNames } from './tables.ts';

const yesNo = (help: string) => ({ schema: z.enum(['yes', 'no']).optional(), help });
const onOff = (help: string) => ({ schema: z.enum(['on', 'off']).optional(), help });

/** The original's tree `sys firewall`. */
export function sysVerbs(core: Core): void {
  const { ctx } = core;
  const editor = new RuleEditor(core);
  const change = (author: string, edit: (draft: Settings) => void): Promise<void> => ctx.commit(edit, author);
  const read = (path: string, help: string, run: () => ReturnType<typeof statusFacts> | ReturnType<typeof matrixTable>): void => { ctx.command({ path, help, access: 'read', run }); };

  ctx.command({
    path: 'sys firewall active', help: 'switch the firewall on or off; switching it on ends all sessions through the router', args: { active: yesNo('yes or no') },
    async run({ active }, io) {
      if (active === undefined) return core.settings.active ? 'yes' : 'no';
      await change(io.author, (d) => { d.active = active === 'yes'; });
      return undefined;
    },
  });
  read('sys firewall disp', 'state of the firewall', () => statusFacts(core));
  ctx.command({
    path: 'sys firewall acl disp', access: 'read', help: 'default actions, then rules; with two zones the rules of that direction',
    args: { from: { schema: z.string().optional(), help: 'from zone', complete: () => zoneNames(core) }, to: { schema: z.string().optional(), help: 'to zone', complete: () => zoneNames(core) } },
    run: ({ from, to }) => {
      const { total, rows } = rulesOf(core, { from: from === undefined ? undefined : editor.zone(from), to: to === undefined ? undefined : editor.zone(to), limit: 200 });
      return from === undefined ? [matrixTable(core), ruleTable(rows, total)] : ruleTable(rows, total);
    },
  });
  read('sys firewall cnt display', 'what was refused lately', () => dropTable(core));
  ctx.command({ path: 'sys firewall cnt clear', help: 'hits of rules begin at 0', run: () => core.hits.clear() });
  read('sys firewall online', 'attacks, the latest first', () => attackTable(core));
  ctx.command({ path: 'sys firewall clear', help: 'forget attacks', run: () => core.attacks.clear() });
  read('sys firewall dynamicrule display', 'what UPnP, an ALG or port triggering has opened', () => ({
    columns: ['by', 'from', 'to', 'why'],
    rows: ctx.use.pinholes.flatMap((source) => source.list().map((p) => [source.name, p.src === 0 ? 'any' : format4(p.src), `${format4(p.dst)}:${p.dport}`, p.why])),
  }));
  ctx.command({
    path: 'sys firewall tcprst', help: 'whether the router answers TCP to closed ports of its own with RST',
    args: { mode: { schema: z.enum(['rst', 'silent', 'display']).default('display'), help: 'rst: answer everywhere; silent: nowhere outside' } },
    async run({ mode }, io) {
      if (mode !== 'display') await change(io.author, (d) => { d.antiProbing.silent = mode === 'rst' ? [] : [...new Set([...d.antiProbing.silent, 'WAN', 'CELL'])]; });
      return core.settings.antiProbing.silent.length === 0 ? 'TCP reset is sent' : `no TCP reset on ${core.settings.antiProbing.silent.join(', ')}`;
    },
  });
  read('sys firewall dos display', 'thresholds in force', () => thresholdFacts(core));
  ctx.command({
    path: 'sys firewall dos ignore', help: 'no protection against denial of service for hosts of a zone',
    args: { zone: { schema: z.string(), help: 'zone', complete: () => zoneNames(core) }, ignore: onOff('on: no protection') },
    async run({ zone, ignore }, io) {
      const name = editor.zone(zone, true);
      if (ignore !== undefined) await change(io.author, (d) => { d.dos.exempt = [...exemptOf(core.settings).filter((z) => z !== name), ...(ignore === 'on' ? [name] : [])]; });
      return exemptOf(core.settings).includes(name) ? 'on' : 'off';
    },
  });
  ctx.command({
    path: 'sys firewall dos threshold', help: 'change a threshold; profile: the value of the profile',
    args: { name: { schema: z.enum(thresholdNames), help: 'which one' }, value: { schema: z.union([z.number().int().min(1), z.literal('profile')]), help: 'a number, or profile', complete: () => ['profile'] } },
    async run({ name, value }, io) {
      await change(io.author, (d) => { if (value === 'profile') delete d.dos.thresholds[name]; else d.dos.thresholds[name] = value; });
      return thresholdFacts(core);
    },
  });
  ctx.command({
    path: 'sys firewall dos block-minute', help: 'how long a destination with too many half-open sessions is blocked; 0 deletes the oldest instead',
    args: { minutes: { schema: z.number().int().min(0).max(255).optional(), help: '0–255' } },
    async run({ minutes }, io) {
      if (minutes !== undefined) await change(io.author, (d) => { d.dos.blockMinutes = minutes; });
      return String(core.settings.dos.blockMinutes);
    },
  });
  ctx.command({
    path: 'sys firewall ignore dos', help: 'switch protection against denial of service off or on', args: { ignore: onOff('on: no protection') },
    async run({ ignore }, io) {
      if (ignore !== undefined) await change(io.author, (d) => { d.dos.active = ignore === 'off'; });
      return core.settings.dos.active ? 'off' : 'on';
    },
  });
  ctx.command({
    path: 'sys firewall ignore triangle', help: 'allow asymmetrical routes: traffic that leaves by the interface it came in on is not checked (a security risk)', args: { ignore: onOff('on: not checked') },
    async run({ ignore }, io) {
      if (ignore !== undefined) await change(io.author, (d) => { d.triangleRoute = ignore; });
      return core.triangle ? [{ text: 'on' }, { text: TRIANGLE_WARNING }] : 'off';
    },
  });
  ctx.command({
    path: 'sys firewall probing ping', help: 'whether pings that come in through a zone are answered',
    args: { zone: { schema: z.string(), help: 'zone', complete: () => zoneNames(core) }, answer: yesNo('yes or no') },
    async run({ zone, answer }, io) {
      const name = editor.zone(zone, true);
      if (answer !== undefined) await change(io.author, (d) => { d.antiProbing.noPing = without(d.antiProbing.noPing, name, answer === 'no'); });
      return core.settings.antiProbing.noPing.includes(name) ? 'no' : 'yes';
    },
  });
  ctx.command({
    path: 'sys firewall probing silent', help: 'whether requests for closed ports of the router that come in through a zone get no answer',
    args: { zone: { schema: z.string(), help: 'zone', complete: () => zoneNames(core) }, silent: yesNo('yes or no') },
    async run({ zone, silent }, io) {
      const name = editor.zone(zone, true);
      if (silent !== undefined) await change(io.author, (d) => { d.antiProbing.silent = without(d.antiProbing.silent, name, silent === 'yes'); });
      return core.settings.antiProbing.silent.includes(name) ? 'yes' : 'no';
    },
  });
}

const without = (list: readonly string[], name: string, add: boolean): string[] => [...list.filter((n) => n !== name), ...(add ? [name] : [])];
