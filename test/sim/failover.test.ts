import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CardSourcesToken, CellularToken } from '../../plugins/cellular-cards/contract.ts';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import failover from '../../plugins/failover/plugin.ts';
import { CardsToken, definePlugin } from '../../sdk/index.ts';
import { type Harness, harness, read, udpFrame } from '../../sdk/testing/index.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import { sane, SmallModem, smallSpec, TestSource } from '../unit/cellular-cards/modem/small-modem.ts';

/**
 *     lan1 ── port1 ── router ──┬── wan 203.0.113.2, gateway 203.0.113.1 (answers pings, or does not)
 *                               └── a small modem, 10.64.64.1
 */
describe('failover', () => {
  let h: Harness;
  let modem: SmallModem;
  let key = '';
  let answers = true;
  const source = new TestSource();
  const cards = definePlugin({ id: 'test.cards', setup(ctx) { ctx.contribute(CardsToken, smallSpec); ctx.contribute(CardSourcesToken, source); } });

  const start = async (settings: Record<string, unknown>, cellular: Record<string, unknown> = {}) => {
    h = await harness([core, failover], { with: [cards], settings: { 'cellular-cards.core': { enabled: true, apn: 'internet', idleTimeout: 0, ...cellular }, failover: { wan: { active: true }, ...settings } } });
    modem = new SmallModem(h.clock, sane());
    key = source.insert(modem);
    await pass(20);
  };
  /** The gateway's answers go back at once. */
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds * 4; i++) {
      await h.advance(250);
      for (const frame of h.wires.wan.sent.splice(0)) {
        const at = ethernet.HEADER + 20;
        if (frame[23] !== 1 || frame[at] !== icmp.TYPE_ECHO || !answers) { kept.push(frame); continue; }
        const reply = frame.slice();
        reply.set(frame.slice(6, 12), 0); reply.set(frame.slice(0, 6), 6);
        reply.set(frame.slice(26, 30), 30); reply.set(frame.slice(30, 34), 26);
        reply[at] = icmp.TYPE_ECHO_REPLY;
        icmp.writeChecksum(reply, at, reply.length);
        h.wires.wan.send(reply);
      }
    }
  };
  const kept: Uint8Array[] = [];
  const question = (sport: number) => h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport, dst: '198.51.100.7', dport: 7000, data: 'x' }));
  const status = () => h.service(CellularToken)!.list()[0]!;
  const byWan = () => kept.map(f => read(f)).filter(f => f.dport === 7000).length;
  const rows = async () => (await h.table('wan failover status')).rows.map(r => r.join(' '));

  beforeEach(() => { answers = true; kept.length = 0; });
  afterEach(async () => {
    source.pull(key);
    await h.advance(2000);
    await h.close();
  });

  it('goes over to a card that dials for it, and back', async () => {
    await start({});
    expect(status().phase).toBe('registered');
    expect(await rows()).toEqual(['wan 1 up answers yes', 'cellular 2 down off ']);
    question(5000);
    await pass(1);
    expect(byWan()).toBe(1);
    answers = false;
    await pass(40);
    expect(status().phase).toBe('online');
    expect(await rows()).toEqual(['wan 1 up no answer ', 'cellular 2 up off yes']);
    question(5000);
    question(5001);
    await pass(1);
    expect(modem.packets.length).toBe(2);
    answers = true;
    await pass(30);
    expect((await rows())[0]).toBe('wan 1 up answers yes');
    // What runs goes on where it is, what begins goes by the better way.
    question(5001);
    question(5002);
    await pass(1);
    expect(modem.packets.length).toBe(3);
    expect(byWan()).toBe(2);
  });

  it('cuts running sessions at a hard fall-back', async () => {
    await start({ sessions: 'hard' });
    answers = false;
    await pass(40);
    question(5001);
    await pass(1);
    expect(modem.packets.length).toBe(1);
    answers = true;
    await pass(30);
    question(5001);
    await pass(1);
    expect([modem.packets.length, byWan()]).toEqual([1, 1]);
  });

  it('stays with the stand-in when it is told so', async () => {
    await start({ fallBack: false }, { nailedUp: true });
    answers = false;
    await pass(40);
    answers = true;
    await pass(40);
    expect(await rows()).toEqual(['wan 1 up answers ', 'cellular 2 up off yes']);
    question(5001);
    await pass(1);
    expect(modem.packets.length).toBe(1);
    modem.world.dial = 'BUSY';
    modem.drop();
    await pass(10);
    expect((await rows())[0]).toBe('wan 1 up answers yes');
  });

  it('needs no check when the cable is pulled', async () => {
    await start({ wan: { active: false } });
    h.wires.wan.setUp(false);
    await pass(40);
    expect(status().phase).toBe('online');
    question(5001);
    await pass(1);
    expect(modem.packets.length).toBe(1);
  });

  it('refuses a timeout longer than the period', async () => {
    await start({});
    await expect(h.configure({ timeout: 9 }, 'failover')).rejects.toThrow('shorter than the period');
  });
});
