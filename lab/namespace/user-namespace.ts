import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** Set in the environment of the re-executed router, so that it does not try again. */
const MARK = 'LANCELL_USER_NAMESPACE';

/** CAP_SYS_ADMIN and CAP_NET_ADMIN (linux/capability.h). */
const WANTED = (1n << 21n) | (1n << 12n);

/** Whether this process was re-executed in a user namespace of its own. */
export const inUserNamespace = (): boolean => process.env[MARK] === '1';

/**
 * Whether this process lacks the capabilities for namespaces but would have them in a user namespace of its own.
 * False also where the system does not permit user namespaces: then there is nothing to be won.
 */
export function needsUserNamespace(): boolean {
  if (process.platform !== 'linux' || inUserNamespace()) return false;
  const caps = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (caps && (BigInt(`0x${caps}`) & WANTED) === WANTED) return false;
  const tried = spawnSync('unshare', ['--user', '--map-root-user', 'unshare', '-n', '-m', 'true'], { stdio: 'ignore', timeout: 5000 });
  return tried.status === 0;
}

/**
 * Runs this program again as root of a new user namespace (the host's network stays, so the console keeps its loopback)
 * and resolves with its exit code. Signals are passed on; if this process is killed, the inner one dies with it.
 * `argv` is a full command line; default: the present one.
 */
export function reexecInUserNamespace(argv: readonly string[] = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'unshare', '--user', '--map-root-user', '--', ...argv], {
      stdio: 'inherit', env: { ...process.env, [MARK]: '1' },
    });
    const pass = (signal: NodeJS.Signals) => { child.kill(signal); };
    // ^C reaches the inner process from the terminal itself; the outer one only waits for it.
    const wait = () => {};
    const undo = () => { process.off('SIGTERM', pass).off('SIGHUP', pass).off('SIGINT', wait); };
    process.on('SIGTERM', pass).on('SIGHUP', pass).on('SIGINT', wait);
    child.once('error', e => { undo(); reject(e); });
    child.once('exit', (code, signal) => { undo(); resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)); });
  });
}
