import * as sms from '../../sdk/wire/sms.ts';
import type { SentReport, Sms } from './message-centre.ts';

/** A message as a network gives it to a card. `wall` ms. A sender that is neither number nor name becomes 0. */
export function deliver(one: Sms, wall: number): sms.Pdu | undefined {
  const piece: sms.Piece | undefined = one.ucs2 === true ? { coding: 'ucs2', text: one.text } : sms.split(one.text)[0];
  if (piece === undefined) return undefined;
  const how = { piece, atMs: wall, part: one.part };
  return sms.emitDeliver({ from: one.from, ...how }) ?? sms.emitDeliver({ from: '0', ...how });
}

/** What became of a message, as a network tells the card that sent it. */
export const statusReport = (r: SentReport): sms.Pdu | undefined => sms.emitStatus({ reference: r.reference, to: r.about, sentMs: r.sentMs, atMs: r.atMs, status: r.status });

/** SMS-SUBMIT: to whom and what; of a long text the part that this one carries. `centre`: it names a service centre. Undefined: it is none. */
export function submitted(pdu: string): (Omit<Sms, 'from'> & { readonly report: boolean; readonly centre: boolean }) | undefined {
  const octets = sms.fromHex(pdu);
  const found = octets && sms.parseSubmit(octets);
  return found && { to: found.to, text: found.text, report: found.report, centre: octets[0] !== 0, ...(found.part ? { part: found.part } : {}), ...(found.coding === 'ucs2' ? { ucs2: true as const } : {}) };
}
