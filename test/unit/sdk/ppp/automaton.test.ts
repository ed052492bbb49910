import { describe, expect, it } from 'vitest';
import { Automaton, TIMING } from '../../../../sdk/ppp/automaton.ts';
import { type Event, STATES, transition } from '../../../../sdk/ppp/automaton-table.ts';
import type { Negotiator } from '../../../../sdk/ppp/negotiator.ts';
import * as ppp from '../../../../sdk/wire/ppp.ts';

const EVENTS: readonly Event[] = ['Up', 'Down', 'Open', 'Close', 'TO+', 'TO-', 'RCR+', 'RCR-', 'RCA', 'RCN', 'RTR', 'RTA', 'RUC', 'RXJ+', 'RXJ-', 'RXR'];

/** One option, 0x2a; asks for 7, grants 1 only. */
const options: Negotiator = {
  reset: () => {}, wishes: () => [{ type: 0x2a, data: Uint8Array.of(7) }],
  review: o => (o.type !== 0x2a ? 'reject' : o.data[0] === 1 ? 'ack' : { type: 0x2a, data: Uint8Array.of(1) }),
  granted: () => {}, naked: () => {}, rejected: () => {},
};

function automaton() {
  const log: string[] = [];
  const names = ['', 'request', 'ack', 'nak', 'reject', 'terminate', 'terminate-ack', 'code-reject'];
  const a = new Automaton('LCP', options, {
    send: p => { log.push(`${names[p.code]} ${p.id}`); }, up: () => log.push('up'), down: () => log.push('down'), finished: why => log.push(`finished: ${why}`), hopeless: why => { log.push(`hopeless: ${why}`); },
  }, TIMING);
  return { a, log: (): string[] => log.splice(0) };
}
const request = (value: number, id = 9, type = 0x2a): ppp.Control => ({ code: ppp.CONFIGURE_REQUEST, id, data: Uint8Array.of(type, 3, value) });
const ack = (id = 1): ppp.Control => ({ code: ppp.CONFIGURE_ACK, id, data: Uint8Array.of(0x2a, 3, 7) });

describe('the automaton of RFC 1661', () => {
  it('has a cell for every event in every state, and none leads outside', () => {
    let cells = 0;
    for (const event of EVENTS) for (let state = 0; state < STATES.length; state++) {
      const cell = transition(event, state);
      if (!cell) continue;
      cells++;
      expect(cell.next).toBeGreaterThanOrEqual(0);
      expect(cell.next).toBeLessThan(STATES.length);
    }
    expect(cells).toBe(120);
    expect(transition('Up', 10)).toBeUndefined();
  });

  it('counts cells as the RFC draws them: the layer goes up and down through Opened only', () => {
    for (const event of EVENTS) for (let state = 0; state < STATES.length; state++) {
      const cell = transition(event, state);
      if (!cell) continue;
      expect(cell.actions.includes('tlu')).toBe(cell.next === 9 && state !== 9);
      expect(cell.actions.includes('tld')).toBe(state === 9 && cell.next !== 9);
    }
  });

  it.each([['ack first', true], ['request first', false]] as const)('opens: %s', (_name, ackFirst) => {
    const { a, log } = automaton();
    a.open(0);
    a.lowerUp(0);
    expect([log(), a.state, a.due]).toEqual([['request 1'], 'Req-Sent', 3000]);
    if (ackFirst) a.receive(ack(), 1);
    else a.receive(request(1), 1);
    expect(a.state).toBe(ackFirst ? 'Ack-Rcvd' : 'Ack-Sent');
    if (ackFirst) a.receive(request(1), 2);
    else a.receive(ack(), 2);
    expect([log(), a.state, a.due]).toEqual([['ack 9', 'up'], 'Opened', undefined]);
  });

  it('asks again with the same identifier, ten times in all, and gives up', () => {
    const { a, log } = automaton();
    a.open(0);
    a.lowerUp(0);
    for (let i = 0; i < 12; i++) a.tick(a.due ?? 0);
    expect(log()).toEqual([...Array.from({ length: 10 }, () => 'request 1'), 'finished: no answer to LCP']);
    expect(a.state).toBe('Stopped');
  });

  it('naks, rejects, and rejects instead of naking when that brings nothing', () => {
    const { a, log } = automaton();
    a.open(0);
    a.lowerUp(0);
    log();
    a.receive(request(5, 20, 0x11), 1);
    for (let i = 0; i < 7; i++) a.receive(request(3, 21 + i), 1);
    expect(log()).toEqual(['reject 20', 'nak 21', 'nak 22', 'nak 23', 'nak 24', 'nak 25', 'reject 26', 'reject 27']);
    a.receive(request(1, 40), 1);
    expect(log()).toEqual(['ack 40']);
  });

  it('hears the answer to its last request only, once, and only if it says the same', () => {
    const { a, log } = automaton();
    a.open(0);
    a.lowerUp(0);
    log();
    a.receive(ack(2), 1);
    a.receive({ ...ack(1), data: Uint8Array.of(0x2a, 3, 8) }, 1);
    expect(a.state).toBe('Req-Sent');
    a.receive(ack(1), 1);
    a.receive(request(1), 1);
    a.receive(ack(1), 1);
    expect(a.state).toBe('Opened');
    expect(a.malformed).toBe(1);
  });

  it('closes with two requests, and at once when the other end agrees', () => {
    for (const agreed of [true, false]) {
      const { a, log } = automaton();
      a.open(0);
      a.lowerUp(0);
      a.receive(ack(), 1);
      a.receive(request(1), 1);
      log();
      a.close(10, 'enough');
      if (agreed) a.receive({ code: ppp.TERMINATE_ACK, id: 2, data: new Uint8Array(0) }, 11);
      else for (let i = 0; i < 3; i++) a.tick(a.due ?? 0);
      expect(log()).toEqual(agreed ? ['down', 'terminate 2', 'finished: the other end hung up'] : ['down', 'terminate 2', 'terminate 3', 'finished: enough']);
      expect(a.due).toBeUndefined();
    }
  });

  it('unknown codes go back; a rejected Configure-Request ends it', () => {
    const { a, log } = automaton();
    a.open(0);
    a.lowerUp(0);
    a.receive({ code: 77, id: 3, data: new Uint8Array(1000) }, 1);
    expect(log()).toEqual(['request 1', 'code-reject 2']);
    a.receive({ code: ppp.CODE_REJECT, id: 1, data: Uint8Array.of(77) }, 1);
    expect(a.state).toBe('Req-Sent');
    a.receive({ code: ppp.CODE_REJECT, id: 1, data: Uint8Array.of(1) }, 1);
    expect(log()).toEqual(['finished: the other end does not know code 1 of LCP']);
  });
});
