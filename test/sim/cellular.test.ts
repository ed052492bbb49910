import { afterEach, describe, expect, it } from 'vitest';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import { CardSourcesToken, CellularToken } from '../../plugins/cellular-cards/contract.ts';
import { CardsToken, definePlugin } from '../../sdk/index.ts';
import { type Harness, harness, udpFrame } from '../../sdk/testing/index.ts';
import { sane, SmallModem, smallSpec, TestSource, type World } from '../unit/cellular-cards/modem/small-modem.ts';

const ON = { enabled: true, apn: 'internet', nailedUp: true };

/**
 *     lan1 192.168.1.33 ── port1 ── router ── a small modem ── its network (PPP)
 *
 * The whole plugin, with a modem in memory behind it and virtual time.
 */
describe('cellular', () => {
  let h: Harness;
  const source = new TestSource();
  const cards = definePlugin({ id: 'test.cards', setup(ctx) { ctx.contribute(CardsToken, smallSpec); ctx.contribute(CardSourcesToken, source); } });
  const inserted = new Set<string>();

  const start = async (settings: Record<string, unknown>, world: Partial<World> = {}, ports = 2) => {
    h = await harness([core], { with: [cards], settings: { 'cellular-cards.core': settings, wan: { mode: 'dhcp', ip: '0.0.0.0', gateway: '0.0.0.0' } } });
    const modem = new SmallModem(h.clock, { ...sane(), ...world }, ports);
    await h.advance(1500);
    const key = source.insert(modem, { ports });
    inserted.add(key);
    return { modem, key, pull: () => { inserted.delete(key); source.pull(key); } };
  };
  const status = () => h.service(CellularToken)!.list()[0]!;
  const timeline = () => h.service(CellularToken)!.timeline().map(e => `${e.kind}: ${e.words}`);

  afterEach(async () => {
    for (const key of inserted) source.pull(key);
    inserted.clear();
    await h.advance(2000);
    await h.close();
  });

  it('goes online by itself, and packets go both ways', async () => {
    const { modem } = await start(ON);
    await h.advance(20_000);
    expect(timeline().join('\n')).toContain('online');
    expect(status()).toMatchObject({ phase: 'online', maker: 'Small', ip: 0x0a40_4001 });
    expect(status().signal).toMatchObject({ stale: false, value: { dbm: -73 } });
    h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 5000, dst: '198.51.100.7', dport: 53, data: 'question' }));
    await h.advance(100);
    expect(modem.packets.length).toBe(1);
    const answer = modem.packets[0]!.slice();
    // Addresses and ports change places; the sums stay right.
    const [src, dst] = [answer.slice(12, 16), answer.slice(16, 20)];
    answer.set(dst, 12); answer.set(src, 16);
    const [sport, dport] = [answer.slice(20, 22), answer.slice(22, 24)];
    answer.set(dport, 20); answer.set(sport, 22);
    modem.send(answer);
    await h.advance(100);
    expect(h.wires.port1.packets.at(-1)).toMatchObject({ src: '198.51.100.7', dst: '192.168.1.33', dport: 5000 });
    await h.advance(3000);
    expect(status().rxBytes).toBeGreaterThan(0);
    expect(await h.cli('wwan status')).toContain('online');
  });

  it('dials when a packet has no way out, and hangs up when nobody uses it', async () => {
    const { modem } = await start({ ...ON, nailedUp: false, idleTimeout: 60 });
    await h.advance(20_000);
    expect(status().phase).toBe('registered');
    h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 5000, dst: '198.51.100.7', dport: 53, data: 'x' }));
    await h.advance(10_000);
    expect(status().phase).toBe('online');
    h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 5000, dst: '198.51.100.7', dport: 53, data: 'x' }));
    await h.advance(100);
    expect(modem.packets.length).toBe(1);
    await h.advance(50_000);
    expect(status().phase).toBe('online');
    await h.advance(25_000);
    expect(status()).toMatchObject({ phase: 'registered', ip: 0, connectedAt: undefined });
    expect(timeline()).toContain('call: offline: nobody used it');
  });

  it('asks before it dials, and stays down after disconnect until connect', async () => {
    await start({ ...ON });
    await h.advance(20_000);
    await h.run('wwan disconnect');
    await h.advance(60_000);
    expect(status()).toMatchObject({ phase: 'registered', words: expect.stringContaining('not connected: by test') });
    await h.run('wwan connect');
    await h.advance(10_000);
    expect(status().phase).toBe('online');
  });

  it('does not dial without an APN, and says what to do', async () => {
    const { modem } = await start({ ...ON, apn: '' });
    await h.advance(60_000);
    expect(status()).toMatchObject({ phase: 'registered', words: expect.stringContaining('no APN') });
    expect(modem.heard.some(l => l.startsWith('ATD'))).toBe(false);
    await h.run('wwan apn internet');
    await h.advance(10_000);
    expect(status().phase).toBe('online');
  });

  it('dials again when the network drops the call', async () => {
    const { modem } = await start(ON);
    await h.advance(20_000);
    modem.drop();
    await h.advance(2_000);
    expect(status().ip).toBe(0);
    await h.advance(15_000);
    expect(status().phase).toBe('online');
    modem.world.address = 0x0a40_4002;
    modem.drop();
    await h.advance(20_000);
    expect(status().ip).toBe(0x0a40_4002);
  });

  it('sends the stored PIN', async () => {
    const { modem } = await start({ ...ON, pin: '1234' }, { sim: 'pin' });
    await h.advance(20_000);
    expect(status().phase).toBe('online');
    expect(modem.heard.filter(l => l.startsWith('AT+CPIN=')).length).toBe(1);
    expect((await h.cli('wwan log')).includes('1234')).toBe(false);
  });

  it('sends a wrong PIN once, also to the same SIM in another insertion', async () => {
    const { modem, pull } = await start({ ...ON, pin: '9999' }, { sim: 'pin' });
    await h.advance(60_000);
    expect(status()).toMatchObject({ phase: 'pin needed', words: expect.stringContaining('refused') });
    pull();
    const again = new SmallModem(h.clock, modem.world);
    const key = source.insert(again);
    inserted.add(key);
    await h.advance(60_000);
    expect(status().phase).toBe('pin needed');
    expect([...modem.heard, ...again.heard].filter(l => l.startsWith('AT+CPIN=')).length).toBe(1);
    await h.run('wwan pin enter 1234');
    await h.advance(20_000);
    expect(status().phase).toBe('online');
  });

  it('never sends the stored PIN as the last attempt', async () => {
    const { modem } = await start({ ...ON, pin: '1234' }, { sim: 'pin', attempts: 1 });
    await h.advance(60_000);
    expect(status()).toMatchObject({ phase: 'pin needed', pin: { attempts: 1 } });
    expect(modem.heard.some(l => l.startsWith('AT+CPIN='))).toBe(false);
    await expect(h.run('wwan pin enter 1234')).rejects.toThrow('one attempt');
    await h.run('wwan pin enter 1234 sure');
    await h.advance(20_000);
    expect(status().phase).toBe('online');
  });

  it.each([
    ['PUK', { sim: 'puk' }, 'puk needed', 'PUK'],
    ['no SIM', { sim: 'none' }, 'no sim', 'no SIM'],
    ['no service', { registration: 2 }, 'searching', 'looking for a network'],
    ['denied', { registration: 3 }, 'searching', 'does not let the card in'],
    ['no carrier', { dial: 'NO CARRIER' }, 'recovering', 'check the APN'],
    ['busy', { dial: 'BUSY' }, 'recovering', 'no room'],
    ['wrong password', { login: { user: 'me', password: 'secret' } }, 'recovering', 'user name or password'],
    ['mirror', { mirror: true }, 'recovering', 'sends back what we say'],
    ['mute', { mute: true }, 'failed', 'answers on none'],
  ] as const)('says what is wrong and comes back: %s', async (_name, world, phase, words) => {
    const { modem } = await start(ON, world as Partial<World>);
    for (let i = 0; i < 60 && status()?.phase !== phase; i++) await h.advance(1000);
    expect(status()).toMatchObject({ phase, words: expect.stringContaining(words) });
    await h.advance(100_000);
    Object.assign(modem.world, sane());
    for (let i = 0; i < 90 && status().phase !== 'online'; i++) await h.advance(10_000);
    expect(status().phase).toBe('online');
  });

  it('has values of an age when there is one port only', async () => {
    await start(ON, {}, 1);
    await h.advance(30_000);
    expect(status()).toMatchObject({ phase: 'online', signal: { stale: true } });
    await expect(h.run('wwan at AT+CSQ')).rejects.toThrow('carries the call');
  });

  it('keeps dangerous commands from the card', async () => {
    await start(ON);
    await h.advance(20_000);
    await expect(h.run('wwan at ATD*99#')).rejects.toThrow('wwan connect');
    expect(await h.cli('wwan at AT+CSQ')).toContain('+CSQ: 20,99');
  });

  it('leaves nothing when the card is pulled, at any moment of the dial', async () => {
    const { pull } = await start(ON);
    pull();
    for (let ms = 0; ms < 9000; ms += 137) {
      const modem = new SmallModem(h.clock, sane());
      const key = source.insert(modem);
      await h.advance(ms);
      source.pull(key);
      expect(status()).toMatchObject({ phase: 'empty', ip: 0, identity: undefined });
      expect(h.router.links.byName('cellular')).toBeUndefined();
    }
    const modem = new SmallModem(h.clock, sane());
    inserted.add(source.insert(modem));
    await h.advance(20_000);
    expect(status().phase).toBe('online');
  });

  it('lives through a megabyte of garbage on both ports, whatever it does at the time', async () => {
    const { modem } = await start(ON);
    let seed = 3;
    const noise = Uint8Array.from({ length: 16_384 }, () => (seed = Math.imul(seed, 1103515245) + 12345 | 0) >>> 16);
    const line = new Uint8Array(16_384).fill(0x41);
    for (let i = 0; i < 64; i++) {
      modem.garbage(i & 1, i & 2 ? noise : line);
      await h.advance(200);
    }
    for (let i = 0; i < 60 && status().phase !== 'online'; i++) await h.advance(10_000);
    expect(status().phase).toBe('online');
  });
});
