import { describe, expect, it } from 'vitest';
import { PacketPool } from '../../../../kernel/packet/pool.ts';
import { PppLink } from '../../../../plugins/cellular-cards/core/call/ppp-link.ts';
import { Batch } from '../../../../sdk/index.ts';

const PACKET = Uint8Array.from({ length: 100 }, (_, i) => i);

function link(free = 512) {
  const pool = new PacketPool(free);
  const said: string[] = [];
  let wakes = 0;
  const made = new PppLink('cellular', { wake: () => { wakes++; }, changed: why => said.push(`${made.up} ${why}`) }, pool, () => 77);
  const sent: number[][] = [];
  const wire = { send: (_buf: Uint8Array, from: number, to: number) => { sent.push([from, to]); return sent.length <= 3; }, flush: () => sent.push([]) };
  return { made, pool, said, sent, wire, wakes: () => wakes };
}

describe('the interface of a call', () => {
  it('is up while the call stands, and says so', () => {
    const { made, said, wire } = link();
    expect(made.up).toBe(false);
    made.connect(wire, 1480);
    expect([made.up, made.mtu]).toEqual([true, 1480]);
    made.disconnect('dropped');
    made.disconnect('again');
    expect(said).toEqual(['true ', 'false dropped']);
  });

  it('gives what came in order, wakes once, and drops and counts what does not fit', () => {
    const { made, wakes, pool } = link();
    for (let i = 0; i < 300; i++) made.receive(PACKET, i % 50, 100);
    expect(made.stats.rxDropped).toBe(300 - 256);
    expect(wakes()).toBe(1);
    const batch = new Batch();
    const lengths: number[] = [];
    for (let n = 0; n < 4; n++) {
      batch.clear();
      expect(made.rx(batch)).toBe(64);
      for (let i = 0; i < batch.n; i++) { lengths.push(batch.at(i).len); expect(batch.at(i).buf[batch.at(i).off]).toBe(100 - batch.at(i).len); pool.free(batch.at(i)); }
    }
    expect(lengths).toEqual(Array.from({ length: 256 }, (_, i) => 100 - i % 50));
    expect([made.stats.rxPackets, pool.available]).toEqual([256, 512]);
  });

  it('drops and counts when there is no buffer', () => {
    const { made } = link(2);
    for (let i = 0; i < 5; i++) made.receive(PACKET, 0, 100);
    expect(made.stats.rxDropped).toBe(3);
  });

  it('gives waiting packets back when the call ends, and when it is closed', () => {
    const { made, pool, wire } = link();
    made.connect(wire, 1500);
    made.receive(PACKET, 0, 100);
    made.disconnect('over');
    made.receive(PACKET, 0, 100);
    made.close();
    expect(pool.available).toBe(512);
  });

  it('sends a batch with one flush, and counts what the wire does not take', () => {
    const { made, pool, sent, wire } = link();
    const batch = new Batch();
    for (let i = 0; i < 5; i++) { const p = pool.take()!; p.len = 40; batch.push(p); }
    made.tx(batch);
    expect([made.stats.txDropped, made.lastSent]).toEqual([5, 0]);
    made.connect(wire, 1500);
    made.tx(batch);
    expect([made.stats.txPackets, made.stats.txBytes, made.stats.txDropped, made.lastSent]).toEqual([3, 120, 7, 77]);
    expect(sent.filter(s => s.length === 0).length).toBe(1);
  });
});
