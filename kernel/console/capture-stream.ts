import type { Batch, Packet } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from '../links/capture.ts';
import { PcapngWriter } from '../links/pcapng.ts';
import type { CaptureFileParts } from '../router/capture-file.ts';
import { matchesPacket, type PacketFilter } from '../router/packet-filter.ts';

export interface CaptureBounds {
  readonly packets: number;
  readonly octets: number;
  readonly seconds: number;
  /** Octets of each packet. */
  readonly snap: number;
}

/** Octets that wait for a slow reader; more packets are left out, and the next one says how many. */
const MOST_WAITING = 4 * 1024 * 1024;

/** Packets as they come in and go out, as the octets of a pcapng file; ends at the first bound. Never waits for its reader. */
export class CaptureStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Told once. */
  onEnd: () => void = () => {};
  readonly #writer = new PcapngWriter();
  readonly #ids = new Map<string, number>();
  readonly #filter: PacketFilter;
  readonly #bounds: CaptureBounds;
  readonly #parts: CaptureFileParts;
  readonly #held: Disposable[];
  #out: ReadableStreamDefaultController<Uint8Array> | undefined;
  #packets = 0;
  #octets = 0;
  #missed = 0;
  #ended = false;

  constructor(filter: PacketFilter, bounds: CaptureBounds, parts: CaptureFileParts) {
    this.#filter = filter;
    this.#bounds = bounds;
    this.#parts = parts;
    this.body = new ReadableStream<Uint8Array>({ start: (out) => { this.#out = out; }, cancel: () => this.end() }, { highWaterMark: MOST_WAITING, size: (piece) => piece?.length ?? 1 });
    this.#write(this.#writer.section('lancell'));
    const stage = (slot: 'ingress.tap' | 'egress.tap', name: string, of: (p: Packet) => number, way: string): Disposable =>
      parts.pipelines.add({ slot, name, process: (batch) => this.#take(batch, of, way) }, 'kernel');
    this.#held = [
      stage('ingress.tap', 'capture.download-in', (p) => p.inLink, 'in'), stage('egress.tap', 'capture.download-out', (p) => p.outLink, 'out'),
      parts.clock.after(bounds.seconds * 1000, () => this.end()),
    ];
  }

  #take(batch: Batch, of: (p: Packet) => number, way: string): void {
    for (let i = 0; i < batch.n && !this.#ended; i++) {
      const p = batch.at(i);
      const link = of(p);
      if (!matchesPacket(this.#filter, p, (id) => this.#parts.links.byId(id)?.name ?? '', link)) continue;
      if ((this.#out?.desiredSize ?? 0) <= 0) {
        this.#missed++;
        continue;
      }
      const data = p.buf.subarray(p.off, p.off + Math.min(p.len, this.#bounds.snap));
      const says = this.#missed > 0 ? `${way}; ${this.#missed} packets before this one are left out: the reader is too slow` : way;
      this.#missed = 0;
      this.#write(this.#writer.frame(this.#interface(link, p.off === p.l3), data, BigInt(Math.round(this.#parts.clock.wall() * 1000)) * 1000n, says, p.len));
      if (++this.#packets >= this.#bounds.packets || this.#octets >= this.#bounds.octets) this.end();
    }
  }

  #interface(link: number, bare: boolean): number {
    const name = this.#parts.links.byId(link)?.name ?? `link ${link}`;
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const { id, bytes } = this.#writer.interface(name, bare ? LINKTYPE_RAW : LINKTYPE_ETHERNET, this.#bounds.snap);
    this.#ids.set(name, id);
    this.#write(bytes);
    return id;
  }

  #write(bytes: Uint8Array): void {
    this.#octets += bytes.length;
    this.#out?.enqueue(bytes);
  }

  /** Ends the file; also when the reader has gone. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const each of this.#held.splice(0)) void each.dispose();
    try {
      this.#out?.close();
    } catch { /* the reader has cancelled already */ }
    this.onEnd();
  }
}
