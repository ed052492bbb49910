import { finalOf } from '../core/at/results.ts';
import { modeReport, sysInfo } from './parse/huawei.ts';
import { imsiOf, systemOf } from './parse/identity.ts';
import type { Facts } from './parse/lines.ts';
import { cardTime } from './parse/time.ts';
import { bareWord, parseCardBlock, parseRevision } from './parse-cdma/card.ts';
import { parseNovatelTime, parseSierraTime } from './parse-cdma/clock.ts';
import { parseEsn } from './parse-cdma/esn.ts';
import { parseHdrRssi, parseLevel, parsePrefmode, parsePrefmodes } from './parse-cdma/huawei.ts';
import { parseCsq, parseDebug, parseEvcsq1, parseEvcsq2 } from './parse-cdma/level.ts';
import { parseNwrssi, parseSysmode } from './parse-cdma/novatel.ts';
import { parseCad, parseCregOfCdma, parseCss, parseMobileIp, parseNetpar, parseSperi, parseSpservice, roamingByEri } from './parse-cdma/service.ts';
import { parseNamval, parseStatus } from './parse-cdma/sierra.ts';

type Read = (lines: readonly string[], kind: 'test' | 'other') => Facts | object | undefined;

const serial: Read = lines => {
  const found = parseEsn(lines);
  return found === undefined ? { esn: undefined, meid: undefined, error: 'parse' } : found;
};
const level: Read = lines => {
  const found = parseLevel(lines);
  return found && (found.radio === '1x' ? { qualityPct: found.percent } : { hdrQualityPct: found.percent });
};
const hdrRssi: Read = lines => ({ hdrRssiDbm: parseHdrRssi(lines) });
const block: Read = lines => {
  const { esn, ...rest } = parseCardBlock(lines);
  return { ...rest, esn: esn?.esn, ...(esn?.meid === undefined ? {} : { meid: esn.meid }), ...(rest.gcap === undefined ? {} : { family: systemOf(rest.gcap) }) };
};
/** Beside 8 on the card's list, 2 and 4 are what goes first. */
const preference: Read = lines => {
  const prefmode = parsePrefmode(lines);
  return prefmode === undefined ? undefined : { prefmode, allowed: '1x+EVDO', preferred: { 2: '1x', 4: 'EVDO' }[prefmode] };
};

const readers: Readonly<Record<string, Read>> = {
  'I': block, '+GSN': serial, '^MEID': serial, '+GMM': lines => ({ model: bareWord(lines, '+GMM') }), '+GMI': lines => ({ manufacturer: bareWord(lines, '+GMI') }), '+GMR': lines => parseRevision(lines[0]), '+CIMI': lines => ({ imsi: imsiOf(lines) }),
  '+CSQ': lines => ({ rssiDbm: parseCsq(lines)?.dbm }), '+CSS': parseCss, '+CAD': lines => ({ service: parseCad(lines) }), '+SPSERVICE': parseSpservice, '$SPERI': lines => ({ eri: parseSperi(lines), roaming: roamingByEri(parseSperi(lines)) }),
  '+CREG': parseCregOfCdma, '+NETPAR': parseNetpar, '$QCMIPGETP': parseMobileIp,
  '+EVCSQ1': lines => ({ hdrRssiDbm: parseEvcsq1(lines) }), '+VDEBINFO': parseDebug,
  '+EVCSQ2': lines => { const found = parseEvcsq2(lines); return found && { hdrRev: found.revision?.slice(-1), channel: found.channel, tech: found.revision }; },
  // Sierra
  '!STATUS': lines => {
    const s = parseStatus(lines);
    return s && { band: s.band, sleep: s.sleep, channel: s.channel, sid: s.sid, nid: s.nid, roaming: s.roaming, roam1x: s.roam1x, roamHdr: s.roamHdr, tempC: s.temperature, state: s.state, scanMode: s.scanMode, sysMode: s.sysMode, hdrRev: s.hdrRevision, pilotAcquired: s.pilot, registered: s.registered, tech: s.technology };
  },
  '~NAMVAL': parseNamval, '!SYSTIME': parseSierraTime,
  // Huawei
  '^SYSINFO': sysInfo, '^MODE': lines => modeReport(lines[0] ?? ''), '^TIME': lines => cardTime(lines, '^TIME'), '^PREFMODE': (lines, kind) => (kind === 'test' ? { modes: parsePrefmodes(lines) } : preference(lines, kind)),
  '^RSSILVL': level, '^HRSSILVL': level, '^CSQLVL': level, '^HDRCSQLVL': level, '^HDRRSSI': hdrRssi,
  // Novatel
  '$NWRSSI': lines => { const found = parseNwrssi(lines); return { rssiDbm: found?.dbm, label: found?.label }; }, '$NWSYSMODE': lines => ({ tech: parseSysmode(lines) }), '$NWLTIME': parseNovatelTime,
};

/** As `explain`, for CDMA cards: the same tags mean other things there. Undefined: not known. */
export function explainCdma(command: string, lines: readonly string[], final: string | undefined): Facts | undefined {
  const end = finalOf(final ?? '', true);
  if (end?.ok === false) return { error: final };
  if (end?.online === true) return { connected: true };
  const asked = command.trim() === '' ? (lines[0] ?? '') : command.trim().replace(/^AT/i, '');
  const tag = /^I\d?$/i.test(asked) ? 'I' : (/^[+^$!~*][A-Z]+\d?[A-Z]*\d?/i.exec(asked)?.[0].toUpperCase() ?? '');
  const read = readers[tag]?.(lines, asked.endsWith('=?') ? 'test' : 'other');
  return read === undefined ? (lines.length === 0 ? {} : undefined) : (read as Facts);
}
