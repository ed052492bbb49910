import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Session } from '../../../kernel/cli/session.ts';
import { Terminal } from '../../../kernel/cli/terminal.ts';
import { VerbTree } from '../../../kernel/cli/tree.ts';
import { VirtualClock } from '../../../kernel/clock.ts';

function open(tty: boolean) {
  const tree = new VerbTree();
  tree.register({ path: 'sys version', help: 'the version', run: () => ({ facts: { version: '1\x1b[2J' } }) }, 't');
  tree.register({ path: 'sys log mail port', help: 'SMTP port', run: () => '25' }, 't');
  tree.register({ path: 'hang', help: 'waits', run: () => new Promise<void>(() => {}) }, 't');
  const input = Object.assign(new PassThrough(), { isTTY: tty, setRawMode: () => {} });
  const output = Object.assign(new PassThrough(), { isTTY: tty, columns: 80 });
  let text = '';
  let look = (): void => {};
  output.on('data', (d: Buffer) => { text += d.toString(); look(); });
  const until = (wanted: string): Promise<void> => new Promise((resolve) => {
    look = () => { if (text.includes(wanted)) { text = ''; look = () => {}; resolve(); } };
    look();
  });
  const shell = new Session({ tree, clock: new VirtualClock(), author: 't' });
  const terminal = new Terminal({ shell, input, output, colour: false });
  return { input, terminal, until, text: () => text };
}

describe('a terminal', () => {
  it('runs what is piped in, in order, without prompts, and gives the last exit code', async () => {
    const { input, terminal, text } = open(false);
    input.end('sys version\nsys log m p | json\nnope\n');
    expect(await terminal.done).toEqual({ why: 'end', code: 2 });
    expect(text()).toBe('version  1\\x1b[2J\n"25"\nunknown word \'nope\'; allowed: hang, sys\n');
  });

  it('leaves on exit and drops the rest', async () => {
    const { input, terminal, text } = open(false);
    input.end('exit\nsys version\n');
    expect(await terminal.done).toEqual({ why: 'exit', code: 0 });
    expect(text()).toBe('');
  });

  it('edits, completes, helps at once, cancels and points at mistakes', async () => {
    const { input, terminal, until } = open(true);
    await until('lancell> ');
    input.write('sy\t');
    await until('sys ');
    input.write('?');
    await until('the version');
    input.write('l\t');
    await until('log ');
    input.write('m p\r');
    await until('25\n');
    input.write('sys nope\r');
    await until(`${' '.repeat('lancell> sys '.length)}^\nunknown word`);
    input.write('hang\r');
    await until('hang\r\n');
    input.write('\x03');
    await until('cancelled');
    terminal.print('news');
    await until('news');
    input.write('exit\r');
    expect(await terminal.done).toEqual({ why: 'exit', code: 130 });
  });

  it('leaves on ^C twice', async () => {
    const { input, terminal, until } = open(true);
    await until('lancell> ');
    input.write('\x03');
    await until('once more');
    input.write('\x03');
    expect((await terminal.done).why).toBe('exit');
  });
});
