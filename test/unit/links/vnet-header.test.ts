import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVnetHeader, VNET_HEADER, writeVnetHeader } from '../../../kernel/links/vnet-header.ts';
import { Gso, HEADROOM, Packet } from '../../../sdk/packet.ts';

const packet = () => new Packet(new Uint8Array(2048).fill(0xa5), 0, 2048);
const at = HEADROOM - VNET_HEADER;

describe('virtio-net header', () => {
  it('is read as a veth gives it: a TCP super-frame of MSS 1448', () => {
    const p = packet();
    p.buf.set([1, 1, 66, 0, 0xa8, 0x05, 34, 0, 16, 0], at);
    readVnetHeader(p, at);
    expect(p).toMatchObject({ needsCsum: true, gsoType: Gso.TcpV4, hdrLen: 66, gsoSize: 1448, csumStart: 34, csumOffset: 16 });
    writeVnetHeader(p.buf, at, p);
    expect([...p.buf.subarray(at - 1, at + 11)]).toEqual([0xa5, 1, 1, 66, 0, 0xa8, 0x05, 34, 0, 16, 0, 0xa5]);
  });

  it('is zeros for a frame without facts; "checksum verified" is no fact for sending', () => {
    const p = packet();
    p.csumStart = 7;
    p.buf.set([2, 0, 0, 0, 0, 0, 0, 0, 0, 0], at);
    readVnetHeader(p, at);
    expect(p).toMatchObject({ needsCsum: false, gsoType: 0, csumStart: 0 });
    writeVnetHeader(p.buf, at, p);
    expect([...p.buf.subarray(at, at + 10)]).toEqual(new Array(10).fill(0));
  });

  it('keeps every fact', () => {
    const u16 = fc.nat({ max: 0xffff });
    fc.assert(fc.property(fc.constantFrom(1, 4, 5, 0x81), u16, u16, u16, u16, (gsoType, hdrLen, gsoSize, csumStart, csumOffset) => {
      const facts = { needsCsum: true, gsoType, hdrLen, gsoSize, csumStart, csumOffset };
      const p = Object.assign(packet(), facts);
      writeVnetHeader(p.buf, at, p);
      p.clearMeta();
      readVnetHeader(p, at);
      expect(p).toMatchObject(facts);
    }));
  });
});
