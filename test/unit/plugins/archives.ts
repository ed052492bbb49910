import { deflateRawSync, gzipSync } from 'node:zlib';

/** Archives as anybody could make them, wrong ones too; the tests' own encoder. */
export interface TarMember { readonly path: string; readonly data?: string | Uint8Array; readonly kind?: string; readonly prefix?: string; readonly link?: string }

export function tar(members: readonly TarMember[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, data = '', kind = '0', prefix = '', link = '' } of members) {
    const content = Buffer.from(data as string);
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.fill(' ', 148, 156);
    header.write(kind, 156, 1, 'latin1');
    header.write(link, 157, 100);
    header.write('ustar\0' + '00', 257, 'latin1');
    header.write(prefix, 345, 155);
    header.write(`${header.reduce((a, b) => a + b, 0).toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, content, Buffer.alloc((512 - content.length % 512) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
export const tgz = (members: readonly TarMember[]): Buffer => gzipSync(tar(members));

export interface ZipMember {
  readonly path: string; readonly data?: string | Uint8Array; readonly mode?: number; readonly flags?: number; readonly method?: number; readonly size?: number; readonly crc?: number;
  /** Another name in the local header. */
  readonly local?: string;
  /** Shares the content of the member before. */
  readonly shared?: boolean;
}

export function zip(members: readonly ZipMember[]): Buffer {
  const front: Buffer[] = [];
  const back: Buffer[] = [];
  let at = 0;
  let before = 0;
  for (const m of members) {
    const content = Buffer.from((m.data ?? '') as string);
    const packed = m.method === 0 ? content : deflateRawSync(content);
    const facts = Buffer.alloc(22);
    facts.writeUInt16LE(m.flags ?? 0, 0);
    facts.writeUInt16LE(m.method ?? 8, 2);
    facts.writeUInt32LE(m.crc ?? crc32(content), 8);
    facts.writeUInt32LE(packed.length, 12);
    facts.writeUInt32LE(m.size ?? content.length, 16);
    const name = Buffer.from(m.path);
    const local = Buffer.from(m.local ?? m.path);
    const place = m.shared === true ? before : at;
    if (m.shared !== true) {
      const header = Buffer.concat([Buffer.from('PK\x03\x04\x14\0', 'latin1'), facts.subarray(0, 20), Buffer.from([local.length, 0, 0, 0])]);
      front.push(header, local, packed);
      before = at;
      at += header.length + local.length + packed.length;
    }
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02\x14\x03\x14\0', 0, 'latin1');
    facts.copy(entry, 8, 0, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(((m.mode ?? 0o100644) << 16) >>> 0, 38);
    entry.writeUInt32LE(place, 42);
    back.push(entry, name);
  }
  const directory = Buffer.concat(back);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...front, directory, end]);
}

function crc32(data: Uint8Array): number {
  let c = ~0;
  for (const octet of data) {
    c ^= octet;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (0xedb88320 & -(c & 1));
  }
  return ~c >>> 0;
}
