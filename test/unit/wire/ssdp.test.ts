import { describe, expect, it } from 'vitest';
import * as ssdp from '../../../sdk/wire/ssdp.ts';

const read = (text: string) => { const b = new TextEncoder().encode(text); return ssdp.parse(b, 0, b.length); };
/** As miniupnpc 2.2 sends it. */
const SEARCH = 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nMAN: "ssdp:discover"\r\nMX: 2\r\n\r\n';

describe('SSDP', () => {
  it('reads a search', () => {
    const m = read(SEARCH);
    expect(m?.kind).toBe('search');
    expect(Object.fromEntries(m!.headers)).toEqual({ host: '239.255.255.250:1900', st: 'urn:schemas-upnp-org:device:InternetGatewayDevice:1', man: '"ssdp:discover"', mx: '2' });
  });

  it('reads what it writes', () => {
    const b = ssdp.emit('response', [['ST', 'upnp:rootdevice'], ['EXT', '']]);
    expect(new TextDecoder().decode(b)).toBe('HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nEXT: \r\n\r\n');
    expect(ssdp.parse(b, 0, b.length)).toEqual({ kind: 'response', headers: new Map([['st', 'upnp:rootdevice'], ['ext', '']]) });
  });

  it.each([
    '', 'GET / HTTP/1.1\r\n\r\n', 'M-SEARCH * HTTP/1.1\r\nno colon here\r\n\r\n', `M-SEARCH * HTTP/1.1\r\n${Array.from({ length: 33 }, (_, i) => `a${i}: b\r\n`).join('')}`,
    'M-SEARCH * HTTP/1.1\r\nST: a\0b\r\n\r\n', `M-SEARCH * HTTP/1.1\r\nST: ${'x'.repeat(3000)}\r\n\r\n`,
  ])('refuses what is no SSDP: %j', text => expect(read(text)).toBeUndefined());

  it('takes the version off a type', () => {
    expect(ssdp.target('urn:schemas-upnp-org:service:WANIPConnection:2')).toEqual({ type: 'urn:schemas-upnp-org:service:WANIPConnection', version: 2 });
    expect(ssdp.target('ssdp:all')).toEqual({ type: 'ssdp:all', version: 0 });
  });
});
