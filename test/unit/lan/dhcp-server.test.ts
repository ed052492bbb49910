import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DhcpServer, OFFER_MS, QUARANTINE_MS } from '../../../plugins/lan/dhcp-server.ts';
import * as dhcp from '../../../sdk/wire/dhcp.ts';
import { answer, chosen, config, ip, macOf, message, obtain, say, wish } from './dhcp-bench.ts';

const HOUR = 3_600_000;

describe('DHCP server (RFC 2131 §4.3)', () => {
  it('offers, and acknowledges with all that a host needs', () => {
    const server = new DhcpServer(config());
    const [out] = say(server, message(dhcp.DISCOVER, 1));
    expect(out).toMatchObject({ kind: 'send', dst: ip('192.168.1.33'), dport: 68, mac: macOf(1) });
    const outs = say(server, message(dhcp.REQUEST, 1, { options: { ...chosen('192.168.1.33'), [dhcp.OPTION_HOST_NAME]: dhcp.ofText('pc\x1b[31m') } }));
    const ack = answer(outs)!;
    expect(ack.type).toBe(dhcp.ACK);
    expect(ack.yiaddr).toBe(ip('192.168.1.33'));
    expect(dhcp.address(ack.options, dhcp.OPTION_SUBNET_MASK)).toBe(0xffffff00);
    expect(dhcp.addresses(ack.options, dhcp.OPTION_ROUTER)).toEqual([ip('192.168.1.1')]);
    expect(dhcp.seconds(ack.options, dhcp.OPTION_LEASE_TIME)).toBe(3600);
    expect(dhcp.text(ack.options, dhcp.OPTION_DOMAIN_NAME)).toBe('home.example');
    expect(outs.at(-1)).toMatchObject({ kind: 'bound', lease: { host: 'pc[31m', mac: '02:aa:00:00:00:01' } });
  });

  it('answers by broadcast who asks for it, and through the relay who came through one', () => {
    const server = new DhcpServer(config());
    expect(say(server, message(dhcp.DISCOVER, 1, { broadcast: true }))[0]).toMatchObject({ dst: 0xffffffff });
    expect(say(server, message(dhcp.DISCOVER, 1, { giaddr: ip('192.168.1.9') }))[0]).toMatchObject({ dst: ip('192.168.1.9'), dport: 67 });
    expect(say(server, message(dhcp.DISCOVER, 1, { giaddr: ip('10.0.0.9') }))).toEqual([{ kind: 'ignored', why: 'relayed from elsewhere' }]);
  });

  it('gives a client the same address again, also after the lease ended', () => {
    const server = new DhcpServer(config());
    const first = obtain(server, 1);
    obtain(server, 2);
    expect(obtain(server, 1, 100)).toBe(first);
    server.step({ kind: 'tick' }, 2 * HOUR);
    expect(obtain(server, 1, 2 * HOUR)).toBe(first);
  });

  it('tells clients apart by their identifier, which comes back (RFC 6842), and else by their address', () => {
    const server = new DhcpServer(config());
    const id = { [dhcp.OPTION_CLIENT_ID]: Uint8Array.of(0, 1, 2) };
    const a = answer(say(server, message(dhcp.DISCOVER, 1, { options: id })))!;
    const b = answer(say(server, message(dhcp.DISCOVER, 1)))!;
    expect(a.yiaddr).not.toBe(b.yiaddr);
    expect(a.options[dhcp.OPTION_CLIENT_ID]).toEqual(Uint8Array.of(0, 1, 2));
  });

  it('honours the wish for a free address of the pool, and no other wish', () => {
    const server = new DhcpServer(config());
    expect(answer(say(server, message(dhcp.DISCOVER, 1, { options: wish('192.168.1.35') })))!.yiaddr).toBe(ip('192.168.1.35'));
    expect(answer(say(server, message(dhcp.DISCOVER, 2, { options: wish('192.168.1.200') })))!.yiaddr).toBe(ip('192.168.1.33'));
    expect(answer(say(server, message(dhcp.DISCOVER, 3, { options: wish('192.168.1.35') })))!.yiaddr).toBe(ip('192.168.1.34'));
  });

  it('withdraws its offer when another server is chosen', () => {
    const server = new DhcpServer(config({ pool: { start: ip('192.168.1.33'), size: 1 } }));
    say(server, message(dhcp.DISCOVER, 1));
    expect(say(server, message(dhcp.REQUEST, 1, { options: chosen('192.168.1.50', '192.168.1.2') }))).toEqual([{ kind: 'ignored', why: 'another server was chosen' }]);
    expect(obtain(server, 2)).toBe(ip('192.168.1.33'));
  });

  it('extends while renewing and rebinding, to the address the client has', () => {
    const server = new DhcpServer(config());
    const leased = obtain(server, 1)!;
    const outs = say(server, message(dhcp.REQUEST, 1, { ciaddr: leased }), HOUR / 2);
    expect(outs).toHaveLength(1);
    expect(outs[0]).toMatchObject({ dst: leased, mac: macOf(1), message: { type: dhcp.ACK, ciaddr: leased } });
    expect(server.leases.ofAddress(leased)?.until).toBe(HOUR / 2 + HOUR);
  });

  it('refuses by broadcast a client of another network and one that wants what is not its own', () => {
    const server = new DhcpServer(config());
    obtain(server, 1);
    obtain(server, 2);
    for (const more of [{ options: wish('10.0.0.5') }, { ciaddr: ip('10.0.0.5') }, { options: wish('192.168.1.34') }, { options: chosen('192.168.1.36') }]) {
      expect(say(server, message(dhcp.REQUEST, 1, more))[0]).toMatchObject({ dst: 0xffffffff, message: { type: dhcp.NAK, yiaddr: 0 } });
    }
    expect(server.leases.ofAddress(ip('192.168.1.33'))?.at).toBe('bound');
  });

  it('takes over an unknown client after a reboot where it is alone, and is silent where it is not', () => {
    const ask = message(dhcp.REQUEST, 1, { options: wish('192.168.1.34') });
    expect(answer(say(new DhcpServer(config()), ask))?.type).toBe(dhcp.ACK);
    expect(say(new DhcpServer(config({ authoritative: false })), ask)).toEqual([{ kind: 'ignored', why: 'unknown client' }]);
  });

  it('informs without a lease', () => {
    const server = new DhcpServer(config());
    const ack = answer(say(server, message(dhcp.INFORM, 1, { ciaddr: ip('192.168.1.77') })))!;
    expect(ack).toMatchObject({ type: dhcp.ACK, yiaddr: 0, ciaddr: ip('192.168.1.77') });
    expect(dhcp.seconds(ack.options, dhcp.OPTION_LEASE_TIME)).toBeUndefined();
    expect(server.leases.size).toBe(0);
  });

  it('keeps a declined address away from everybody until the quarantine ends', () => {
    const server = new DhcpServer(config({ pool: { start: ip('192.168.1.33'), size: 1 } }));
    const leased = obtain(server, 1)!;
    const outs = say(server, message(dhcp.DECLINE, 1, { options: chosen('192.168.1.33') }));
    expect(outs.map(o => o.kind)).toEqual(['gone', 'conflict']);
    expect(obtain(server, 2)).toBeUndefined();
    expect(say(server, message(dhcp.DISCOVER, 2))).toEqual([{ kind: 'exhausted' }]);
    expect(obtain(server, 2, QUARANTINE_MS)).toBe(leased);
  });

  it('does not let a stranger decline or release what is not his', () => {
    const server = new DhcpServer(config());
    const leased = obtain(server, 1)!;
    for (const type of [dhcp.DECLINE, dhcp.RELEASE]) {
      expect(say(server, message(type, 2, { ciaddr: leased, options: chosen('192.168.1.33') }))).toEqual([{ kind: 'ignored', why: 'unknown client' }]);
    }
    expect(server.leases.ofAddress(leased)?.at).toBe('bound');
    expect(say(server, message(dhcp.RELEASE, 1, { ciaddr: leased }))[0]).toMatchObject({ kind: 'gone' });
  });

  it('gives static leases to their MAC only, and takes the address back from who had it', () => {
    const server = new DhcpServer(config());
    expect(obtain(server, 1)).toBe(ip('192.168.1.33'));
    server.step({ kind: 'config', config: config({ fixed: new Map([['02:aa:00:00:00:02', { ip: ip('192.168.1.33'), name: 'printer' }]]) }) }, 0);
    // The owner has to wait until the present holder asks again.
    expect(obtain(server, 2)).toBe(ip('192.168.1.34'));
    expect(answer(say(server, message(dhcp.REQUEST, 1, { ciaddr: ip('192.168.1.33') })))?.type).toBe(dhcp.NAK);
    expect(obtain(server, 2)).toBe(ip('192.168.1.33'));
    expect(obtain(server, 1)).toBe(ip('192.168.1.34'));
  });

  it('does not let a flood of discovers lock a real client out for long', () => {
    const server = new DhcpServer(config());
    for (let n = 100; n < 200; n++) say(server, message(dhcp.DISCOVER, n));
    expect(obtain(server, 1)).toBeUndefined();
    expect(obtain(server, 1, 6000)).toBeDefined();
    server.step({ kind: 'tick' }, 6000 + OFFER_MS);
    expect(server.leases.list().filter(l => l.at === 'offered')).toEqual([]);
  });

  it('tells when leases end, and carries them over as plain data', () => {
    const server = new DhcpServer(config());
    const leased = obtain(server, 1)!;
    const again = new DhcpServer(config());
    again.leases.load(JSON.parse(JSON.stringify(server.leases.save(1000))), 2000);
    expect(again.leases.ofAddress(leased)?.until).toBe(HOUR - 1000);
    expect(again.deadline()).toBe(HOUR - 1000);
    expect(again.step({ kind: 'tick' }, HOUR)).toMatchObject([{ kind: 'gone', lease: { ip: leased } }]);
  });

  it('never leases one address to two clients, whatever they say', () => {
    const step = fc.record({
      type: fc.constantFrom(dhcp.DISCOVER, dhcp.REQUEST, dhcp.REQUEST, dhcp.DECLINE, dhcp.RELEASE, dhcp.INFORM), client: fc.integer({ min: 1, max: 6 }),
      wish: fc.option(fc.integer({ min: 30, max: 40 })), ciaddr: fc.option(fc.integer({ min: 30, max: 40 })),
      server: fc.option(fc.constantFrom(ip('192.168.1.1'), ip('192.168.1.2'))), ms: fc.nat(1_000_000),
    });
    fc.assert(fc.property(fc.array(step, { maxLength: 80 }), steps => {
      const server = new DhcpServer(config({ fixed: new Map([['02:aa:00:00:00:05', { ip: ip('192.168.1.40'), name: '' }]]) }));
      const held = new Map<number, { client: number; until: number }>();
      let now = 0;
      for (const s of steps) {
        now += s.ms;
        const options = {
          ...(s.wish === null ? {} : wish(`192.168.1.${s.wish}`)), ...(s.server === null ? {} : { [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(s.server) }),
        };
        const outs = say(server, message(s.type, s.client, { options, ciaddr: s.ciaddr === null ? 0 : ip(`192.168.1.${s.ciaddr}`) }), now);
        for (const out of outs) {
          if (out.kind === 'gone') held.delete(out.lease.ip);
          if (out.kind !== 'send' || out.message.type !== dhcp.ACK || out.message.yiaddr === 0) continue;
          const before = held.get(out.message.yiaddr);
          if (before) expect(before.client === s.client || before.until <= now).toBe(true);
          for (const [address, h] of held) if (h.client === s.client) held.delete(address);
          held.set(out.message.yiaddr, { client: s.client, until: now + HOUR });
          const last = out.message.yiaddr & 255;
          expect((last >= 33 && last < 37) || last === 40).toBe(true);
        }
      }
    }), { numRuns: 200 });
  });
});
