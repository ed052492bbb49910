import type { Packet } from '../../sdk/packet.ts';

/**
 * struct virtio_net_hdr as the Linux kernel puts it in front of each frame, both ways (linux/virtio_net.h; little endian on every
 * machine we run on):
 *
 *     0 flags   1 gso_type   2 hdr_len   4 gso_size   6 csum_start   8 csum_offset
 */
export const VNET_HEADER = 10;
const NEEDS_CSUM = 1;

/** Offload facts of a received packet from the header at `at`. csum_start counts from the first octet behind the header. */
export function readVnetHeader(p: Packet, at: number): void {
  const buf = p.buf;
  const flags = buf[at] as number;
  p.gsoType = buf[at + 1] as number;
  p.needsCsum = (flags & NEEDS_CSUM) !== 0;
  if (p.gsoType === 0 && !p.needsCsum) {
    p.hdrLen = 0; p.gsoSize = 0; p.csumStart = 0; p.csumOffset = 0;
    return;
  }
  p.hdrLen = le16(buf, at + 2);
  p.gsoSize = le16(buf, at + 4);
  p.csumStart = le16(buf, at + 6);
  p.csumOffset = le16(buf, at + 8);
}

/** The header for sending p, from its offload facts. */
export function writeVnetHeader(buf: Uint8Array, at: number, p: Packet): void {
  if (p.gsoType === 0 && !p.needsCsum) {
    for (let i = 0; i < VNET_HEADER; i++) buf[at + i] = 0;
    return;
  }
  buf[at] = p.needsCsum ? NEEDS_CSUM : 0;
  buf[at + 1] = p.gsoType;
  setLe16(buf, at + 2, p.hdrLen);
  setLe16(buf, at + 4, p.gsoSize);
  setLe16(buf, at + 6, p.needsCsum ? p.csumStart : 0);
  setLe16(buf, at + 8, p.needsCsum ? p.csumOffset : 0);
}

const le16 = (buf: Uint8Array, at: number): number => (buf[at] as number) | (buf[at + 1] as number) << 8;

function setLe16(buf: Uint8Array, at: number, v: number): void {
  buf[at] = v;
  buf[at + 1] = v >> 8;
}
