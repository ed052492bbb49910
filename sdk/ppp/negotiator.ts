import { CONFIGURE_ACK, CONFIGURE_NAK, CONFIGURE_REJECT, type Option } from '../wire/ppp.ts';

/** What one control protocol wants and grants; the automaton asks it and remembers nothing of options itself. */
export interface Negotiator {
  /** A negotiation begins anew: nothing is agreed, nothing refused. */
  reset(): void;
  /** What we ask for now, in order. */
  wishes(): readonly Option[];
  /** What we think of one option the peer asks for; an option: what it should ask for instead. */
  review(option: Option): 'ack' | 'reject' | Option;
  /** All that the peer asks for is acknowledged. */
  granted(options: readonly Option[]): void;
  /** The peer would have these otherwise. */
  naked(options: readonly Option[]): void;
  /** The peer does not know or will not have these. */
  rejected(options: readonly Option[]): void;
}

export interface Reply { readonly code: number; readonly options: readonly Option[] }

/**
 * The answer to a Configure-Request (RFC 1661 §5.2–5.4): what cannot be talked about comes first, then what should be
 * otherwise. `patient`: false when naks have brought nothing, then they become rejects (§4.6, Max-Failure).
 */
export function review(negotiator: Negotiator, options: readonly Option[], patient: boolean): Reply {
  const rejected: Option[] = [];
  const naked: Option[] = [];
  const seen = new Set<number>();
  for (const option of options) {
    // §6: no option may be listed twice, unless its own text says so; none of ours does.
    const verdict = seen.has(option.type) ? 'reject' : negotiator.review(option);
    seen.add(option.type);
    if (verdict === 'reject' || (verdict !== 'ack' && !patient)) rejected.push(option);
    else if (verdict !== 'ack') naked.push(verdict);
  }
  if (rejected.length > 0) return { code: CONFIGURE_REJECT, options: rejected };
  if (naked.length > 0) return { code: CONFIGURE_NAK, options: naked };
  return { code: CONFIGURE_ACK, options };
}
