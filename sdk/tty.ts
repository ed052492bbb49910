import type { Disposable } from './scope.ts';

/** The lines beside the data of a serial port, as the far end and we hold them. */
export interface ModemLines {
  /** Ours: somebody is here; may send. */
  readonly dtr: boolean; readonly rts: boolean;
  /** The modem's: may send; ready; carrier (a call stands); ringing. */
  readonly cts: boolean; readonly dsr: boolean; readonly dcd: boolean; readonly ring: boolean;
}

/** A serial port, raw: octets as they are. Non-blocking; what cannot go out at once waits in a bounded queue. */
export interface Tty {
  readonly path: string;
  readonly open: boolean;
  /** Octets in buf[from, to), valid during the call. */
  onData: (buf: Uint8Array, from: number, to: number) => void;
  /** It is gone: pulled out, or the far end hung up. Not called after `close`. */
  onGone: (why: string) => void;
  /** The queue was full and has room again. */
  onRoom: () => void;
  /** Takes all of buf[from, to), or nothing and says false: no room, or gone. */
  write(buf: Uint8Array, from?: number, to?: number): boolean;
  /** Octets that wait to go out. */
  readonly queued: number;
  /** Forgets what waits in both directions. */
  discard(): void;
  /** Bits per second; USB modems do not care. Throws when the device cannot. */
  setSpeed(baud: number): void;
  /** Undefined where there are none (a PTY). */
  lines(): ModemLines | undefined;
  /** False where there are none. */
  setLines(lines: { readonly dtr?: boolean; readonly rts?: boolean }): boolean;
  /** DTR down for `ms` (default 500), then up again: a modem drops its call. */
  hangUp(ms?: number): void;
  close(): void;
}

export interface TtyOptions {
  /** Bits per second; default 115200. */
  readonly baud?: number;
  /** RTS and CTS hold the flow; default false. */
  readonly flowControl?: boolean;
}

export interface Ttys {
  /** Throws with the reason in words: no such device, busy, not permitted. */
  open(path: string, options?: TtyOptions): Tty & Disposable;
}
