import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, formatService, parseAddress, parseService, wrongName } from '../../../../plugins/firewall/rules/text.ts';
import { formatTraffic, parseTraffic, predefined, serviceTable } from '../../../../plugins/firewall/services.ts';

const all = { from: 0, to: 65535 };

describe('services', () => {
  it('predefined ones are the ports people mean', () => {
    const table = serviceTable([]);
    expect(table.get('https')).toEqual([{ proto: 6, sport: all, dport: { from: 443, to: 443 } }]);
    expect(table.get('dns')!.map(t => t.proto)).toEqual([6, 17]);
    expect(table.get('ping')).toEqual([{ proto: 1, sport: all, dport: { from: 0x800, to: 0x8ff } }]);
    expect(table.get('wireguard')![0]).toMatchObject({ proto: 17, dport: { from: 51820 } });
    expect(table.get('esp')).toEqual([{ proto: 50, sport: all, dport: all }]);
  });

  it('predefined ones have names of their own and lie within their fields', () => {
    expect(new Set(predefined.map(s => s.name.toLowerCase())).size).toBe(predefined.length);
    for (const t of predefined.flatMap(s => s.traffic)) expect(t.proto <= 255 && t.dport.from <= t.dport.to && t.dport.to <= 65535).toBe(true);
    for (const s of predefined) expect(typeof parseService(s.name)).toBe('object');
  });

  it.each(['tcp', 'tcp/80', 'udp/5000-5100', 'tcp/1024-65535>80', 'tcp/53>', 'icmp', 'icmp/8', 'icmp/3/4', 'gre', '88', 'sctp/36412'])('are written as they are read: %s', text => {
    expect((parseTraffic(text) as readonly never[]).map(formatTraffic)).toEqual([text]);
  });

  it('may be of two protocols', () => {
    expect((parseTraffic('TCP+UDP/53') as readonly never[]).map(formatTraffic)).toEqual(['tcp/53', 'udp/53']);
  });

  it.each(['', 'tcp/', 'tcp/a', 'tcp/1/2', 'tcp/1>2>3', 'tcp+tcp/1', 'tcp+icmp/1', '256', '-1', 'icmp/', 'icmp/1/2/3', 'toString'])('are refused with a reason: %s', text => {
    expect(parseTraffic(text)).toBeTypeOf('string');
  });

  it('take any text without throwing', () => {
    fc.assert(fc.property(fc.string(), text => { parseTraffic(text); parseService(text); parseAddress(text); wrongName(text); }));
  });

  it.each(['any', '10.0.0.1', '10.0.0.1-10.0.0.9', '10.0.0.0/8', 'servers'])('addresses are written as they are read: %s', text => {
    expect(formatAddress(parseAddress(text) as Exclude<ReturnType<typeof parseAddress>, string>)).toBe(text);
  });

  it.each(['any', 'H.323', 'tcp/80'])('as are services of rules: %s', text => {
    expect((parseService(text) as Exclude<ReturnType<typeof parseService>, string>).map(formatService)).toEqual([text]);
  });
});
