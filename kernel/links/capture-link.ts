import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Clock } from '../../sdk/clock.ts';
import type { Link, LinkHost, LinkStats } from '../../sdk/link.ts';
import { type Batch, BATCH, HEADROOM, MAX_PACKET, Packet } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { type CapturedFrame, type CaptureReader, LINKTYPE_ETHERNET, LINKTYPE_RAW } from './capture.ts';
import { macFromName } from './mac.ts';
import { readCapture } from './pcap.ts';
import { PcapngWriter } from './pcapng.ts';
import { emptyStats } from './stats.ts';

export interface CaptureLinkOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Capture file whose frames arrive on the link. */
  readonly source?: string;
  /** 'recorded': at the distances in time of the recording (default); 'at once': as fast as they are taken. */
  readonly pace?: 'recorded' | 'at once';
  /** pcapng file that what is sent is written to; made anew. */
  readonly sink?: string;
  /** Framing of a link without a source; else the source's own. Default 'ether'. */
  readonly framing?: 'ether' | 'ip';
  readonly mac?: Uint8Array;
  /** Default 1500. */
  readonly mtu?: number;
}

/** An opener for the registry: a wire made of files. Opening throws when the source is no capture or the sink cannot be written. */
export const captureLink = (opts: CaptureLinkOptions) => (host: LinkHost): Link => new CaptureLink(opts, host);

class CaptureLink implements Link {
  readonly kind = 'pcap';
  readonly fd = -1;
  readonly offload = { csum: false, gso: false };
  readonly name: string;
  readonly framing: 'ether' | 'ip';
  readonly mac: Uint8Array;
  readonly mtu: number;
  readonly stats: LinkStats = emptyStats();
  up = true;
  readonly #clock: Clock;
  readonly #host: LinkHost;
  readonly #reader: CaptureReader | undefined;
  readonly #paced: boolean;
  readonly #linkType: number;
  readonly #ring: Packet[] = [];
  readonly #out: Sink | undefined;
  /** The next frame, and when it is due on our clock. */
  #head: CapturedFrame | undefined;
  #due = 0;
  #timer: Disposable | undefined;

  constructor(opts: CaptureLinkOptions, host: LinkHost) {
    this.name = opts.name;
    this.#clock = opts.clock;
    this.#host = host;
    this.#paced = opts.pace !== 'at once';
    this.mtu = opts.mtu ?? 1500;
    this.#reader = opts.source === undefined ? undefined : readCapture(readFileSync(opts.source));
    this.#head = this.#reader?.next();
    if (this.#reader && !this.#head) throw new Error(`${opts.source}: ${this.#reader.problem ?? 'no frames'}`);
    this.#linkType = this.#head ? this.#typeOf(this.#head) : opts.framing === 'ip' ? LINKTYPE_RAW : LINKTYPE_ETHERNET;
    if (this.#linkType !== LINKTYPE_ETHERNET && this.#linkType !== LINKTYPE_RAW) throw new Error(`${opts.source}: link type ${this.#linkType} is not one we speak`);
    this.framing = this.#linkType === LINKTYPE_RAW ? 'ip' : 'ether';
    this.mac = this.framing === 'ip' ? new Uint8Array(6) : opts.mac ?? macFromName(opts.name);
    if (opts.sink !== undefined) this.#out = new Sink(opts.sink, opts.name, this.#linkType);
    this.#due = this.#clock.now();
    this.#sleep();
  }

  rx(into: Batch): number {
    let n = 0;
    const now = this.#clock.now();
    while (this.#head && this.#due <= now && !into.full) {
      const frame = this.#head;
      if (frame.data.length < frame.length || frame.data.length > MAX_PACKET || this.#typeOf(frame) !== this.#linkType) this.stats.rxDropped++;
      else {
        const p = this.#slot(n, frame.data.length);
        p.fill(frame.data);
        this.stats.rxPackets++;
        this.stats.rxBytes += p.len;
        into.push(p);
        n++;
      }
      this.#advance(frame.time);
    }
    this.#sleep();
    return n;
  }

  tx(batch: Batch): void {
    if (!this.#out) { this.stats.txDropped += batch.n; return; }
    const pieces: Uint8Array[] = [];
    const time = BigInt(Math.round(this.#clock.wall() * 1000)) * 1000n;
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      pieces.push(this.#out.frame(p.buf.subarray(p.off, p.off + p.len), time));
      this.stats.txPackets++;
      this.stats.txBytes += p.len;
    }
    try {
      this.#out.write(pieces);
    } catch {
      this.stats.txErrors += batch.n;
    }
  }

  close(): void {
    void this.#timer?.dispose();
    this.#timer = undefined;
    this.#head = undefined;
    this.#out?.close();
  }

  #typeOf(frame: CapturedFrame): number { return this.#reader?.interfaces[frame.interface]?.linkType ?? -1; }

  /** On to the next frame. A clock that went backwards while recording makes no pause. */
  #advance(from: bigint): void {
    this.#head = this.#reader?.next();
    if (this.#head) {
      if (this.#paced) this.#due += Math.max(0, Number(this.#head.time - from) / 1e6);
    } else if (!this.#out) {
      this.up = false;
      this.#host.changed(this.#reader?.problem ?? 'end of the capture');
    }
  }

  #sleep(): void {
    if (!this.#head || this.#timer) return;
    this.#timer = this.#clock.after(Math.max(0, this.#due - this.#clock.now()), () => {
      this.#timer = undefined;
      this.#host.wake();
    });
  }

  #slot(i: number, length: number): Packet {
    const have = this.#ring[i];
    if (have && have.room >= HEADROOM + length) return have;
    const room = HEADROOM + Math.max(2048, length + 256);
    const made = new Packet(new Uint8Array(room), 0, room);
    made.borrowed = true;
    return this.#ring[i % BATCH] = made;
  }
}

class Sink {
  readonly #file: number;
  readonly #writer = new PcapngWriter();
  readonly #interface: number;
  #closed = false;

  constructor(path: string, name: string, linkType: number) {
    this.#file = openSync(path, 'w');
    const described = this.#writer.interface(name, linkType);
    this.#interface = described.id;
    this.write([this.#writer.section('lancell'), described.bytes]);
  }

  frame(data: Uint8Array, time: bigint): Uint8Array { return this.#writer.frame(this.#interface, data, time); }

  write(pieces: readonly Uint8Array[]): void {
    if (!this.#closed) writeSync(this.#file, Buffer.concat(pieces));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
  }
}
