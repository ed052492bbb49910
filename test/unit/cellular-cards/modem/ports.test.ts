import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { memoryTty } from '../../../../kernel/tty/memory.ts';
import type { CardDevice } from '../../../../plugins/cellular-cards/contract.ts';
import { type Found, Ports } from '../../../../plugins/cellular-cards/core/modem/ports.ts';
import { at, type CardSpec, type Dialect, qcdm, type Tty } from '../../../../sdk/index.ts';
import { smallSpec } from './small-modem.ts';

/** A port that answers AT ('at'), QCDM's version question with a frame ('qcdm'), nothing at all, or cannot be opened. */
type Kind = 'at' | 'qcdm' | 'silent' | 'broken' | 'app1';
// Version 0, CRC and end: an answer to code 0 of one octet.
const reply = (request: Uint8Array): Uint8Array => request;

describe('finding the ports of a card', () => {
  const clock = new VirtualClock();
  let kinds: Kind[] = [];
  const heard: string[][] = [];
  const open = (i: number): Tty => {
    if (kinds[i] === 'broken') throw new Error('busy');
    const [near, far] = memoryTty(clock, ['near', 'far']);
    heard[i] ??= [];
    far.onData = (buf, from, to) => {
      const octets = buf.slice(from, to);
      const kind = kinds[i];
      if (kind === 'qcdm' && octets.at(-1) === 0x7e) far.write(reply(octets));
      const line = new TextDecoder('latin1').decode(octets).trim();
      heard[i]!.push(line);
      if (kind === 'at' || kind === 'app1') far.write(new TextEncoder().encode(`\r\n${line === 'ATI' ? `Model: One${kind === 'app1' ? '\r\nAPP1' : ''}\r\n` : ''}\r\nOK\r\n`));
    };
    return near;
  };
  const identify = (list: Kind[], roles: CardSpec['ports'] = {}, dialect: Partial<Dialect> = {}): { found: Found | undefined; ports: Ports; who: (port: 'data' | 'command') => number } => {
    kinds = list;
    heard.length = 0;
    const device: CardDevice = { key: 'k', slot: 1, bus: 'usb', usb: '1234:0001', pcmcia: undefined, manufacturer: '', product: '', serial: '', disk: undefined, ports: list.map((_, i) => ({ name: `tty${i}`, interface: i, open: () => open(i) })) };
    const ports = new Ports(device, clock, { report: () => {}, mode: () => {}, data: () => {}, gone: () => {}, log: () => {} });
    let found: Found | undefined;
    ports.identify(() => [{ ...smallSpec, ports: roles, dialect: { ...smallSpec.dialect, ...dialect } }], f => { found = f; });
    clock.advance(30_000);
    const who = (port: 'data' | 'command') => {
      for (const h of heard) if (h) h.length = 0;
      const step = at('AT+WHO', { port }).next().value;
      if (step !== undefined && 'kind' in step && step.kind === 'at') ports.at(step, () => {});
      clock.advance(100);
      return heard.findIndex(h => h?.includes('AT+WHO'));
    };
    return { found, ports, who };
  };

  it.each([
    ['as the description says', ['silent', 'at', 'at'], { 1: 'command', 2: 'data', 0: 'diagnostic' }, 2, 1, true, undefined],
    ['in their order where it says nothing', ['at', 'silent', 'at'], {}, 0, 2, true, undefined],
    ['a side port does not carry calls', ['app1', 'at'], {}, 1, 0, true, undefined],
    ['one port does both', ['at'], {}, 0, 0, false, undefined],
    ['a port that is busy is left out', ['broken', 'at'], { 0: 'data', 1: 'command' }, 1, 1, false, undefined],
    ['a diagnostic port tells the status', ['at', 'qcdm'], { 0: 'data', 1: 'diagnostic' }, 0, 0, true, 1],
    ['one that nobody named, too', ['at', 'qcdm'], {}, 0, 0, true, 1],
    ['a diagnostic port is asked beside the command port', ['silent', 'qcdm', 'at', 'at'], { 2: 'command', 3: 'data' }, 3, 2, true, 1],
    ['the named one is silent: one that nobody named', ['at', 'silent', 'qcdm'], { 0: 'data', 1: 'diagnostic' }, 0, 0, true, 2],
    ['what is said to be a command port is a diagnostic one', ['at', 'qcdm'], { 0: 'data', 1: 'command' }, 0, 0, true, 1],
  ] as const)('%s', (_name, list, roles, data, command, statusOnline, diagnostic) => {
    const { found, ports, who } = identify([...list], roles as CardSpec['ports'], { system: 'cdma' });
    expect(found).toMatchObject({ statusOnline });
    expect([who('data'), who('command')]).toEqual([data, command]);
    for (const h of heard) if (h) h.length = 0;
    ports.qcdm?.(Uint8Array.of(0), 1000, () => {});
    clock.advance(100);
    expect(heard.findIndex(h => (h?.length ?? 0) > 0)).toBe(diagnostic ?? -1);
    ports.dispose();
  });

  it('asks no diagnostic port of a card that is none of CDMA: its dialect has no question for it', () => {
    const { found, ports } = identify(['at', 'qcdm'], {});
    expect([found, ports.qcdm]).toMatchObject([{ statusOnline: false }, undefined]);
    ports.dispose();
  });

  it('a diagnostic port becomes the second one where the dialect wants it, and stays one where it does not', () => {
    const roles = { 0: 'data', 1: 'diagnostic' } as const;
    const left = identify(['at', 'qcdm'], roles, { system: 'cdma', *openSecond() { return (yield* qcdm(Uint8Array.of(0))) === undefined; } });
    expect([left.found, left.ports.switched, left.ports.qcdm !== undefined]).toMatchObject([{ statusOnline: true }, false, true]);
    left.ports.dispose();
    const switched = identify(['at', 'qcdm'], roles, { system: 'cdma', *openSecond() { kinds[1] = 'at'; return (yield* at('AT$NWDMAT=1')).ok; } });
    expect([switched.found, switched.ports.switched, switched.ports.qcdm]).toMatchObject([{ statusOnline: true }, true, undefined]);
    expect([switched.who('data'), switched.who('command')]).toEqual([0, 1]);
    switched.ports.dispose();
    // It was switched and says nothing: it is asked as what it was.
    const mute = identify(['at', 'qcdm'], roles, { system: 'cdma', *openSecond() { return (yield* at('AT$NWDMAT=1')).ok; } });
    expect([mute.found, mute.ports.qcdm !== undefined]).toMatchObject([{ statusOnline: true }, true]);
    mute.ports.dispose();
  });

  it('opens a second port by its command', () => {
    const { found, ports, who } = identify(['at', 'silent'], { 0: 'data', 1: 'command' }, { *openSecond() { kinds[1] = 'at'; return (yield* at('AT$NWDMAT=1')).ok; } });
    expect(found).toMatchObject({ statusOnline: true });
    expect([who('data'), who('command')]).toEqual([0, 1]);
    ports.dispose();
  });

  it.each([[['silent', 'silent'], 'none of its 2 ports'], [['broken'], 'none of its 1 ports'], [[], 'no serial port']] as const)('%j: %s', (list, words) => {
    const { found, ports } = identify([...list]);
    expect(found).toMatchObject({ why: expect.stringContaining(words) });
    ports.dispose();
  });

  it('never greets a port of which all descriptions say that it takes no commands', () => {
    const { ports } = identify(['at', 'at'], { 0: 'data', 1: 'unused' });
    expect(heard[1]).toBeUndefined();
    ports.dispose();
  });
});
