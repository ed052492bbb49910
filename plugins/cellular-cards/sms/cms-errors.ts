/** What +CMS ERROR numbers mean to the person who wanted a message sent (TS 27.005 §3.2.5, TS 24.011 annex E, TS 23.040 §9.2.3.22). */
const words: Readonly<Record<number, string>> = {
  1: 'the number does not exist',
  8: 'the carrier bars sending messages for this account',
  10: 'the account is barred',
  21: 'the network refused it',
  27: 'the other phone is out of service',
  28: 'the number is not known to the network',
  29: 'the account may not send messages',
  30: 'the account is not known to the network',
  38: 'the network is out of order; try again later',
  41: 'the network cannot now; try again later',
  42: 'the network is congested; try again later',
  47: 'the network has no room now; try again later',
  50: 'the account has no message service: ask the carrier',
  69: 'the network has no message service',
  300: 'the card could not do it',
  301: 'the network has reserved the message service',
  302: 'the card does not allow it now',
  304: 'the card did not take the message in this form',
  305: 'the card did not take the message in this form',
  310: 'no SIM card',
  311: 'the SIM wants its PIN',
  312: 'the SIM wants a PIN',
  313: 'the SIM is broken',
  314: 'the SIM is busy; try again',
  315: 'it is the wrong SIM',
  316: 'the SIM wants its PUK',
  320: 'the memory of the card is broken',
  321: 'there is no message at this place',
  322: 'the memory of the card is full',
  330: 'the number of the service centre is not known: the SIM lacks it',
  331: 'no network now; try again later',
  332: 'the network did not answer; the message may have been sent',
  500: 'the card could not do it, for a reason of its own',
};

/** `final` as the card gave it. */
export function whyNot(final: string, error: number | undefined): string {
  if (final === 'timeout') return 'the card does not answer';
  if (final === 'gone') return 'the card is gone';
  if (final === 'online') return "the card's only port carries the call: it takes messages again when the connection is down";
  if (error === undefined) return `the card says ${final}`;
  return `${words[error] ?? 'the network or the card refused it'} (${final})`;
}
