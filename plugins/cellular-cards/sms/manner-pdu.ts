import { at, type Script } from '../../../sdk/index.ts';
import * as sms from '../../../sdk/wire/sms.ts';
import { whyNot } from './cms-errors.ts';
import { choose, type Draft, type Manner, type Outgoing, type Prepared, type Stored, type Wishes } from './manner.ts';

const LIST_MS = 20_000;
/** A memory holds fewer; a card that says more is not believed. */
const MOST_STORED = 1000;

/**
 * +CNMI, best first (TS 27.005 §3.4.1): told of what is stored, then handed over. Cards differ in the first number: 2 keeps reports while
 * the port carries a call, some know 1 only.
 */
const routes = ({ reports }: Wishes): readonly string[] => [
  ...(reports ? ['2,1,0,2,0', '1,1,0,2,0', '2,1,0,1,0', '1,1,0,1,0'] : []), '2,1,0,0,0', '1,1,0,0,0', '1,1',
  ...(reports ? ['2,2,0,1,0'] : []), '2,2,0,0,0', '1,2,0,0,0', '1,2',
];

function* prepare(wishes: Wishes): Script<Prepared> {
  const why = yield* choose('AT+CMGF=0', 'the card has no messages in PDU mode');
  if (why !== undefined) return { why, acknowledge: false, warning: '' };
  // Service 1 (phase 2+) wants an answer to what is handed over.
  const acknowledge = /\+CSMS:\s*1\b/i.test((yield* at('AT+CSMS?')).lines.join('\n'));
  for (const route of routes(wishes)) if ((yield* at(`AT+CNMI=${route}`)).ok) break;
  const centre = wishes.centre === '' ? yield* at('AT+CSCA?') : undefined;
  const unset = centre?.ok === true && /\+CSCA:\s*""/i.test(centre.lines.join('\n'));
  return { why: undefined, acknowledge, warning: unset ? 'the SIM has no number of a message centre, so nothing can be sent: write the one that the carrier names into the settings' : '' };
}

/** +CMGL: index, state[, alpha], length, and the PDU on the next line. Some cards leave the alpha field out altogether. */
export function listed(lines: readonly string[]): Stored[] {
  const out: Stored[] = [];
  for (let i = 0; i + 1 < lines.length && out.length < MOST_STORED; i++) {
    const head = /^\+CMGL:\s*(\d{1,5})\s*,\s*"?(\d)"?\s*,/i.exec(lines[i]!);
    const raw = lines[i + 1]!.trim();
    const octets = head === null ? undefined : sms.fromHex(raw);
    if (head === null || !/^[0-9A-F]+$/i.test(raw)) continue;
    out.push({ index: Number(head[1]), state: Number(head[2]), received: octets && sms.parseReceived(octets), raw });
    i++;
  }
  return out;
}

/** The commands of TS 27.005 in PDU mode. */
export const pdu: Manner = {
  letters: 'all', mode: 'AT+CMGF=0', prepare,
  *list() {
    const answer = yield* at('AT+CMGL=4', { timeoutMs: LIST_MS });
    return answer.ok ? listed(answer.lines) : { why: whyNot(answer.final, answer.error) };
  },
  // The link to the network stays between the parts (TS 27.005 §3.5.6); what does not know it sends them all the same.
  before: parts => (parts > 1 ? ['AT+CMMS=1'] : []),
  compose: ({ to, text, reference, reports, centre }: Draft): readonly Outgoing[] => sms.split(text).flatMap((piece, i, all) => {
    const made = sms.emitSubmit({ to, piece, part: all.length === 1 ? undefined : { reference, total: all.length, number: i + 1 }, centre, report: reports });
    return made === undefined ? [] : [{ line: `AT+CMGS=${made.length}`, body: made.hex, text: sms.textOf(piece) }];
  }),
};
