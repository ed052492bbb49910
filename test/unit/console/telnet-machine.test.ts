import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Telnet, type TelnetOut, toWire } from '../../../kernel/console/telnet-machine.ts';

const IAC = 255;
const [DONT, DO, WONT, WILL, SB, SE] = [254, 253, 252, 251, 250, 240];
const [ECHO, SGA, LINEMODE, NAWS] = [1, 3, 34, 31];

const begun = (): Telnet => { const m = new Telnet(); m.step({ kind: 'begin' }); return m; };
const feed = (m: Telnet, ...bytes: number[]): readonly TelnetOut[] => m.step({ kind: 'bytes', bytes: Uint8Array.from(bytes) });
const said = (outs: readonly TelnetOut[]): number[] => outs.flatMap((o) => (o.kind === 'send' ? [...o.bytes] : []));
const typed = (outs: readonly TelnetOut[]): string => outs.map((o) => (o.kind === 'data' ? new TextDecoder('latin1').decode(o.bytes) : '')).join('');
const text = (t: string): number[] => [...new TextEncoder().encode(t)];

describe('telnet', () => {
  it('offers to echo and asks for the window at the beginning', () => {
    expect(said(new Telnet().step({ kind: 'begin' }))).toEqual([IAC, WILL, ECHO, IAC, WILL, SGA, IAC, DO, SGA, IAC, DO, NAWS]);
  });

  it('does not answer answers', () => {
    const m = begun();
    expect(said(feed(m, IAC, DO, ECHO, IAC, DO, SGA, IAC, WILL, SGA, IAC, WILL, NAWS))).toEqual([]);
    expect(said(feed(m, IAC, DO, ECHO, IAC, WILL, NAWS))).toEqual([]);
  });

  it('refuses what it does not know, and takes back what it is told to', () => {
    const m = begun();
    expect(said(feed(m, IAC, WILL, LINEMODE, IAC, DO, LINEMODE))).toEqual([IAC, DONT, LINEMODE, IAC, WONT, LINEMODE]);
    expect(said(feed(m, IAC, WONT, LINEMODE, IAC, DONT, LINEMODE))).toEqual([]);
    feed(m, IAC, DO, ECHO);
    expect(said(feed(m, IAC, DONT, ECHO))).toEqual([IAC, WONT, ECHO]);
    expect(said(feed(m, IAC, DO, ECHO))).toEqual([IAC, WILL, ECHO]);
  });

  // RFC 1073: IAC SB NAWS width height IAC SE; an octet 255 is doubled.
  it('reads the window, in one piece and octet by octet', () => {
    const window = [IAC, SB, NAWS, 0, 120, 0, 40, IAC, SE];
    expect(feed(begun(), ...window)).toEqual([{ kind: 'window', columns: 120, rows: 40 }]);
    const m = begun();
    expect(window.flatMap((b) => [...feed(m, b)])).toEqual([{ kind: 'window', columns: 120, rows: 40 }]);
    expect(feed(begun(), IAC, SB, NAWS, 0, IAC, IAC, 0, 24, IAC, SE)).toEqual([{ kind: 'window', columns: 255, rows: 24 }]);
  });

  it('has no use for a window of the wrong length, or of a client that refused to tell', () => {
    expect(feed(begun(), IAC, SB, NAWS, 0, 120, IAC, SE)).toEqual([]);
    expect(feed(begun(), IAC, WONT, NAWS, IAC, SB, NAWS, 0, 120, 0, 40, IAC, SE)).toEqual([]);
  });

  it.each([
    ['CR LF', [13, 10]], ['CR NUL', [13, 0]], ['CR alone', [13]],
  ])('takes %s as Enter, once', (_name, enter) => {
    expect(typed(feed(begun(), ...text('a'), ...enter, ...text('b')))).toBe('a\rb');
  });

  it('knows CR LF that was cut in two', () => {
    const m = begun();
    expect(typed(feed(m, 13))).toBe('\r');
    expect(typed(feed(m, 10, 65))).toBe('A');
  });

  it('turns commands into keys', () => {
    const [IP, EC, EL] = [244, 247, 248];
    expect([...typed(feed(begun(), IAC, IP, IAC, EC, IAC, EL))].map((c) => c.charCodeAt(0))).toEqual([3, 127, 21]);
    expect(typed(feed(begun(), IAC, IAC))).toBe('\u00ff');
  });

  it('keeps typing and window in order', () => {
    expect(feed(begun(), 65, IAC, SB, NAWS, 0, 80, 0, 24, IAC, SE, 66).map((o) => o.kind)).toEqual(['data', 'window', 'data']);
  });

  describe('with a hostile client', () => {
    it('keeps nothing of a subnegotiation without end', () => {
      const m = begun();
      feed(m, IAC, SB, NAWS);
      for (let i = 0; i < 100; i++) expect(m.step({ kind: 'bytes', bytes: new Uint8Array(65_536).fill(7) })).toEqual([]);
      expect(feed(m, IAC, SE, ...text('x'))).toEqual([{ kind: 'data', bytes: Uint8Array.of(120) }]);
    });

    it('stops to answer a storm of options', () => {
      const m = begun();
      const storm = Uint8Array.from({ length: 300_000 }, (_, i) => [IAC, DO, 40 + (Math.floor(i / 3) % 100)][i % 3]!);
      const outs = m.step({ kind: 'bytes', bytes: storm });
      expect(outs.filter((o) => o.kind === 'send').length).toBeLessThanOrEqual(64);
      expect(outs.at(-1)).toEqual({ kind: 'end', why: 'too many option commands' });
      expect(m.step({ kind: 'bytes', bytes: storm })).toEqual([]);
    });

    it('stops a client that switches an option to and fro', () => {
      const m = begun();
      feed(m, IAC, DO, ECHO);
      const outs = Array.from({ length: 200 }, () => feed(m, IAC, DONT, ECHO, IAC, DO, ECHO)).flat();
      expect(outs.filter((o) => o.kind === 'send').length).toBeLessThanOrEqual(64);
      expect(outs.filter((o) => o.kind === 'end')).toHaveLength(1);
    });

    it('is silent about a storm of IAC NOP and of IAC', () => {
      expect(feed(begun(), ...Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? IAC : 241)))).toEqual([]);
      const outs = feed(begun(), ...new Array<number>(100_000).fill(IAC));
      expect(said(outs)).toEqual([]);
    });

    it('neither throws nor says much whatever comes, however it is cut', () => {
      fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        const m = begun();
        const outs = chunks.flatMap((bytes) => [...m.step({ kind: 'bytes', bytes })]);
        expect(said(outs).length).toBeLessThanOrEqual(64 * 11);
        const whole = begun().step({ kind: 'bytes', bytes: Uint8Array.from(chunks.flatMap((c) => [...c])) });
        expect(typed(outs)).toBe(typed(whole));
        expect(said(outs)).toEqual(said(whole));
      }), { numRuns: 500 });
    });
  });

  it('doubles 255 and never leaves a CR alone on the wire', () => {
    expect([...toWire(Uint8Array.of(65, 255, 13, 10, 13, 66, 13))]).toEqual([65, 255, 255, 13, 10, 13, 0, 66, 13, 0]);
  });
});
