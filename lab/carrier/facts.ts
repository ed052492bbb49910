import type { SimulatedCard } from './card.ts';
import { causeWords } from './causes.ts';

export type Facts = Readonly<Record<string, string>>;

/** AcT of +COPS and +CREG (TS 27.007 §7.3). */
const acts: Readonly<Record<string, number>> = { GSM: 0, GPRS: 0, EDGE: 3, UMTS: 2, HSDPA: 4, HSUPA: 5, HSPA: 6, 'HSPA+': 6, LTE: 7, NR5G: 11 };
const evdo = /^EVDO|^eHRPD/;

/** A hybrid card hears 1x so much weaker than EV-DO. */
const BESIDE_DB = 3;

const clamp = (n: number, low: number, high: number): number => Math.max(low, Math.min(high, Math.round(n)));
const nibbles = (digits: string): string => (digits.length % 2 === 0 ? digits : `${digits}F`).replace(/(.)(.)/g, '$2$1');
const ucs2 = (text: string): string => [...text].map(c => c.charCodeAt(0).toString(16).padStart(4, '0')).join('').toUpperCase();

/** Everything a card can say about itself now, by the name of its placeholder. */
export function factsOf(card: SimulatedCard): Facts {
  const { file, carrier, sim } = card;
  const { stat, technology, cell } = card.service();
  const registered = stat === 1 || stat === 5;
  const numbers: Record<string, string | number> = {
    model: file.model, maker: file.maker, product: file.product, manufacturer: file.manufacturer,
    registered: registered ? 1 : 0, online: card.online ? 1 : 0, attached: card.attached && registered ? 1 : 0,
    stat, roaming: stat === 5 ? 1 : 0, technology, act: acts[technology] ?? '', has3g: /^(UMTS|HS)/.test(technology) ? 1 : 0, evdo: evdo.test(technology) ? 1 : 0,
    // The network's; `evdoRevision` is the best that the card is set to.
    hdrRevision: technology === 'EVDO-A' ? 'A' : '0',
    cfun: card.functionality, state: stat === 2 ? 'searching' : registered ? 'registered' : 'none',
    mcc: carrier.mcc, mnc: carrier.mnc, plmn: `${carrier.mcc}${carrier.mnc}`, operator: carrier.name, operatorUcs2: ucs2(carrier.name),
    sid: registered || cell ? carrier.sid : 99999, nid: carrier.nid, eri: stat === 5 ? 0 : 1,
    lac: hex(cell?.lac, 4), ci: hex(cell?.ci, 8), cidec: cell?.ci ?? 0, pn: cell?.pn ?? 0,
    simstate: sim?.state ?? '', simok: card.simOpen ? 1 : 0, simbusy: card.simBusy ? 1 : 0, imsi: sim?.imsi ?? '', iccid: sim?.iccid ?? '', iccidSwapped: nibbles(sim?.iccid ?? ''), number: sim?.number ?? '', national: (sim?.number ?? '').slice(-10),
    pin1: sim?.pinLeft ?? 0, puk1: sim?.pukLeft ?? 0, pin2: 3, puk2: 10, pinHex: (sim?.pinLeft ?? 0).toString(16).toUpperCase(), lock: sim?.locked ? 1 : 0,
    apn: card.contexts.get(1) ?? '', clock: stamp(carrier.clock.wall()), uptime: Math.floor((carrier.clock.now() - card.bornAt) / 1000), connect: 'CONNECT', smsc: sim?.centre ?? '', ceer: causeWords(card.cause),
    ...levels(cell?.dbm),
  };
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(numbers)) all[name] = String(value);
  for (const [name, table] of Object.entries(file.tables)) all[name] = table[technology] ?? (technology === '' ? '' : table['*'] ?? '');
  Object.assign(all, file.facts);
  for (const [name, value] of card.vars) all[name] = value;
  return all;
}

/** One level in every scale that cards have for it. */
function levels(dbm: number | undefined): Record<string, number | string> {
  if (dbm === undefined) {
    return { dbm: -125, absdbm: 125, dbm1x: -125, absdbm1x: 125, level1x: 0, csq: 99, csq5: 0, ber: 99, level: 0, hdrrssi: 0, hdrcsq: 0, ecio: -31.5, rsrp: '', rsrq: '', sinr: '', rsrpCode: 255, rssiCode: 255, rsrqCode: 255, sinrCode: 255, rscp: -120, rscpCode: 255, tenths: 0, rssi: '' };
  }
  const ecio = -clamp(2 * (3 + (-70 - dbm) / 4), 6, 60) / 2;
  const rsrp = clamp(dbm - 27, -140, -44);
  const rsrq = clamp(-8 - (-70 - dbm) / 6, -20, -3);
  const sinr = clamp((dbm + 105) / 2, -20, 30);
  const rscp = clamp(dbm - 8, -120, -25);
  return {
    dbm, absdbm: -dbm, rssi: dbm, csq: clamp((dbm + 113) / 2, 0, 31), ber: 99, csq5: [0, 7, 15, 23, 31][clamp((dbm + 110) / 10, 0, 4)]!,
    // Of the 1x carrier beside an EV-DO one.
    dbm1x: dbm - BESIDE_DB, absdbm1x: BESIDE_DB - dbm, level1x: clamp((dbm - BESIDE_DB + 113) * 100 / 62, 0, 98),
    level: clamp((dbm + 113) * 100 / 62, 0, 98), hdrrssi: clamp((dbm + 113) / 2, 0, 31), hdrcsq: [20, 40, 60, 80, 99][clamp((dbm + 110) / 12, 0, 4)]!,
    ecio, rsrp, rsrq, sinr, rscp, rsrpCode: rsrp + 141, rssiCode: clamp(dbm + 121, 0, 96), rsrqCode: clamp((rsrq + 20) * 2, 0, 34), sinrCode: clamp((sinr + 20.2) * 5, 0, 251), rscpCode: rscp + 121,
    rsrp10: rsrp * 10, rsrq10: rsrq * 10, rssi10: dbm * 10, cesqRsrp: clamp(rsrp + 141, 0, 97), cesqRsrq: clamp((rsrq + 20) * 2, 0, 34), cesqRscp: clamp(rscp + 121, 0, 96), cesqEcno: clamp((ecio + 24.5) * 2, 0, 49), qsinr: clamp((sinr + 20) * 5, 0, 250), bars: clamp((dbm + 113) / 10, 0, 5),
  };
}

const hex = (n: number | undefined, digits: number): string => (n ?? 0).toString(16).toUpperCase().padStart(digits, '0');

function stamp(wall: number): string {
  const d = new Date(wall).toISOString();
  return `${d.slice(2, 10).replaceAll('-', '/')},${d.slice(11, 19)}+00`;
}

/** Puts facts into a line. */
export const fill = (text: string, facts: Facts): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? (/^\d+$/.test(name) ? '' : whole));

/** 'online', '!online', 'technology=LTE', 'mode!=3g'. Empty, '0' and absent are false. */
export function holds(condition: string, facts: Facts): boolean {
  const compared = /^(\w+)(!?=)(.*)$/.exec(condition);
  if (compared) return ((facts[compared[1]!] ?? '') === compared[3]) === (compared[2] === '=');
  const name = condition.replace(/^!/, '');
  const value = facts[name] ?? '';
  return (value !== '' && value !== '0') !== condition.startsWith('!');
}
