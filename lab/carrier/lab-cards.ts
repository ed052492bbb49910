import { CardShelf } from './card-shelf.ts';
import { Carrier, type CarrierOptions } from './carrier.ts';
import { Rack } from './rack.ts';

/** A carrier, slots for cards, and the cards there are. */
export interface LabCards { readonly carrier: Carrier; readonly rack: Rack; readonly shelf: CardShelf }

export function labCards(o: CarrierOptions): LabCards {
  const carrier = new Carrier(o);
  return { carrier, rack: new Rack({ clock: o.clock, carrier }), shelf: new CardShelf() };
}
