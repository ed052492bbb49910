/** A message in a card: a 3GPP one as its PDU, a CDMA one as what its card tells of it. */
export interface StoredSms {
  /** 0 new, 1 read, 2 to be sent, 3 sent (TS 27.005 §3.1). */
  status: number;
  readonly pdu: string;
  readonly from?: string;
  readonly text?: string;
  readonly atMs?: number;
}

/** Places for messages in a SIM or a card. */
export class MessageMemory {
  readonly room = 20;
  readonly places: (StoredSms | undefined)[] = [];

  get used(): number { return this.places.filter(p => p !== undefined).length; }

  /** The place of a new message; undefined: full. */
  store(message: StoredSms): number | undefined {
    let at = this.places.indexOf(undefined);
    if (at < 0) at = this.places.length;
    if (at >= this.room) return undefined;
    this.places[at] = message;
    return at;
  }

  /** By +CMGD's flag (TS 27.005 §3.5.4): 0 the one place, 1 all that were read, 2 and those sent, 3 and those to be sent, 4 all. */
  delete(at: number, flag: number): void {
    const { places } = this;
    for (const [i, m] of places.entries()) if (m !== undefined && (flag === 0 ? i === at : flag >= 4 || m.status === 1 || (flag > 1 && m.status === 3) || (flag > 2 && m.status === 2))) places[i] = undefined;
  }
}
