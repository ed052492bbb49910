import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A command line that is kept running inside a host. */
export interface Service { readonly name: string; readonly argv: readonly string[] }

const deno = 'Deno' in globalThis;

/**
 * The compiled servers beside this file. Node cannot run TypeScript before version 22.18, so a source tree under a test
 * runner falls back on the build in dist/.
 */
export function serversProgram(): string | undefined {
  const here = fileURLToPath(import.meta.url);
  const beside = here.replace(/services\.(ts|js)$/, 'servers.$1');
  if (deno || beside.endsWith('.js')) return beside;
  const built = here.replace(/lab\/namespace\/services\.ts$/, 'dist/lab/namespace/servers.js');
  return existsSync(built) ? built : undefined;
}

/** HTTP, DNS and echo on a host; the same runtime as this process. */
export const servers = (program: string, what: 'all' | 'http'): Service => ({
  name: 'servers',
  argv: [process.execPath, ...(deno ? ['run', '-A', '--no-check'] : []), program, what],
});

export const iperf: Service = { name: 'iperf3', argv: ['iperf3', '-s'] };

/** A person who looks at something every second, so that a fresh router has something to show. */
export const traffic = (programs: { readonly ping: boolean; readonly curl: boolean }): Service => ({
  name: 'traffic',
  argv: ['sh', '-c', `
while :; do
  ${programs.ping ? 'ping -c 1 -W 1 inet1 >/dev/null 2>&1' : ':'}
  ${programs.curl ? 'curl -s -m 2 -o /dev/null http://inet1/bytes/20000' : ':'}
  ${programs.curl ? 'curl -s -m 2 -o /dev/null http://carrier/bytes/5000' : ':'}
  sleep 1
done`],
});
