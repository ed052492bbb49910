import { CliError, type Table, z } from '../../sdk/index.ts';
import { addressMapping, type AddressMapping, mappingTypes, MOST_ADDRESS_MAPPINGS, type Settings } from './settings.ts';
import type { Ctx, Parts } from './verbs.ts';

/** The address mapping rules in order, numbered within each uplink. */
export function addressTable(settings: Settings, uplink?: string): Table {
  const counts = new Map<string, number>();
  const rows = settings.addressMapping.map(r => {
    const n = (counts.get(r.uplink) ?? 0) + 1;
    counts.set(r.uplink, n);
    const na = (used: boolean, text: string): string => (used ? text : 'N/A');
    const many = r.type === 'many-to-many-overload' || r.type === 'many-one-to-one';
    return [n, r.uplink, r.type, na(r.type !== 'server', r.localStart), na(r.type !== 'server' && r.type !== 'one-to-one', r.localEnd), r.globalStart, na(many, r.globalEnd)];
  });
  return { title: 'Address mapping', columns: ['#', 'uplink', 'type', 'local start', 'local end', 'global start', 'global end'], rows: rows.filter(r => uplink === undefined || r[1] === uplink) };
}

/**
 * Puts the rules of one uplink into another order or makes other ones of them. A place beyond the end is the next one: there are
 * no gaps.
 */
export function editRules(settings: Settings, uplink: string, edit: (rules: AddressMapping[]) => AddressMapping[]): void {
  const rules = edit(settings.addressMapping.filter(r => r.uplink === uplink));
  settings.addressMapping = [...settings.addressMapping.filter(r => r.uplink !== uplink), ...rules];
}

/** `ip nat addrMap …` */
export function addAddressVerbs(ctx: Ctx, parts: Parts): void {
  const uplink = { schema: z.string(), help: 'uplink, for instance wan', complete: () => parts.plan().uplinks.map(u => u.name) };
  const rule = { schema: z.coerce.number().int().min(1).max(MOST_ADDRESS_MAPPINGS), help: 'number of the rule' };
  const fields = {
    type: { schema: z.enum(mappingTypes), help: mappingTypes.join(', ') },
    addresses: { schema: z.string().optional(), help: 'local start, local end, global start, global end; 0.0.0.0 where there is none', rest: true },
  };
  const made = (name: string, type: AddressMapping['type'], text = ''): AddressMapping => {
    const [localStart = '0.0.0.0', localEnd = '0.0.0.0', globalStart = '0.0.0.0', globalEnd = '0.0.0.0', more] = text.trim() === '' ? [] : text.trim().split(/\s+/);
    if (more !== undefined) throw new CliError(`"${more}" is one address too many`);
    const parsed = addressMapping.safeParse({ uplink: name, type, localStart, localEnd, globalStart, globalEnd });
    if (!parsed.success) throw new CliError(parsed.error.issues.map(i => `${i.path.join('.')}: ${i.message}`).join('; '));
    return parsed.data;
  };
  const there = (name: string, n: number): void => {
    const count = parts.settings().addressMapping.filter(r => r.uplink === name).length;
    if (n > count) throw new CliError(`${name} has ${count === 0 ? 'no rules' : `${count} rules`}`);
  };

  ctx.command({
    path: 'ip nat addrMap disp', help: 'the address mapping rules', access: 'read', args: { uplink: { ...uplink, schema: z.string().optional() } },
    run: ({ uplink: name }) => addressTable(parts.settings(), name),
  });
  ctx.command({
    path: 'ip nat addrMap insert', help: 'a new rule at this place, those behind it move on', args: { uplink, rule, ...fields },
    async run({ uplink: name, rule: n, type, addresses }, io) {
      const r = made(name, type, addresses);
      await ctx.commit(draft => editRules(draft, name, rules => [...rules.slice(0, n - 1), r, ...rules.slice(n - 1)]), io.author);
    },
  });
  ctx.command({
    path: 'ip nat addrMap edit', help: 'another rule in this place', args: { uplink, rule, ...fields },
    async run({ uplink: name, rule: n, type, addresses }, io) {
      there(name, n);
      const r = made(name, type, addresses);
      await ctx.commit(draft => editRules(draft, name, rules => rules.map((old, i) => (i === n - 1 ? r : old))), io.author);
    },
  });
  ctx.command({
    path: 'ip nat addrMap delete', help: 'those behind it move up', args: { uplink, rule },
    async run({ uplink: name, rule: n }, io) {
      there(name, n);
      await ctx.commit(draft => editRules(draft, name, rules => rules.filter((_, i) => i !== n - 1)), io.author);
    },
  });
  ctx.command({
    path: 'ip nat addrMap move', help: 'to another place', args: { uplink, rule, to: rule },
    async run({ uplink: name, rule: n, to }, io) {
      there(name, n);
      await ctx.commit(draft => editRules(draft, name, rules => {
        const [r] = rules.splice(n - 1, 1);
        rules.splice(to - 1, 0, r!);
        return rules;
      }), io.author);
    },
  });
}
