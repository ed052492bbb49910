import { CliError, type PanelSpec, type z as Z, z } from '../../../sdk/index.ts';
import type { PanelParts } from './panels.ts';

type Actions = NonNullable<PanelSpec['actions']>;
const AUTHOR = 'Cellular page';

const slot = z.number().int().min(1).max(99);
const pinCode = z.string().regex(/^\d{4,8}$/, 'must be 4 to 8 digits');
const digits = z.string().regex(/^\d{1,15}$/, 'digits only');
const inputs = {
  slot: z.object({ slot }),
  pin: z.object({ slot, pin: pinCode, sure: z.boolean().default(false) }),
  puk: z.object({ slot, puk: z.string().regex(/^\d{8}$/, 'must be 8 digits'), pin: pinCode }),
  activate: z.discriminatedUnion('kind', [
    z.object({ slot, kind: z.literal('ota'), code: z.string().regex(/^[0-9*#]{0,20}$/, 'digits, * and # only').optional() }),
    z.object({ slot, kind: z.literal('manual'), spc: digits, mdn: digits, min: digits }),
  ]),
  at: z.object({ slot, line: z.string().max(512) }),
} as const;

/** What a page sent. Throws CliError with the field and the reason. */
export function checked<T>(schema: Z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new CliError(result.error.issues.map(i => `${i.path.join('.') || 'input'}: ${i.message}`).join('; '));
}

/** What people can do on the tabs of the Cellular page. */
export function actions(parts: PanelParts): { readonly card: Actions; readonly modem: Actions; readonly storage: Actions } {
  const { ctx, cellular, slots } = parts;
  const pinOf = (n: number) => cellular.status(n).pin;
  const of = (input: unknown): number => checked(inputs.slot, input).slot;
  return {
    card: {
      enable: () => ctx.commit(draft => { draft.enabled = true; }, AUTHOR),
      connect: input => cellular.connect(of(input)),
      disconnect: input => cellular.disconnect(of(input), 'on the Cellular page'),
      pin(input) {
        const { slot: n, pin, sure } = checked(inputs.pin, input);
        const known = pinOf(n);
        if (known?.state !== 'pin') throw new CliError('the SIM wants no PIN now');
        if (known.attempts === 1 && !sure) throw new CliError('one attempt is left: a wrong PIN locks the SIM');
        cellular.pin(n, pin, undefined);
      },
      puk(input) {
        const { slot: n, puk, pin } = checked(inputs.puk, input);
        if (pinOf(n)?.state !== 'puk') throw new CliError('the SIM does not want its PUK now');
        cellular.pin(n, pin, puk);
      },
      async activate(input) {
        const { slot: n, ...how } = checked(inputs.activate, input);
        const script = cellular.spec(n)?.dialect.activate;
        if (script === undefined) throw new CliError('this card needs no activation');
        const way = how.kind === 'manual' ? how : how.code ? { kind: how.kind, code: how.code } : { kind: how.kind };
        const answer = await cellular.run(n, script(way));
        cellular.note(n, 'user', `activation ${answer.ok ? 'succeeded' : `failed (${answer.final})`}`);
        if (!answer.ok) throw new CliError(`the card was not activated (${answer.final}); ask the carrier whether its number is known there`);
        return 'the card is activated';
      },
    },
    modem: {
      async at(input) {
        const { slot: n, line } = checked(inputs.at, input);
        return { text: (await cellular.command(n, line)).join('\n') };
      },
      conversation: input => ({ text: cellular.conversation(of(input)).join('\n') }),
    },
    storage: {
      async showDisc(input) {
        const { slot: n } = checked(inputs.slot, input);
        await said(() => slots.hold(n));
      },
      async useModem(input) {
        const { slot: n } = checked(inputs.slot, input);
        await said(async () => slots.release(n));
      },
    },
  };
}

async function said<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
