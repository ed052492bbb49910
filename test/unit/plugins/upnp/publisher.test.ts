import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { createScope } from '../../../../kernel/scope.ts';
import { Publisher } from '../../../../plugins/upnp/publisher.ts';
import type { OwnHttp, OwnMessage } from '../../../../sdk/index.ts';
import { HOST, OUTSIDE, ip, rig, wish } from './rig.ts';

const OWN = ip('192.168.1.1');

describe('the publisher of events', () => {
  function publisher(status: number | undefined = 200) {
    const { book } = rig();
    const clock = new VirtualClock();
    const scope = createScope('test');
    const sent: OwnMessage[] = [];
    const http: OwnHttp = { why: undefined, serve: () => ({ dispose() {} }), send: message => { sent.push(message); return Promise.resolve(status); } };
    const wan = { name: 'wan', ip: OUTSIDE, up: true, uptimeMs: 0, cellular: false, stats: undefined };
    const lost = { n: 0 };
    const p = new Publisher({ clock, scope, http, env: { book, version: '1', connectionUuid: 'c', longest: 600, now: () => clock.now(), wan: () => wan }, lost: lost as never });
    const pass = async (ms: number) => { clock.advance(ms); await Promise.resolve(); await Promise.resolve(); };
    return { book, clock, scope, sent, p, lost, pass };
  }
  const subscribe = { kind: 'subscribe', service: 'WANIPConnection', host: HOST, own: OWN, callbacks: [{ port: 4004, path: '/e' }], seconds: 300 } as const;

  it('writes NOTIFY as UDA 1.1 §4.3.2 has it, from the address that was asked', async () => {
    const { p, sent, pass, book, lost } = publisher();
    const { sid } = p.ask(subscribe);
    expect(sent).toEqual([]);
    await pass(100);
    expect(sent).toMatchObject([{ method: 'NOTIFY', to: HOST, port: 4004, path: '/e', from: OWN, withinMs: 30_000,
      headers: { 'content-type': 'text/xml; charset="utf-8"', nt: 'upnp:event', nts: 'upnp:propchange', sid, seq: '0' } }]);
    for (const part of ['<PossibleConnectionTypes>IP_Routed<', '<ConnectionStatus>Connected<', '<ExternalIPAddress>198.51.100.2<', '<PortMappingNumberOfEntries>0<', '<SystemUpdateID>0<']) expect(sent[0]!.body).toContain(part);
    book.wish(wish(), 0);
    p.changed();
    await pass(200);
    expect(sent[1]).toMatchObject({ headers: { seq: '1' } });
    expect(sent[1]!.body).toMatch(/^(?!.*ConnectionStatus).*<PortMappingNumberOfEntries>1<.*<SystemUpdateID>1</s);
    expect(lost.n).toBe(0);
  });

  it('counts what is not taken, and says nothing any more when it is closed', async () => {
    const { p, sent, pass, lost, scope, book } = publisher(412);
    p.ask(subscribe);
    await pass(100);
    expect(lost.n).toBe(1);
    await scope.dispose();
    book.wish(wish(), 0);
    p.changed();
    await pass(1000);
    expect([sent.length, p.ask(subscribe).status]).toEqual([1, 503]);
  });
});
