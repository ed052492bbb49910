import type { AtAnswer, CardSpec, PortRole, Script, Step, StepResult } from '../../../../sdk/index.ts';
import { answers } from '../../../../plugins/cellular-cards/core/qcdm/codes.ts';

/** A card that is a table: what it answers to commands, and on its diagnostic port; everything else is ERROR, or silence. */
export interface Table {
  readonly at?: Readonly<Record<string, string | readonly string[]>>;
  readonly diagnostic?: readonly Uint8Array[];
  /** Data passes on the data port and there is no other for commands. */
  readonly online?: boolean;
}
export interface Ran<T> { readonly value: T; readonly sent: readonly string[]; readonly secrets: readonly string[]; readonly waited: number; readonly ports: readonly (PortRole | undefined)[] }

const answerOf = (final: string, lines: readonly string[] = []): AtAnswer => ({ ok: final === 'OK' || final.startsWith('CONNECT'), final, lines, error: /^\+CM[ES] ERROR: (\d+)/.exec(final)?.[1] === undefined ? undefined : Number(/(\d+)/.exec(final)![1]) });

/** Runs a script against the table. The last line of a list is the final result where it is one, else OK follows. */
export function run<T>(script: Script<T>, table: Table): Ran<T> {
  const [sent, secrets, ports]: [string[], string[], (PortRole | undefined)[]] = [[], [], []];
  let waited = 0;
  const take = (step: Step): StepResult => {
    if (step.kind === 'wait') { waited += step.ms; return undefined; }
    if (step.kind === 'qcdm') return table.diagnostic?.find(a => a[0] !== undefined && answers(step.request, a));
    sent.push(step.line);
    ports.push(step.port);
    if (step.secret) secrets.push(step.line);
    if (table.online === true) return answerOf('online');
    const found = table.at?.[step.line];
    if (found === undefined) return answerOf('ERROR');
    const lines = typeof found === 'string' ? (found === '' ? [] : found.split('\r\n').map(l => l.trim())) : [...found];
    const last = lines.at(-1) ?? '';
    return /^(OK|ERROR|NO CARRIER|CONNECT.*|\+CM[ES] ERROR.*)$/.test(last) ? answerOf(last, lines.slice(0, -1)) : answerOf('OK', lines);
  };
  let turn = script.next(undefined);
  for (let i = 0; turn.done !== true; i++) {
    if (i > 1000) throw new Error('the script does not end');
    turn = script.next(take(turn.value));
  }
  return { value: turn.value, sent, secrets, waited, ports };
}

/** The card that a plugin contributes. */
export function cardOf(plugin: { readonly setup: unknown }): CardSpec {
  let card: CardSpec | undefined;
  (plugin.setup as (ctx: unknown) => void)({ contribute: (_: unknown, spec: CardSpec) => { card = spec; } });
  return card!;
}
