import { at, type Script } from '../../../sdk/index.ts';
import { whyNot } from './cms-errors.ts';
import { choose, type Draft, type Manner, type Received, type Stored } from './manner.ts';
import { parts, placesIn } from './manner-text.ts';

const LIST_MS = 20_000;
const UNICODE = 6;

/**
 * ^HCMGR: sender, year, month, day, hour, minute, second, language, format, length, priority, privacy, type, state; the text on the lines behind, closed
 * with Ctrl-Z. Letters beyond ASCII come as octets that no line can carry.
 */
export function readHuawei(lines: readonly string[]): { readonly state: number; readonly received: Received } | undefined {
  const [head = '', ...rest] = lines;
  const m = /^\^HCMGR\s*:\s*"?([^,"]{1,64})"?((?:\s*,\s*\d{0,4}){8,})/i.exec(head);
  if (m === null) return undefined;
  const fields = m[2]!.split(',').slice(1).map(Number);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, , format] = fields;
  const text = rest.join('\n').replaceAll('\x1a', '');
  return {
    state: fields.length >= 13 ? fields.at(-1)! : 1,
    received: {
      kind: 'deliver', from: m[1]!, coding: 'gsm7', part: undefined, flash: false, zoneless: true,
      text: format === UNICODE && /[^\x20-\x7e\n]/.test(text) ? '(letters that this card cannot tell)' : text,
      atMs: month >= 1 && month <= 12 ? Date.UTC(year < 100 ? 2000 + year : year, month - 1, day, hour, minute, second) : undefined,
    },
  };
}

function* list(): Script<readonly Stored[] | { readonly why: string }> {
  const answer = yield* at('AT^HCMGL=4', { timeoutMs: LIST_MS });
  if (!answer.ok) return { why: whyNot(answer.final, answer.error) };
  const stored: Stored[] = [];
  // What people write is not for the log.
  for (const index of placesIn(answer.lines, /^\^HCMGL\s*:\s*(\d{1,5})\s*,/i)) {
    const one = yield* at(`AT^HCMGR=${index}`, { secret: true });
    // A text can say that there is a message where there is none.
    if (!one.ok) continue;
    const read = readHuawei(one.lines);
    stored.push({ index, state: read?.state ?? 1, received: read?.received, raw: one.lines.join(' ') });
  }
  return stored;
}

/** Huawei's own commands of its CDMA cards, in text mode. */
export const huawei: Manner = {
  letters: 'ascii', mode: 'AT+CMGF=1', list,
  *prepare() {
    const why = yield* choose('AT+CMGF=1', 'this card has no commands for messages');
    if (why === undefined) yield* at('AT+CNMI=1,1,0,0,0');
    return { why, acknowledge: false, warning: '' };
  },
  // Plain letters, no delivery acknowledgement.
  before: () => ['AT^HSMSSS=0,0,1,0'],
  compose: (draft: Draft) => parts(draft.text, to => `AT^HCMGS="${to}"`, draft.to),
};
