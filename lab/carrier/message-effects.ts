import type { SimulatedCard } from './card.ts';
import type { Effect, Run } from './effects.ts';
import type { StoredSms } from './message-memory.ts';
import { submitted } from './pdu.ts';

const cms = (n: number): Effect => ({ final: `+CMS ERROR: ${n}` });
/** TS 27.005 §3.2.5: operator barring, wrong PDU parameter, invalid index, no network, no service centre, nothing to acknowledge. */
const BARRED = 8;
const WRONG_PDU = 304;
const NO_PLACE = 321;
const NO_CENTRE = 330;
const NO_NETWORK = 331;
const NO_CNMA = 340;
const SENT_MS = 500;

/** What +CMGL and ^HCMGL want; an empty one, and 4: all. */
const wantedState = (word: string | undefined): number | undefined => {
  const states: Readonly<Record<string, number>> = { 'REC UNREAD': 0, 'REC READ': 1, 'STO UNSENT': 2, 'STO SENT': 3 };
  return word === undefined || word === '' || word === '4' || word === 'ALL' ? undefined : states[word] ?? Number(word);
};
const stateWords = ['REC UNREAD', 'REC READ', 'STO UNSENT', 'STO SENT'];

/** Each message that is wanted, which has been read from then on. */
function listed(card: SimulatedCard, wanted: number | undefined, lines: (m: StoredSms, at: number) => readonly string[]): Effect {
  return { say: card.mailbox.memory.places.flatMap((m, i) => (m === undefined || (wanted !== undefined && m.status !== wanted) ? [] : seen(m, lines(m, i)))) };
}
function one(card: SimulatedCard, at: number, lines: (m: StoredSms) => readonly string[]): Effect {
  const m = card.mailbox.memory.places[at];
  return m === undefined ? cms(NO_PLACE) : { say: seen(m, lines(m)) };
}
function seen(m: StoredSms, lines: readonly string[]): readonly string[] {
  if (m.status === 0) m.status = 1;
  return lines;
}

const two = (n: number): string => String(n).padStart(2, '0');
/** Local time, without a zone: that of the lab is UTC. */
const fields = (ms: number): readonly string[] => {
  const d = new Date(ms);
  return [String(d.getUTCFullYear()), ...[d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()].map(two)];
};
const stampOf = (ms = 0): string => { const [y, mo, d, h, mi, s] = fields(ms); return `${y!.slice(2)}/${mo}/${d},${h}:${mi}:${s}`; };

/** A text from a CDMA card. */
function sent(card: SimulatedCard, to: string, text: string, say: (reference: number) => Effect): Effect {
  if (card.carrier.barred) return cms(BARRED);
  if (!card.canDial) return cms(NO_NETWORK);
  card.carrier.messages.submit({ from: card.number, to, text });
  return { ms: SENT_MS, ...say(card.nextReference()) };
}

/** What commands for messages do (TS 27.005); the last ones are those of CDMA cards in text mode, and Huawei's own. */
export const messageEffects: Readonly<Record<string, Run>> = {
  smsRoute: ({ card }, f) => { card.mailbox.route(Number(f['mt'] ?? 0), Number(f['ds'] ?? 0)); return undefined; },
  smsTaken: ({ card }) => (card.mailbox.acknowledge() ? undefined : cms(NO_CNMA)),
  smsCentre: ({ card }, f) => { if (card.sim) card.sim.centre = f['1'] ?? ''; return undefined; },
  smsRoom: ({ card }, f) => {
    const { used, room } = card.mailbox.memory;
    const named = f['0']?.endsWith('?') === true ? `"${card.sim ? 'SM' : 'ME'}",` : '';
    return { say: [`+CPMS: ${[1, 2, 3].map(() => `${named}${used},${room}`).join(',')}`] };
  },
  smsList: ({ card }, f) => listed(card, wantedState(f['1']), (m, i) => [`+CMGL: ${i},${m.status},,${m.pdu.length / 2 - 1}`, m.pdu]),
  smsRead: ({ card }, f) => one(card, Number(f['1']), m => [`+CMGR: ${m.status},,${m.pdu.length / 2 - 1}`, m.pdu]),
  smsDelete: ({ card }, f) => {
    card.mailbox.memory.delete(Number(f['1']), Number(f['flag'] ?? 0));
    return { later: () => { card.mailbox.retry(); return {}; } };
  },
  smsSend: ({ card }, f) => ({
    prompt: body => {
      const pdu = body.replace(/\s/g, '');
      const found = submitted(pdu);
      // +CMGS counts without the service centre (TS 27.005 §4.3).
      const length = pdu.length / 2 - 1 - Number.parseInt(pdu.slice(0, 2), 16);
      if (found === undefined || length !== Number(f['1'])) return cms(WRONG_PDU);
      if (!found.centre && card.sim?.centre === '') return cms(NO_CENTRE);
      if (card.carrier.barred) return cms(BARRED);
      if (!card.canDial) return cms(NO_NETWORK);
      const { report, centre: _, ...sms } = found;
      const reference = card.nextReference();
      card.carrier.messages.submit({ from: card.number, ...sms }, report ? reference : undefined);
      return { ms: SENT_MS, say: [`+CMGS: ${reference}`] };
    },
  }),

  textList: ({ card }, f) => listed(card, wantedState(f['1']), (m, i) => [`+CMGL: ${i},"${stateWords[m.status]}","${m.from}",1,2,${m.text?.length}`, m.text ?? '']),
  textRead: ({ card }, f) => one(card, Number(f['1']), m => [`+CMGR: "${stateWords[m.status]}","${m.from}","${stampOf(m.atMs)}",1,2,0,0,0,"${m.from}",${m.text?.length}`, m.text ?? '']),
  textSend: ({ card }, f) => ({ prompt: body => sent(card, f['1'] ?? '', body, reference => ({ say: [`+CMGS: ${reference}`] })) }),

  huaweiList: ({ card }, f) => listed(card, wantedState(f['1']), (m, i) => [`^HCMGL:${i},${m.status}`]),
  huaweiRead: ({ card }, f) => one(card, Number(f['1']), m => [`^HCMGR:${m.from},${fields(m.atMs ?? 0).join(',')},0,1,${m.text?.length},0,0,0,${m.status}`, `${m.text}\x1a`]),
  huaweiSend: ({ card }, f) => ({ prompt: body => sent(card, f['1'] ?? '', body, reference => ({ say: [`^HCMGSS:${reference}`] })) }),
};
