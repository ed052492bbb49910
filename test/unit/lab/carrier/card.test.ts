import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { split } from '../../../../lab/carrier/command-line.ts';
import { shelf, terminal } from './terminal.ts';

describe('a command line', () => {
  it.each([
    ['E0V1&F&D2&C1&C2S0=0', ['E0', 'V1', '&F', '&D2', '&C1', '&C2', 'S0=0']], ['Q0 V1 E1 S0=0 &C1 &D2 +FCLASS=0', ['Q0', 'V1', 'E1', 'S0=0', '&C1', '&D2', '+FCLASS=0']],
    ['+COPS=3,0;+COPS?', ['+COPS=3,0', '+COPS?']], ['+CGDCONT=1,"IP","a;b"', ['+CGDCONT=1,"IP","a;b"']], ['DT*99***1#', ['DT*99***1#']], ['', ['']], ['I3', ['I3']], ['~NAMVAL?0', ['~NAMVAL?0']],
  ])('%s', (line, commands) => { expect(split(line)).toEqual(commands); });

  it('comes to an end whatever it is', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), line => split(line).length > 0));
  });
});

describe('a simulated card', () => {
  it('echoes until it is told not to, and shows errors as it is told', () => {
    const t = terminal('ac881');
    expect(t.say('AT')).toEqual(['AT', 'OK']);
    expect(t.say('ATE0')).toEqual(['ATE0', 'OK']);
    expect(t.say('AT')).toEqual(['OK']);
    expect(t.say('AT+NOSUCH')).toEqual(['ERROR']);
    t.rack.sim(1).locked = true;
    t.rack.sim(1).powerOff();
    expect(t.say('AT+CIMI')).toEqual(['ERROR']);
    t.say('AT+CMEE=1');
    expect(t.say('AT+CIMI')).toEqual(['+CME ERROR: 11']);
  });

  it('is silent while it starts, and says what it is by port', () => {
    const t = terminal('ac881', { wait: 0 });
    expect(t.say('AT', 0, 100)).toEqual([]);
    t.clock.advance(1000);
    t.say('ATE0');
    expect(t.say('ATI')).toEqual(expect.arrayContaining(['Model: AC881', 'IMEI: 352000000000091']));
    expect(t.say('ATI').includes('APP1')).toBe(false);
    expect(t.say('ATI', 2)).toContain('APP1');
    expect(t.say('AT', 1)).toEqual([]);
  });

  it('counts PINs and PUKs as a SIM does', () => {
    const t = terminal('e620');
    const sim = t.rack.sim(1);
    sim.locked = true;
    sim.powerOff();
    t.say('ATE0');
    t.say('AT+CMEE=1');
    expect(t.say('AT+CPIN?')).toEqual(['+CPIN: SIM PIN', 'OK']);
    expect(t.say('AT+CPIN="1111"')).toEqual(['+CME ERROR: 16']);
    expect(t.say('AT^CPIN?')).toEqual(['^CPIN: SIM PIN,,10,2,10,3', 'OK']);
    t.say('AT+CPIN="1111"');
    expect(t.say('AT+CPIN="1111"')).toEqual(['+CME ERROR: 12']);
    expect(t.say('AT+CPIN="1234"')).toEqual(['+CME ERROR: 12']);
    expect(t.say('AT+CPIN="00000000","4321"')).toEqual(['+CME ERROR: 16']);
    expect(sim.pukLeft).toBe(9);
    expect(t.say('AT+CPIN="12345678","4321"').at(-1)).toBe('OK');
    expect(t.say('AT+CPIN?')).toEqual(['+CPIN: READY', 'OK']);
    expect(sim.pin).toBe('4321');
  });

  it('follows the air: level, technology, roaming, no service', () => {
    const t = terminal('ac881');
    t.say('ATE0');
    t.card.dbm = -97;
    expect(t.say('AT+CSQ;*CNTI=0')).toEqual(['+CSQ: 8,99', '*CNTI: 0,HSDPA', 'OK']);
    t.card.dbm = -110;
    expect(t.say('AT*CNTI=0')).toEqual(['*CNTI: 0,UMTS', 'OK']);
    t.carrier.roaming = true;
    expect(t.say('AT+CREG?')).toEqual(['+CREG: 0,5', 'OK']);
    t.card.dbm = -125;
    expect(t.say('AT+CSQ;+CREG?')).toEqual(['+CSQ: 99,99', '+CREG: 0,2', 'OK']);
    t.say('AT!SELRAT=02');
    t.card.dbm = undefined;
    t.clock.advance(5000);
    expect(t.say('AT*CNTI=0;!SELRAT?')).toEqual(['*CNTI: 0,EDGE', '!SELRAT: 02, GSM 2G Only', 'OK']);
    t.say('AT+CFUN=4');
    expect(t.say('AT+CREG?')).toEqual(['+CREG: 0,0', 'OK']);
  });

  it('reports without being asked, in the way of its family', () => {
    const t = terminal('e620');
    t.port(2).heard = '';
    t.clock.advance(120_000);
    expect(t.port(2).heard).toMatch(/\^RSSI:\d+/);
    const cdma = terminal('ec500');
    cdma.port(0).heard = '';
    cdma.clock.advance(60_000);
    expect(cdma.port(0).heard).toMatch(/\^RSSILVL:\d+\r\r\n/);
  });

  it('wakes its second port', () => {
    const t = terminal('u740');
    expect(t.say('AT', 1)).toEqual([]);
    expect(t.say('AT$NWDMAT=1').at(-1)).toBe('OK');
    expect(t.say('AT+CSQ', 1).at(-1)).toBe('OK');
    t.say('AT$NWDMAT=0');
    expect(t.say('AT', 1)).toEqual([]);
  });

  it('crashes where the original did, and comes back', () => {
    const ac880 = terminal('ac880');
    ac880.say('ATE0');
    const key = ac880.rack.device(1)!.key;
    expect(ac880.say('ATD*99#')).toEqual([]);
    expect(ac880.rack.device(1)).toBeUndefined();
    ac880.clock.advance(10_000);
    expect(ac880.rack.device(1)!.key).not.toBe(key);

    const ac881 = terminal('ac881');
    ac881.rack.sim(1).locked = true;
    ac881.rack.sim(1).powerOff();
    ac881.say('ATE0');
    ac881.say('AT+CGDCONT=1,"IP","internet"');
    expect(ac881.say('AT+CPIN="1234"')).toEqual(['OK']);
    ac881.say('ATD*99#');
    expect(ac881.rack.device(1)).toBeUndefined();
  });

  it('has faults on request', () => {
    const t = terminal('ac881');
    t.say('ATE0');
    t.card.fault = 'silent';
    expect(t.say('AT')).toEqual([]);
    t.card.fault = 'errors';
    expect(t.say('AT+CSQ')).toEqual(['ERROR']);
    t.card.fault = 'garbage';
    expect(t.say('AT+CSQ').includes('OK')).toBe(false);
    t.card.fault = 'slow';
    expect(t.say('AT', undefined, 1000)).toEqual([]);
    t.clock.advance(10_000);
    t.card.fault = 'none';
    expect(t.say('AT')).toEqual(['OK']);
  });

  it('takes whatever octets come', () => {
    const t = terminal('e620');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), octets => {
      t.port(0).tty.write(octets);
      t.clock.advance(500);
    }), { numRuns: 200 });
    t.clock.advance(60_000);
    t.port(0).tty.hangUp();
    t.clock.advance(60_000);
    expect(t.say('AT').at(-1)).toBe('OK');
  });

  it('shows its storage, and becomes a modem by the right message only', async () => {
    const t = terminal('e620');
    t.rack.remove();
    t.rack.insert(shelf.card('ac881'), 1, true);
    expect(t.rack.device(1)).toMatchObject({ usb: '1199:0fff', ports: [], disk: { bytes: 33554432 } });
    const { key } = t.rack.device(1)!;
    await t.rack.switchMode(key, { kind: 'eject' });
    t.clock.advance(5000);
    expect(t.rack.device(1)!.key).toBe(key);
    await t.rack.switchMode(key, { kind: 'control', requestType: 0x40, request: 0x0b, value: 1, index: 0 });
    t.clock.advance(5000);
    expect(t.rack.device(1)).toMatchObject({ usb: '1199:6851', disk: undefined });
    expect(() => t.rack.insert(shelf.card('e612'), 2, true)).not.toThrow();
    expect(() => t.rack.insert(shelf.card('u740'), 3, true)).toThrow('a U740 has no storage mode');
    expect(() => t.rack.insert(shelf.card('u740'), 1)).toThrow('slot 1 has a AC881: "lab card remove 1" first');
    expect(() => t.rack.insert(shelf.card('u740'), 9)).toThrow('no slot 9; there are 1 to 4');
  });
});
