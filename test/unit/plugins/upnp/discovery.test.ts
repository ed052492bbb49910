import { describe, expect, it } from 'vitest';
import { Discovery, type DiscoveryOut } from '../../../../plugins/upnp/discovery.ts';
import { HOST, ip } from './rig.ts';

const place = { link: 3, ip: ip('192.168.1.1') };
const identity = { root: 'aaaa', wan: 'bbbb', connection: 'cccc', version: '2', release: '1.0' };
const search = (st: string, mx: string | null = '2', man = '"ssdp:discover"'): Uint8Array =>
  new TextEncoder().encode(`M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: ${man}\r\n${mx === null ? '' : `MX: ${mx}\r\n`}ST: ${st}\r\n\r\n`);
const text = (outs: readonly DiscoveryOut[]): string[] => outs.map(o => ('data' in o ? new TextDecoder().decode(o.data) : o.why));

function device() {
  const machine = new Discovery({ identity, port: 2189, bootId: 7 }, () => 0.5);
  const settled = () => { machine.step({ kind: 'places', places: [place] }, 0); for (let i = 0; i < 3; i++) machine.step({ kind: 'tick' }, i * 1000); return machine; };
  const ask = (data: Uint8Array, now: number, group = true, sport = 4000) => machine.step({ kind: 'datagram', place, src: HOST, sport, group, data }, now);
  return { machine, settled, ask };
}

describe('discovery', () => {
  it('says three times that it is there, then within half of the time that holds', () => {
    const { machine } = device();
    expect(machine.deadline()).toBeUndefined();
    machine.step({ kind: 'places', places: [place] }, 0);
    expect(machine.deadline()).toBe(0);
    const alive = text(machine.step({ kind: 'tick' }, 0));
    expect(alive).toHaveLength(10); // 1.1 §1.2.2: 3 for the root device, 2 for each of the others, 1 for each of the 3 services
    expect(alive[0]).toBe(['NOTIFY * HTTP/1.1', 'HOST: 239.255.255.250:1900', 'CACHE-CONTROL: max-age=1800', 'LOCATION: http://192.168.1.1:2189/rootDesc.xml', 'SERVER: Linux/1.0 UPnP/1.1 lancell/1.0',
      'NT: upnp:rootdevice', 'USN: uuid:aaaa::upnp:rootdevice', 'NTS: ssdp:alive', 'BOOTID.UPNP.ORG: 7', 'CONFIGID.UPNP.ORG: 1', '', ''].join('\r\n'));
    expect(machine.deadline()).toBe(400);
    machine.step({ kind: 'tick' }, 400);
    machine.step({ kind: 'tick' }, 800);
    expect(machine.deadline()).toBeGreaterThan(400_000);
    expect(machine.deadline()).toBeLessThan(900_000);
    expect(text(machine.step({ kind: 'close' }, 900)).every(t => t.includes('NTS: ssdp:byebye'))).toBe(true);
    expect(machine.deadline()).toBeUndefined();
  });

  it('answers a search after a part of MX, once, to whoever asked', () => {
    const { settled, ask } = device();
    const machine = settled();
    const st = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1';
    expect(ask(search(st), 5000)).toEqual([]);
    expect(ask(search(st), 5000)).toEqual([]);
    expect(machine.deadline()).toBe(5900);
    const outs = machine.step({ kind: 'tick' }, 5900);
    expect(outs).toMatchObject([{ kind: 'answer', place, dst: HOST, dport: 4000 }]);
    expect(text(outs)[0]).toContain(`\r\nST: ${st}\r\nUSN: uuid:aaaa::urn:schemas-upnp-org:device:InternetGatewayDevice:2\r\n`);
  });

  it('answers all of them for ssdp:all, at once when it was asked alone, and waits five seconds at most', () => {
    const { settled, ask } = device();
    const machine = settled();
    expect(ask(search('ssdp:all', null), 5000, false)).toHaveLength(10);
    ask(search('upnp:rootdevice', '120'), 5000);
    expect(machine.deadline()).toBe(5000 + 2250);
  });

  it.each([
    ['without MX', search('ssdp:all', null)], ['with another MAN', search('ssdp:all', '1', 'x')], ['for something else', search('urn:schemas-upnp-org:device:MediaServer:1')],
    ['for a higher version', search('urn:schemas-upnp-org:service:WANIPConnection:3')], ['that has no target', search('')], ['with an odd MX', search('ssdp:all', '-1')],
  ])('is silent about a search %s', (_name, data) => {
    const { settled, ask, machine } = device();
    settled();
    const before = machine.deadline();
    expect(ask(data, 5000)).toEqual([]);
    expect(machine.deadline()).toBe(before);
  });

  it('lets only so many searches wait', () => {
    const { settled, ask } = device();
    settled();
    const outs = Array.from({ length: 100 }, (_, i) => ask(search('upnp:rootdevice'), 5000, true, i)).flat();
    expect(text(outs)).toEqual(new Array(36).fill('too many searches'));
    expect(text(ask(Uint8Array.of(1, 2, 3), 5000))).toEqual(['not ssdp']);
  });
});
