import type { BudgetLeft, CardStatus, Phase } from '../contract.ts';
import type { Settings } from './settings.ts';

/** What somebody has to do before the card can go on. */
export type Remedy = 'enable' | 'pin' | 'puk' | 'storage' | 'apn' | 'roaming' | 'budget' | 'look';

const byPhase: Partial<Readonly<Record<Phase, Remedy>>> = { off: 'enable', 'pin needed': 'pin', 'puk needed': 'puk', storage: 'storage', recovering: 'look', failed: 'look' };

/** `left` of its budgets. Undefined: nothing has to be done, or only what the status says in words. */
export function remedyOf(s: CardStatus, { apn, roaming }: Pick<Settings, 'apn' | 'roaming'>, left: readonly BudgetLeft[]): Remedy | undefined {
  if (s.phase !== 'registered') return byPhase[s.phase];
  if (s.spec?.dialect.system === '3gpp' && apn === '') return 'apn';
  if (s.registration?.state === 'roaming' && !roaming) return 'roaming';
  return left.some(l => l.part >= 1) ? 'budget' : undefined;
}

/** The same at a command line. */
export const remedyVerbs: Readonly<Record<Remedy, string>> = {
  enable: 'wwan config enable on', pin: 'wwan pin enter PIN', puk: 'wwan pin unlock PUK NEWPIN', storage: 'wwan storage eject SLOT', apn: 'wwan apn NAME', roaming: 'wwan config roaming on',
  budget: 'wwan config budgetCtrl display', look: 'wwan timeline',
};
