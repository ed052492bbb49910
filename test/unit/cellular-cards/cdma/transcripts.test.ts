import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finalOf } from '../../../../plugins/cellular-cards/core/at/results.ts';
import { systemOf } from '../../../../plugins/cellular-cards/families/parse/identity.ts';
import { bareWord, parseCardBlock, parseRevision } from '../../../../plugins/cellular-cards/families/parse-cdma/card.ts';
import { parseHuaweiTime, parseNovatelTime, parseSierraTime } from '../../../../plugins/cellular-cards/families/parse-cdma/clock.ts';
import { parseEsn } from '../../../../plugins/cellular-cards/families/parse-cdma/esn.ts';
import { parseHdrRssi, parseLevel, parseMode, parsePrefmode, parsePrefmodes, parseSysinfo } from '../../../../plugins/cellular-cards/families/parse-cdma/huawei.ts';
import { parseCsq, parseDebug, parseEvcsq1, parseEvcsq2 } from '../../../../plugins/cellular-cards/families/parse-cdma/level.ts';
import { parseNwrssi } from '../../../../plugins/cellular-cards/families/parse-cdma/novatel.ts';
import { parseCregOfCdma, parseCss, parseMobileIp, parseNetpar, parseSpservice } from '../../../../plugins/cellular-cards/families/parse-cdma/service.ts';
import { parseNamval, parseStatus } from '../../../../plugins/cellular-cards/families/parse-cdma/sierra.ts';

interface RecordOf { readonly id: string; readonly command: string; readonly response: string; readonly final: string | null; readonly parsed: Readonly<Record<string, unknown>> }

/** Not read by these parsers, and why. */
const elsewhere: Readonly<Record<string, string>> = { '+CMGL': 'messages belong to the SMS plugin' };

const words = { EVDO_0: 'EVDO-0', EVDO_A: 'EVDO-A', CDMA1X: '1xRTT' } as const;
const techOf = (technology: string | undefined): string | undefined => Object.entries(words).find(([, v]) => v === technology)?.[0] ?? technology;
const dropped = (fields: object): Record<string, unknown> => Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined));

function block(lines: readonly string[]): Record<string, unknown> {
  const b = parseCardBlock(lines);
  const family = b.gcap && systemOf(b.gcap);
  return dropped({ ...b, esn: b.esn?.esn, meid: b.esn?.meid, ...(family === undefined ? {} : { family }) });
}
function sysinfo(lines: readonly string[], line: string): Record<string, unknown> {
  const info = parseSysinfo(lines)!;
  const n = line.replace(/^\^SYSINFO:\s*/i, '').split(',').map(Number);
  return { srv_status: info.service ? 2 : n[0], srv_domain: n[1], roaming: info.roaming ? 1 : 0, sys_mode: info.mode, sim_state: info.card === true ? 1 : n[4], tech: info.mode === 8 ? 'HYBRID' : techOf(info.technology ?? (info.mode === 2 ? '1xRTT' : 'EVDO-0')) };
}
const modeWords = (n: number | undefined, both: boolean): Record<string, unknown> => ({ prefmode: n, ...(both ? { allowed: '1x+EVDO', ...(n === 2 ? { preferred: '1x' } : n === 4 ? { preferred: 'EVDO' } : {}) } : {}) });

/** What is read from each command's answer, in the words of the records. */
const readers: readonly (readonly [RegExp, (lines: readonly string[], r: RecordOf) => object | undefined])[] = [
  [/^ATI\d?$/, block],
  [/^AT\+GSN$/, lines => { const e = parseEsn(lines); return e ? { esn: e.esn ?? null, meid: e.meid ?? null } : { esn: null, meid: null, error: 'parse' }; }],
  [/^AT\^MEID$/, lines => ({ meid: parseEsn(lines)?.meid ?? null })],
  [/^AT\+GMM$/, lines => ({ model: bareWord(lines, '+GMM') })],
  [/^AT\+GMI$/, lines => ({ manufacturer: bareWord(lines, '+GMI') })],
  [/^AT\+GMR$/, lines => parseRevision(lines[0])],
  [/^AT!STATUS$/, lines => { const s = parseStatus(lines); return s && dropped({ band: s.band, sleep: s.sleep, channel: s.channel, sid: s.sid, nid: s.nid, roaming: s.roaming, roam_1x: s.roam1x, roam_hdr: s.roamHdr, temp_c: s.temperature, state: s.state, scan_mode: s.scanMode, sys_mode: s.sysMode, hdr_rev: s.hdrRevision, pilot_acquired: s.pilot, registered: s.registered, tech: techOf(s.technology) }); }],
  [/^AT~NAMVAL\?0$/, parseNamval],
  [/^AT\^PREFMODE=\?$/, lines => ({ modes: parsePrefmodes(lines) })],
  [/^AT\^PREFMODE\?$/, lines => modeWords(parsePrefmode(lines), true)],
  [/^AT\^SYSINFO$/, (lines, r) => sysinfo(lines, r.response)],
  [/^AT\^TIME$/, parseHuaweiTime],
  [/^AT\$NWLTIME$/, lines => { const t = parseNovatelTime(lines); return t && { iso: t.iso, tz_minutes: t.zoneMinutes }; }],
  [/^AT!SYSTIME\?$/, parseSierraTime],
  [/^AT\$NWRSSI$/, lines => { const l = parseNwrssi(lines); return { dbm: l?.dbm ?? null }; }],
  [/^AT\$QCMIPGETP/, lines => { const m = parseMobileIp(lines); return m && { profile: m.profile, valid: m.valid, home_ip: m.homeIp, primary_ha: m.primaryHa, secondary_ha: m.secondaryHa, nai: m.nai ?? null, dun_nai: m.dunNai, reverse_tunnel: m.reverseTunnel, mn_ha_spi: m.mnHaSpi, mn_aaa_spi: m.mnAaaSpi }; }],
  [/^AT\+NETPAR/, parseNetpar],
  [/^AT\+CSS\?$/, parseCss],
  [/^AT\+SPSERVICE\?$/, parseSpservice],
  [/^AT\+EVCSQ1$/, lines => ({ hdr_rssi_dbm: parseEvcsq1(lines) ?? null })],
  [/^AT\+EVCSQ2$/, lines => { const e = parseEvcsq2(lines); return e && { hdr_rev: e.revision?.slice(-1), channel: e.channel, tech: techOf(e.revision) }; }],
  [/^AT\+VDEBINFO\?$/, lines => { const d = parseDebug(lines); return d && dropped({ sid: d.sid, nid: d.nid, channel: d.channel, band: d.band, fer_pct: d.ferPct, tx_dbm: d.txDbm, rssi_dbm: d.rssiDbm ?? null }); }],
  [/^AT\+CREG\?$/, parseCregOfCdma],
  [/^AT\+CSQ\??$/, lines => ({ rssi_dbm: parseCsq(lines)?.dbm ?? null })],
  [/^AT\^HDRRSSI/, lines => ({ hdr_rssi_dbm: parseHdrRssi(lines) })],
  [/^AT\^(HDR)?CSQLVL/, lines => { const l = parseLevel(lines); return l && { [l.radio === '1x' ? 'quality_pct' : 'hdr_quality_pct']: l.percent }; }],
  [/^AT(Z|E\d|Q\d|S\d|&|D)/, (_, r) => { const f = finalOf(r.final ?? '', true); return f?.online === true ? { connected: true } : f?.ok === true ? {} : undefined; }],
];
function report(lines: readonly string[]): object | undefined {
  const level = parseLevel(lines);
  if (level) return { [level.radio === '1x' ? 'quality_pct' : 'hdr_quality_pct']: level.percent };
  const mode = parseMode(lines);
  return mode && { sys_mode: mode.mode, tech: mode.mode === 8 ? 'HYBRID' : techOf(mode.technology) };
}

const folder = join(import.meta.dirname, '../../../fixtures/at-cdma');
const records = readdirSync(folder).filter(n => n.endsWith('.json')).sort().flatMap(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as RecordOf[]);

describe('records of real cards', () => {
  it('are all there', () => { expect(records).toHaveLength(41); });

  it.each(records.map(r => [r.id, r.command || r.response, r] as const))('%s %s', (_id, _command, r) => {
    const lines = r.response === '' ? [] : r.response.split(/\r?\n/).map(l => l.trim()).filter(l => l !== '');
    if (Object.keys(elsewhere).some(tag => r.command.includes(tag))) return;
    const reader = r.command === '' ? report : readers.find(([command]) => command.test(r.command))?.[1];
    expect(reader, `nothing reads ${r.command}`).toBeDefined();
    expect(reader!(lines, r)).toMatchObject(r.parsed);
  });
});
