import { afterEach, describe, expect, it } from 'vitest';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import { CardSourcesToken, CellularToken, uplinkName } from '../../plugins/cellular-cards/contract.ts';
import { CardsToken, definePlugin, token } from '../../sdk/index.ts';
import { type Harness, harness, udpFrame } from '../../sdk/testing/index.ts';
import { AddressesToken, RoutesToken } from '../../plugins/ip/contract.ts';
import { type UplinkState, UplinksToken } from '../../plugins/wan/contract.ts';
import { sane, seeded, SmallModem, smallSpec, TestSource, type World } from '../unit/cellular-cards/modem/small-modem.ts';

/** What plugins see of the uplinks. */
const SeenToken = token<{ readonly uplinks: readonly UplinkState[] }>('test.seen');

const ON = { enabled: true, apn: 'internet', nailedUp: true };

/**
 *     lan1 192.168.1.33 ── port1 ── router ── a small modem ── its network (PPP)
 *
 * The whole plugin, with a modem in memory behind it and virtual time.
 */
describe('cellular', () => {
  let h: Harness;
  const source = new TestSource();
  const cards = definePlugin({
    id: 'test.cards', needs: { uplinks: UplinksToken }, provides: [SeenToken],
    setup(ctx) { ctx.contribute(CardsToken, smallSpec); ctx.contribute(CardSourcesToken, source); ctx.provide(SeenToken, ctx.use); },
  });

  const start = async (settings: Record<string, unknown>, world: Partial<World> = {}, ports = 2) => {
    h = await harness([core], { with: [cards], settings: { 'cellular-cards.core': settings, wan: { mode: 'dhcp', ip: '0.0.0.0', gateway: '0.0.0.0' } } });
    const modem = new SmallModem(h.clock, { ...sane(), ...world }, ports);
    await h.advance(1500);
    source.insert(modem, { ports });
    return { modem, pull: () => source.pullAll() };
  };
  const status = () => h.service(CellularToken)!.list()[0]!;
  const timeline = () => h.service(CellularToken)!.timeline().map(e => `${e.kind}: ${e.words}`);

  afterEach(async () => {
    source.pullAll();
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
    expect(status()).toMatchObject({ phase: 'registered', words: expect.stringContaining('disconnected by test') });
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
    source.insert(again);
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
    await expect(h.run('wwan at ATD*99#')).rejects.toThrow('Connect makes calls');
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
    source.insert(modem);
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

  it('comes back from anything that may happen, in any order', async () => {
    let { modem } = await start(ON);
    const random = seeded(42);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const doings: readonly (() => unknown)[] = [
      () => modem.drop(), () => Object.assign(modem.world, sane()), () => { modem.world.mute = true; }, () => { modem.world.sim = pick(['ready', 'pin', 'none'] as const); },
      () => { modem.world.registration = pick([0, 1, 2, 3, 5]); }, () => { modem.world.dial = pick(['CONNECT', 'BUSY', 'NO CARRIER', 'ERROR', '+CME ERROR: 148', 'CONNECT CLIENT', '\u0000']); },
      () => { modem.world.mirror = random() < 0.5; }, () => { modem.world.noise = pick(['', '~}\u00ff', '\r\n^RSSI:12\r\n', '\r\nNO CARRIER\r\n', 'OK', '+CREG: 5\r\n']); }, () => { modem.world.login = pick([undefined, { user: 'a', password: 'b' }]); },
      () => modem.garbage(pick([0, 1]), Uint8Array.from({ length: 3000 }, () => random() * 256)), () => modem.pull(),
      () => { source.pullAll(); modem = new SmallModem(h.clock, modem.world); source.insert(modem); },
      () => h.run('wwan connect').catch(() => {}), () => h.run('wwan disconnect').catch(() => {}), () => h.run('wwan at AT+CSQ').catch(() => {}), () => h.run('wwan pin enter 1234').catch(() => {}),
    ];
    for (let round = 0; round < 25; round++) {
      for (let i = 0; i < 12; i++) {
        await pick(doings)();
        await h.advance(pick([10, 300, 2000, 20_000, 90_000]));
      }
      Object.assign(modem.world, sane());
      await h.run('wwan connect').catch(() => {});
      for (let i = 0; i < 120 && status().phase !== 'online'; i++) await h.advance(10_000);
      expect([round, status().phase, timeline().slice(-6)]).toEqual([round, 'online', expect.anything()]);
    }
  });

  it('refuses an address that is of the LAN, and says which subnet to change', async () => {
    const { modem } = await start(ON, { address: 0xc0a8_0121 });
    await h.advance(20_000);
    expect(timeline().join('\n')).toContain('in the subnet of lan (192.168.1.1/24)');
    expect(status().ip).toBe(0);
    modem.world.address = sane().address;
    await h.advance(120_000);
    expect(status().phase).toBe('online');
  });

  it('cuts what runs over an address that is not ours any more, and leaves alone what runs over one that is', async () => {
    const { modem } = await start(ON);
    await h.advance(20_000);
    const ask = () => h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 5000, dst: '198.51.100.7', dport: 7000, data: 'x' }));
    const flows = () => h.router.engine.flows.list(f => f.original.dport === 7000).map(f => f.reply.dst);
    ask();
    modem.drop();
    await h.advance(20_000);
    ask();
    expect(flows()).toEqual([0x0a40_4001]);
    modem.world.address = 0x0a40_4002;
    modem.drop();
    await h.advance(20_000);
    expect(flows()).toEqual([]);
    ask();
    await h.advance(100);
    expect(flows()).toEqual([0x0a40_4002]);
  });

  it('is set by verbs of its own, and never shows a secret', async () => {
    await start({ ...ON, nailedUp: false });
    await h.run('wwan config user me');
    await h.run('wwan config password tell-nobody');
    await h.run('wwan config auth chap');
    await h.run('wwan config pin 4711');
    expect([await h.run('wwan config user'), await h.run('wwan config auth'), await h.run('wwan config enable')]).toEqual(['me', 'chap', 'on']);
    expect([await h.run('wwan config password'), await h.run('wwan config pin')]).toEqual(['set', 'set']);
    await expect(h.run('wwan config pin 12')).rejects.toThrow('4 to 8 digits');
    await expect(h.run('wwan config metric 1')).rejects.toThrow('each uplink needs its own');
    await expect(h.run('wwan config metric 77')).rejects.toThrow();
    await expect(h.run('wwan config user none')).rejects.toThrow('needs a user name');
    await h.run('wwan config password none');
    await h.run('wwan config user none');
    expect(JSON.stringify([h.log(), timeline()])).not.toMatch(/tell-nobody|4711/);
  });

  it('forgets the card on reload, and finds it again', async () => {
    await start(ON);
    await h.advance(20_000);
    const before = timeline().length;
    await h.reload();
    await h.advance(20_000);
    expect(status().phase).toBe('online');
    expect(timeline().length).toBeGreaterThan(before);
  });

  it('looks at a card without using it while cellular is off', async () => {
    const { modem } = await start({ ...ON, enabled: false });
    await h.advance(60_000);
    expect(status()).toMatchObject({ phase: 'off', identity: { imei: '490154203237518' } });
    expect(modem.heard.some(l => l.startsWith('ATD'))).toBe(false);
    await h.run('wwan config enable on');
    await h.advance(20_000);
    expect(status().phase).toBe('online');
    await h.run('wwan config enable off');
    await h.advance(20_000);
    expect(status()).toMatchObject({ phase: 'off', ip: 0 });
  });

  it('tells who is asked for names, and which zone it is', async () => {
    await start(ON);
    await h.advance(20_000);
    expect(h.service(AddressesToken)!.list().find(a => a.name === 'cellular')).toMatchObject({ zone: 'CELL', bits: 32 });
    expect(h.events.filter(e => e.topic === 'wan/address').at(-1)!.event).toMatchObject({ name: 'cellular', up: true, metric: 2, dns: [0x0808_0404] });
    expect((await h.table('ip route status')).rows.some(r => r.join(' ').includes('cellular'))).toBe(true);
    expect(h.panel('network/cellular')).toMatchObject({ kind: 'stack' });
  });

  it('names the interface by its slot, and has each of them in the zone CELL', async () => {
    await start(ON);
    source.insert(new SmallModem(h.clock, { ...sane(), address: 0x0a40_4002 }), { slot: 2 });
    await h.advance(20_000);
    expect([1, 2, 3].map(uplinkName)).toEqual(['cellular', 'cellular2', 'cellular3']);
    const { uplinks } = h.service(SeenToken)!;
    expect(uplinks.map(u => [u.name, u.zone, u.up])).toEqual([['wan', 'WAN', false], ['cellular', 'CELL', true], ['cellular2', 'CELL', true]]);
    expect(h.events.filter(e => e.topic === 'wan/address').at(-1)!.event).toMatchObject({ name: 'cellular2', zone: 'CELL' });
  });

  it('lets no peer draw traffic of the LAN to itself', async () => {
    const { modem } = await start(ON, { peer: 0xc0a8_0121 });
    await h.advance(20_000);
    expect(status().phase).toBe('online');
    expect(h.service(RoutesToken)!.lookup(0xc0a8_0121)!.name).toBe('connected lan');
    modem.world.address = 0x7f00_0001;
    modem.drop();
    await h.advance(180_000);
    expect(status()).toMatchObject({ ip: 0, connectedAt: undefined });
    expect(h.service(AddressesToken)!.ownedBy(0x7f00_0001)).toBeUndefined();
  });

  it('takes another priority at once', async () => {
    await start(ON);
    await h.advance(20_000);
    await h.run('wwan config metric 7');
    expect(h.service(RoutesToken)!.lookup(0x0808_0808)).toMatchObject({ metric: 7, name: 'cellular default', reserved: 2 });
  });
});
