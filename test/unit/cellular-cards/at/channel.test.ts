import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AtAnswer } from '../../../../sdk/index.ts';
import { AtChannel, type AtOut } from '../../../../plugins/cellular-cards/core/at/channel.ts';

/** A channel with a clock that the test moves, and what came out of it. */
class Bench {
  readonly channel = new AtChannel();
  readonly outs: AtOut[] = [];
  now = 1000;
  #id = 0;

  ask(line: string, options: { timeoutMs?: number; secret?: boolean; body?: string } = {}): number {
    const id = ++this.#id;
    this.step({ kind: 'command', id, line, timeoutMs: options.timeoutMs ?? 5000, secret: options.secret ?? false, body: options.body });
    return id;
  }
  says(text: string): void {
    const buf = new TextEncoder().encode(text);
    this.step({ kind: 'octets', buf, from: 0, to: buf.length });
  }
  step(input: Parameters<AtChannel['step']>[0]): void {
    for (const out of this.channel.step(input, this.now)) this.outs.push(out.kind === 'data' ? { ...out, buf: out.buf.slice(out.from, out.to), from: 0, to: out.to - out.from } : out);
  }
  /** Time passes; ticks come when they are due. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (let due = this.channel.deadline(); due !== undefined && due <= end; due = this.channel.deadline()) {
      this.now = due;
      this.step({ kind: 'tick' });
    }
    this.now = end;
  }
  get written(): string { return this.outs.flatMap(o => (o.kind === 'write' ? [new TextDecoder().decode(o.octets)] : [])).join(''); }
  get reports(): string[] { return this.outs.flatMap(o => (o.kind === 'report' ? [o.line] : [])); }
  get log(): string { return this.outs.flatMap(o => (o.kind === 'log' ? [o.text] : [])).join('\n'); }
  get data(): string { return this.outs.flatMap(o => (o.kind === 'data' ? [new TextDecoder('latin1').decode(o.buf)] : [])).join(''); }
  answer(id: number): AtAnswer | undefined { return this.outs.flatMap(o => (o.kind === 'answer' && o.id === id ? [o.answer] : []))[0]; }
}

describe('a channel of AT commands', () => {
  it('sends one command at a time', () => {
    const b = new Bench();
    const first = b.ask('ATE0');
    const second = b.ask('AT+CSQ');
    expect(b.written).toBe('ATE0\r');
    b.says('\r\nOK\r\n');
    expect(b.answer(first)).toEqual({ ok: true, final: 'OK', lines: [], error: undefined });
    expect(b.written).toBe('ATE0\rAT+CSQ\r');
    b.says('\r\n+CSQ: 20,99\r\n\r\nOK\r\n');
    expect(b.answer(second)?.lines).toEqual(['+CSQ: 20,99']);
  });

  it('takes the echo for what it is, however it ends', () => {
    for (const end of ['\r', '\r\n', '\r\r\n']) {
      const b = new Bench();
      const id = b.ask('AT+CGMI');
      b.says(`AT+CGMI${end}Option N.V.\r\n\r\nOK\r\n`);
      expect(b.answer(id)?.lines).toEqual(['Option N.V.']);
    }
  });

  it('reads lines that come octet by octet and end with CR CR LF', () => {
    const b = new Bench();
    const id = b.ask('AT^SYSINFO');
    for (const c of 'AT^SYSINFO\r\r\n^SYSINFO: 2,3,0,8,1\r\r\n\r\nOK\r\n') b.says(c);
    expect(b.answer(id)).toMatchObject({ ok: true, lines: ['^SYSINFO: 2,3,0,8,1'] });
  });

  it('knows reports in the middle of an answer: between echo and answer, and between answer and OK', () => {
    const b = new Bench();
    const id = b.ask('AT+COPS?');
    b.says('AT+COPS?\r\r\n^RSSI:23\r\n\r\n+COPS: 0,0,"vodafone",2\r\n\r\n^MODE:5,4\r\n+PACSP1\r\n\r\nOK\r\n');
    expect(b.answer(id)?.lines).toEqual(['+COPS: 0,0,"vodafone",2']);
    expect(b.reports).toEqual(['^RSSI:23', '^MODE:5,4', '+PACSP1']);
  });

  it('takes an answer for no report when it was asked for', () => {
    const b = new Bench();
    const id = b.ask('AT+CREG?');
    b.says('+CREG: 2,1,"1234","5678"\r\n+CGREG: 1\r\nOK\r\n');
    expect(b.answer(id)?.lines).toEqual(['+CREG: 2,1,"1234","5678"']);
    expect(b.reports).toEqual(['+CGREG: 1']);
  });

  it.each([
    ['ERROR', undefined], ['+CME ERROR: 11', 11], ['+CME ERROR: SIM PIN required', 11], ['+cme error:operation not allowed', 3], ['+CMS ERROR: 500', 500], ['COMMAND NOT SUPPORT', undefined], ['+CME ERROR: what nobody wrote down', undefined],
  ])('%s ends a command', (final, error) => {
    const b = new Bench();
    const id = b.ask('AT+CPIN?');
    b.says(`\r\n${final}\r\n`);
    expect(b.answer(id)).toEqual({ ok: false, final, lines: [], error });
  });

  it.each(['CONNECT', 'CONNECT 7200000', 'CONNECT CLIENT', 'connect 115200/REL'])('%s puts the call through', final => {
    const b = new Bench();
    const id = b.ask('ATD*99***1#', { timeoutMs: 60_000 });
    b.says(`\r\n^RSSI:20\r\n${final}\r\n~\xff`);
    expect(b.answer(id)).toMatchObject({ ok: true, final });
    expect(b.outs).toContainEqual({ kind: 'mode', mode: 'data', why: final });
    expect(b.data).toBe(new TextDecoder('latin1').decode(new TextEncoder().encode('~\xff')));
    expect(b.channel.mode).toBe('data');
  });

  it.each(['NO CARRIER', 'BUSY', 'NO DIALTONE', 'NO ANSWER'])('%s refuses the call', final => {
    const b = new Bench();
    const id = b.ask('ATDT#777');
    b.says(`\r\n${final}\r\n`);
    expect(b.answer(id)).toMatchObject({ ok: false, final });
    expect(b.channel.mode).toBe('command');
  });

  it('takes CONNECT and NO CARRIER for no answer when nothing was dialled', () => {
    const b = new Bench();
    const id = b.ask('AT+QENG="servingcell"');
    b.says('\r\nNO CARRIER\r\n+QENG: "servingcell","CONNECT"\r\nOK\r\n');
    expect(b.answer(id)).toMatchObject({ ok: true, lines: ['+QENG: "servingcell","CONNECT"'] });
    expect(b.reports).toEqual(['NO CARRIER']);
  });

  it('gives a message to the card at its prompt, and takes its echo back', () => {
    const b = new Bench();
    const id = b.ask('AT+CMGS=14', { body: '0001000B91' });
    b.says('AT+CMGS=14\r\r\n> ');
    expect(b.written).toBe('AT+CMGS=14\r0001000B91\x1a');
    b.says('0001000B91\x1a\r\n+CMGS: 5\r\n\r\nOK\r\n');
    expect(b.answer(id)).toMatchObject({ ok: true, lines: ['+CMGS: 5'] });
    expect(b.log).not.toContain('0001000B91');
  });

  it('gives a report its body, whatever the body says', () => {
    const b = new Bench();
    const id = b.ask('AT+CSQ');
    b.says('+CMT: "+491701234567",,"26/11/24,00:00:00+04"\r\nOK\r\n+CSQ: 9,99\r\nOK\r\n');
    expect(b.reports).toEqual(['+CMT: "+491701234567",,"26/11/24,00:00:00+04"\nOK']);
    expect(b.answer(id)).toMatchObject({ ok: true, lines: ['+CSQ: 9,99'] });
  });
});

describe('an answer that comes late', () => {
  it('is not taken for the next command\'s', () => {
    const b = new Bench();
    const scan = b.ask('AT+COPS=?', { timeoutMs: 5000 });
    b.pass(5000);
    expect(b.answer(scan)).toMatchObject({ ok: false, final: 'timeout' });
    const csq = b.ask('AT+CSQ');
    expect(b.written).toBe('AT+COPS=?\rAT\r');
    b.says('\r\n+COPS: (2,"A","A","26201",2)\r\n\r\nOK\r\n');
    b.pass(50);
    b.says('\r\nOK\r\n');
    b.pass(1000);
    expect(b.written).toBe('AT+COPS=?\rAT\rAT+CSQ\r');
    b.says('\r\n+CSQ: 11,99\r\n\r\nOK\r\n');
    expect(b.answer(csq)).toMatchObject({ ok: true, lines: ['+CSQ: 11,99'] });
    expect(b.reports).toEqual([]);
  });

  it('may come while nobody asks anything: then nothing is owed any more', () => {
    const b = new Bench();
    b.ask('AT+CGATT=1', { timeoutMs: 1000 });
    b.pass(3000);
    b.says('\r\nOK\r\n');
    b.ask('AT+CSQ');
    expect(b.written).toBe('AT+CGATT=1\rAT+CSQ\r');
  });

  it('may never come: the card is asked again, and a dead port answers with a timeout in bounded time', () => {
    const b = new Bench();
    b.ask('AT', { timeoutMs: 1000 });
    const second = b.ask('AT', { timeoutMs: 1000 });
    const third = b.ask('AT', { timeoutMs: 1000 });
    b.pass(3000);
    expect([second, third].map(id => b.answer(id)?.final)).toEqual(['timeout', 'timeout']);
    const fourth = b.ask('AT+CSQ', { timeoutMs: 1000 });
    b.says('\r\nOK\r\n');
    b.pass(500);
    b.says('\r\n+CSQ: 5,99\r\nOK\r\n');
    expect(b.answer(fourth)?.ok).toBe(true);
  });

  it('CONNECT after the dial was given up is reported, for the port must hang up', () => {
    const b = new Bench();
    b.ask('ATD*99#', { timeoutMs: 1000 });
    b.pass(1000);
    b.says('\r\nCONNECT\r\n');
    expect(b.reports).toEqual(['CONNECT']);
  });

  it('release note: the AT string of the card before is cleared before a CDMA card is asked', () => {
    const b = new Bench();
    b.step({ kind: 'opened' });
    const gsn = b.ask('AT+GSN');
    b.says('356000000000001\r\nOK\r\n+CSQ: 3');
    b.says(',99\r\nOK\r\n');
    expect(b.answer(gsn)).toBeUndefined();
    b.pass(300);
    b.says('AT+GSN\r\r\n0x5B90000B\r\n\r\nOK\r\n');
    expect(b.answer(gsn)?.lines).toEqual(['0x5B90000B']);
  });
});

describe('a call', () => {
  const online = (): Bench => {
    const b = new Bench();
    b.ask('ATD*99#');
    b.says('\r\nCONNECT\r\n');
    return b;
  };

  it('ends with NO CARRIER and silence', () => {
    const b = online();
    b.says('~frame~\r\nNO CARRIER\r\n');
    expect(b.channel.mode).toBe('data');
    b.pass(300);
    expect(b.outs.at(-1)).toEqual({ kind: 'mode', mode: 'command', why: 'no carrier' });
    const id = b.ask('AT');
    b.says('\r\nOK\r\n');
    expect(b.answer(id)?.ok).toBe(true);
  });

  it('goes on when a packet holds these words', () => {
    const b = online();
    b.says('~GET /\r\nNO CARRIER\r\n');
    b.pass(100);
    b.says('more of it~');
    b.pass(10_000);
    expect(b.channel.mode).toBe('data');
    expect(b.data).toContain('NO CARRIER');
  });

  it('ends when carrier detect falls, and when the card is pulled', () => {
    const lost = online();
    lost.step({ kind: 'hung-up', why: 'carrier lost' });
    expect(lost.channel.mode).toBe('command');
    const pulled = online();
    pulled.step({ kind: 'gone', why: 'pulled' });
    expect(pulled.channel.mode).toBe('command');
    expect(pulled.answer(pulled.ask('AT'))?.final).toBe('gone');
  });

  it('is left with +++ between two silences', () => {
    const b = online();
    b.step({ kind: 'escape' });
    expect(b.written).not.toContain('+++');
    b.pass(1100);
    expect(b.written).toContain('+++');
    b.says('rest of a frame\r\nOK\r\n');
    expect(b.outs.at(-1)).toEqual({ kind: 'mode', mode: 'command', why: 'escaped' });
  });

  it('goes on when the card does not hear +++', () => {
    const b = online();
    b.step({ kind: 'escape' });
    b.pass(10_000);
    expect(b.channel.mode).toBe('data');
  });

  it('takes no commands', () => {
    const b = online();
    expect(b.answer(b.ask('AT+CSQ'))?.final).toBe('online');
  });
});

describe('bad input to a channel', () => {
  it('1 MB without a line end takes no memory, and the next line is read', () => {
    const b = new Bench();
    const id = b.ask('AT+CSQ');
    for (let i = 0; i < 256; i++) b.says('x'.repeat(4096));
    b.says('\r\n+CSQ: 7,99\r\nOK\r\n');
    expect(b.answer(id)).toMatchObject({ ok: true, lines: ['+CSQ: 7,99'] });
    expect(b.channel.counters.overlong).toBe(1);
  });

  it('an answer without end is cut, and the timeout holds', () => {
    const b = new Bench();
    const id = b.ask('AT+COPS=?', { timeoutMs: 1000 });
    for (let i = 0; i < 5000; i++) b.says('some line that goes on and on\r\n');
    b.pass(1000);
    expect(b.answer(id)).toMatchObject({ final: 'timeout' });
    expect(b.answer(id)!.lines.length).toBeLessThanOrEqual(1000);
  });

  it('a command cannot hold a second one', () => {
    const b = new Bench();
    b.ask('AT+CGDCONT=1,"IP","x"\r\nATD0900#');
    expect(b.written.match(/\r/g)).toHaveLength(1);
  });

  it('more commands than there is room for are refused', () => {
    const b = new Bench();
    const ids = Array.from({ length: 100 }, () => b.ask('AT'));
    expect(ids.filter(id => b.answer(id)?.final === 'full').length).toBe(100 - 64 - 1);
  });

  it('property: any octets at any time, and then a sane card answers', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map(a => String.fromCharCode(...a)),
      fc.constantFrom('\r\nOK\r\n', '\r\nERROR\r\n', '\r\nNO CARRIER\r\n', '\r\nCONNECT\r\n', '> ', '+CMT: ,3\r\n', '+CREG: 1\r\n', '\r\n+CME ERROR: 10\r\n', 'AT\r\r\n', '\x1a', '+++'),
      fc.constantFrom('ask', 'dial', 'body', 'cancel', 'escape', 'hung-up', 'wait', 'opened').map(what => ({ what })),
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
      const b = new Bench();
      const asked: number[] = [];
      for (const each of pieces) {
        if (typeof each === 'string') b.says(each);
        else if (each.what === 'ask') asked.push(b.ask('AT+CSQ', { timeoutMs: 1000 }));
        else if (each.what === 'dial') asked.push(b.ask('ATD*99#', { timeoutMs: 1000 }));
        else if (each.what === 'body') asked.push(b.ask('AT+CMGS=3', { timeoutMs: 1000, body: '00' }));
        else if (each.what === 'cancel') b.step({ kind: 'cancel', id: asked.at(-1) ?? 1 });
        else if (each.what === 'wait') b.pass(700);
        else b.step(each.what === 'escape' ? { kind: 'escape' } : each.what === 'opened' ? { kind: 'opened' } : { kind: 'hung-up', why: 'test' });
      }
      b.says('\r\n');
      b.pass(300_000);
      b.step({ kind: 'hung-up', why: 'test' });
      b.pass(10_000);
      for (const id of asked) expect(b.outs.filter(o => o.kind === 'answer' && o.id === id)).toHaveLength(1);
      const last = b.ask('AT+CSQ', { timeoutMs: 5000 });
      if (!b.written.endsWith('AT+CSQ\r')) b.says('\r\nOK\r\n');
      b.pass(400);
      b.says('\r\n+CSQ: 30,99\r\n\r\nOK\r\n');
      expect(b.answer(last)).toMatchObject({ ok: true });
    }), { numRuns: 300 });
  });
});

describe('secrets', () => {
  it('of messages stay out of the log: PDUs, and lines that answer a secret command', () => {
    const b = new Bench();
    b.ask('AT+CMGL=4');
    b.says(`+CMGL: 1,0,,23\r\n${'0791C7BA7C5D'.repeat(5)}\r\nOK\r\n`);
    b.ask('AT+CMGR=1', { secret: true });
    b.says('+CMGR: "REC READ","5551"\r\nopen sesame\r\nOK\r\n');
    const log = b.outs.flatMap(o => (o.kind === 'log' ? [o.text] : []));
    expect(log).toEqual(['AT+CMGL=4', '+CMGL: 1,0,,23', '(60 characters)', 'OK', 'AT+CMGR=…', '+CMGR:…', '(11 characters)', 'OK']);
  });
  it('are in no log', () => {
    const b = new Bench();
    b.ask('AT+CPIN="1234"', { secret: true });
    b.says('AT+CPIN="1234"\r\r\nOK\r\n');
    b.ask('AT$QCPDPP=1,2,"s3cret","somebody"');
    b.says('AT$QCPDPP=1,2,"s3cret","somebody"\r\r\nOK\r\n');
    b.ask('AT%IPDPCFG?');
    b.says('%IPDPCFG: 1,0,1,"somebody","s3cret",0\r\nOK\r\n');
    expect(b.log).not.toMatch(/1234|s3cret|somebody/);
    expect(b.log).toContain('AT$QCPDPP');
  });
});
