import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { Gate, type Key, loadKeys, refuseOrigin } from '../../../kernel/console/auth.ts';
import { admin, temporary, viewer } from './rig.ts';

function open() {
  const clock = new VirtualClock();
  const gate = new Gate([admin, viewer, { name: 'empty', token: '', access: 'write' }], clock);
  const answers: [number, string][] = [];
  const ask = (token: string, from = 'a'): void => gate.check(token, from, (r: Key | string) => answers.push([clock.now(), typeof r === 'string' ? r : r.name]));
  return { clock, ask, answers };
}

describe('the gate', () => {
  it('knows its keys, and takes no empty one', () => {
    const { ask, answers } = open();
    ask(admin.token, '1');
    ask(viewer.token, '2');
    ask('', '3');
    expect(answers).toEqual([[0, 'admin'], [0, 'viewer'], [0, 'the token is wrong']]);
  });

  it('delays growingly, up to 30 s, and per address', () => {
    const { clock, ask, answers } = open();
    for (let i = 0; i < 10; i++) {
      ask('wrong');
      while (clock.next() !== undefined) clock.advance(500);
    }
    expect(answers.map(([at]) => at)).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500, 61_500, 91_500, 121_500]);
    ask(admin.token, 'b');
    expect(answers.at(-1)).toEqual([121_500, 'admin']);
  });

  it('is not made faster by asking in parallel', () => {
    const { clock, ask, answers } = open();
    for (let i = 0; i < 20; i++) ask(`wrong${i}`);
    const refusedAtOnce = answers.filter(([, why]) => why === 'too many attempts at once').length;
    expect(refusedAtOnce).toBe(11);
    clock.advance(100_000_000);
    expect(answers.filter(([, why]) => why === 'the token is wrong').map(([at]) => at)).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500, 61_500, 91_500]);
  });

  it('forgets after a success and after ten quiet minutes', () => {
    const { clock, ask, answers } = open();
    ask('wrong');
    ask('wrong');
    ask(admin.token);
    clock.advance(2000);
    ask('wrong');
    expect(answers.map(([, why]) => why)).toEqual(['the token is wrong', 'the token is wrong', 'admin', 'the token is wrong']);
    clock.advance(10 * 60_000 + 1);
    ask('wrong');
    ask('wrong');
    clock.advance(500);
    expect(answers).toHaveLength(6);
  });

  it('remembers a bounded number of addresses', () => {
    const { clock, ask, answers } = open();
    for (let i = 0; i < 5000; i++) ask('wrong', `10.${i}`);
    expect(answers).toHaveLength(5000);
    expect(clock.next()).toBeUndefined();
  });
});

describe('keys', () => {
  it('are made once, readable by their owner only', () => {
    const directory = join(temporary(), 'new');
    const keys = loadKeys(directory);
    expect(keys.map((k) => [k.name, k.access])).toEqual([['admin', 'write'], ['viewer', 'read']]);
    expect(new Set(keys.map((k) => k.token)).size).toBe(2);
    expect(loadKeys(directory)).toEqual(keys);
    expect(statSync(join(directory, 'console.token')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it('replace a file that holds none', () => {
    const directory = temporary();
    writeFileSync(join(directory, 'console.token'), '\n', { mode: 0o644 });
    expect(loadKeys(directory)[0]!.token.length).toBeGreaterThan(20);
    expect(statSync(join(directory, 'console.token')).mode & 0o777).toBe(0o600);
  });

  it('live in memory without a directory', () => {
    expect(loadKeys(undefined)[0]!.token).not.toBe(loadKeys(undefined)[0]!.token);
    expect(existsSync('console.token')).toBe(false);
  });
});

describe('Host and Origin', () => {
  it.each([
    ['localhost:8411', undefined], ['127.0.0.1', undefined], ['[::1]:8411', 'http://localhost:8411'], ['LOCALHOST', 'http://127.0.0.1'],
    ['router.example:80', 'https://router.example'], ['192.168.1.1', 'http://192.168.1.1'],
  ])('%s from %s passes', (host, origin) => expect(refuseOrigin(host, origin, ['router.example', '192.168.1.1'])).toBeUndefined());

  it.each([
    [undefined, undefined], ['', undefined], ['evil.example', undefined], ['127.0.0.1.evil.example', undefined], ['localhost@evil.example', undefined], ['a b', undefined],
    ['localhost', 'http://evil.example'], ['localhost', 'null'], ['localhost', ''], ['localhost', 'http://localhost.evil.example'],
  ])('%s from %s does not', (host, origin) => expect(refuseOrigin(host, origin, ['router.example'])).toBeTypeOf('string'));
});
