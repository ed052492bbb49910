import { type Reply, z } from '../../../sdk/index.ts';
import { checked } from './panels-actions.ts';
import { pinWords } from './panels-card.ts';
import type { PanelParts } from './panels.ts';
import { type Settings, settings } from './settings.ts';

/** As they stand on the page. What `recovery` holds is drawn like the others, under its full name. */
const order = ['enabled', 'nailedUp', 'idleTimeout', 'roaming', 'networkType', 'apn', 'pin', 'auth', 'user', 'password', 'phone', 'cid', 'ip', 'dns', 'metric', 'recovery.replug', 'recovery.restart'] as const;
type Key = (typeof order)[number];
const secret: ReadonlySet<string> = new Set(['pin', 'password']);

const schemaOf = (key: Key): z.ZodType => {
  const inner = /^recovery\.(replug|restart)$/.exec(key)?.[1];
  return inner === undefined ? settings.shape[key as Exclude<keyof Settings, 'recovery'>] : settings.shape.recovery.unwrap().shape[inner as 'replug' | 'restart'];
};
const valueAt = (s: Settings, key: Key): unknown => (key === 'recovery.replug' ? s.recovery.replug : key === 'recovery.restart' ? s.recovery.restart : s[key as Exclude<keyof Settings, 'recovery'>]);

/** Settings as the form draws them: secrets only as being set or not; what the inserted card does not have is told as such. */
export function settingsData({ cellular, settings: now }: PanelParts) {
  const s = cellular.status(cellular.defaultSlot());
  const values = now();
  const dialect = s.spec?.dialect;
  const pinKnown = s.pin !== undefined && s.pin.state !== 'not applicable';
  return {
    fields: order.map(key => {
      const { title = key, help = '', unit = '' } = (schemaOf(key).meta() ?? {}) as { title?: string; help?: string; unit?: string };
      const value = valueAt(values, key);
      return { key, title, help, unit, value: secret.has(key) ? '' : value, set: secret.has(key) && value !== '' };
    }),
    card: s.spec === undefined ? '' : `${s.spec.maker || s.maker} ${s.model}`.trim(),
    types: s.networkTypes && { now: s.networkTypes.now, fixed: s.networkTypes.fixed ?? '', choices: s.networkTypes.choices.map(({ id, title }) => ({ id, title })) },
    /** Fields that mean nothing to this card. */
    hidden: dialect === undefined ? [] : [...(dialect.system === 'cdma' ? ['apn', 'cid'] : []), ...(s.pin?.state === 'not applicable' || (dialect.pin === undefined && !pinKnown) ? ['pin'] : []), ...(dialect.networkTypes === undefined ? ['networkType'] : [])],
    sim: s.pin === undefined ? '' : pinWords(s.pin.state, s.pin.attempts),
  };
}

const input = z.record(z.string(), z.unknown());

/** Stores what was changed; the answer has a row for each field that is wrong, and nothing is stored then. Throws CliError for what only all settings show. */
export async function saved({ ctx }: PanelParts, sent: unknown): Promise<Reply> {
  const changes = checked(input, sent);
  const good: [Key, unknown][] = [];
  const wrong: [string, string][] = [];
  for (const [key, value] of Object.entries(changes)) {
    if (!order.includes(key as Key)) continue;
    const result = schemaOf(key as Key).safeParse(value);
    if (result.success) good.push([key as Key, result.data]);
    else wrong.push([key, result.error.issues.map(i => i.message).join('; ')]);
  }
  if (wrong.length === 0) {
    await ctx.commit(draft => {
      for (const [key, value] of good) {
        if (key === 'recovery.replug') draft.recovery.replug = value === true;
        else if (key === 'recovery.restart') draft.recovery.restart = value as Settings['recovery']['restart'];
        else Object.assign(draft, { [key]: value });
      }
    }, 'Cellular page');
  }
  return { columns: ['field', 'problem'], rows: wrong };
}
