/**
 * UPnP events for control points that others wrote: GUPnP (Debian's gir1.2-gupnp-1.6, from Python) finds the gateway, subscribes and is told;
 * and the plain HTTP of it, asked for by curl. Topology: bed.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bed, GATEWAY, LAN1, LAN2, PROVIDER, root, SERVER } from './bed.ts';
import { end, until } from './namespaces.ts';

const EVENTS = `http://${GATEWAY}:2189/evt/IPConn`;

describe.skipIf(!root)('UPnP events', () => {
  const bed = new Bed();
  const { net } = bed;
  let outside = '';
  beforeAll(async () => {
    await bed.start();
    outside = await bed.outside();
    await bed.router.exec('sys upnp active on');
  }, 60_000);
  afterAll(() => bed.close());

  /** A listener that answers every request with 200; each is one line: method, path, the headers that matter, body. */
  const listen = async (host: string, port: number): Promise<{ lines(): string[]; stop(): Promise<void> }> => {
    let said = '';
    const child = net.start(host, ['python3', '-u', '-c', listener, String(port)], (text) => { said += text; });
    await until('the listener is there', () => said.includes('listening'));
    return { lines: () => said.split('\n').filter((l) => l !== '' && l !== 'listening'), stop: () => end(child) };
  };
  const curl = async (host: string, method: string, headers: readonly string[], url = EVENTS): Promise<{ status: number; sid: string; timeout: string }> => {
    const { out } = await net.run(host, ['curl', '-s', '-i', '-m', '5', '-X', method, ...headers.flatMap((h) => ['-H', h]), url]);
    const header = (name: string): string => new RegExp(`^${name}: (.*?)\\r?$`, 'im').exec(out)?.[1] ?? '';
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(out)?.[1] ?? 0), sid: header('sid'), timeout: header('timeout') };
  };
  const map = (port: number) => net.run('lan2', ['upnpc', '-u', `http://${GATEWAY}:2189/rootDesc.xml`, '-a', LAN2, '5000', String(port), 'UDP', '600'], 20_000);

  it('GUPnP finds the gateway, subscribes, is told of everything and of what changes', async () => {
    let said = '';
    const client = net.start('lan1', ['/usr/bin/python3', '-u', '-c', gupnp], (text) => { said += text; });
    /** The values it was told, last ones last. */
    const told = (name: string): string[] => [...said.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map((m) => m[1] ?? '');
    const sees = (name: string, value: string) => until(`${name} is ${value}`, () => told(name).at(-1) === value, 20_000).catch((e: Error) => { throw new Error(`${e.message}; it said ${said}`); });
    await sees('ExternalIPAddress', outside);
    await sees('ConnectionStatus', 'Connected');
    await sees('PortMappingNumberOfEntries', '0');
    await map(6000);
    await sees('PortMappingNumberOfEntries', '1');
    await bed.router.exec('ip upnp remove all');
    await sees('PortMappingNumberOfEntries', '0');
    await bed.router.exec('ip dhcp wan client release');
    await sees('ConnectionStatus', 'Disconnected');
    await sees('ExternalIPAddress', '');
    await bed.router.exec('ip dhcp wan client renew');
    await sees('ConnectionStatus', 'Connected');
    await until('the address is back', async () => told('ExternalIPAddress').at(-1) === await bed.outside());
    outside = await bed.outside();
    await end(client, 'SIGTERM');
  }, 90_000);

  it('tells a subscriber with NT, NTS, SID and SEQ from the address that it asked, until it has had enough', async () => {
    const ears = await listen('lan1', 4004);
    const { status, sid, timeout } = await curl('lan1', 'SUBSCRIBE', ['NT: upnp:event', `CALLBACK: <http://${LAN1}:4004/told?a=b>`, 'TIMEOUT: Second-300']);
    expect([status, timeout]).toEqual([200, 'Second-300']);
    expect(sid).toMatch(/^uuid:[0-9a-f-]{36}$/);
    await until('the first event', () => ears.lines().length === 1);
    expect(ears.lines()[0]).toMatch(new RegExp(`^NOTIFY /told\\?a=b from ${GATEWAY} host=${LAN1}:4004 nt=upnp:event nts=upnp:propchange sid=${sid} seq=0 `));
    for (const part of [`<ExternalIPAddress>${outside}<`, '<ConnectionStatus>Connected<', '<PortMappingNumberOfEntries>0<', '<PossibleConnectionTypes>IP_Routed<']) expect(ears.lines()[0]).toContain(part);
    await map(6001);
    await until('the second event', () => ears.lines().some((l) => l.includes(' seq=1 ') && l.includes('<PortMappingNumberOfEntries>1<')));
    expect(await curl('lan1', 'SUBSCRIBE', [`SID: ${sid}`, 'TIMEOUT: Second-900'])).toEqual({ status: 200, sid, timeout: 'Second-900' });
    expect((await curl('lan2', 'UNSUBSCRIBE', [`SID: ${sid}`])).status).toBe(412);
    expect((await curl('lan1', 'UNSUBSCRIBE', [`SID: ${sid}`])).status).toBe(200);
    const before = ears.lines().length;
    const other = await curl('lan1', 'SUBSCRIBE', ['NT: upnp:event', `CALLBACK: <http://${LAN1}:4004/other>`]);
    await bed.router.exec('ip upnp remove all');
    // Whoever has subscribed later is told, so the first would have been as well.
    await until('the other one is told', () => ears.lines().some((l) => l.includes('/other') && l.includes('<PortMappingNumberOfEntries>0<')));
    expect(ears.lines().slice(before).filter((l) => l.includes('/told'))).toEqual([]);
    await curl('lan1', 'UNSUBSCRIBE', [`SID: ${other.sid}`]);
    await ears.stop();
  }, 60_000);

  it('CVE-2020-12695 (CallStranger): sends to nobody but the subscriber', async () => {
    const [victim, outer, own] = await Promise.all([listen('lan2', 4005), listen('inet', 4006), listen('lan1', 4007)]);
    for (const url of [`http://${LAN2}:4005/`, `http://${SERVER}:4006/`, `http://${PROVIDER}:4006/`, `http://${GATEWAY}:80/`, 'http://127.0.0.1:80/', `http://inet1.example:4006/`]) {
      expect([url, (await curl('lan1', 'SUBSCRIBE', ['NT: upnp:event', `CALLBACK: <${url}>`])).status]).toEqual([url, 412]);
    }
    const { status, sid } = await curl('lan1', 'SUBSCRIBE', ['NT: upnp:event', `CALLBACK: <http://${SERVER}:4006/a><http://${LAN2}:4005/b><http://${LAN1}:4007/c>`]);
    expect(status).toBe(200);
    await until('the subscriber is told', () => own.lines().length > 0);
    await map(6002);
    await until('it is told again', () => own.lines().length > 1);
    expect([victim.lines(), outer.lines()]).toEqual([[], []]);
    // From outside nobody subscribes at all.
    expect((await curl('inet', 'SUBSCRIBE', ['NT: upnp:event', `CALLBACK: <http://${PROVIDER}:4006/>`], `http://${outside}:2189/evt/IPConn`)).status).toBe(0);
    await curl('lan1', 'UNSUBSCRIBE', [`SID: ${sid}`]);
    await bed.router.exec('ip upnp remove all');
    await Promise.all([victim, outer, own].map((l) => l.stop()));
  }, 60_000);

  it('follows no redirection, bears with an answer without an end, and goes on when a subscriber has gone', async () => {
    const trap = await listen('lan2', 4008);
    const rude = net.start('lan1', ['python3', '-u', '-c', evil, '4009', `http://${LAN2}:4008/`]);
    await until('it listens', async () => (await net.sh('lan1', 'ss -Hltn sport = 4009')).includes('4009'));
    for (let i = 0; i < 4; i++) expect((await curl('lan1', 'SUBSCRIBE', ['NT: upnp:event', `CALLBACK: <http://${LAN1}:4009/${i}>`])).status).toBe(200);
    await until('they were tried', async () => ((await bed.router.counters())['upnp: event not taken by its subscriber'] ?? 0) >= 2);
    await end(rude);
    await map(6003);
    const ears = await listen('lan1', 4010);
    expect((await curl('lan1', 'SUBSCRIBE', ['NT: upnp:event', `CALLBACK: <http://${LAN1}:4010/>`])).status).toBe(200);
    await until('others are told', () => ears.lines().some((l) => l.includes('<PortMappingNumberOfEntries>1<')));
    expect(trap.lines()).toEqual([]);
    expect(bed.router.alive).toBe(true);
    expect(await bed.router.exec('plugin faults')).not.toContain('upnp');
    await Promise.all([trap.stop(), ears.stop()]);
  }, 60_000);

  it('answers a body of a megabyte with 413, announced or in chunks, and goes on', async () => {
    const post = async (...words: string[]) => (await net.sh('lan1', `head -c 1000000 /dev/zero | tr '\\0' '<' | curl -s -m 10 -o /dev/null -w '%{http_code}' -H 'Expect:' -H 'SOAPACTION: "urn:schemas-upnp-org:service:WANIPConnection:1#GetStatusInfo"' ${words.join(' ')} http://${GATEWAY}:2189/ctl/IPConn || true`)).trim();
    expect(await post('--data-binary @-')).toBe('413');
    expect(await post('-X POST -T -')).toBe('413');
    expect(await net.sh('lan1', `curl -s -m 5 http://${GATEWAY}:2189/WANIPCn.xml`)).toContain('<stateVariable sendEvents="yes"><name>ExternalIPAddress</name>');
  });
});

/** argv: port. */
const listener = `
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def any(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode().replace("\\n", "").replace("\\r", "")
        words = " ".join("%s=%s" % (n, self.headers.get(n, "")) for n in ("host", "nt", "nts", "sid", "seq"))
        print(self.command, self.path, "from", self.client_address[0], words, body, flush=True)
        self.send_response(200); self.send_header("content-length", "0"); self.end_headers()
    do_NOTIFY = do_GET = do_POST = any
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("", int(sys.argv[1])), H)
print("listening", flush=True)
s.serve_forever()
`;

/** argv: port, where to send others. By turns: a redirection, a body without an end, silence and the end, no HTTP at all. */
const evil = `
import socket, sys, threading
s = socket.create_server(("", int(sys.argv[1])))
def serve(c):
    try:
        n = int(c.recv(4096).split(b" ")[1][1:])
        if n == 0: c.sendall(b"HTTP/1.1 302 Found\\r\\nLocation: " + sys.argv[2].encode() + b"\\r\\nContent-Length: 0\\r\\n\\r\\n")
        elif n == 1:
            c.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
            while True: c.sendall(b"x" * 65536)
        elif n == 3: c.sendall(b"\\xff" * 100000)
    except OSError: pass
    c.close()
while True:
    c, _ = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
`;

const gupnp = `
import gi
gi.require_version("GUPnP", "1.6")
from gi.repository import GLib, GObject, GUPnP
context = GUPnP.Context.new("eth0", 0)
point = GUPnP.ControlPoint.new(context, "urn:schemas-upnp-org:service:WANIPConnection:1")
def told(proxy, name, value, data): print("%s=%s" % (name, value), flush=True)
kept = []
def found(point, proxy):
    kept.append(proxy)
    for name, kind in (("ExternalIPAddress", GObject.TYPE_STRING), ("ConnectionStatus", GObject.TYPE_STRING), ("PortMappingNumberOfEntries", GObject.TYPE_UINT)):
        proxy.add_notify(name, kind, told, None)
    proxy.connect("subscription-lost", lambda p, e: print("lost", e, flush=True))
    proxy.set_subscribed(True)
    print("found", flush=True)
point.connect("service-proxy-available", found)
point.set_active(True)
GLib.MainLoop().run()
`;
