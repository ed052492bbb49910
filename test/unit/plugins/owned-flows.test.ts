import { describe, expect, it } from 'vitest';
import type { NewFlow } from '../../../sdk/flow.ts';
import type { Disposable } from '../../../sdk/scope.ts';
import { ownedFlows } from '../../../kernel/plugins/owned-flows.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import { frame, LAN_HOST, road, SERVER, tcpBody } from '../packet/road.ts';

describe('flows of a plugin', () => {
  it('are claimed in its scope, and what its functions throw is its own fault', () => {
    const r = road();
    const faults: string[] = [];
    const claimed: string[] = [];
    const flows = ownedFlows(r.engine.flows, <T extends Disposable>(label: string, make: () => T) => { claimed.push(label); return make(); }, (place, error) => void faults.push(`${place}: ${(error as Error).message}`));
    const fail = (): never => { throw new Error('oops'); };
    const watching = flows.watch({ begun: fail, confirmed: fail, ended: fail });
    const tracking = flows.trackTcp({ window: true, pickup: fail, asymmetric: fail });
    const timing = flows.setTimeouts({ udp: 7 });
    expect(claimed).toEqual(['flow watcher', 'TCP tracking', 'flow timeouts']);
    const send = (flags: number) => { r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 6, tcpBody(4000, 80, flags))); r.settle(); };
    send(tcp.ACK);
    expect(flows.size).toBe(0);
    send(tcp.SYN);
    flows.cut(0, 'test');
    expect(faults).toEqual(['TCP tracking: oops', 'TCP tracking: oops', 'flow watcher: oops', 'flow watcher: oops']);
    expect(r.out.wan).toHaveLength(1);
    expect(flows.timeouts.udp).toBe(7);
    for (const held of [watching, tracking, timing]) void held.dispose();
    expect(flows.timeouts.udp).toBe(120);
    send(tcp.SYN);
    expect(faults).toHaveLength(4);
  });
  it('keep the watcher they were given', () => {
    const r = road();
    const flows = ownedFlows(r.engine.flows, (_, make) => make(), () => {});
    class Counting { n = 0; begun(_id: number, flow: NewFlow): void { this.n += flow.proto; } }
    const watcher = new Counting();
    flows.watch(watcher);
    r.lan.send(frame(r.macOf(r.lanId), LAN_HOST, SERVER, 6, tcpBody(4000, 80, tcp.SYN))); r.settle();
    expect(watcher.n).toBe(6);
  });
});
