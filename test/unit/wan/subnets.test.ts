import { describe, expect, it } from 'vitest';
import { settings as lan } from '../../../plugins/lan/settings.ts';
import { type Settings, settings } from '../../../plugins/wan/settings.ts';
import { problems } from '../../../plugins/wan/subnets.ts';

const fixed = (more: Partial<Settings> = {}): Settings => settings.parse({ mode: 'static', ip: '203.0.113.2', mask: '255.255.255.0', gateway: '203.0.113.1', ...more });
const say = (mine: Settings, all: Record<string, unknown> = { lan: lan.parse({}) }) => problems(mine, all).map(p => p.message);

describe('wan settings', () => {
  it('work from the factory and with a fixed address', () => {
    expect(say(settings.parse({}))).toEqual([]);
    expect(say(fixed())).toEqual([]);
  });

  it('refuse a subnet that an inside interface has, naming both', () => {
    expect(say(fixed({ ip: '192.168.1.7', gateway: '192.168.1.254' }))[0]).toContain('wan (192.168.1.7/24) and lan (192.168.1.1/24) share a subnet');
    const aliased = lan.parse({ lan: { aliases: [{ ip: '203.0.113.99', mask: '255.255.255.128' }] } });
    expect(say(fixed(), { lan: aliased })[0]).toContain('wan (203.0.113.2/24) and lan:1 (203.0.113.99/25)');
  });

  it('refuse a subnet that another uplink has, naming both', () => {
    expect(say(fixed(), { cellular: { fixedAddress: { name: 'cellular', ip: '203.0.113.200', mask: '255.255.255.0' } } })[0]).toContain('cellular (203.0.113.200/24)');
  });

  it('refuse a gateway that cannot be reached, and no address at all', () => {
    expect(say(fixed({ gateway: '198.51.100.1' }))[0]).toContain("outside wan's subnet");
    expect(say(fixed({ gateway: '203.0.113.2' }))[0]).toContain('router itself');
    expect(say(fixed({ ip: '0.0.0.0' }))[0]).toContain('a static address is needed');
  });

  it('do not stumble over settings of other versions', () => {
    expect(say(fixed(), { lan: { lan: 'what' }, x: null, y: 7, z: { fixedAddress: 3 } })).toEqual([]);
  });
});
