import * as sms from '../../sdk/wire/sms.ts';

/** A message as a network gives it to a card: one, of as much of the text as fits. `wall` ms. A sender that is neither number nor name becomes 0. */
export function deliver(from: string, text: string, wall: number): string {
  const [piece] = sms.split(text);
  const made = piece && (sms.emitDeliver({ from, piece, atMs: wall }) ?? sms.emitDeliver({ from: '0', piece, atMs: wall }));
  return made?.hex ?? '';
}

/** SMS-SUBMIT: to whom and what; of a long text the part that this one carries. Undefined: it is none. */
export function submitted(pdu: string): { readonly to: string; readonly text: string } | undefined {
  const octets = sms.fromHex(pdu);
  const found = octets && sms.parseSubmit(octets);
  return found && { to: found.to, text: found.text };
}
