import type { CardPart } from './card-file.ts';
import { type Exchange, readLog } from './log-reader.ts';

/**
 * Answers that change with time become placeholders, so that the card lives; what names a subscriber becomes the lab's. The first of
 * each pair is looked for in a line.
 */
const living: readonly (readonly [RegExp, string])[] = [
  [/^(\+CSQ:\s*)\d+,\s*\d+/, '$1{csq},{ber}'], [/^(_OSIGQ:\s*)\d+/, '$1{csq}'],
  [/^(\+CPIN:\s*).*$/, '$1{simstate}'], [/^(\+C[EG]?REG:\s*[0-2]),\s*\d+(,.*)?$/, '$1,{stat}$2'],
  [/^(\*CNTI:\s*0,).*$/, '$1{technology}'], [/^(\+CPINC:\s*)\d+,\s*(\d+),\s*\d+/, '$1{pin1}, $2, {puk1}'],
  [/^(\^CPIN:\s*)[^,]*,,\d+,\d+/, '$1{simstate},,{puk1},{pin1}'], [/^(RX level[^:]*:\s*)-\d+/, '$1{dbm}'], [/^(\+CGATT:\s*)\d/, '$1{attached}'], [/^(\+CFUN:\s*)\d/, '$1{cfun}'],
  [/^(SID: )\d+/, '$1{sid}'], [/^(\^CSQLVL:\s*|\^HDRCSQLVL:\s*)\d+/, '$1{level}'],
];
const subscriber: readonly (readonly [RegExp, string])[] = [
  [/^\d{15}$/, '{imsi}'], [/^(\+CNUM:[^,]*,)"[^"]*"/, '$1"{number}"'], [/\b89\d{16,18}F?\b/, '{iccid}'], [/^(\+CRSM: ?\d+, ?\d+, ?)"?98[0-9A-F]{16,18}"?/i, '$1"{iccidSwapped}"'],
];
/** What these do is the family's business: their answer in a log says nothing about the next time. */
const acts = /^AT(D|H|O|Z|E|\+CPIN=|\+CFUN=|\+CGDCONT=|\+COPS=[0-4]|\+CMG|\+CGATT=|\+CREG=|\+CGREG=|\+CRSM=176,12258|!RESET|\$NWDMAT|\$QCPDPP=)/i;
const IMEI = /\b\d{15}\b/;
const ESN = /^(?:ESN:\s*)?(?:\+GSN:\s*)?(?:0x)?([0-9A-F]{7,8})$/i;
/** The lab's own. */
const LAB_IMEI = '352000000000018';
const LAB_ESN = '5B90000B';

/** Says which of the lab's families a log is of, by what its maker calls himself and what it understands. */
const families: readonly (readonly [RegExp, boolean | undefined, string])[] = [
  [/sierra/i, false, 'sierra-gsm'], [/sierra/i, true, 'sierra-cdma'], [/huawei/i, true, 'huawei-cdma'], [/huawei/i, false, 'huawei-gsm'], [/novatel/i, true, 'novatel-cdma'], [/novatel/i, false, 'novatel-gsm'],
  [/option/i, undefined, 'option'], [/quectel/i, undefined, 'quectel'], [/telit/i, undefined, 'telit'], [/simcom/i, undefined, 'simcom'], [/u-blox/i, undefined, 'ublox'], [/pantech|curitel/i, undefined, 'pantech'],
];

/** A card file out of a modem's log: what it answered, over what its family does. Throws when there is no answer in it. */
export function cardFromLog(text: string, name?: string): CardPart {
  const exchanges = readLog(text);
  if (exchanges.length === 0) throw new Error('there is no command with an answer in this log');
  const said = (pattern: RegExp): string | undefined => exchanges.flatMap(e => e.lines).map(l => pattern.exec(l)?.[1]?.trim()).find(v => v !== undefined && v !== '');
  const answer = (...commands: string[]): string | undefined => exchanges.find(e => e.final === 'OK' && commands.includes(e.command.toUpperCase()))?.lines[0]?.replace(/^\+[A-Z]+:\s*/, '');
  const maker = said(/^Manufacturer:\s*(.*)/i) ?? answer('AT+CGMI', 'AT+GMI') ?? 'unknown';
  const model = name ?? said(/^Model:\s*(.*)/i) ?? answer('AT+CGMM', 'AT+GMM') ?? 'imported';
  const all = exchanges.flatMap(e => [e.command, ...e.lines]).join('\n');
  const cdma = /IS707|IS-856|#777|^ESN:/im.test(all) && !/\+CGSM/i.test(all);
  const lte = /\bLTE\b|\+CEREG/i.test(all);
  const family = families.find(([words, system]) => words.test(maker) && (system === undefined || system === cdma))?.[2] ?? (cdma ? 'cdma' : lte ? 'lte' : 'gsm');
  return {
    note: 'made from a log', model, maker, family: family === 'sierra-gsm' && lte ? 'sierra-em' : family === 'huawei-gsm' && lte ? 'huawei-me' : family,
    usb: '1bbb:00ff', product: model, facts: { imei: LAB_IMEI, esn: LAB_ESN },
    answers: rules(exchanges),
  };
}

/** One rule for each command; the last answer counts, unless it is an error and another was not. */
function rules(exchanges: readonly Exchange[]): NonNullable<CardPart['answers']> {
  const last = new Map<string, Exchange>();
  for (const e of exchanges) {
    const key = e.command.toUpperCase();
    if (acts.test(key) || key === 'AT' || key.includes(';')) continue;
    if (last.get(key)?.final === 'OK' && e.final !== 'OK') continue;
    last.set(key, e);
  }
  return [...last.values()].map(e => {
    const on = e.command.slice(2);
    const say = e.lines.map(line => impersonal(line, on));
    return { on, ...say.length > 0 ? { say } : {}, ...e.final === 'OK' ? {} : { final: e.final } };
  });
}

function impersonal(line: string, on: string): string {
  // Braces would be taken for placeholders.
  let text = line.replace(/[{}]/g, '?');
  for (const [pattern, by] of living) text = text.replace(pattern, by);
  if (!/^\+CIMI/i.test(on)) text = text.replace(IMEI, '{imei}');
  if (/^(I|\+GSN)/i.test(on)) text = text.replace(ESN, (whole, esn: string) => whole.replace(esn, '{esn}'));
  for (const [pattern, by] of subscriber) text = text.replace(pattern, by);
  return text;
}
