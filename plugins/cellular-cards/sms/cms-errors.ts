/** What +CMS ERROR numbers mean to the person who wanted a message sent (TS 27.005 §3.2.5, TS 24.011 annex E, TS 23.040 §9.2.3.22). */
const words: Readonly<Record<number, string>> = {
  1: 'the number does not exist',
  8: 'the carrier bars sending messages for this account',
  10: 'the account is barred',
  17: 'the network failed',
  21: 'the network refused it',
  22: 'the memory of the other side is full',
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
  81: 'the network did not understand it',
  95: 'the network did not understand it',
  96: 'the network did not understand it',
  97: 'the network did not understand it',
  98: 'the network did not understand it',
  99: 'the network did not understand it',
  111: 'the network did not understand it',
  127: 'the network does not work together with that of the number',
  128: 'the network does not carry messages to this service',
  143: 'the message centre does not understand the message',
  144: 'the message centre does not know these letters',
  145: 'the message centre does not know this class of messages',
  159: 'the message centre does not know these letters',
  175: 'the message centre does not understand the message',
  176: 'the message centre does not understand the message',
  192: 'the message centre is busy; try again later',
  193: 'the message centre does not serve this account: check its number',
  194: 'the message centre failed; try again later',
  195: 'the number is not valid',
  196: 'the other side is barred',
  197: 'the message centre has it already',
  198: 'the message centre does not allow this time of validity',
  208: 'the SIM has no room for it',
  209: 'the SIM does not store messages',
  210: 'the card failed',
  211: 'the memory is full: "wwan sms clear" deletes from the card what the router has',
  300: 'the card could not do it',
  301: 'the network has reserved the message service',
  302: 'the card does not allow it now',
  303: 'the card cannot do that',
  304: 'the card did not take the message in this form',
  305: 'the card did not take the message in this form',
  310: 'no SIM card',
  311: 'the SIM wants its PIN',
  312: 'the SIM wants a PIN',
  313: 'the SIM is broken',
  314: 'the SIM is busy; try again',
  315: 'it is the wrong SIM',
  316: 'the SIM wants its PUK',
  317: 'the SIM wants its PIN2',
  318: 'the SIM wants its PUK2',
  320: 'the memory of the card is broken',
  321: 'there is no message at this place',
  322: 'the memory of the card is full: "wwan sms clear" deletes from it what the router has',
  330: 'the number of the message centre is not known: write the one that the carrier names into the settings of SMS',
  331: 'no network now; try again later',
  332: 'the network did not answer; the message may have been sent',
  340: 'there was nothing to acknowledge',
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

/** What the network says of a message that was sent: TP-ST (TS 23.040 §9.2.3.15). 'trying': it goes on. */
export function outcome(status: number): { readonly kind: 'arrived' | 'trying' | 'lost'; readonly words: string } {
  if (status < 0x20) return { kind: 'arrived', words: status === 2 ? 'another message took its place' : 'it has arrived' };
  if (status < 0x40) return { kind: 'trying', words: `${reasons[status & 0x1f] ?? 'the other side cannot be reached'}; the network goes on trying` };
  return { kind: 'lost', words: fates[status] ?? reasons[status & 0x1f] ?? 'the network gave up' };
}
const reasons: Readonly<Record<number, string>> = { 0: 'the network is congested', 1: 'the other side is busy', 2: 'the other side does not answer', 3: 'the service refused it', 4: 'the quality of service is not available', 5: 'the other side has failed' };
const fates: Readonly<Record<number, string>> = {
  64: 'the other side has failed', 65: 'the other side cannot take it', 66: 'the other side refused it', 67: 'the number cannot be reached', 68: 'the quality of service is not available',
  69: 'the networks do not work together', 70: 'it could not be delivered in time', 71: 'its sender deleted it', 72: 'the message centre deleted it', 73: 'the message centre does not know it any more',
};
