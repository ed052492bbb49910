/** A two-way stream of text messages to one client: a WebSocket, or lines over the unix socket. */
export interface Channel {
  /** Who is at the other end, for the log and for the delay of failed attempts: '127.0.0.1', 'unix'. */
  readonly from: string;
  /** Octets that wait to be taken by the operating system. */
  readonly buffered: number;
  send(text: string): void;
  /** Says why, and ends. What arrives afterwards is thrown away. */
  close(code: CloseCode, reason: string): void;
  /** Set once, by the connection. */
  listen(listener: ChannelListener): void;
}

export interface ChannelListener {
  text(text: string): void;
  /** Something that was sent has left: there may be room for more. */
  drained(): void;
  /** Called once, also after `close`. */
  closed(why: string): void;
}

/** RFC 6455 section 7.4, and from the range for applications 4401 (not authenticated) and 4429 (too many, too slow). */
export const closeCodes = { normal: 1000, goingAway: 1001, unsupported: 1003, policy: 1008, tooBig: 1009, notAuthenticated: 4401, tooMuch: 4429 } as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];
