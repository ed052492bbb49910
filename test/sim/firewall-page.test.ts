import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Facts, Table } from '../../sdk/cli.ts';
import type { View } from '../../sdk/panel.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { type Bed, bed, settle } from './bed.ts';
import { errors, from, ipOf, listen, send, tcpPacket } from './frames.ts';

const SUMMARY = 'security/firewall/rule-summary';
const WAN = '198.51.100.2';
const LAN1 = '192.168.1.33';
const SERVER = '203.0.113.10';

describe('the pages of the firewall', () => {
  let b: Bed;
  beforeAll(async () => { b = await bed(); await b.advance(5000); });
  afterAll(async () => { expect(errors(b)).toEqual([]); await b.stop(); });
  const act = (action: string, input?: unknown, page = SUMMARY) => settle(b.clock, b.router.panels.act(page, action, input));
  const page = async (input?: unknown) => {
    const [facts, table] = (await act('rules', input)) as readonly [Facts, Table];
    return { facts: facts.facts, rows: table.rows.map(([number, from, to, hits, rule]) => ({ number, from, to, hits, rule: JSON.parse(String(rule)) as { name: string; id: number } })) };
  };
  const seen = (path: string): View => {
    let view: View | undefined;
    void b.router.panels.open(path, (v) => { view = v; }, () => {}).dispose();
    return view!;
  };

  it('are the tabs of the original', () => {
    expect(b.router.panels.list().map((p) => p.path).filter((p) => p.startsWith('security/firewall/'))).toEqual(
      ['default-rule', 'rule-summary', 'anti-probing', 'threshold', 'service'].map((t) => `security/firewall/${t}`));
    for (const tab of ['default-rule', 'anti-probing', 'threshold', 'service']) expect(seen(`security/firewall/${tab}`).kind).toBe('stack');
    expect(seen(SUMMARY)).toMatchObject({ kind: 'element', tag: 'firewall-rule-summary', module: 'rule-summary.js' });
  });

  it('insert, change, move and delete by number, and undo that (fixed: the rule came back with another id); the default of a direction too', async () => {
    for (const name of ['a', 'b', 'c']) await act('insert', { from: 'WAN', to: 'LAN', rule: { name, services: ['tcp/80'] } });
    expect(await act('insert', { from: 'WAN', to: 'LAN', number: 2, rule: { name: 'second', action: 'drop', services: ['tcp/25'] } })).toBe('2');
    const names = async () => (await page({ from: 'WAN', to: 'LAN' })).rows.map((r) => r.rule.name).join(' ');
    expect(await names()).toBe('a second b c');
    const preview = (await act('movePreview', { from: 'WAN', to: 'LAN', number: 1, target: 4 })) as readonly Table[];
    expect(preview[0]!.rows.map((r) => r[2])).toEqual(['second', 'b', 'c', 'a']);
    expect(String(preview[1]!.rows[0])).toContain("rule 4 'a' of WAN → LAN can never match");
    expect(await names()).toBe('a second b c');
    await act('move', { from: 'WAN', to: 'LAN', number: 1, target: 4 });
    expect(await names()).toBe('second b c a');
    const before = (await page({ from: 'WAN', to: 'LAN' })).rows[0]!.rule;
    await act('update', { from: 'WAN', to: 'LAN', number: 1, rule: { comment: 'kept the rest' } });
    expect((await page({ from: 'WAN', to: 'LAN' })).rows[0]!.rule).toEqual({ ...before, comment: 'kept the rest' });
    const gone = (await page({ from: 'WAN', to: 'LAN' })).rows[1]!.rule;
    await act('delete', { from: 'WAN', to: 'LAN', number: 2 });
    expect(await names()).toBe('second c a');
    // Undo.
    const { from: _, to: __, ...deleted } = gone as Readonly<Record<string, unknown>>;
    await act('insert', { from: 'WAN', to: 'LAN', number: 2, rule: deleted });
    expect((await page({ from: 'WAN', to: 'LAN' })).rows[1]!.rule).toEqual(gone);
    await act('insert', { from: 'WAN', to: 'LAN', rule: { ...deleted, name: 'twin' } });
    const ids = (await page({ from: 'WAN', to: 'LAN' })).rows.map((r) => r.rule.id);
    expect(new Set(ids).size).toBe(5);
    for (const number of [5, 2]) await act('delete', { from: 'WAN', to: 'LAN', number });
    await act('setDefault', { from: 'WAN', to: 'LAN', action: 'reject', log: true });
    expect((await page({ from: 'WAN', to: 'LAN' })).facts).toMatchObject({ total: 3, default: 'reject', log: 'true' });
    await act('setDefault', { from: 'WAN', to: 'LAN', action: 'profile' });
    expect((await page({ from: 'WAN', to: 'LAN' })).facts).toMatchObject({ default: 'drop', log: 'false' });
  });

  it('say by field what is wrong with a rule, before it is stored', async () => {
    const wrong = async (rule: object, number = 0) => ((await act('check', { from: 'WAN', to: 'LAN', number, rule })) as Table).rows;
    expect(await wrong({ source: ['1.2.3.4', '1.2.3.4-1.2.3.3'] })).toEqual([['source.1', expect.stringContaining('inverted')]]);
    expect(await wrong({ name: 'a', services: ['tcp/80', 'NOSUCH'] })).toEqual([['name', expect.stringContaining('already')], ['services.1', expect.stringContaining("no service 'NOSUCH'")]]);
    expect(await wrong({ schedule: { days: [], from: '09:00', to: '09:00' } })).toEqual(expect.arrayContaining([['schedule.days', expect.any(String)]]));
    const [first] = (await page({ from: 'WAN', to: 'LAN' })).rows;
    expect(await wrong({ name: first!.rule.name }, 1)).toEqual([]);
    expect(await wrong({ action: 'drop' })).toEqual([]);
  });

  it('take a schedule away with null, which is how JSON says nothing', async () => {
    await act('update', { from: 'WAN', to: 'LAN', number: 1, rule: { schedule: { days: ['mon'], from: '08:00', to: '17:00' } } });
    const rule = async () => (await page({ from: 'WAN', to: 'LAN' })).rows[0]!.rule;
    expect(await rule()).toMatchObject({ schedule: { days: ['mon'] } });
    await act('update', { from: 'WAN', to: 'LAN', number: 1, rule: { schedule: null } });
    expect(await rule()).not.toHaveProperty('schedule');
  });

  it('try a session', async () => {
    expect(await act('test', { from: 'WAN', source: SERVER, destination: LAN1, protocol: 'tcp', port: 23 })).toMatchObject({ facts: { verdict: 'drop', direction: 'WAN → LAN' } });
    await expect(act('test', { from: 'WAN', source: 'x', destination: LAN1, protocol: 'tcp' })).rejects.toThrow('source: must be an IPv4 address');
    await expect(act('test', { from: 'WAN', source: SERVER, destination: LAN1, protocol: 'purple' })).rejects.toThrow("protocol: 'purple'");
  });

  it.each([
    ['insert', { from: 'WAN', to: 'MOON', rule: {} }, "there is no zone 'MOON'"], ['insert', { from: 'WAN', to: 'LAN', rule: { port: 80 } }, 'port'],
    ['insert', { from: 'WAN', to: 'LAN', rule: { source: ['1.2.3.4-1.2.3.3'] } }, 'source.0: the range'], ['move', { from: 'WAN', to: 'LAN', number: 1, target: 99 }, 'its rules are 1–3'],
    ['delete', { from: 'WAN', to: 'LAN', number: 0 }, 'number'], ['rules', { limit: 1_000_000 }, 'limit'], ['update', null, 'input'],
  ])('%s of %j is refused: %s', async (action, input, why) => {
    await expect(act(action, input)).rejects.toThrow(why);
  });

  it('load 10,000 rules by pages, filtered too, and a flow still finds its rule', async () => {
    await settle(b.clock, b.router.config.update('firewall', (draft) => {
      (draft as { rules: unknown[] }).rules = Array.from({ length: 10_000 }, (_, i) => ({
        id: i + 1, name: `rule-${i}`, active: true, from: 'WAN', to: 'LAN', source: [`10.${i >> 8}.${i & 255}.0/24`], sourceNot: false, destination: [], destinationNot: false, services: [`tcp/${1000 + i}`],
        log: false, alert: false, action: 'permit', comment: '',
      }));
    }, 'test'));
    const last = await page({ from: 'WAN', to: 'LAN', offset: 9990, limit: 100 });
    expect([last.facts['total'], last.rows.length, last.rows[0]!.number]).toEqual([10_000, 10, 9991]);
    expect((await page({ filter: 'rule-77', limit: 1000 })).rows).toHaveLength(111);
    expect((await page({ from: 'DMZ', to: 'LAN' })).rows).toEqual([]);
    expect((await b.verb(`firewall test wan 10.39.15.1 ${LAN1} tcp 10999`)).text).toContain("rule 10000 'rule-9999' of WAN → LAN: permit");
    // The page itself holds none of them.
    expect(JSON.stringify(seen(SUMMARY)).length).toBeLessThan(4096);
    const preview = (await act('movePreview', { from: 'WAN', to: 'LAN', number: 9000, target: 5, near: 3 })) as readonly Table[];
    expect(preview[0]!.rows.map((r) => [r[0], r[2]])).toEqual([[2, 'rule-1'], [3, 'rule-2'], [4, 'rule-3'], [5, 'rule-8999'], [6, 'rule-4'], [7, 'rule-5'], [8, 'rule-6']]);
  }, 60_000);
});

describe('a port that is forwarded', () => {
  it('needs a rule, and the refusal says which', async () => {
    const b = await bed();
    await b.advance(5000);
    await b.exec('lan1', `ping -c 1 ${SERVER}`);
    for (const line of ['ip nat server load wan', `ip nat server edit 1 forwardip ${LAN1}`, 'ip nat server save']) expect(`${line}: ${(await b.verb(line)).code}`).toBe(`${line}: 0`);
    const heard = listen(b, 'lan1');
    const came = () => ipOf(heard).filter((p) => p[9] === 6 && tcp.dstPort(p, 20) === 8000).length;
    const trace = b.verb(`trace packet 1 tcp port 8000`);
    send(b, 'wan', from(b, 'inet1', tcpPacket(SERVER, 4000, WAN, 8000, tcp.SYN)));
    const said = (await trace).text;
    expect(came()).toBe(0);
    expect(said).toContain('default of WAN → LAN: drop; the port is forwarded, and a rule must let it in: ');
    const rule = /firewall rule insert [^\n]*/.exec(said)![0].trim();
    expect(rule).toBe(`firewall rule insert WAN LAN permit to ${LAN1} service tcp/8000`);
    expect((await b.verb(rule)).code).toBe(0);
    send(b, 'wan', from(b, 'inet1', tcpPacket(SERVER, 4000, WAN, 8000, tcp.SYN)));
    await b.advance(10);
    expect(came()).toBe(1);
    await b.stop();
  });
});
