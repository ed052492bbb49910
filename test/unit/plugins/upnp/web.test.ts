import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evented } from '../../../../plugins/upnp/evented.ts';
import { services } from '../../../../plugins/upnp/services.ts';
import { Subscriptions, type SubscriptionsOut } from '../../../../plugins/upnp/subscriptions.ts';
import { answerWeb, type WebDeps } from '../../../../plugins/upnp/web.ts';
import { parseXml } from '../../../../plugins/upnp/xml.ts';
import type { OwnRequest } from '../../../../sdk/index.ts';
import { format4 } from '../../../../sdk/wire/address.ts';
import { HOST, OTHER, OUTSIDE, ip, rig } from './rig.ts';

const ROUTER = ip('192.168.1.1');
const TYPE = 'urn:schemas-upnp-org:service:WANIPConnection:1';

function gateway(more: Parameters<typeof rig>[0] = {}, version = '1') {
  const r = rig(more);
  let now = 0;
  const stats = { rxPackets: 5, rxBytes: 2 ** 32 + 7, rxDropped: 0, txPackets: 6, txBytes: 8, txDropped: 0, txErrors: 0 };
  let sids = 0;
  const subscriptions = new Subscriptions(() => `uuid:${++sids}`);
  const deps: WebDeps = {
    env: { book: r.book, version, connectionUuid: 'cccc', longest: 604_800, now: () => now, wan: () => ({ name: 'wan', ip: OUTSIDE, up: true, uptimeMs: 65_000, cellular: false, stats }) },
    identity: () => ({ root: 'aaaa', wan: 'bbbb', connection: 'cccc', version, release: '1.0' }),
    port: 2189, serves: (from, to) => to === ROUTER && from >>> 8 === ROUTER >>> 8, take: () => true, refused: () => {},
    subscriptions: asked => subscriptions.step(asked, now)[0] as Extract<SubscriptionsOut, { kind: 'answer' }>,
  };
  const request = (o: Partial<OwnRequest> = {}): OwnRequest =>
    ({ method: 'GET', path: '/rootDesc.xml', headers: { host: '192.168.1.1:2189' }, body: '', from: HOST, fromPort: 4000, to: ROUTER, zone: 'LAN', ...o });
  const call = (action: string, args: Record<string, string | number> = {}, o: { service?: string; path?: string; from?: number } = {}) => {
    const service = o.service ?? TYPE;
    const body = `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:${action} xmlns:u="${service}">${Object.entries(args).map(([k, v]) => `<${k}>${v}</${k}>`).join('')}</u:${action}></s:Body></s:Envelope>`;
    const reply = answerWeb(request({ method: 'POST', path: o.path ?? '/ctl/IPConn', headers: { host: '192.168.1.1:2189', soapaction: `"${service}#${action}"` }, body, from: o.from ?? HOST }), deps);
    const inner = reply.body === undefined ? undefined : parseXml(reply.body)!.children[0]!.children[0]!;
    if (reply.status !== 200) return inner ? Number(inner.children[2]!.children[0]!.children[0]!.text) : -reply.status;
    return Object.fromEntries(inner!.children.map(c => [c.name, c.text]));
  };
  return { ...r, deps, subscriptions, request, call, get: (o: Partial<OwnRequest>) => answerWeb(request(o), deps), later: (ms: number) => { now += ms; } };
}
const add = (more: Record<string, string | number> = {}) => ({
  NewRemoteHost: '', NewExternalPort: 8000, NewProtocol: 'TCP', NewInternalPort: 80, NewInternalClient: format4(HOST), NewEnabled: 1, NewPortMappingDescription: 'Q &amp; A', NewLeaseDuration: 0, ...more,
});
const which = (more: Record<string, string | number> = {}) => ({ NewRemoteHost: '', NewExternalPort: 8000, NewProtocol: 'TCP', ...more });

describe('descriptions', () => {
  it('name three devices and services whose descriptions are there', () => {
    const { get } = gateway();
    const text = get({}).body!;
    expect([...text.matchAll(/<deviceType>(.*?)</g)].map(m => m[1])).toEqual(['InternetGatewayDevice:1', 'WANDevice:1', 'WANConnectionDevice:1'].map(s => `urn:schemas-upnp-org:device:${s}`));
    expect([...text.matchAll(/<serviceType>(.*?)</g)].map(m => m[1])).toEqual(['Layer3Forwarding:1', 'WANCommonInterfaceConfig:1', 'WANIPConnection:1'].map(s => `urn:schemas-upnp-org:service:${s}`));
    expect([...gateway({}, '2').get({}).body!.matchAll(/<serviceType>(.*?)</g)].at(-1)![1]).toContain('WANIPConnection:2');
    for (const [, path] of text.matchAll(/<SCPDURL>(.*?)</g)) expect(get({ path: path! })).toMatchObject({ status: 200 });
  });

  it('of services name a variable for each argument', () => {
    for (const s of services) for (const [name, a] of Object.entries(s.actions)) for (const [arg, variable] of [...a.in, ...a.out]) expect([name, arg, Object.hasOwn(s.variables, variable)]).toEqual([name, arg, true]);
  });
});

describe('actions', () => {
  it('tell about the connection', () => {
    const { call } = gateway();
    expect(call('GetExternalIPAddress')).toEqual({ NewExternalIPAddress: '198.51.100.2' });
    expect(call('GetStatusInfo')).toEqual({ NewConnectionStatus: 'Connected', NewLastConnectionError: 'ERROR_NONE', NewUptime: '65' });
    expect(call('GetConnectionTypeInfo')).toEqual({ NewConnectionType: 'IP_Routed', NewPossibleConnectionTypes: 'IP_Routed' });
    expect(call('GetNATRSIPStatus')).toEqual({ NewRSIPAvailable: '0', NewNATEnabled: '1' });
    expect(call('RequestConnection')).toEqual({});
    expect([call('ForceTermination'), call('SetConnectionType', { NewConnectionType: 'IP_Bridged' }), call('SelfDestruct'), call('constructor'), call('GetSpecificPortMappingEntry')]).toEqual([606, 606, 401, 401, 402]);
    const common = { service: 'urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1', path: '/ctl/CmnIfCfg' };
    expect(call('GetTotalBytesReceived', {}, common)).toEqual({ NewTotalBytesReceived: '7' });
    expect(call('GetCommonLinkProperties', {}, common)).toMatchObject({ NewWANAccessType: 'Ethernet', NewPhysicalLinkStatus: 'Up' });
    expect(call('GetDefaultConnectionService', {}, { service: 'urn:schemas-upnp-org:service:Layer3Forwarding:1', path: '/ctl/L3F' })).toMatchObject({ NewDefaultConnectionService: expect.stringContaining('uuid:cccc:') });
  });

  it('make, show, prolong and delete mappings', () => {
    const { call, later } = gateway();
    expect(call('AddPortMapping', add({ NewLeaseDuration: 600 }))).toEqual({});
    later(1500);
    const entry = { NewInternalPort: '80', NewInternalClient: '192.168.1.33', NewEnabled: '1', NewPortMappingDescription: 'Q & A', NewLeaseDuration: '599' };
    expect(call('GetSpecificPortMappingEntry', which())).toEqual(entry);
    expect(call('GetGenericPortMappingEntry', { NewPortMappingIndex: 0 })).toEqual({ NewRemoteHost: '', NewExternalPort: '8000', NewProtocol: 'TCP', ...entry });
    expect(call('GetGenericPortMappingEntry', { NewPortMappingIndex: 1 })).toBe(713);
    expect(call('AddPortMapping', add())).toEqual({});
    expect(call('GetSpecificPortMappingEntry', which())).toMatchObject({ NewLeaseDuration: '0' });
    expect(call('DeletePortMapping', which(), { from: OTHER })).toBe(606);
    expect(call('DeletePortMapping', which({ NewRemoteHost: '9.9.9.9' }))).toBe(714);
    expect(call('DeletePortMapping', which())).toEqual({});
    expect(call('DeletePortMapping', which())).toBe(714);
  });

  it('of version 2: any port, lists, ranges, and a week for a lease of 0', () => {
    const { call, book } = gateway({}, '2');
    const service = TYPE.replace(/1$/, '2');
    expect(call('AddAnyPortMapping', add(), { service })).toEqual({ NewReservedPort: '8000' });
    expect(book.list()[0]!.until).toBe(604_800_000);
    expect(call('AddAnyPortMapping', add({ NewInternalClient: format4(OTHER) }), { service, from: OTHER })).toEqual({ NewReservedPort: '40000' });
    const range = { NewStartPort: 1, NewEndPort: 65535, NewProtocol: 'TCP', NewManage: 0 };
    const listed = parseXml((call('GetListOfPortMappings', { ...range, NewNumberOfPorts: 0 }, { service }) as Record<string, string>)['NewPortListing']!)!;
    expect(listed.children.map(e => e.children[1]!.text)).toEqual(['8000']);
    expect(call('DeletePortMappingRange', { ...range, NewStartPort: 9, NewEndPort: 8 }, { service })).toBe(733);
    expect(call('DeletePortMappingRange', range, { service })).toEqual({});
    expect(call('DeletePortMappingRange', range, { service })).toBe(730);
    expect(book.list()).toMatchObject([{ intIp: OTHER }]);
  });

  it('of version 2 say which kind of conflict it is, and that a port of the host is wanted', () => {
    const { call, nat } = gateway({}, '2');
    nat.forwarded = [9000];
    expect(call('AddPortMapping', add({ NewExternalPort: 9000 }))).toBe(729);
    expect(call('AddPortMapping', add({ NewInternalPort: 0 }))).toBe(732);
    call('AddPortMapping', add());
    expect(call('AddPortMapping', add({ NewInternalClient: format4(OTHER) }), { from: OTHER })).toBe(718);
  });

  it('of version 1 are the same on a gateway of version 2, in the words of the question (UDA 1.1 §3.2)', () => {
    const g = gateway({}, '2');
    for (const version of ['1', '2']) {
      const service = TYPE.replace(/1$/, version);
      const body = `<s:Envelope xmlns:s="x"><s:Body><u:GetExternalIPAddress xmlns:u="${service}"/></s:Body></s:Envelope>`;
      const reply = g.get({ method: 'POST', path: '/ctl/IPConn', headers: { host: '192.168.1.1:2189', soapaction: `"${service}#GetExternalIPAddress"` }, body });
      expect(reply.body).toContain(`<u:GetExternalIPAddressResponse xmlns:u="${service}"><NewExternalIPAddress>198.51.100.2<`);
    }
    expect(g.call('GetExternalIPAddress', {}, { service: TYPE.replace(/1$/, '3') })).toBe(401);
  });

  it.each([
    [718, { NewExternalPort: 9000 }], [716, { NewExternalPort: 0 }], [402, { NewExternalPort: 65536 }], [402, { NewExternalPort: '' }], [402, { NewInternalPort: 0 }], [402, { NewProtocol: 'ICMP' }],
    [402, { NewInternalClient: 'localhost' }], [402, { NewInternalClient: '' }], [606, { NewInternalClient: '127.0.0.1' }], [606, { NewInternalClient: '192.168.1.34' }], [606, { NewExternalPort: 22 }],
    [402, { NewRemoteHost: 'evil.example' }], [402, { NewLeaseDuration: '-1' }], [402, { NewEnabled: 0 }], [402, { NewEnabled: 'maybe' }],
  ])('answer %i to %j', (code, more) => {
    const { call, nat, book } = gateway();
    nat.forwarded = [9000];
    expect(call('AddPortMapping', add(more))).toBe(code);
    expect(book.size).toBe(0);
  });
});

describe('events', () => {
  const EVT = '/evt/IPConn';
  const ask = (g: ReturnType<typeof gateway>, method: string, headers: Record<string, string>, o: Partial<OwnRequest> = {}) => g.get({ method, path: EVT, headers: { host: '192.168.1.1:2189', ...headers }, ...o });
  const wanted = { nt: 'upnp:event', callback: '<http://192.168.1.33:4004/evt?x=1>', timeout: 'Second-300' };

  it('are subscribed to, prolonged and ended (UDA 1.1 §4.1)', () => {
    const g = gateway();
    expect(ask(g, 'SUBSCRIBE', wanted)).toMatchObject({ status: 200, headers: { sid: 'uuid:1', timeout: 'Second-300', server: 'Linux/1.0 UPnP/1.1 lancell/1.0' } });
    expect(ask(g, 'SUBSCRIBE', { sid: 'uuid:1', timeout: 'Second-infinite' })).toMatchObject({ status: 200, headers: { sid: 'uuid:1', timeout: 'Second-1800' } });
    expect(ask(g, 'UNSUBSCRIBE', { sid: 'uuid:1' }).status).toBe(200);
    expect([ask(g, 'UNSUBSCRIBE', { sid: 'uuid:1' }).status, ask(g, 'SUBSCRIBE', { sid: 'uuid:1' }).status]).toEqual([412, 412]);
  });

  it.each<[number, string, Record<string, string>]>([
    [412, 'SUBSCRIBE', {}], [412, 'SUBSCRIBE', { nt: 'upnp:event' }], [412, 'SUBSCRIBE', { callback: wanted.callback }], [412, 'SUBSCRIBE', { ...wanted, nt: 'upnp:propchange' }],
    [412, 'SUBSCRIBE', { ...wanted, callback: 'http://192.168.1.33:4004/' }], [400, 'SUBSCRIBE', { ...wanted, sid: 'uuid:1' }], [400, 'UNSUBSCRIBE', { sid: 'uuid:1', nt: 'upnp:event' }], [412, 'UNSUBSCRIBE', {}],
  ])('answer %i to %s with %j', (status, method, headers) => {
    const g = gateway();
    expect(ask(g, method, headers).status).toBe(status);
    expect(g.subscriptions.size).toBe(0);
  });

  it('are there for services only, and a subscription is its host’s', () => {
    const g = gateway();
    for (const { events } of services) expect(ask(g, 'SUBSCRIBE', wanted, { path: events }).status).toBe(200);
    expect(ask(g, 'SUBSCRIBE', wanted, { path: '/ctl/IPConn' }).status).toBe(404);
    expect(ask(g, 'UNSUBSCRIBE', { sid: 'uuid:3' }, { from: OTHER }).status).toBe(412);
    expect(ask(g, 'UNSUBSCRIBE', { sid: 'uuid:1' }).status).toBe(412);
    expect(g.subscriptions.size).toBe(3);
  });

  it('CVE-2020-12695 (CallStranger): nobody can have the router send to anybody but himself', () => {
    const g = gateway();
    const strangers = ['203.0.113.9', '192.168.1.34', '192.168.1.1', '127.0.0.1', '192.168.1.255', '255.255.255.255', 'evil.example', '[::1]', '0xc0a80121', '3232235809', '192.168.1.33@203.0.113.9', '192.168.1.33.evil.example', '192.168.001.033'];
    for (const host of strangers) for (const url of [`http://${host}/`, `http://${host}:80/x`, `http://${host}:4004`]) expect([url, ask(g, 'SUBSCRIBE', { ...wanted, callback: `<${url}>` }).status]).toEqual([url, 412]);
    for (const url of ['https://192.168.1.33/', 'ftp://192.168.1.33/', 'http://192.168.1.33:0/', 'http://192.168.1.33:65536/', 'http://192.168.1.33:80@203.0.113.9/', 'http://192.168.1.33/a b', 'http://192.168.1.33/\r\nX: y']) expect([url, ask(g, 'SUBSCRIBE', { ...wanted, callback: `<${url}>` }).status]).toEqual([url, 412]);
    // Among several, only his own are used.
    expect(ask(g, 'SUBSCRIBE', { ...wanted, callback: '<http://203.0.113.9/a><http://192.168.1.33:4004/b><http://192.168.1.34/c>' }).status).toBe(200);
    g.subscriptions.step({ kind: 'values', values: evented(g.deps.env) }, 0);
    const sent = [...g.subscriptions.step({ kind: 'tick' }, 1000)];
    for (let i = 0; i < 5; i++) sent.push(...g.subscriptions.step({ kind: 'delivered', sid: 'uuid:1', ok: false }, 2000 + i));
    expect(sent).toMatchObject([{ kind: 'send', host: HOST, own: ROUTER, callback: { port: 4004, path: '/b' } }]);
  });
});

describe('the door', () => {
  it('opens to hosts inside that name the router by its address', () => {
    const { get, deps } = gateway();
    const status = (o: Partial<OwnRequest>) => get(o).status;
    expect(status({})).toBe(200);
    expect(status({ headers: { host: '192.168.1.1' } })).toBe(200);
    for (const host of ['evil.example', 'evil.example:2189', '192.168.1.1:80', '192.168.1.2:2189', '192.168.1.1.evil.example', '']) expect(status({ headers: { host } })).toBe(403);
    expect(status({ headers: { host: '192.168.1.1:2189', origin: 'null' } })).toBe(403);
    expect(status({ from: ip('203.0.113.9') })).toBe(403);
    expect(status({ to: OUTSIDE, headers: { host: '198.51.100.2:2189' } })).toBe(403);
    expect([status({ path: '/../etc/passwd' }), status({ method: 'DELETE' }), status({ method: 'POST', path: '/rootDesc.xml' })]).toEqual([404, 405, 404]);
    expect(answerWeb({ method: 'GET', path: '/', headers: {}, body: '', from: HOST, fromPort: 1, to: ROUTER, zone: 'LAN' }, { ...deps, take: () => false }).status).toBe(503);
  });

  it('takes no call that is none', () => {
    const { get } = gateway();
    const post = (body: string, soapaction = `"${TYPE}#GetStatusInfo"`) => get({ method: 'POST', path: '/ctl/IPConn', headers: { host: '192.168.1.1:2189', soapaction }, body }).status;
    const envelope = (inner: string) => `<s:Envelope xmlns:s="x"><s:Body>${inner}</s:Body></s:Envelope>`;
    expect(post(envelope('<u:GetStatusInfo xmlns:u="x"/>'))).toBe(200);
    expect(post(envelope('<u:GetStatusInfo xmlns:u="x"/>'), '')).toBe(400);
    expect(post(envelope('<u:Other xmlns:u="x"/>'))).toBe(400);
    expect(post(envelope('<a/><b/>'))).toBe(400);
    expect(post('')).toBe(400);
    expect(post('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')).toBe(400);
    expect(post(`${'<a>'.repeat(5000)}`)).toBe(400);
    expect(post('x'.repeat(20_000))).toBe(413);
    expect(post(envelope('<u:GetStatusInfo xmlns:u="x"/>'), `"${TYPE.replace('WANIP', 'WANPPP')}#GetStatusInfo"`)).toBe(500);
  });

  it('expands nothing, reads nothing and grows nothing from hostile XML', () => {
    const { get, book } = gateway();
    const post = (body: string) => get({ method: 'POST', path: '/ctl/IPConn', headers: { host: '192.168.1.1:2189', soapaction: `"${TYPE}#AddPortMapping"` }, body });
    const call = (inner: string) => `<s:Envelope xmlns:s="x"><s:Body><u:AddPortMapping xmlns:u="x">${inner}</u:AddPortMapping></s:Body></s:Envelope>`;
    const laughs = `<!DOCTYPE lolz [<!ENTITY a "lol">${Array.from({ length: 9 }, (_, i) => `<!ENTITY b${i} "${`&${i === 0 ? 'a' : `b${i - 1}`};`.repeat(10)}">`).join('')}]>`;
    const hostile = [
      laughs + call('<NewRemoteHost>&b8;</NewRemoteHost>'), `<!DOCTYPE a SYSTEM "http://203.0.113.9/evil.dtd">${call('')}`, `<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>${call('')}`,
      call('<NewRemoteHost>&xxe;</NewRemoteHost>'), `<?xml-stylesheet href="http://203.0.113.9/"?>${call('')}`, call('<xi:include href="file:///etc/passwd"/>'.repeat(20)), call('<a>'.repeat(4000)), call('<a>'.repeat(7) + '</a>'.repeat(7)),
      call('<a/>'.repeat(3000)), call(`<a ${'b="c" '.repeat(2000)}/>`.repeat(2)), call(`<NewRemoteHost>${'&#65;'.repeat(3000)}`), call('<NewRemoteHost>\0</NewRemoteHost>'), call('<__proto__>1</__proto__><constructor>2</constructor>'),
    ];
    for (const body of hostile) {
      const { status, body: said = '' } = post(body);
      expect([400, 413, 500], body.slice(0, 60)).toContain(status);
      expect(said.length).toBeLessThan(700);
    }
    expect([post('x'.repeat(1 << 20)).status, book.size]).toEqual([413, 0]);
  });

  it('never throws, whatever is posted', () => {
    const { get } = gateway();
    const word = fc.constantFrom('<s:Envelope>', '</s:Envelope>', '<s:Body>', '</s:Body>', '<u:AddPortMapping>', '</u:AddPortMapping>', '&lt;', '&', '<![CDATA[', ']]>', '<!--', '-->', '<a b="c"/>', '<NewExternalPort>', 'x', '<', '>');
    fc.assert(fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 5 })), { maxLength: 40 }), words => {
      const reply = get({ method: 'POST', path: '/ctl/IPConn', headers: { host: '192.168.1.1:2189', soapaction: `"${TYPE}#AddPortMapping"` }, body: words.join('') });
      expect([400, 500]).toContain(reply.status);
    }), { numRuns: 3000 });
  });
});
