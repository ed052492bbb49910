import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { Conversations } from '../../../../plugins/cellular-cards/core/modem/conversations.ts';
import type { Ports } from '../../../../plugins/cellular-cards/core/modem/ports.ts';
import { type AtAnswer, at, type Script, wait } from '../../../../sdk/index.ts';

function stand() {
  const clock = new VirtualClock();
  const lines: string[] = [];
  let answer: ((a: AtAnswer) => void) | undefined;
  const ports = { at: (step: { line: string }, done: (a: AtAnswer) => void) => { lines.push(step.line); answer = done; return { dispose: () => { lines.push('taken back'); } }; }, qcdm: undefined } as unknown as Ports;
  const talks = new Conversations(ports, clock);
  const told: string[] = [];
  const run = <T>(script: Script<T>, name: string) => talks.run(script, value => told.push(`${name} ${String(value)}`), why => told.push(`${name}: ${why}`));
  return { clock, lines, talks, told, run, reply: () => answer?.({ ok: true, final: 'OK', lines: [], error: undefined }) };
}
function* say(line: string): Script<string> { return (yield* at(line)).final; }

describe('conversations with a card', () => {
  it('come one after the other', () => {
    const { lines, told, run, reply } = stand();
    run(say('AT1'), 'a');
    run(say('AT2'), 'b');
    expect(lines).toEqual(['AT1']);
    reply();
    expect([lines, told]).toEqual([['AT1', 'AT2'], ['a OK']]);
  });

  it('end with the card, those that wait too; their last words are not sent', () => {
    const { lines, talks, told, run, clock } = stand();
    run((function* (): Script<string> { try { return yield* say('AT1'); } finally { yield* say('AT&W'); } })(), 'a');
    run(say('AT2'), 'b');
    talks.dispose();
    run(say('AT3'), 'c');
    clock.advance(10_000);
    expect(told.sort()).toEqual(['a: the card is gone', 'b: the card is gone', 'c: the card is gone']);
    expect(lines).toEqual(['AT1', 'taken back']);
  });

  it('may wait, and may throw', () => {
    const { told, run, clock } = stand();
    run((function* (): Script<string> { yield* wait(1000); throw new Error('a parser that was surprised'); })(), 'a');
    run((function* (): Script<string> { yield* wait(10); return 'fine'; })(), 'b');
    clock.advance(2000);
    expect(told).toEqual(['a: a parser that was surprised', 'b fine']);
  });

  it('are not endlessly many', () => {
    const { told, run } = stand();
    for (let i = 0; i < 40; i++) run(say('AT'), `${i}`);
    expect(told.length).toBe(7);
    expect(told[0]).toContain('too many');
  });
});
