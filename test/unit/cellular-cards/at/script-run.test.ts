import { describe, expect, it } from 'vitest';
import { type AtAnswer, at, qcdm, type Script, type Step, wait } from '../../../../sdk/index.ts';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { memoryTty } from '../../../../kernel/tty/memory.ts';
import { AtPort } from '../../../../plugins/cellular-cards/core/at/port.ts';
import { type Ran, runScript, ScriptRun } from '../../../../plugins/cellular-cards/core/at/script-run.ts';

const ok = (...lines: string[]): AtAnswer => ({ ok: true, final: 'OK', lines, error: undefined });

describe('a script', () => {
  it('runs step by step, on answers that come at once and later', () => {
    function* script(): Script<string> {
      const first = yield* at('AT+CSQ');
      yield* wait(1000);
      const second = yield* qcdm(Uint8Array.of(0));
      return `${first.lines[0]} ${second?.length ?? 'none'}`;
    }
    const clock = new VirtualClock();
    let ran: Ran<string> | undefined;
    runScript(script(), {
      at: (_step, done) => { done(ok('+CSQ: 1,99')); return { dispose: () => {} }; },
      qcdm: undefined, after: (ms, fn) => clock.after(ms, fn),
    }, r => { ran = r; });
    expect(ran).toBeUndefined();
    clock.advance(1000);
    expect(ran).toEqual({ kind: 'done', value: '+CSQ: 1,99 none' });
  });

  it('of a hundred thousand steps does not fill the stack', () => {
    function* script(): Script<number> {
      let n = 0;
      for (; n < 100_000; n++) yield* at('AT');
      return n;
    }
    let ran: Ran<number> | undefined;
    runScript(script(), { at: (_s, done) => { done(ok()); return { dispose: () => {} }; }, qcdm: undefined, after: () => ({ dispose: () => {} }) }, r => { ran = r; });
    expect(ran).toEqual({ kind: 'done', value: 100_000 });
  });

  it('that is cancelled runs its finally, sends nothing more, and says so once', () => {
    const sent: string[] = [];
    let closed = false;
    let last = '';
    function* script(): Script<void> {
      try { yield* at('AT+COPS=?'); } finally {
        closed = true;
        const answer = yield* at('AT$NWDMAT=0');
        last = answer.final;
      }
    }
    const ends: string[] = [];
    const running = runScript(script(), { at: step => { sent.push(step.line); return { dispose: () => { sent.push('taken back'); } }; }, qcdm: undefined, after: () => ({ dispose: () => {} }) }, r => ends.push(r.kind));
    void running.dispose();
    void running.dispose();
    expect({ sent, closed, last, ends }).toEqual({ sent: ['AT+COPS=?', 'taken back'], closed: true, last: 'gone', ends: ['cancelled'] });
  });

  it('that throws has failed, and one whose finally never ends is left', () => {
    function* bad(): Script<void> { yield* at('AT'); throw new Error('my fault'); }
    const run = new ScriptRun(bad());
    expect(run.start().kind).toBe('step');
    expect(run.resume(ok())).toMatchObject({ kind: 'ended', ran: { kind: 'failed' } });
    function* endless(): Script<void> { try { yield* at('AT'); } finally { for (;;) yield* at('AT'); } }
    const other = new ScriptRun(endless());
    other.start();
    other.cancel();
    expect(other.ended).toBe(true);
  });

  it('runs over a tty', () => {
    const clock = new VirtualClock();
    const [ours, cards] = memoryTty(clock, ['tty', 'card']);
    let heard = '';
    cards.onData = (buf, from, to) => {
      heard += new TextDecoder().decode(buf.slice(from, to));
      const asked = /(.*)\r$/.exec(heard);
      if (!asked) return;
      heard = '';
      cards.write(new TextEncoder().encode(asked[1] === 'AT+CGMI' ? 'AT+CGMI\r\r\nHuawei\r\n\r\nOK\r\n' : '\r\nOK\r\n'));
    };
    const port = new AtPort(ours, clock, { report: () => {}, mode: () => {}, data: () => {}, gone: () => {} });
    function* script(): Script<readonly string[]> { return (yield* at('AT+CGMI')).lines; }
    let ran: Ran<readonly string[]> | undefined;
    const ports = { at: (step: Extract<Step, { kind: 'at' }>, done: (a: AtAnswer) => void) => port.ask(step.line, step, done), qcdm: undefined, after: (ms: number, fn: () => void) => clock.after(ms, fn) };
    runScript(script(), ports, r => { ran = r; });
    clock.advance(5000);
    expect(ran).toEqual({ kind: 'done', value: ['Huawei'] });
    let pulled: AtAnswer | undefined;
    port.ask('AT', {}, a => { pulled = a; });
    cards.close();
    clock.advance(10);
    expect(pulled?.final).toBe('gone');
    port.close();
    expect(clock.next()).toBeUndefined();
  });
});
