import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PortControl } from '../../../../plugins/upnp/port-control.ts';
import * as natPmp from '../../../../sdk/wire/nat-pmp.ts';
import * as pcp from '../../../../sdk/wire/pcp.ts';
import { HOST, OTHER, OUTSIDE, ip, rig } from './rig.ts';

const { Result } = pcp;
const NONCE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

function control(more: Parameters<typeof rig>[0] = {}) {
  const r = rig(more);
  const machine = new PortControl(r.book, { longest: 100_000, start: 0, address: 0 });
  machine.step({ kind: 'address', ip: OUTSIDE }, 0);
  const ask = (data: Uint8Array, src = HOST, now = 0): Uint8Array | undefined => {
    const [out, ...more] = machine.step({ kind: 'datagram', src, sport: 4000, data, to: 9 }, now);
    expect(more).toEqual([]);
    if (out?.kind !== 'reply') return undefined;
    expect([out.dst, out.dport, out.to]).toEqual([src, 4000, 9]);
    return out.data;
  };
  const pmp = (q: natPmp.Request, src = HOST, now = 0) => { const a = ask(natPmp.emitRequest(q), src, now)!; return natPmp.parseResponse(a, 0, a.length)!; };
  const map = (more: Partial<pcp.MapData> & { lifetime?: number; client?: number; src?: number; options?: Partial<pcp.Options> } = {}, now = 0) => {
    const { lifetime = 600, client = HOST, src = HOST, options, ...m } = more;
    const a = ask(pcp.emitRequest({
      opcode: pcp.OP_MAP, lifetime, client, map: { nonce: NONCE, protocol: 6, intPort: 80, extPort: 8000, external: 0, ...m }, options: { thirdParty: undefined, preferFailure: false, filters: [], ...options },
    }), src, now)!;
    return pcp.parseResponse(a, 0, a.length)!;
  };
  const peer = (more: Partial<pcp.PeerData> & { lifetime?: number; src?: number; options?: Partial<pcp.Options> } = {}, now = 0) => {
    const { lifetime = 600, src = HOST, options, ...p } = more;
    const data = { nonce: NONCE, protocol: 17, intPort: 5000, extPort: 0, external: 0, remotePort: 443, remote: ip('203.0.113.10'), ...p };
    const a = ask(pcp.emitRequest({ opcode: pcp.OP_PEER, lifetime, client: src, peer: data, options: { thirdParty: undefined, preferFailure: false, filters: [], ...options } }), src, now)!;
    return pcp.parseResponse(a, 0, a.length)!;
  };
  return { ...r, machine, ask, pmp, map, peer };
}

describe('NAT-PMP', () => {
  it('tells the outside address and how long it has known', () => {
    const { pmp, machine } = control();
    expect(pmp({ op: 0 }, HOST, 5500)).toEqual({ op: 0, result: 0, epoch: 5, address: OUTSIDE });
    machine.step({ kind: 'address', ip: 0 }, 10_000);
    expect(pmp({ op: 0 }, HOST, 10_000)).toEqual({ op: 0, result: 3, epoch: 0, address: 0 });
  });

  it('maps, prolongs, gives another port when taken, and deletes', () => {
    const { pmp, book } = control();
    expect(pmp({ op: 2, intPort: 80, extPort: 8000, lifetime: 3600 })).toEqual({ op: 2, result: 0, epoch: 0, intPort: 80, extPort: 8000, lifetime: 3600 });
    expect(pmp({ op: 2, intPort: 80, extPort: 9000, lifetime: 10 })).toMatchObject({ extPort: 8000, lifetime: 120 });
    expect(pmp({ op: 2, intPort: 80, extPort: 8000, lifetime: 4_000_000_000 }, OTHER)).toMatchObject({ result: 0, extPort: 40_000, lifetime: 86_400 });
    expect(pmp({ op: 2, intPort: 80, extPort: 0, lifetime: 0 })).toEqual({ op: 2, result: 0, epoch: 0, intPort: 80, extPort: 0, lifetime: 0 });
    expect(book.list()).toMatchObject([{ intIp: OTHER }]);
    pmp({ op: 2, intPort: 81, extPort: 0, lifetime: 600 }, OTHER);
    expect(pmp({ op: 2, intPort: 0, extPort: 0, lifetime: 0 }, OTHER)).toMatchObject({ result: 0 });
    expect(book.size).toBe(0);
  });

  it('says why not', () => {
    const { pmp } = control({ configure: false });
    expect(pmp({ op: 1, intPort: 80, extPort: 8000, lifetime: 60 })).toMatchObject({ result: 2, extPort: 0, lifetime: 0 });
    expect(pmp({ op: 1, intPort: 80, extPort: 8000, lifetime: 0 })).toMatchObject({ result: 2 });
    expect(pmp({ op: 'unknown', opcode: 33 })).toMatchObject({ opcode: 33, result: 5 });
  });
});

describe('PCP', () => {
  it('maps and prolongs, and keeps the nonce', () => {
    const { map, book } = control();
    expect(map()).toMatchObject({ result: 0, lifetime: 600, epoch: 0, map: { nonce: NONCE, protocol: 6, intPort: 80, extPort: 8000, external: OUTSIDE } });
    expect(map({ extPort: 9000, lifetime: 10 }, 9000)).toMatchObject({ result: 0, lifetime: 120, epoch: 9, map: { extPort: 8000 } });
    expect(map({ nonce: new Uint8Array(12) })).toMatchObject({ result: Result.NotAuthorized });
    expect(map({ nonce: new Uint8Array(12), lifetime: 0 })).toMatchObject({ result: Result.NotAuthorized });
    expect(map({ lifetime: 0 })).toMatchObject({ result: 0, lifetime: 0 });
    expect(map({ lifetime: 0 })).toMatchObject({ result: 0, lifetime: 0 });
    expect(book.size).toBe(0);
  });

  it('obeys PREFER_FAILURE and FILTER', () => {
    const { map, book } = control();
    map();
    const other = { src: OTHER, client: OTHER };
    expect(map({ ...other, options: { preferFailure: true } })).toMatchObject({ result: Result.CannotProvideExternal, lifetime: 30 });
    expect(map({ ...other, external: ip('9.9.9.9'), extPort: 8001, options: { preferFailure: true } })).toMatchObject({ result: Result.CannotProvideExternal });
    expect(map({ ...other, extPort: 8001, options: { preferFailure: true, filters: [{ bits: 32, port: 0, address: 77 }] } })).toMatchObject({ result: 0, map: { extPort: 8001 } });
    expect(book.list()[1]).toMatchObject({ remote: 77 });
    expect(map({ options: { filters: [{ bits: 24, port: 0, address: 77 }] } })).toMatchObject({ result: Result.UnsuppOption });
    expect(map({ options: { filters: [{ bits: 32, port: 0, address: 77 }, { bits: 32, port: 0, address: 78 }] } })).toMatchObject({ result: Result.ExcessiveRemotePeers });
    expect(map({ options: { filters: [{ bits: 32, port: 0, address: 77 }, { bits: -1, port: 0, address: 0 }] } })).toMatchObject({ result: 0 });
  });

  it('refuses what it must', () => {
    const { map, ask, machine } = control();
    expect(map({ client: OTHER })).toMatchObject({ result: Result.AddressMismatch, lifetime: 1800 });
    expect(map({ protocol: 132 })).toMatchObject({ result: Result.UnsuppProtocol });
    expect(map({ protocol: 0, intPort: 0 })).toMatchObject({ result: Result.UnsuppProtocol });
    expect(map({ protocol: 0 })).toMatchObject({ result: Result.MalformedRequest });
    expect(map({ options: { thirdParty: OTHER } })).toMatchObject({ result: Result.UnsuppOption });
    for (let i = 0; i < 3; i++) map({ intPort: 90 + i });
    expect(map({ intPort: 99 })).toMatchObject({ result: Result.UserExQuota });
    const unknown = ask(Uint8Array.of(5, 1, 0, 0))!;
    expect(pcp.parseResponse(unknown, 0, unknown.length)).toMatchObject({ result: Result.UnsuppVersion });
    machine.step({ kind: 'address', ip: 0 }, 0);
    expect(map()).toMatchObject({ result: Result.NetworkFailure });
  });

  it('maps for others where that is allowed', () => {
    const { map, book } = control({ others: true });
    expect(map({ options: { thirdParty: OTHER } })).toMatchObject({ result: 0 });
    expect(map({ options: { thirdParty: HOST } })).toMatchObject({ result: Result.UnsuppOption });
    expect(book.list()).toMatchObject([{ by: HOST, intIp: OTHER }]);
  });
});

describe('PEER', () => {
  it('tells the outside port of a flow, and keeps the way back for its peer alone', () => {
    const { peer, nat, book } = control();
    nat.flows.set(5000, 41_234);
    expect(peer()).toMatchObject({ result: 0, lifetime: 600, peer: { nonce: NONCE, intPort: 5000, extPort: 41_234, external: OUTSIDE, remotePort: 443, remote: ip('203.0.113.10') } });
    expect(book.list()).toMatchObject([{ via: 'pcp-peer', proto: 17, extPort: 41_234, intIp: HOST, intPort: 5000, remote: ip('203.0.113.10') }]);
    // What was suggested is ignored where there is a flow (§12.3), and nothing is ever shortened.
    expect(peer({ extPort: 7000 }, 100_000)).toMatchObject({ result: 0, lifetime: 600, peer: { extPort: 41_234 } });
    expect(peer({ lifetime: 130 }, 200_000)).toMatchObject({ lifetime: 500 });
    expect(peer({ lifetime: 0 }, 300_000)).toMatchObject({ lifetime: 400 });
    expect(peer({ nonce: new Uint8Array(12) })).toMatchObject({ result: Result.NotAuthorized });
    expect(peer({ remote: ip('203.0.113.11') })).toMatchObject({ result: Result.NoResources });
    book.expire(700_000);
    expect(book.size).toBe(0);
  });

  it('gives a flow that is yet to come the suggested port, or says that it cannot', () => {
    const { peer, nat } = control();
    nat.forwarded = [7001];
    expect(peer({ extPort: 7000 })).toMatchObject({ result: 0, peer: { extPort: 7000 } });
    expect(peer({ intPort: 5001, extPort: 7001 })).toMatchObject({ result: Result.CannotProvideExternal });
    expect(peer({ intPort: 5001, extPort: 7002, external: ip('9.9.9.9') })).toMatchObject({ result: Result.CannotProvideExternal });
    expect(peer({ intPort: 5001, lifetime: 1 })).toMatchObject({ result: 0, lifetime: 120, peer: { extPort: 5001 } });
  });

  it('tells of a mapping that is there for everybody; a mapping takes the place of what PEER keeps', () => {
    const { peer, map, book } = control();
    map({ protocol: 17, intPort: 5000, extPort: 8000, lifetime: 900 });
    expect(peer({ nonce: new Uint8Array(12), lifetime: 10 }, 60_000)).toMatchObject({ result: 0, lifetime: 840, peer: { extPort: 8000 } });
    peer({ intPort: 5001, extPort: 7000 });
    expect(map({ protocol: 17, intPort: 5001, extPort: 0, nonce: new Uint8Array(12) })).toMatchObject({ result: 0 });
    expect(book.list()).toMatchObject([{ via: 'pcp', extPort: 8000 }, { via: 'pcp', intPort: 5001 }]);
  });

  it('is bound by the permissions and the limits', () => {
    const { peer, map, machine } = control({ permissions: [{ action: 'deny', outsidePorts: '7000-7999' }] });
    expect(peer({ extPort: 7000 })).toMatchObject({ result: Result.NotAuthorized });
    expect(peer({ options: { thirdParty: OTHER } })).toMatchObject({ result: Result.UnsuppOption });
    for (const more of [{ intPort: 0 }, { protocol: 0 }, { remotePort: 0 }, { remote: 0 }]) expect(peer(more)).toMatchObject({ result: Result.MalformedRequest });
    expect(peer({ protocol: 132 })).toMatchObject({ result: Result.UnsuppProtocol });
    for (let i = 0; i < 3; i++) map({ intPort: 90 + i, extPort: 0 });
    expect(peer()).toMatchObject({ result: Result.UserExQuota });
    machine.step({ kind: 'address', ip: 0 }, 0);
    expect(peer()).toMatchObject({ result: Result.NetworkFailure });
    expect(control({ configure: false }).peer()).toMatchObject({ result: Result.NotAuthorized });
  });

  it('has MAP keep the port that flows of the endpoint have (§11.3)', () => {
    const { map, nat } = control();
    nat.flows.set(80, 41_235);
    expect(map({ extPort: 8000 })).toMatchObject({ result: 0, map: { extPort: 41_235 } });
    expect(map({ intPort: 81, extPort: 8001, options: { preferFailure: true } })).toMatchObject({ map: { extPort: 8001 } });
  });
});

describe('port control', () => {
  it('announces its address when it begins, in the epoch that goes on where nothing was lost', () => {
    const { book } = rig();
    const begin = (known: boolean) => new PortControl(book, { longest: 600, start: -50_000, address: OUTSIDE, known });
    const outs = begin(false).step({ kind: 'address', ip: OUTSIDE }, 0);
    expect(outs.map(o => (o.kind === 'announce' ? [...o.data.subarray(0, 12)] : []))).toEqual([
      [0, 128, 0, 0, 0, 0, 0, 50, 198, 51, 100, 2], // RFC 6886 §3.2.1
      [2, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50], // RFC 6887 §14.1
    ]);
    expect(begin(true).step({ kind: 'address', ip: OUTSIDE }, 0)).toEqual([]);
    expect(begin(true).step({ kind: 'address', ip: OUTSIDE + 1 }, 0)[1]!.data[11]).toBe(0);
  });

  it('announces another outside address ten times, ever more slowly, with a new epoch', () => {
    const { machine, pmp } = control();
    let now = 100_000;
    const told: number[] = [];
    let outs = machine.step({ kind: 'address', ip: OUTSIDE + 1 }, now);
    for (;;) {
      expect(outs.map(o => [o.kind, o.data[0], o.data[1]])).toEqual([['announce', 0, 128], ['announce', 2, 128]]);
      told.push(now - 100_000);
      const next = machine.deadline();
      if (next === undefined) break;
      expect(machine.step({ kind: 'tick' }, next - 1)).toEqual([]);
      outs = machine.step({ kind: 'tick' }, now = next);
    }
    expect(told).toEqual([0, 250, 750, 1750, 3750, 7750, 15_750, 31_750, 63_750, 127_750]);
    expect(machine.step({ kind: 'address', ip: OUTSIDE + 1 }, now)).toEqual([]);
    expect(pmp({ op: 0 }, HOST, 103_000)).toMatchObject({ epoch: 3, address: OUTSIDE + 1 });
  });

  it('answers whatever comes with at most 1100 octets, and keeps its bounds', () => {
    const { machine, book } = control();
    const any = fc.oneof(fc.uint8Array({ maxLength: 1300 }), fc.tuple(fc.constantFrom([0, 1], [0, 2], [2, 1], [2, 0], [2, 2]), fc.uint8Array({ minLength: 10, maxLength: 118 })).map(([a, b]) => Uint8Array.from([...a, ...b])));
    fc.assert(fc.property(any, data => {
      for (const out of machine.step({ kind: 'datagram', src: HOST, sport: 1, data, to: 9 }, 0)) expect(out.data.length).toBeLessThanOrEqual(1100);
      expect(book.size).toBeLessThanOrEqual(3);
    }), { numRuns: 5000 });
  });
});
