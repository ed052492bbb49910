import { beforeEach, describe, expect, it } from 'vitest';
import { framed } from '../../../plugins/lan/dns-frames.ts';
import { DnsStreams } from '../../../plugins/lan/dns-streams.ts';
import type { Counter, OwnConnection, OwnTcp } from '../../../sdk/index.ts';

type Fake = OwnConnection & { readonly sent: Uint8Array[]; gone: boolean };
function connection(from: number): Fake {
  const c: Fake = {
    from, fromPort: 5000, to: 1, zone: 'LAN', onData: () => {}, onClose: () => {}, sent: [], gone: false,
    write: (data) => { c.sent.push(data); return true; }, end: () => c.destroy(),
    destroy: () => { if (!c.gone) { c.gone = true; c.onClose(); } },
  };
  return c;
}
const message = (n: number): Uint8Array => new Uint8Array(12).fill(n);

let accept: (c: OwnConnection) => void;
let listening: string[];
let refused: Counter;
let asked: { data: Uint8Array; reply: (answer: Uint8Array) => void }[];
let outgoing: { readonly to: Parameters<OwnTcp['connect']>[0]; readonly made: (c: OwnConnection) => void; readonly failed: (e: Error) => void }[];
let streams: DnsStreams;
beforeEach(() => {
  listening = [];
  asked = [];
  outgoing = [];
  refused = { name: 'refused', n: 0 };
  const tcp: OwnTcp = {
    why: undefined,
    listen(at, take) {
      const name = `${at.port} ${at.zones.join('+')}`;
      listening.push(name);
      accept = take;
      return { dispose: () => { listening = listening.filter(l => l !== name); } };
    },
    connect: to => new Promise((made, failed) => { outgoing.push({ to, made, failed }); }),
  };
  streams = new DnsStreams({ tcp, refused, query: (data, reply) => asked.push({ data, reply }), failed: () => {} });
});
const client = (from = 7): Fake => {
  const c = connection(from);
  accept(c);
  return c;
};

describe('DNS over TCP', () => {
  it('listens on port 53 of the zones that are wanted, and anew when they change', () => {
    streams.configure(['LAN', 'DMZ']);
    streams.configure(['LAN', 'DMZ']);
    expect(listening).toEqual(['53 LAN+DMZ']);
    streams.configure(['LAN']);
    expect(listening).toEqual(['53 LAN']);
    streams.configure([]);
    expect(listening).toEqual([]);
  });

  it('does not listen without a TCP/IP, and says so when the port is taken', () => {
    const said: string[] = [];
    const none = new DnsStreams({ tcp: { why: 'none here', listen: () => { throw new Error('none here'); }, connect: () => Promise.reject(new Error()) }, refused, query: () => {}, failed: why => said.push(why) });
    none.configure(['LAN']);
    expect(said).toEqual([]);
    const taken = new DnsStreams({ tcp: { why: undefined, listen: () => { throw new Error('port 53 is taken'); }, connect: () => Promise.reject(new Error()) }, refused, query: () => {}, failed: why => said.push(why) });
    taken.configure(['LAN']);
    expect(said).toEqual(['port 53 is taken']);
  });

  it('answers several questions of one connection, in the order in which answers come', () => {
    streams.configure(['LAN']);
    const c = client();
    c.onData(Uint8Array.from([...framed(message(1)), ...framed(message(2))]));
    expect(asked.map(a => a.data[0])).toEqual([1, 2]);
    asked[1]!.reply(message(22));
    asked[0]!.reply(message(11));
    expect(c.sent.map(s => [s[1], s[2]])).toEqual([[12, 22], [12, 11]]);
    expect(c.gone).toBe(false);
  });

  it('an answer for a connection that is gone goes nowhere', () => {
    streams.configure(['LAN']);
    const c = client();
    c.onData(framed(message(1)));
    c.destroy();
    asked[0]!.reply(message(11));
    expect([c.sent.length, streams.connections]).toEqual([0, 0]);
  });

  it('closes and counts: lengths that cannot be, too many questions at once, too many connections of one client', () => {
    streams.configure(['LAN']);
    const liar = client();
    liar.onData(Uint8Array.of(0, 0));
    expect([liar.gone, refused.n]).toEqual([true, 1]);
    const greedy = client();
    for (let i = 0; i < 32; i++) greedy.onData(framed(message(i)));
    expect(greedy.gone).toBe(false);
    greedy.onData(framed(message(33)));
    expect([greedy.gone, refused.n, asked.length]).toEqual([true, 2, 32]);
    const many = Array.from({ length: 9 }, () => client(8));
    expect([many.filter(c => c.gone).length, refused.n, streams.connections]).toEqual([1, 3, 8]);
    expect(client(9).gone).toBe(false);
  });

  it('asks a server, and tells of an answer or of one failure', async () => {
    const got: number[] = [];
    let failures = 0;
    const ask = () => streams.ask(9, 4, message(5), data => got.push(data[0]!), () => { failures++; });
    ask();
    expect(outgoing[0]!.to).toMatchObject({ ip: 9, port: 53, from: 4 });
    const server = connection(9);
    outgoing[0]!.made(server);
    await Promise.resolve();
    expect([...server.sent[0]!.subarray(0, 3)]).toEqual([0, 12, 5]);
    server.onData(framed(message(6)).subarray(0, 5));
    server.onData(framed(message(6)).subarray(5));
    expect(got).toEqual([6]);
    server.destroy();
    expect(failures).toBe(1);
    ask();
    outgoing[1]!.failed(new Error('refused'));
    await Promise.resolve();
    await Promise.resolve();
    expect(failures).toBe(2);
    const given = ask();
    void given.dispose();
    const late = connection(9);
    outgoing[2]!.made(late);
    await Promise.resolve();
    expect([late.gone, late.sent.length, failures]).toEqual([true, 0, 2]);
  });
});
