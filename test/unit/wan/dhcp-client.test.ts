import { describe, expect, it } from 'vitest';
import { type ClientOut, DhcpClient } from '../../../plugins/wan/dhcp-client.ts';
import * as dhcp from '../../../sdk/wire/dhcp.ts';
import { ip } from '../lan/dhcp-bench.ts';

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 9);
const SERVER = ip('10.0.0.1');
/** In the middle, so that there is no jitter. */
const client = () => new DhcpClient({ mac: MAC, host: 'box', random: () => 0.5 });
const sent = (outs: readonly ClientOut[]) => outs.flatMap(o => (o.kind === 'send' ? [o] : []));

const reply = (to: dhcp.Message, type: number, more: dhcp.Options = {}, yiaddr = ip('10.0.0.50')): dhcp.Message => ({
  ...to, op: dhcp.OP_REPLY, type, yiaddr,
  options: {
    [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(SERVER), [dhcp.OPTION_LEASE_TIME]: dhcp.ofSeconds(1000), [dhcp.OPTION_SUBNET_MASK]: dhcp.ofAddresses(0xffffff00),
    [dhcp.OPTION_ROUTER]: dhcp.ofAddresses(SERVER), [dhcp.OPTION_DNS]: dhcp.ofAddresses(ip('9.9.9.9')), ...more,
  },
});
const bind = (c: DhcpClient, now = 0, more: dhcp.Options = {}): readonly ClientOut[] => {
  const [discover] = sent(c.step({ kind: 'start' }, now));
  const [request] = sent(c.step({ kind: 'message', message: reply(discover!.message, dhcp.OFFER, more) }, now));
  return c.step({ kind: 'message', message: reply(request!.message, dhcp.ACK, more) }, now);
};

describe('DHCP client (RFC 2131 §4.4)', () => {
  it('discovers, requests and is bound', () => {
    const c = client();
    const [discover] = sent(c.step({ kind: 'start' }, 0));
    expect(discover).toMatchObject({ src: 0, dst: 0xffffffff, message: { type: dhcp.DISCOVER, broadcast: true, ciaddr: 0 } });
    const [request] = sent(c.step({ kind: 'message', message: reply(discover!.message, dhcp.OFFER) }, 10));
    expect(request!.message.type).toBe(dhcp.REQUEST);
    expect(dhcp.address(request!.message.options, dhcp.OPTION_REQUESTED_ADDRESS)).toBe(ip('10.0.0.50'));
    expect(dhcp.address(request!.message.options, dhcp.OPTION_SERVER_ID)).toBe(SERVER);
    const outs = c.step({ kind: 'message', message: reply(request!.message, dhcp.ACK) }, 20);
    expect(outs).toMatchObject([{ kind: 'lease', lease: { ip: ip('10.0.0.50'), bits: 24, gateway: SERVER, dns: [ip('9.9.9.9')], expiresAt: 1_000_010 } }]);
  });

  it('backs off 4, 8, 16, 32, 64, 64 s with a second of jitter', () => {
    const c = client();
    c.step({ kind: 'start' }, 0);
    const waits: number[] = [];
    for (let now = 0, n = 0; n < 6; n++) {
      waits.push(c.deadline()! - now);
      now = c.deadline()!;
      expect(sent(c.step({ kind: 'tick' }, now))).toHaveLength(1);
    }
    expect(waits).toEqual([4000, 8000, 16000, 32000, 64000, 64000]);
    const late = new DhcpClient({ mac: MAC, host: '', random: () => 0 });
    late.step({ kind: 'start' }, 0);
    expect(late.deadline()).toBe(3000);
  });

  it('starts over when the offer is not confirmed', () => {
    const c = client();
    const [discover] = sent(c.step({ kind: 'start' }, 0));
    c.step({ kind: 'message', message: reply(discover!.message, dhcp.OFFER) }, 0);
    const types: (number | undefined)[] = [];
    for (let n = 0; n < 4; n++) types.push(...sent(c.step({ kind: 'tick' }, c.deadline()!)).map(o => o.message.type));
    expect(types).toEqual([dhcp.REQUEST, dhcp.REQUEST, dhcp.REQUEST, dhcp.DISCOVER]);
  });

  it('renews with the server at T1, asks everybody from T2, and stops using the lease when it ends', () => {
    const c = client();
    bind(c);
    expect(c.deadline()).toBe(500_000);
    expect(sent(c.step({ kind: 'tick' }, 500_000))).toMatchObject([{ src: ip('10.0.0.50'), dst: SERVER, message: { ciaddr: ip('10.0.0.50'), type: dhcp.REQUEST } }]);
    expect(c.deadline()).toBe(687_500);
    c.step({ kind: 'tick' }, 687_500);
    c.step({ kind: 'tick' }, c.deadline()!);
    c.step({ kind: 'tick' }, c.deadline()!);
    expect(sent(c.step({ kind: 'tick' }, 875_000))).toMatchObject([{ dst: 0xffffffff }]);
    c.step({ kind: 'tick' }, c.deadline()!);
    expect(c.lease).toBeDefined();
    expect(c.step({ kind: 'tick' }, 1_000_000)[0]).toEqual({ kind: 'lost', why: 'lease expired' });
    expect(c.lease).toBeUndefined();
  });

  it('counts the new lease from the request that was answered', () => {
    const c = client();
    bind(c);
    const [renew] = sent(c.step({ kind: 'tick' }, 500_000));
    expect(c.step({ kind: 'message', message: reply(renew!.message, dhcp.ACK) }, 500_700)).toMatchObject([{ kind: 'lease', lease: { expiresAt: 1_500_000 } }]);
    expect(c.deadline()).toBe(1_000_000);
  });

  it('gives the address up at once when the server refuses, and asks again with a growing pause', () => {
    const c = client();
    bind(c);
    const [renew] = sent(c.step({ kind: 'renew' }, 1000));
    expect(c.step({ kind: 'message', message: reply(renew!.message, dhcp.NAK) }, 1000)).toMatchObject([{ kind: 'lost' }]);
    expect(c.deadline()).toBe(2000);
    const [discover] = sent(c.step({ kind: 'tick' }, 2000));
    expect(dhcp.address(discover!.message.options, dhcp.OPTION_REQUESTED_ADDRESS)).toBeUndefined();
    const [request] = sent(c.step({ kind: 'message', message: reply(discover!.message, dhcp.OFFER) }, 2000));
    c.step({ kind: 'message', message: reply(request!.message, dhcp.NAK) }, 2000);
    expect(c.deadline()).toBe(4000);
  });

  it('asks for the old address after a restart, and discovers when nobody answers', () => {
    const first = client();
    bind(first);
    const c = client();
    const [request] = sent(c.step({ kind: 'start', lease: first.lease }, 1000));
    expect(request!.message).toMatchObject({ type: dhcp.REQUEST, ciaddr: 0 });
    expect(request!.message.options[dhcp.OPTION_SERVER_ID]).toBeUndefined();
    expect(c.lease).toBeUndefined();
    c.step({ kind: 'tick' }, c.deadline()!);
    expect(sent(c.step({ kind: 'tick' }, c.deadline()!))[0]!.message.type).toBe(dhcp.DISCOVER);
  });

  it('goes on with a lease over a reload without a word', () => {
    const first = client();
    bind(first);
    const c = client();
    expect(c.step({ kind: 'resume', lease: first.lease! }, 1000).map(o => o.kind)).toEqual(['lease']);
    expect(c.deadline()).toBe(500_000);
  });

  it('releases with a message to the server, and declines to everybody', () => {
    const c = client();
    bind(c);
    expect(c.step({ kind: 'release' }, 5)).toMatchObject([{ kind: 'send', dst: SERVER, message: { type: dhcp.RELEASE, ciaddr: ip('10.0.0.50') } }, { kind: 'lost' }]);
    expect(c.deadline()).toBeUndefined();
    bind(c, 10);
    expect(c.step({ kind: 'decline', why: 'in use' }, 20)).toMatchObject([{ kind: 'lost', why: 'in use' }, { kind: 'send', dst: 0xffffffff, message: { type: dhcp.DECLINE, ciaddr: 0 } }]);
    expect(c.deadline()).toBe(10_020);
  });

  it('takes classless routes in the place of the router (RFC 3442), and notes the MTU', () => {
    const c = client();
    const routes = dhcp.emitClasslessRoutes([{ network: 0, bits: 0, router: ip('10.0.0.254') }, { network: ip('172.16.0.0'), bits: 12, router: ip('10.0.0.2') }]);
    const outs = bind(c, 0, { [dhcp.OPTION_CLASSLESS_ROUTES]: routes, [dhcp.OPTION_MTU]: dhcp.ofNumber16(1400) });
    expect(outs).toMatchObject([{ lease: { gateway: ip('10.0.0.254'), mtu: 1400, routes: [{ network: ip('172.16.0.0'), bits: 12, router: ip('10.0.0.2') }] } }]);
  });

  it('ignores what is not for it: other ids, other stations, no lease time, impossible addresses', () => {
    const c = client();
    const [discover] = sent(c.step({ kind: 'start' }, 0));
    const good = reply(discover!.message, dhcp.OFFER);
    for (const bad of [
      { ...good, xid: good.xid + 1 }, { ...good, chaddr: Uint8Array.of(1, 2, 3, 4, 5, 6) }, { ...good, op: dhcp.OP_REQUEST }, { ...good, type: dhcp.ACK },
      reply(discover!.message, dhcp.OFFER, {}, 0), reply(discover!.message, dhcp.OFFER, {}, 0xe0000001), reply(discover!.message, dhcp.OFFER, { [dhcp.OPTION_LEASE_TIME]: dhcp.ofSeconds(0) }),
    ]) expect(c.step({ kind: 'message', message: bad }, 0)).toEqual([]);
    expect(c.state.at).toBe('selecting');
  });

  it('never renews what never ends', () => {
    const c = client();
    bind(c, 0, { [dhcp.OPTION_LEASE_TIME]: dhcp.ofSeconds(dhcp.FOREVER) });
    expect(c.deadline()).toBeUndefined();
  });
});
