import { type BudgetSource, BudgetsToken, CallPoliciesToken, type CallPolicy, type CardStatus, type Cellular, CellularToken, type TimelineEntry } from '../../../plugins/cellular-cards/contract.ts';
import { generic3gpp } from '../../../plugins/cellular-cards/families/three-gpp.ts';
import { type AtAnswer, type CardSpec, definePlugin, type Dialect, type Script } from '../../../sdk/index.ts';

/** A card of few words behind the cellular service, without ports: `answer` says what it says to a command. */
export class SimpleCellular implements Cellular {
  statuses: CardStatus[] = [];
  readonly entries: TimelineEntry[] = [];
  readonly heard: string[] = [];
  readonly done: string[] = [];
  /** What others contribute. */
  policies: readonly CallPolicy[] = [];
  budgets: readonly BudgetSource[] = [];
  answer: (line: string, body: string | undefined) => Partial<AtAnswer> = () => ({});

  list(): readonly CardStatus[] { return this.statuses; }
  connect(slot: number): void { this.done.push(`connect ${slot}`); }
  disconnect(slot: number, why: string): void { this.done.push(`disconnect ${slot} ${why}`); }
  async command(): Promise<readonly string[]> { return []; }
  async run<T>(slot: number, script: Script<T>): Promise<T> {
    if (!this.statuses.some(s => s.slot === slot)) throw new Error('the card is gone');
    let turn = script.next(undefined as never);
    while (turn.done !== true) {
      const step = turn.value;
      if (step.kind !== 'at') turn = script.next(undefined);
      else {
        this.heard.push(step.line);
        const { final = 'OK', lines = [], error } = this.answer(step.line, step.body);
        turn = script.next({ ok: final === 'OK', final, lines, error });
      }
    }
    return turn.value;
  }
  timeline(): readonly TimelineEntry[] { return this.entries; }
  note(slot: number, kind: TimelineEntry['kind'], words: string): void { this.entries.push({ atMs: 0, slot, kind, words }); }
}

export const providing = (cellular: SimpleCellular) => definePlugin({
  id: 'test.cellular', needs: { policies: CallPoliciesToken, budgets: BudgetsToken }, provides: [CellularToken, CallPoliciesToken, BudgetsToken],
  setup(ctx) {
    cellular.policies = ctx.use.policies;
    cellular.budgets = ctx.use.budgets;
    ctx.provide(CellularToken, cellular);
  },
});

const spec = (system: Dialect['system']): CardSpec => ({
  model: 'One', maker: 'Simple', title: 'Simple One', form: ['USB'], technologies: ['UMTS'], match: { usb: [] }, ports: {}, dialect: { ...generic3gpp, system },
});

export const card = (o: Partial<CardStatus> = {}, system: Dialect['system'] = '3gpp'): CardStatus => ({
  slot: 1, phase: 'registered', words: 'ready', model: 'One', maker: 'Simple', spec: spec(system), identity: { maker: 'Simple', model: 'One', revision: '', imsi: '262011234567890' },
  pin: undefined, registration: undefined, technology: undefined, signal: undefined, networkTypes: undefined, connectedAt: undefined, rxBytes: 0, txBytes: 0, ip: 0, dns: [], ...o,
});
