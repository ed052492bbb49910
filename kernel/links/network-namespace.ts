import { check, libc } from './ffi.ts';

const CLONE_NEWNET = 0x4000_0000;
const O_RDONLY_CLOEXEC = 0o2_000_000;

/**
 * Runs fn while this thread is in another network namespace ('/run/netns/x', '/proc/123/ns/net'); sockets made there stay there.
 * Without a path fn runs where we are.
 */
export function inNamespace<T>(path: string | undefined, fn: () => T): T {
  if (path === undefined) return fn();
  const c = libc();
  const home = check(c.open('/proc/thread-self/ns/net', O_RDONLY_CLOEXEC), 'open /proc/thread-self/ns/net');
  try {
    // Whoever may not come back must not go: in a user namespace of its own a process has no right to the machine's network.
    check(c.setns(home, CLONE_NEWNET), `no way back from ${path}`, { EPERM: 'needs CAP_SYS_ADMIN over the own network namespace' });
    const there = check(c.open(path, O_RDONLY_CLOEXEC), `open ${path}`);
    try {
      check(c.setns(there, CLONE_NEWNET), `setns ${path}`, { EPERM: 'needs CAP_SYS_ADMIN' });
    } finally {
      c.close(there);
    }
    try {
      return fn();
    } finally {
      check(c.setns(home, CLONE_NEWNET), 'setns back');
    }
  } finally {
    c.close(home);
  }
}
