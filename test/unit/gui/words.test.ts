import { describe, expect, it } from 'vitest';
import { ago, capitalised, countdown, octets, scaled, sentence, spoken } from '../../../gui/src/shell/words.ts';

describe('words for people', () => {
  it('three figures and a step', () => expect([scaled(0, 'bit/s'), scaled(999, 'bit/s'), scaled(1500, 'bit/s'), scaled(12_345_678, 'bit/s'), scaled(999_600, 'bit/s')]).toEqual(['0 bit/s', '999 bit/s', '1.50 kbit/s', '12.3 Mbit/s', '1.00 Mbit/s']));
  it('octets in binary steps', () => expect([octets(0), octets(1023), octets(1536), octets(5 * 1048576)]).toEqual(['0 B', '1023 B', '1.5 KiB', '5.0 MiB']));
  it('a countdown never shows less than is left', () => expect([countdown(65_001), countdown(1), countdown(-5)]).toEqual(['1:06', '0:01', '0:00']));
  it('names of settings', () => expect([spoken('poolStart'), spoken('dhcp'), spoken('renew-lease'), capitalised('AC880'), capitalised('on demand'), capitalised('rule tables (KiB)'), capitalised('half-open'), capitalised('nat loopback')]).toEqual(['Pool start', 'DHCP', 'Renew lease', 'AC880', 'On demand', 'Rule tables (KiB)', 'Half-open', 'NAT loopback']));
  it('the beginning of a sentence', () => expect([sentence('dhcp: from the provider'), sentence('seconds'), sentence('0.0.0.0 switches it off'), sentence('')]).toEqual(['DHCP: from the provider', 'Seconds', '0.0.0.0 switches it off', '']));
  it('how long ago', () => expect([ago(1000, 2000), ago(0, 3_600_000), ago(120_000, 0)]).toEqual(['just now', '1 hour ago', 'in 2 minutes']));
});
