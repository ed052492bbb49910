import { describe, expect, it } from 'vitest';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import type { Events } from '../../../sdk/events.ts';
import { datagram } from './packets.ts';
import { rig } from './rig.ts';

function piece(offset: number, length: number, more: boolean, id: number): Uint8Array {
  const f = datagram(new Uint8Array(length).fill(id), { id, src: 0xcb00_710a, dst: 0xc633_6402 });
  ipv4.setFlagsFragment(f, 0, (more ? 0x2000 : 0) | offset >> 3);
  ipv4.writeChecksum(f, 0);
  return f;
}

describe('attacks with fragments', () => {
  it('teardrop and ping of death are told of once a second, and dropped', async () => {
    const r = await rig();
    const told: Events['security/attack'][] = [];
    r.bus.on('security/attack', a => void told.push(a), 'test');
    for (let id = 1; id <= 3; id++) {
      r.send('wan', piece(0, 64, true, id));
      r.send('wan', piece(32, 64, false, id));
    }
    r.send('wan', piece(65_528, 64, false, 9));
    expect(told.map(a => a.kind)).toEqual(['teardrop', 'ping of death']);
    expect(told[0]).toMatchObject({ src: 0xcb00_710a, dst: 0xc633_6402, link: r.wan });
    expect(r.counts()).toMatchObject({ 'reassembly: overlap': 3, 'reassembly: too-long': 1 });
  });
});
