/**
 * What the main thread and the poll worker share: one Int32Array over a SharedArrayBuffer, in this order. Numbers only, so that
 * neither side has to read messages.
 */
export const Shared = {
  /** Counts readiness; the worker adds and notifies, the main thread waits for the change. */
  Ready: 0,
  /** 1: the main thread wants to be woken once. Cleared by the worker when it does. */
  Armed: 1,
  /** Changes whenever the list of descriptors does. */
  Version: 2,
  /** 1: the worker shall end. */
  Closed: 3,
  /** How many descriptors, and from Fds on the descriptors themselves. */
  Count: 4,
  Fds: 5,
} as const;

export const MOST_FDS = 1000;

/** poll(2): struct pollfd is fd (4), events (2), revents (2). */
export const POLLIN = 0x1;
export const POLLNVAL = 0x20;
