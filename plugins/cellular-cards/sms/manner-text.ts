import { at, type Script } from '../../../sdk/index.ts';
import { whyNot } from './cms-errors.ts';
import { choose, type Draft, type Manner, type Outgoing, type Received, type Stored } from './manner.ts';

const LIST_MS = 20_000;
const MOST_STORED = 200;
/** Characters of one message of seven bits each (3GPP2 C.S0015). There is no header for parts: '1/3 ' stands before each. */
const ROOM = 160;
const MARK = 8;

const states: readonly RegExp[] = [/REC UNREAD/i, /REC READ/i, /STO UNSENT/i, /STO SENT/i];

/** "26/11/24,01:02:03+08", or digits without anything between: 20261124010203. */
const TIME = /(\d{2,4})[/-](\d\d)[/-](\d\d)\s*,\s*(\d\d)\s*:\s*(\d\d)\s*:\s*(\d\d)\s*([+-]\d{1,2})?|\b(20\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\b/;

function timeIn(head: string): { readonly atMs: number | undefined; readonly zoneless?: true } {
  const m = TIME.exec(head);
  if (m === null) return { atMs: undefined };
  const [year, month, day, hour, minute, second] = (m[8] === undefined ? m.slice(1, 7) : m.slice(8, 14)).map(Number) as [number, number, number, number, number, number];
  const atMs = Date.UTC(year < 100 ? 2000 + year : year, month - 1, day, hour, minute, second);
  // Quarters of an hour, as in PDUs (TS 27.005 §3.1).
  return m[7] === undefined ? { atMs, zoneless: true } : { atMs: atMs - Number(m[7]) * 15 * 60_000 };
}

/**
 * What +CMGR says of a message: state, sender, then the maker's own choice of fields, among them the time; the text is on the lines behind. A
 * text in UCS-2 comes as hexadecimal digits.
 */
export function readText(lines: readonly string[]): { readonly state: number; readonly received: Received } | undefined {
  const [head = '', ...rest] = lines;
  if (!/^\+CMGR\s*:/i.test(head)) return undefined;
  const state = states.findIndex(word => word.test(head));
  const strings = [...head.matchAll(/"([^"]*)"/g)].map(m => m[1]!);
  const from = strings.find(s => s !== '' && !TIME.test(s) && !states.some(word => word.test(s)));
  if (state < 0 || from === undefined) return undefined;
  return { state, received: { kind: 'deliver', from: from.slice(0, 64), text: shown(rest.join('\n')), coding: 'gsm7', part: undefined, flash: false, ...timeIn(head) } };
}

const shown = (text: string): string => (/^(?:[0-9A-F]{4})+$/i.test(text) && /^(?:00|0[4-9]|[3-9A-D])/i.test(text) ? text.replace(/.{4}/g, unit => String.fromCharCode(Number.parseInt(unit, 16))) : text);

/** Places of received messages. */
export const placesIn = (lines: readonly string[], tag: RegExp): readonly number[] => lines.flatMap(l => { const m = tag.exec(l); return m === null ? [] : [Number(m[1])]; }).slice(0, MOST_STORED);

function* list(): Script<readonly Stored[] | { readonly why: string }> {
  const answer = yield* at('AT+CMGL="ALL"', { timeoutMs: LIST_MS, secret: true });
  if (!answer.ok) return { why: whyNot(answer.final, answer.error) };
  const stored: Stored[] = [];
  // What people write is not for the log.
  for (const index of placesIn(answer.lines, /^\+CMGL\s*:\s*(\d{1,5})\s*,/i)) {
    const one = yield* at(`AT+CMGR=${index}`, { secret: true });
    // A text can say that there is a message where there is none.
    if (!one.ok) continue;
    const read = readText(one.lines);
    stored.push({ index, state: read?.state ?? 1, received: read?.received, raw: one.lines.join(' ') });
  }
  return stored;
}

/** Words in runs that fit; a longer one is cut. */
export function parts(text: string, line: (to: string) => string, to: string): readonly Outgoing[] {
  // A message ends at Ctrl-Z and is given up at ESC; beyond ASCII nothing is sure.
  const plain = text.replace(/\r\n?/g, '\n').replace(/[^\n\x20-\x7e]/g, '?');
  const pieces = plain.length <= ROOM ? [plain] : plain.match(new RegExp(`[^]{1,${ROOM - MARK}}(?=\\s|$)|[^]{1,${ROOM - MARK}}`, 'g')) ?? [];
  return pieces.map((piece, i) => {
    const body = pieces.length === 1 ? piece : `${i + 1}/${pieces.length} ${piece.trim()}`;
    return { line: line(to), body, text: body };
  });
}

/** The commands of TS 27.005 in text mode, as CDMA cards have them; which fields stand where is the maker's choice. */
export const text: Manner = {
  letters: 'ascii', mode: 'AT+CMGF=1', list,
  *prepare() {
    const why = yield* choose('AT+CMGF=1', 'this card has no commands for messages');
    if (why === undefined) for (const route of ['2,1,0,0,0', '1,1,0,0,0', '1,1']) if ((yield* at(`AT+CNMI=${route}`)).ok) break;
    return { why, acknowledge: false, warning: '' };
  },
  before: () => [],
  compose: (draft: Draft) => parts(draft.text, to => `AT+CMGS="${to}"`, draft.to),
};
