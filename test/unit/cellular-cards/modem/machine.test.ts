import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ladder } from '../../../../plugins/cellular-cards/core/modem/ladder.ts';
import { Modem } from '../../../../plugins/cellular-cards/core/modem/machine.ts';
import type { ModemIn, ModemOut, ModemSettings } from '../../../../plugins/cellular-cards/core/modem/messages.ts';
import type { AtAnswer, CardSpec, Script, StepResult } from '../../../../sdk/index.ts';
import { seeded, smallSpec } from './small-modem.ts';

const ok = (...lines: string[]): AtAnswer => ({ ok: true, final: 'OK', lines, error: undefined });
/** A card and a network where all is well. */
const sane = (line: string): AtAnswer => {
  if (line.startsWith('ATD')) return { ...ok(), final: 'CONNECT' };
  if (line === 'AT+CPIN?') return ok('+CPIN: READY');
  if (line === 'AT+CREG?') return ok('+CREG: 0,1');
  if (line === 'AT+CSQ') return ok('+CSQ: 20,99');
  return ok();
};
const odd = ['', '+CREG: 0,3', '+CREG: 0,2', '+CREG: ,,,', '+CPIN: SIM PIN', '+CPIN: SIM PUK', '+CPIN: READY', '+CPINC: 1', '+CSQ: 99,99', '\u0000"";=,', '+CREG: 0,1', '+CREG: 0,5'];
const finals = ['OK', 'ERROR', 'timeout', 'gone', 'NO CARRIER', 'BUSY', 'CONNECT', '+CME ERROR: 10', '+CME ERROR: 14', '+CME ERROR: 149', 'online', 'full'];

/** Runs a machine against answers, with time that passes at will. */
class Stand {
  now = 0;
  readonly notes: string[] = [];
  readonly settings: { -readonly [K in keyof ModemSettings]: ModemSettings[K] } = {
    enabled: true, pin: '', login: { apn: 'internet', auth: 'none', user: '', password: '', cid: 1 }, phone: '', networkType: '', roaming: true, nailedUp: true, idleMs: 0,
  };
  readonly ladder: Ladder;
  readonly modem: Modem;
  answer: (line: string) => AtAnswer = sane;
  /** What follows some outputs, and when. */
  react: (out: ModemOut) => readonly (readonly [number, ModemIn])[] = wellBehaved;
  replugs = 0;
  policy: string | undefined;
  readonly spec: CardSpec;
  #queue: { readonly at: number; readonly input: ModemIn }[] = [];

  constructor(random: () => number, spec = smallSpec) {
    this.spec = spec;
    this.ladder = new Ladder(random);
    this.modem = new Modem(this.ladder, {
      settings: () => this.settings, mayDial: () => this.policy, mayStay: () => this.policy, lastSent: () => 0, has: () => true, wall: () => this.now,
      pinRefused: () => false, rememberPin: () => {},
    });
    this.feed({ kind: 'begin' });
  }

  get phase() { return this.modem.view(this.now).phase; }

  feed(input: ModemIn): void { for (const out of this.modem.step(input, this.now)) this.#apply(out); }

  /** Time passes, with all that happens in it. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (let n = 0; n < 200_000; n++) {
      const due = this.modem.deadline();
      this.#queue.sort((a, b) => a.at - b.at);
      const next = this.#queue[0];
      const at = Math.min(due ?? Number.POSITIVE_INFINITY, next?.at ?? Number.POSITIVE_INFINITY);
      if (at > end) { this.now = end; return; }
      this.now = Math.max(this.now, at);
      if (next !== undefined && next.at <= at) this.feed(this.#queue.shift()!.input);
      else this.feed({ kind: 'tick' });
    }
    throw new Error('the machine does not let time pass');
  }

  #apply(out: ModemOut): void {
    if (out.kind === 'note') this.notes.push(out.words);
    if (out.kind === 'replug') this.replugs++;
    if (out.kind === 'run') this.#later(500, this.#run(out.job, out.script));
    if (out.kind === 'probe') this.#later(300, { kind: 'identified', spec: this.spec, statusOnline: true });
    for (const [ms, input] of this.react(out)) this.#later(ms, input);
  }

  #later(ms: number, input: ModemIn): void { this.#queue.push({ at: this.now + ms, input }); }

  #run(job: number, script: Script<unknown>): ModemIn {
    let result: StepResult;
    let silent = true;
    try {
      for (let turn = script.next(undefined); ; turn = script.next(result)) {
        if (turn.done === true) return { kind: 'done', job, value: turn.value, silent };
        result = turn.value.kind === 'at' ? this.answer(turn.value.line) : undefined;
        if (result !== undefined && 'final' in result && result.final !== 'timeout' && result.final !== 'gone') silent = false;
      }
    } catch (error) {
      return { kind: 'broken', job, why: String(error) };
    }
  }
}

const wellBehaved = (out: ModemOut): readonly (readonly [number, ModemIn])[] => {
  if (out.kind === 'call') return [[1000, { kind: 'authenticating' }], [2000, { kind: 'network-up', local: 1 }]];
  if (out.kind === 'close-call') return [[500, { kind: 'call-ended', trouble: 'asked', why: out.why }]];
  if (out.kind === 'hang-up') return [[1000, { kind: 'hung-up' }]];
  return [];
};

const inputs = fc.oneof(
  fc.constantFrom<ModemIn>({ kind: 'tick' }, { kind: 'begin' }, { kind: 'connect' }, { kind: 'demand' }, { kind: 'hung-up' }, { kind: 'settings' }, { kind: 'policies' }, { kind: 'authenticating' }, { kind: 'unidentified', why: 'nobody there' },
    { kind: 'network-up', local: 7 }, { kind: 'stand-in', wanted: true }, { kind: 'stand-in', wanted: false }, { kind: 'pin', pin: '1234', puk: undefined }, { kind: 'pin', pin: '1234', puk: '12345678' }),
  fc.record({ kind: fc.constant('done' as const), job: fc.nat(30), value: fc.constant(undefined), silent: fc.constant(true) }),
  fc.record({ kind: fc.constant('broken' as const), job: fc.nat(30), why: fc.string() }),
  fc.record({ kind: fc.constant('call-ended' as const), trouble: fc.constantFrom('asked' as const, 'call' as const, 'login' as const, 'card' as const), why: fc.string() }),
  fc.record({ kind: fc.constant('report' as const), report: fc.constantFrom({ registration: { state: 'denied' as const } }, { registration: { state: 'home' as const } }, { ignored: true as const }, {}) }),
  fc.record({ kind: fc.constant('disconnect' as const), why: fc.constant('somebody') }),
);

describe('the modem machine', () => {
  it('goes online, and stays there', () => {
    const s = new Stand(seeded(1));
    s.pass(20_000);
    expect(s.phase).toBe('online');
    s.pass(86_400_000);
    expect(s.phase).toBe('online');
    expect(s.notes.filter(n => n === 'online').length).toBe(1);
  });

  it('always comes back to online when all is well again, whatever happened', () => {
    fc.assert(fc.property(fc.integer(), fc.array(fc.tuple(inputs, fc.nat(40_000), fc.boolean()), { maxLength: 60 }), (seed, events) => {
      const random = seeded(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
      const s = new Stand(random);
      s.answer = () => { const final = pick(finals); return { ok: final === 'OK' || final === 'CONNECT', final, lines: [pick(odd), pick(odd)], error: /\d+/.test(final) ? Number(/\d+/.exec(final)![0]) : undefined }; };
      s.react = out => (random() < 0.5 ? wellBehaved(out) : []);
      for (const [input, ms, well] of events) {
        s.settings.enabled = random() < 0.9;
        s.feed(input);
        if (well) s.answer = sane;
        s.pass(ms);
        expect(typeof s.modem.view(s.now).words).toBe('string');
      }
      s.answer = sane;
      s.react = wellBehaved;
      s.settings.enabled = true;
      s.feed({ kind: 'settings' });
      s.feed({ kind: 'connect' });
      // What a well-behaved surrounding would have told by now.
      s.feed({ kind: 'call-ended', trouble: 'call', why: 'it was lost' });
      s.pass(3_600_000);
      expect([s.phase, s.notes.slice(-5)]).toEqual(['online', expect.anything()]);
    }), { numRuns: 150 });
  });

  it('a month without a network: every step is taken, no more often a day than it may be, and then it is online', () => {
    const s = new Stand(seeded(5));
    s.answer = line => (line.startsWith('ATD') ? { ok: false, final: 'NO CARRIER', lines: [], error: undefined } : sane(line));
    for (let day = 0; day < 30; day++) {
      s.pass(86_400_000);
      expect(s.ladder.used('redial', s.now)).toBeLessThanOrEqual(600);
      expect(s.ladder.used('reattach', s.now)).toBeLessThanOrEqual(48);
      expect(s.ladder.used('radio', s.now)).toBeLessThanOrEqual(24);
      expect(s.ladder.used('reset', s.now)).toBeLessThanOrEqual(12);
      expect(s.ladder.used('replug', s.now)).toBeLessThanOrEqual(6);
      expect(s.ladder.used('reboot', s.now)).toBeLessThanOrEqual(1);
    }
    for (const words of ['leaves the network', 'switches the radio', 'resets the card', 'takes the power', 'the last step, a restart']) expect(s.notes.some(n => n.includes(words))).toBe(true);
    s.answer = sane;
    s.pass(3_600_000);
    expect(s.phase).toBe('online');
  });

  it('a network that drops every call after a minute and a half is dialled no more than the daily limit', () => {
    const s = new Stand(seeded(6));
    s.react = out => (out.kind === 'call' ? [[1000, { kind: 'network-up', local: 1 }], [91_000, { kind: 'call-ended', trouble: 'call', why: 'dropped' }]] : wellBehaved(out));
    for (let day = 0; day < 3; day++) {
      s.pass(86_400_000);
      expect(s.ladder.used('redial', s.now)).toBeLessThanOrEqual(600);
      expect(s.ladder.used('redial', s.now)).toBeGreaterThan(250);
    }
  });

  it('does not storm a network that refuses the password', () => {
    const s = new Stand(seeded(7));
    s.react = out => (out.kind === 'call' ? [[1000, { kind: 'call-ended', trouble: 'login', why: 'wrong password' }]] : wellBehaved(out));
    s.pass(86_400_000);
    expect(s.ladder.used('redial', s.now)).toBeLessThan(60);
    expect(s.ladder.used('reset', s.now)).toBe(0);
    // Whoever corrects it does not have to wait.
    s.react = wellBehaved;
    s.settings.login = { ...s.settings.login, password: 'right' };
    s.feed({ kind: 'settings' });
    s.pass(20_000);
    expect(s.phase).toBe('online');
  });

  it('obeys the call policies, before a call and during it', () => {
    const s = new Stand(seeded(8));
    s.policy = 'the budget of this month is used up';
    s.pass(60_000);
    expect(s.modem.view(s.now)).toMatchObject({ phase: 'registered', words: 'not connected: the budget of this month is used up' });
    s.policy = undefined;
    s.feed({ kind: 'policies' });
    s.pass(10_000);
    expect(s.phase).toBe('online');
    s.policy = 'enough';
    s.feed({ kind: 'policies' });
    s.pass(10_000);
    expect(s.phase).toBe('registered');
  });

  it('does not roam when it is told not to', () => {
    const s = new Stand(seeded(9));
    s.settings.roaming = false;
    s.answer = line => (line === 'AT+CREG?' ? ok('+CREG: 0,5') : sane(line));
    s.pass(60_000);
    expect(s.modem.view(s.now).words).toContain('roaming');
    s.answer = sane;
    s.pass(20_000);
    expect(s.phase).toBe('online');
    s.answer = line => (line === 'AT+CREG?' ? ok('+CREG: 0,5') : sane(line));
    s.pass(20_000);
    expect(s.phase).toBe('registered');
  });

  it('looks at the card and uses nothing of it when cellular is off', () => {
    const s = new Stand(seeded(10));
    s.settings.enabled = false;
    const said: string[] = [];
    s.answer = line => { said.push(line); return sane(line); };
    s.pass(60_000);
    expect(s.modem.view(s.now)).toMatchObject({ phase: 'off', words: expect.stringContaining('switched off') });
    expect(said.filter(l => /^AT(D|\+CPIN=|\+CREG)/.test(l))).toEqual([]);
    s.settings.enabled = true;
    s.feed({ kind: 'settings' });
    s.pass(20_000);
    expect(s.phase).toBe('online');
  });

  it('is off when it is switched off, also while the card is being asked', () => {
    const s = new Stand(seeded(11));
    s.policy = 'not now';
    s.pass(20_000);
    expect(s.phase).toBe('registered');
    // The next look at the card begins, and is not over.
    s.pass((s.modem.deadline() ?? s.now) - s.now);
    s.settings.enabled = false;
    s.feed({ kind: 'settings' });
    s.pass(10_000);
    expect(s.phase).toBe('off');
    s.settings.enabled = true;
    s.policy = undefined;
    s.feed({ kind: 'settings' });
    s.pass(20_000);
    expect(s.phase).toBe('online');
  });

  it('says nothing of another call to somebody who disconnected while the card was asked why the last one ended', () => {
    const s = new Stand(seeded(12));
    s.react = out => (out.kind === 'call' ? [[1000, { kind: 'call-ended', trouble: 'call', why: 'no answer' }]] : wellBehaved(out));
    let asked = false;
    s.answer = line => { asked ||= line === 'AT+CEER'; return sane(line); };
    for (let i = 0; i < 600 && !asked; i++) s.pass(100);
    expect(asked).toBe(true);
    s.feed({ kind: 'disconnect', why: 'by somebody' });
    const before = s.notes.length;
    s.pass(60_000);
    expect(s.notes.slice(before).join()).not.toContain('dials again');
    expect(s.modem.view(s.now).words).toContain('disconnected by somebody');
  });

  it('signal not updated while connected: a card with one port is asked between two calls, and its value is shown as old in them', () => {
    const s = new Stand(seeded(3), { ...smallSpec, quirks: { noStatusOnline: true } });
    const sent: string[] = [];
    s.answer = line => { sent.push(line); return sane(line); };
    s.pass(20_000);
    expect([s.phase, s.modem.view(s.now).signal]).toMatchObject(['online', { stale: true, value: { dbm: -73 } }]);
    sent.length = 0;
    s.settings.login = { ...s.settings.login, user: 'another', password: 'one' };
    s.feed({ kind: 'settings' });
    s.pass(20_000);
    expect(s.phase).toBe('online');
    expect(sent.indexOf('AT+CSQ')).toBeGreaterThanOrEqual(0);
    expect(sent.indexOf('AT+CSQ')).toBeLessThan(sent.findIndex(line => line.startsWith('ATD')));
  });

  it('an unconfigured card that answers nothing of use harms nobody', () => {
    const s = new Stand(seeded(11));
    s.answer = () => ({ ok: false, final: 'ERROR', lines: [], error: undefined });
    s.settings.login = { ...s.settings.login, apn: '' };
    s.pass(600_000);
    expect(s.phase).not.toBe('online');
    expect(s.modem.view(s.now).words).not.toBe('');
  });
});
