import { describe, expect, it } from 'vitest';
import { type LoginOut, TelnetLogin } from '../../../kernel/console/telnet-login.ts';

const type = (m: TelnetLogin, text: string): readonly LoginOut[] => m.step({ kind: 'bytes', bytes: new TextEncoder().encode(text) });
const shown = (outs: readonly LoginOut[]): string => outs.map((o) => (o.kind === 'print' ? o.text : '')).join('');

describe('the login of telnet', () => {
  it('shows the name and hides the password', () => {
    const m = new TelnetLogin();
    expect(shown(m.step({ kind: 'begin' }))).toBe('login: ');
    expect(shown(type(m, 'alice\r'))).toBe('alice\nPassword: ');
    const outs = type(m, 'secret one\r');
    expect(shown(outs)).toBe('\n');
    expect(outs.at(-1)).toEqual({ kind: 'verify', name: 'alice', password: 'secret one' });
    expect(m.step({ kind: 'verdict', ok: true, why: '' })).toEqual([{ kind: 'welcome', rest: new Uint8Array(0) }]);
  });

  it('lets people correct themselves', () => {
    const m = new TelnetLogin();
    expect(shown(type(m, 'ab\x7f'))).toBe('ab\b \b');
    type(m, '\x15bob\r');
    expect(type(m, 'x\x15right\r').at(-1)).toEqual({ kind: 'verify', name: 'bob', password: 'right' });
  });

  it('gives up after three wrong passwords, and on ^C and ^D', () => {
    const m = new TelnetLogin();
    for (let i = 0; i < 3; i++) {
      type(m, 'bob\rwrong\r');
      const outs = m.step({ kind: 'verdict', ok: false, why: 'the name or the password is wrong' });
      expect(outs.at(-1)?.kind).toBe(i < 2 ? 'print' : 'end');
    }
    expect(type(m, 'bob\r')).toEqual([]);
    expect(type(new TelnetLogin(), 'bob\x03')).toContainEqual({ kind: 'end' });
    expect(type(new TelnetLogin(), '\x04')).toEqual([{ kind: 'end' }]);
  });

  it('hands on what was typed ahead of a right password, and forgets it after a wrong one', () => {
    const m = new TelnetLogin();
    type(m, 'bob\rwrong\rip self\r');
    m.step({ kind: 'verdict', ok: false, why: 'no' });
    type(m, 'bob\rright\rip self\r');
    expect(m.step({ kind: 'verdict', ok: true, why: '' })).toEqual([{ kind: 'welcome', rest: new TextEncoder().encode('ip self\r') }]);
  });

  it('keeps little of a flood', () => {
    const m = new TelnetLogin();
    const outs = type(m, 'x'.repeat(1_000_000));
    expect(shown(outs).length).toBeLessThanOrEqual(256);
    type(m, '\rp\r');
    type(m, 'y'.repeat(1_000_000));
    const end = m.step({ kind: 'verdict', ok: true, why: '' })[0];
    expect(end?.kind === 'welcome' && end.rest.length).toBe(1024);
  });

  it('echoes no control characters of a terminal', () => {
    expect(shown(type(new TelnetLogin(), '\x1b[2Jé'))).toBe('[2J??');
  });
});
