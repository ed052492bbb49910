import { describe, expect, it } from 'vitest';
import { schemas } from '../../../../plugins/firewall/rules/schema.ts';
import { ruleChange } from '../../../../plugins/firewall/set-words.ts';

const rule = (...services: string[]) => schemas().rule.parse({ id: 1, services });

describe('the original\'s words for services of a rule', () => {
  it('destport-any takes the place of the protocol\'s ports, and of nothing else', () => {
    expect(ruleChange(['tcp', 'destport-any'], rule('tcp/80', 'TCP-games', 'udp/53', 'TCP/8000-8010'))).toEqual({ services: ['TCP-games', 'udp/53', 'tcp'] });
  });

  it('a port takes the place of the bare protocol', () => {
    expect(ruleChange(['tcp', 'destport-single', '80'], rule('tcp', 'udp'))).toEqual({ services: ['udp', 'tcp/80'] });
  });
});
