import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as tcp from '../../../sdk/wire/tcp.ts';
import { FlowTable } from '../../../kernel/flow/table.ts';
import { S, tcpNext } from '../../../kernel/flow/tcp-state.ts';
import { Wheel } from '../../../kernel/flow/wheel.ts';
import { frame, ip, LAN_HOST, road, SERVER, tcpBody, udpBody, WAN_IP } from '../packet/road.ts';

describe('the table', () => {
  it('finds exactly what was inserted and not removed (against a Map)', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 3 }), fc.boolean()), { maxLength: 300 }), ops => {
      const table = new FlowTable(64, 7);
      const model = new Map<string, number>();
      for (const [a, b, add] of ops) {
        const key = `${a} ${b}`;
        if (add) {
          const flow = table.allocate();
          if (flow < 0) { expect(table.size).toBe(64); continue; }
          if (table.insert(flow * 2, a, b, 0xffff_ffff, 17)) model.set(key, flow);
          else { expect(model.has(key)).toBe(true); table.release(flow); }
        } else if (model.has(key)) {
          const flow = model.get(key)!;
          table.remove(flow * 2);
          table.release(flow);
          model.delete(key);
        }
        for (let x = 0; x < 16; x++) for (let y = 0; y < 4; y++) {
          const want = model.get(`${x} ${y}`);
          expect(table.find(x, y, 0xffff_ffff, 17)).toBe(want === undefined ? -1 : want * 2);
        }
      }
    }), { numRuns: 100 });
  });

  it('makes room by its oldest half-open flows; when there are none it is full, and says so', () => {
    const r = road({ maxFlows: 3 });
    for (let port = 1; port <= 5; port++) r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, port)));
    r.settle();
    expect(r.engine.flows.size).toBe(3);
    expect(r.counts()['flow: half-open or closed flow gave way to a new one']).toBe(2);
    for (let port = 3; port <= 5; port++) r.wan.send(frame(r.macOf(r.wanId), SERVER, WAN_IP, 17, udpBody(port, 5000)));
    r.settle();
    expect(r.engine.flows.halfOpen).toBe(0);
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 6)));
    r.settle();
    expect(r.engine.flows.size).toBe(3);
    expect(r.counts()['flow: table full']).toBe(1);
  });
});

describe('the wheel', () => {
  it('looks at each flow at its second, not before, with any budget', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 50 }), fc.integer({ min: 1, max: 7 }), (dues, budget) => {
      const wheel = new Wheel(new Int32Array(dues.length * 3), 3, 0);
      for (const [flow, due] of dues.entries()) wheel.put(flow, due);
      const ended = new Map<number, number>();
      for (let now = 0; now <= 5000; now++) {
        while (!wheel.turn(now, budget, flow => {
          if (dues[flow]! > now) return dues[flow]!;
          ended.set(flow, now);
          return -1;
        })) { /* the rest of this second */ }
      }
      expect([...ended].sort((a, b) => a[0] - b[0]).map(e => e[1])).toEqual(dues);
    }), { numRuns: 20 });
  });
});

describe('TCP as a middlebox sees it', () => {
  const walk = (...steps: [number, number][]) => steps.reduce<number>((s, [flags, dir]) => tcpNext(s, flags, dir), S.New);
  it('opens, closes from either side, and is cut by RST', () => {
    const open: [number, number][] = [[tcp.SYN, 0], [tcp.SYN | tcp.ACK, 1], [tcp.ACK, 0]];
    expect(walk(...open)).toBe(S.Established);
    expect(walk(...open, [tcp.FIN | tcp.ACK, 0])).toBe(S.FinWait);
    expect(walk(...open, [tcp.FIN | tcp.ACK, 0], [tcp.FIN | tcp.ACK, 1], [tcp.ACK, 0])).toBe(S.TimeWait);
    expect(walk(...open, [tcp.FIN | tcp.ACK, 1], [tcp.FIN | tcp.ACK, 0], [tcp.ACK, 1])).toBe(S.TimeWait);
    expect(walk(...open, [tcp.RST, 1])).toBe(S.Close);
    expect(walk(...open, [tcp.RST, 1], [tcp.SYN, 0])).toBe(S.SynSent);
  });
});

describe('flows', () => {
  const open = (r: ReturnType<typeof road>) => {
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 6, tcpBody(4000, 80, tcp.SYN)));
    r.wan.send(frame(r.macOf(r.wanId), SERVER, WAN_IP, 6, tcpBody(80, 4000, tcp.SYN | tcp.ACK)));
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 6, tcpBody(4000, 80, tcp.ACK)));
    r.settle();
  };

  it('age by state: established lives 2 h 4 min (RFC 5382 REQ-5), a reset one ten seconds', () => {
    const r = road();
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 6, tcpBody(4000, 80, tcp.SYN)));
    r.settle();
    r.wan.send(frame(r.macOf(r.wanId), SERVER, WAN_IP, 6, tcpBody(80, 4000, tcp.SYN | tcp.ACK)));
    r.settle();
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 6, tcpBody(4000, 80, tcp.ACK)));
    r.settle();
    expect(r.engine.flows.list()[0]!.state).toBe('established');
    for (let s = 0; s < 7430; s += 10) { r.clock.advance(10_000); r.engine.breathe(); }
    expect(r.engine.flows.size).toBe(1);
    for (let s = 0; s < 3; s++) { r.clock.advance(10_000); r.engine.breathe(); }
    expect(r.engine.flows.size).toBe(0);
    open(r);
    r.wan.send(frame(r.macOf(r.wanId), SERVER, WAN_IP, 6, tcpBody(80, 4000, tcp.RST)));
    r.settle();
    r.clock.advance(11_000); r.engine.breathe();
    expect(r.engine.flows.size).toBe(0);
  });

  it('are decided again after an epoch change, keep what they had, and end when no longer allowed', () => {
    const r = road();
    const send = () => { r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53))); r.settle(); };
    send();
    const id = r.engine.flows.list()[0]!.id;
    let previous: unknown;
    const wall = r.decide({ slot: 'policy', name: 'look', decide: f => { previous = f.previous; return undefined; } });
    send();
    expect(previous).toMatchObject({ snatSrc: WAN_IP, snatSport: 5000, toDst: SERVER, outLink: r.wanId });
    expect(r.engine.flows.list()[0]!.id).toBe(id);
    void wall.dispose();
    r.decide({ slot: 'policy', name: 'wall', decide: () => ({ drop: r.dropped }) });
    send();
    expect(r.engine.flows.size).toBe(0);
    expect(r.out.wan).toHaveLength(2);
  });

  it('follow a changed source address of the way out', () => {
    const r = road();
    const other = ip('198.51.100.9');
    const send = () => { r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53))); r.settle(); };
    send();
    r.decide({ slot: 'snat', name: 'new', order: 1, decide: () => ({ src: other, sport: 5000 }) });
    send();
    expect(r.engine.flows.list()).toHaveLength(1);
    expect(r.engine.flows.list()[0]!.reply.dst).toBe(other);
    expect(r.engine.flows.taken(SERVER, 53, WAN_IP, 5000, 17)).toBe(false);
  });

  it('end with the decider that translated them, unless it comes back while the breath is held', () => {
    const r = road();
    const ended: number[] = [];
    const spec = { slot: 'snat', name: 'own.nat', order: 1, decide: (f: { outLink: number }) => f.outLink === r.wanId ? { src: WAN_IP, sport: 9 } : undefined, ended: (f: { id: number }) => void ended.push(f.id) } as const;
    const first = r.decide(spec);
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53))); r.settle();
    const hold = r.engine.hold('reload');
    void first.dispose();
    const second = r.decide(spec);
    void hold.dispose(); r.settle();
    expect(r.engine.flows.size).toBe(1);
    const gone = r.engine.hold('unload');
    void second.dispose();
    void gone.dispose();
    expect(r.engine.flows.size).toBe(0);
  });

  it('end with a decider that is unloaded while packets flow', () => {
    const r = road();
    const gone = r.decide({ slot: 'snat', name: 'own.nat', order: 1, decide: f => f.outLink === r.wanId ? { src: WAN_IP, sport: 9 } : undefined });
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 53))); r.settle();
    expect(r.engine.flows.size).toBe(1);
    void gone.dispose(); r.settle();
    expect(r.engine.flows.size).toBe(0);
  });

  it('a segment without a connection costs no decision', () => {
    const r = road();
    let asked = 0;
    r.decide({ slot: 'snat', name: 'counts', order: 1, decide: () => { asked++; return undefined; } });
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 6, tcpBody(4000, 80, tcp.ACK))); r.settle();
    expect(asked).toBe(0);
  });

  it('a reset of the router that refuses a connection becomes no flow (fixed: it caught the next connection from that port)', () => {
    const r = road();
    const p = r.engine.packets.take()!;
    const f = frame(r.macOf(r.lanId), SERVER, LAN_HOST, 6, tcpBody(80, 4000, tcp.RST | tcp.ACK));
    p.fill(f.subarray(14));
    r.engine.packets.output(p);
    r.settle();
    expect(r.out.lan).toHaveLength(1);
    expect(r.engine.flows.size).toBe(0);
  });

  it('nothing new is forwarded while a guarding plugin is down; what is established goes on', () => {
    const r = road();
    const send = (port: number) => { r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, port))); r.settle(); };
    send(1);
    r.engine.deciders.failClosed = ['firewall'];
    r.engine.flows.bumpEpoch('test');
    send(1); send(2);
    expect(r.out.wan).toHaveLength(2);
    expect(r.counts()['flow: closed, a guarding plugin is down']).toBe(1);
  });

  it('a decider that throws refuses the flow and is named', () => {
    const r = road();
    r.decide({ slot: 'policy', name: 'bad.decider', decide: () => { throw new Error('oops'); } });
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 17, udpBody(5000, 1))); r.settle();
    expect(r.out.wan).toHaveLength(0);
    expect(r.faults[0]).toContain('bad.decider');
  });
});
