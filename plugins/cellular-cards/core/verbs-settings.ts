import { type Args, CliError, type PluginContext, z } from '../../../sdk/index.ts';
import type { CellularService } from './service.ts';
import { type Settings, settings } from './settings.ts';

type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'command' | 'commit' | 'config'>;
type Key = Exclude<keyof Settings, 'recovery' | 'dns'>;

/** Verbs that show or set one setting each: without a value they show it. */
const verbs: readonly { readonly words: string; readonly key: Key; readonly help: string; readonly secret?: boolean }[] = [
  { words: 'apn', key: 'apn', help: 'the access point name of the carrier' },
  { words: 'config enable', key: 'enabled', help: 'whether inserted cards are used' },
  { words: 'config apn', key: 'apn', help: 'the access point name of the carrier' },
  { words: 'config pin', key: 'pin', help: 'the PIN that is sent to the SIM', secret: true },
  { words: 'config auth', key: 'auth', help: 'how user name and password are proven' },
  { words: 'config user', key: 'user', help: 'user name' },
  { words: 'config password', key: 'password', help: 'password', secret: true },
  { words: 'config phone', key: 'phone', help: 'number that is dialled instead of the card\'s own' },
  { words: 'config nailedup', key: 'nailedUp', help: 'whether the connection stands all the time' },
  { words: 'config idle', key: 'idleTimeout', help: 'seconds without a packet until it is ended; 0: never' },
  { words: 'config roaming', key: 'roaming', help: 'whether it is made in foreign networks' },
  { words: 'config metric', key: 'metric', help: 'route priority, 1-15' },
  { words: 'config ip', key: 'ip', help: 'own address, where the carrier gives a fixed one' },
];

/** What stands for no value on a command line. */
const NONE = 'none';
const boolean = z.union([z.boolean(), z.enum(['on', 'off', 'yes', 'no']).transform(word => word === 'on' || word === 'yes')]);

export function settingVerbs(ctx: Ctx, cellular: CellularService): void {
  for (const { words, key, help, secret } of verbs) {
    const field = settings.shape[key];
    const isBoolean = typeof ctx.config[key] === 'boolean';
    const isNumber = typeof ctx.config[key] === 'number';
    const args: Args = { value: {
      schema: isBoolean ? z.enum(['on', 'off']).optional() : isNumber ? z.number().int().optional() : z.string().optional(),
      help: isBoolean ? 'on or off; without: shows it' : `without: shows it${isNumber ? '' : `; ${NONE}: no value`}`,
    } };
    ctx.command({
      path: `wwan ${words}`, help: `${help}; shows it, or sets it`, args,
      async run({ value }, io) {
        const now = ctx.config[key];
        if (value === undefined) return secret === true ? (now === '' ? 'not set' : 'set') : now === '' ? 'not set' : isBoolean ? (now === true ? 'on' : 'off') : String(now);
        const wanted = field.safeParse(isBoolean ? boolean.parse(value) : value === NONE ? '' : value);
        if (!wanted.success) throw new CliError(wanted.error.issues.map(i => i.message).join('; '));
        await ctx.commit(draft => { Object.assign(draft, { [key]: wanted.data }); }, io.author);
        return undefined;
      },
    });
  }
  ctx.command({
    path: 'wwan networktype', help: 'the network types that the card offers; sets one of them',
    args: { id: { schema: z.string().max(60).optional(), help: `one of the list; ${NONE}: as the card has it`, complete: () => cellular.status(cellular.defaultSlot()).networkTypes?.choices.map(c => c.id) ?? [] } },
    async run({ id }, io) {
      const types = cellular.status(cellular.defaultSlot()).networkTypes;
      if (id === undefined) {
        if (types === undefined) return 'the card offers no choice';
        return { columns: ['id', 'network type', 'in use'], rows: types.choices.map(c => [c.id, c.title, c.id === types.now ? 'yes' : '']), ...(types.fixed === undefined ? {} : { title: types.fixed }) };
      }
      if (id !== NONE && types !== undefined && !types.choices.some(c => c.id === id)) throw new CliError(`the card does not offer '${id}'; it offers ${types.choices.map(c => c.id).join(', ')}`);
      await ctx.commit(draft => { draft.networkType = id === NONE ? '' : id; }, io.author);
      return undefined;
    },
  });
}
