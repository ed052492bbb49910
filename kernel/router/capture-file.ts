import { closeSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../../sdk/clock.ts';
import type { Batch, Packet } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from '../links/capture.ts';
import { PcapngWriter } from '../links/pcapng.ts';
import type { LinkRegistry } from '../links/registry.ts';
import type { Pipelines } from '../packet/pipeline.ts';
import { matchesPacket, type PacketFilter } from './packet-filter.ts';

/** A capture stops by itself here, so that a forgotten one does not fill the disk (octets). */
const CAPTURE_MOST = 256 * 1024 * 1024;

export interface CaptureFileParts { readonly clock: Clock; readonly links: LinkRegistry; readonly pipelines: Pipelines }

/** Writes packets as they come in and go out to a pcapng file, one interface per link; comments say which way. */
export class CaptureFile {
  readonly path: string;
  packets = 0;
  octets = 0;
  /** Why it ended by itself; empty while it runs. */
  ended = '';
  readonly #fd: number;
  readonly #writer = new PcapngWriter();
  readonly #ids = new Map<string, number>();
  readonly #parts: CaptureFileParts;
  readonly #filter: PacketFilter;
  readonly #stages: readonly Disposable[];

  /** Throws when the file cannot be made; an existing one is not overwritten. */
  constructor(path: string, filter: PacketFilter, parts: CaptureFileParts) {
    this.path = path;
    this.#filter = filter;
    this.#parts = parts;
    this.#fd = openSync(path, 'wx', 0o600);
    this.#write(this.#writer.section('lancell'));
    const stage = (slot: 'ingress.tap' | 'egress.tap', name: string, of: (p: Packet) => number, way: string) =>
      parts.pipelines.add({ slot, name, process: batch => this.#take(batch, of, way) }, 'kernel');
    this.#stages = [stage('ingress.tap', 'capture.file-in', p => p.inLink, 'in'), stage('egress.tap', 'capture.file-out', p => p.outLink, 'out')];
  }

  #take(batch: Batch, of: (p: Packet) => number, way: string): void {
    for (let i = 0; i < batch.n && this.ended === ''; i++) {
      const p = batch.at(i);
      const link = of(p);
      if (!matchesPacket(this.#filter, p, id => this.#parts.links.byId(id)?.name ?? '', link)) continue;
      this.packets++;
      const data = p.buf.subarray(p.off, p.off + p.len);
      this.#write(this.#writer.frame(this.#interface(link, p.off === p.l3), data, BigInt(Math.round(this.#parts.clock.wall() * 1000)) * 1000n, way));
      if (this.octets >= CAPTURE_MOST) this.#end(`${CAPTURE_MOST} octets are written`);
    }
  }

  #interface(link: number, bare: boolean): number {
    const name = this.#parts.links.byId(link)?.name ?? `link ${link}`;
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const { id, bytes } = this.#writer.interface(name, bare ? LINKTYPE_RAW : LINKTYPE_ETHERNET);
    this.#ids.set(name, id);
    this.#write(bytes);
    return id;
  }

  #write(bytes: Uint8Array): void {
    try {
      writeSync(this.#fd, bytes);
      this.octets += bytes.length;
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  #end(why: string): void {
    this.ended = why;
  }

  close(): void {
    for (const s of this.#stages) void s.dispose();
    closeSync(this.#fd);
  }
}
