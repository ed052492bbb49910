import { CliError, type Table, z } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { type Core, exemptOf } from './core.ts';
import { RuleEditor } from './edit.ts';
import { ruleTable, rulesOf } from './rule-table.ts';
import { ANY_ZONE } from './rules/model.ts';
import { setNamed, setWords } from './sets.ts';
import { type Settings, thresholdNames } from './settings.ts';
import { attackTable, countTable, dumpText, matrixTable, statusFacts, thresholdFacts, TRIANGLE_WARNING, zoneNames } from './tables.ts';
import { ruleFacts } from './tables-sets.ts';

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
    path: 'sys firewall acl disp', access: 'read', help: 'default actions, then rules; of one set (a direction) its rules, or one of them',
    args: {
      set: { schema: z.string().optional(), help: 'set: a number, LAN-WAN, or the zone it comes from', complete: () => [...zoneNames(core), ...setWords(core.settings)] },
      rule: { schema: z.string().optional(), help: 'number of a rule; after a zone the zone it goes to', complete: () => zoneNames(core) },
    },
    run({ set: first, rule: second }) {
      if (first === undefined) {
        const { total, rows } = rulesOf(core, { limit: RULES_SHOWN });
        return [matrixTable(core), ruleTable(rows, total)];
      }
      const zone = [...zoneNames(core), ANY_ZONE].some((name) => name.toLowerCase() === first.toLowerCase());
      if (!zone) {
        const set = setNamed(core.settings, first);
        if (second === undefined) return acl(core, set.from, set.to);
        if (!/^\d+$/.test(second)) throw new CliError(`'${second}' is no number of a rule`);
        return ruleFacts(editor.rule(set.from, set.to, Number(second)), Number(second), set);
      }
      return acl(core, editor.zone(first), second === undefined ? undefined : editor.zone(second));
    },
  });
  read('sys firewall cnt display', 'what the firewall has refused and decided, in numbers', () => countTable(core));
  ctx.command({ path: 'sys firewall cnt clear', help: 'these numbers begin at 0, and so do hits of rules', run: () => { core.counts.clear(); core.hits.clear(); } });
  read('sys firewall online', 'attacks, the latest first', () => attackTable(core));
  ctx.command({ path: 'sys firewall clear', help: 'forget attacks', run: () => core.attacks.clear() });
  ctx.command({
    path: 'sys firewall update', help: 'look at zones and rules anew, and decide about every session again with its next packet',
    run() {
      core.locate();
      ctx.flows.bumpEpoch('sys firewall update');
      return `${ctx.flows.size} sessions are decided again with their next packets; those that are no longer allowed end`;
    },
  });
  ctx.command({
    path: 'sys firewall pktdump', help: 'the last packets that were refused, decoded; on and off switch their keeping',
    args: { what: { schema: z.enum(['on', 'off', 'display', 'clear']).default('display'), help: 'on, off, display or clear' } },
    async run({ what }, io) {
      if (what === 'on' || what === 'off') await change(io.author, (d) => { d.pktdump = what === 'on'; });
      else if (what === 'clear') core.dump.clear();
      else return dumpText(core);
      return undefined;
    },
  });
  read('sys firewall dynamicrule display', 'what UPnP, an ALG or port triggering has opened', () => ({
    columns: ['by', 'from', 'to', 'why'],
    rows: ctx.use.pinholes.flatMap((source) => source.list().map((p) => [source.name, p.src === 0 ? 'any' : format4(p.src), `${format4(p.dst)}:${p.dport}`, p.why])),
  }));
  read('sys firewall tcprst display', 'what is answered with a TCP reset', () => ({ facts: {
    rst: core.settings.resets.blocked ? 'on' : 'off', rst113: core.settings.resets.ident ? 'on' : 'off', 'closed ports of the router stay silent on': core.settings.antiProbing.silent.join(', ') || 'no zone',
  } }));
  for (const [word, name, help] of [['rst', 'blocked', 'reset TCP connections that a default drops'], ['rst113', 'ident', 'the same for ident (TCP 113) alone']] as const) {
    ctx.command({
      path: `sys firewall tcprst ${word}`, help, args: { value: onOff('on or off') },
      async run({ value }, io) {
        if (value !== undefined) await change(io.author, (d) => { d.resets[name] = value === 'on'; });
        return core.settings.resets[name] ? 'on' : 'off';
      },
    });
  }
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
    path: 'sys firewall ignore logBroadcast', help: 'leave refused broadcasts and multicasts out of the log', args: { ignore: onOff('on: not written down') },
    async run({ ignore }, io) {
      if (ignore !== undefined) await change(io.author, (d) => { d.log.broadcasts = ignore === 'off'; });
      return core.settings.log.broadcasts ? 'off' : 'on';
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

const RULES_SHOWN = 200;

function acl(core: Core, from: string, to: string | undefined): Table {
  const { total, rows } = rulesOf(core, { from, to, limit: RULES_SHOWN });
  return ruleTable(rows, total);
}

const without = (list: readonly string[], name: string, add: boolean): string[] => [...list.filter((n) => n !== name), ...(add ? [name] : [])];
