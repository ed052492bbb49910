/** Why a network activates no context: TS 24.008 §10.5.6.6, the number of TS 27.007 §9.2.2 for it, and the words that cards have for it in +CEER. */
const causes: Readonly<Record<number, { readonly cme: number; readonly words: string }>> = {
  8: { cme: 148, words: 'Operator determined barring' },
  26: { cme: 148, words: 'Insufficient resources' },
  27: { cme: 148, words: 'Missing or unknown APN' },
  29: { cme: 149, words: 'User authentication failed' },
  33: { cme: 133, words: 'Requested service option not subscribed' },
};
/** Unspecified, and no service. */
const UNSPECIFIED = 148;
const NO_SERVICE = 30;

export const causeWords = (cause: number | undefined): string => causes[cause ?? 0]?.words ?? 'No report available';
/** Without a cause nobody was asked: there is no network. */
export const cmeOf = (cause: number | undefined): number => (cause === undefined ? NO_SERVICE : causes[cause]?.cme ?? UNSPECIFIED);
