import { describe, expect, it } from 'vitest';
import { drive } from '../../../../sdk/index.ts';
import { AsyncLine, type Login, type PppIn, type PppOut, PppSession } from '../../../../sdk/ppp/index.ts';
import { seeded } from '../../../../sdk/testing/random.ts';
import { format4, parse4 } from '../../../../sdk/wire/address.ts';
import * as ipv4 from '../../../../sdk/wire/ipv4.ts';
import { terminal } from './terminal.ts';

/** Dials on port 0 and speaks PPP there. */
function dialled(t: ReturnType<typeof terminal>, command: string, login?: Login) {
  t.say('ATE0');
  const { tty } = t.port(0);
  const said: PppOut[] = [];
  const packets: Uint8Array[] = [];
  let text = '';
  const line: AsyncLine = new AsyncLine({
    write: (buf, from, to) => tty.write(buf, from, to),
    packet: (buf, start, end) => { packets.push(buf.slice(start, end)); },
    control: input => feed(input),
  });
  const session = new PppSession({ line: 'async', random: seeded(7), ip: { askDns: true }, ...login ? { login } : {} });
  const feed = drive<PppIn, PppOut>(t.clock, { add: d => d }, session, out => { line.apply(out); said.push(out); });
  tty.onData = (buf, from, to) => {
    if (text.includes('CONNECT')) return line.receive(buf, from, to);
    text += Buffer.from(buf.subarray(from, to)).toString('latin1');
    const at = text.indexOf('CONNECT');
    const end = at < 0 ? -1 : text.indexOf('\r\n', at);
    if (end < 0) return;
    feed({ kind: 'up' });
    line.receive(Buffer.from(text.slice(end + 2), 'latin1'), 0, text.length - end - 2);
  };
  tty.write(Buffer.from(`${command}\r`));
  t.clock.advance(10_000);
  const of = (kind: PppOut['kind']): PppOut | undefined => said.findLast(o => o.kind === kind);
  return { tty, said, packets, line, feed, of, text: () => text, send: (packet: Uint8Array) => { line.send(packet, 0, packet.length); line.flush(); t.clock.advance(100); } };
}

const packet = (src: string, dst: string, length = 60): Uint8Array => {
  const p = new Uint8Array(length);
  ipv4.write(p, 0, { src: parse4(src)!, dst: parse4(dst)!, proto: 17, totalLen: length });
  return p;
};

describe('calls', () => {
  it('get an address and name servers, and carry packets both ways; nobody sends with another address', () => {
    const t = terminal('ac881');
    t.say('AT+CGDCONT=1,"IP","Internet"');
    const arrived: Uint8Array[] = [];
    t.carrier.connect({ fromCards: p => { arrived.push(p); }, toCards: () => {} });
    const call = dialled(t, 'ATD*99***1#');
    const up = call.of('network-up');
    expect(up).toMatchObject({ local: parse4('100.64.0.2'), peer: parse4('100.64.0.1'), dns: [parse4('203.0.113.10')] });
    expect(call.tty.lines()).toMatchObject({ dcd: true });
    expect(t.say('AT+CSQ', 2).at(-1)).toBe('OK');
    call.send(packet('100.64.0.2', '203.0.113.10'));
    call.send(packet('100.64.0.9', '203.0.113.10'));
    expect(arrived.map(p => format4(ipv4.src(p, 0)))).toEqual(['100.64.0.2']);
    t.carrier.gateway!.toCards(packet('203.0.113.10', '100.64.0.2', 1500));
    t.carrier.gateway!.toCards(packet('203.0.113.10', '100.64.0.77'));
    t.clock.advance(100);
    expect(call.packets.map(p => p.length)).toEqual([1500]);
    const [mine] = t.carrier.calls;
    expect(mine).toMatchObject({ caller: 'sim1', apn: 'internet', rxBytes: 60, txBytes: 1500, strange: 1 });
  });

  it('end by DTR, by the card going, by the radio, by the carrier; each time the next one can be made', () => {
    const t = terminal('ac881');
    t.say('AT+CGDCONT=1,"IP","internet"');
    const first = dialled(t, 'ATD*99#');
    first.tty.hangUp();
    t.clock.advance(1000);
    expect([t.carrier.calls.size, first.tty.lines()?.dcd]).toEqual([0, false]);
    first.feed({ kind: 'down', why: 'test' });

    const second = dialled(t, 'ATD*99#');
    expect(second.of('network-up')).toMatchObject({ local: parse4('100.64.0.3') });
    let tail = '';
    second.tty.onData = (buf, from, to) => { tail += Buffer.from(buf.subarray(from, to)).toString('latin1'); };
    for (const c of t.carrier.calls) c.drop('test');
    t.clock.advance(100);
    expect(tail).toBe('\r\nNO CARRIER\r\n');

    const third = dialled(t, 'ATD*99#');
    for (const c of t.carrier.calls) c.close('the network wants its line back');
    t.clock.advance(5000);
    expect(third.of('closed')).toMatchObject({ cause: 'peer' });
    expect(t.carrier.calls.size).toBe(0);

    dialled(t, 'ATD*99#');
    t.card.dbm = -130;
    t.card.airChanged();
    expect(t.carrier.calls.size).toBe(0);
    t.card.dbm = undefined;
    t.clock.advance(5000);
    const fifth = dialled(t, 'ATD*99#');
    let gone = '';
    fifth.tty.onGone = why => { gone = why; };
    t.rack.remove();
    expect([t.carrier.calls.size, gone]).toEqual([0, expect.stringContaining('gone')]);
  });

  it('are escaped from with +++, gone on with ATO, ended with ATH', () => {
    const t = terminal('ac881');
    t.say('AT+CGDCONT=1,"IP","internet"');
    const call = dialled(t, 'ATD*99#');
    t.clock.advance(2000);
    let tail = '';
    call.tty.onData = (buf, from, to) => { tail += Buffer.from(buf.subarray(from, to)).toString('latin1'); };
    const type = (text: string): string => { tail = ''; call.tty.write(Buffer.from(text)); t.clock.advance(2000); return tail.replace(/[\r\n]+/g, ' ').trim(); };
    expect(type('+++')).toBe('OK');
    expect(type('AT+CSQ\r')).toMatch(/^\+CSQ: \d+,99 OK$/);
    expect(type('ATO\r')).toContain('CONNECT');
    expect(t.carrier.calls.size).toBe(1);
    t.clock.advance(2000);
    expect(type('+++')).toContain('OK');
    expect(type('ATH\r')).toBe('OK');
    expect(t.carrier.calls.size).toBe(0);
  });

  it('are not taken: unknown APN, no network, busy, wrong log-in', () => {
    const t = terminal('e620');
    t.say('ATE0');
    t.say('AT+CGDCONT=1,"IP","nowhere"');
    expect(t.say('ATD*99#').at(-1)).toBe('NO CARRIER');
    t.say('AT+CGDCONT=1,"IP","internet"');
    t.carrier.refusing = 'BUSY';
    expect(t.say('ATD*99#').at(-1)).toBe('BUSY');
    t.carrier.refusing = undefined;
    t.carrier.denied = true;
    expect(t.say('ATD*99#').at(-1)).toBe('NO CARRIER');
    expect(t.carrier.calls.size).toBe(0);

    const sierra = terminal('ac875');
    sierra.say('ATE0');
    sierra.say('AT+CGDCONT=1,"IP","corporate"');
    // The password stands first: the other order is a wrong log-in.
    sierra.say('AT$QCPDPP=1,2,"lab","secret"');
    expect(sierra.say('ATD*99#', 2).at(-1)).toBe('NO CARRIER');
    sierra.say('AT$QCPDPP=1,2,"secret","lab"');
    expect(sierra.say('ATD*99#', 2).join(' ')).toContain('CONNECT');
  });

  it('log in by PPP where the APN wants it', () => {
    const t = terminal('e620');
    t.say('AT+CGDCONT=1,"IP","corporate"');
    const right = dialled(t, 'ATD*99#', { user: 'lab', password: 'secret', allow: ['chap-md5'] });
    expect(right.of('network-up')).toBeDefined();
    expect([...t.carrier.calls][0]).toMatchObject({ user: 'lab', up: true });
    right.tty.hangUp();
    t.clock.advance(2000);
    const wrong = dialled(t, 'ATD*99#', { user: 'lab', password: 'sesame', allow: ['chap-md5'] });
    t.clock.advance(30_000);
    expect(wrong.of('closed')).toMatchObject({ cause: 'auth' });
  });

  it('are hung up when idle, and dropped by chance, the same for the same seed', () => {
    const t = terminal('ac881');
    t.carrier.idleMs = 60_000;
    t.say('AT+CGDCONT=1,"IP","internet"');
    const call = dialled(t, 'ATD*99#');
    t.clock.advance(90_000);
    expect(call.of('closed')).toMatchObject({ cause: 'peer' });

    const when = (seed: number): number => {
      const d = terminal('ac881', { seed, dropsPerDay: 100 });
      d.say('AT+CGDCONT=1,"IP","internet"');
      dialled(d, 'ATD*99#');
      const begun = d.clock.now();
      while (d.carrier.calls.size > 0) d.clock.advance(1000);
      return d.clock.now() - begun;
    };
    expect(when(3)).toBe(when(3));
    expect(when(3)).not.toBe(when(4));
  });
});
