import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contestant } from './contestants.ts';
import { pause, run, start } from './processes.ts';
import { at, SERVER } from './wires.ts';

/** Connections open at a time. */
const AT_ONCE = 32;
/** Each measurement its own port, so that what is still in TIME-WAIT at an end is in nobody's way. */
const FIRST_PORT = 8001;
const PORTS = 64;
let next = 0;

/**
 * New TCP connections a second: wrk asks nginx for an empty answer over a connection of its own each time. Both are on the same two cores
 * as the router. Throws when a request failed.
 */
export async function connections(c: Contestant, seconds: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'lancell-bench-nginx-'));
  const port = FIRST_PORT + next++ % PORTS;
  writeFileSync(join(folder, 'nginx.conf'), `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; events { worker_connections 1024; }
    http { access_log off; server { listen ${SERVER}:${port} backlog=1024; location / { return 204; } } }`);
  const server = start(at('server', 'nginx', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')));
  try {
    for (let i = 0; i < 100; i++) {
      if ((await run(at('server', 'sh', '-c', `ss -Hltn "sport = :${port}" | grep -q .`))).code === 0) break;
      await pause(20);
    }
    const { output } = await run(at(c.client, 'wrk', '-t', '1', '-c', String(AT_ONCE), '-d', `${seconds}s`, '-H', 'Connection: close', `http://${SERVER}:${port}/`), (seconds + 15) * 1000);
    const rate = Number(/Requests\/sec:\s*([\d.]+)/.exec(output)?.[1]);
    const failed = /Socket errors:.*|Non-2xx.*/.exec(output)?.[0];
    if (!(rate > 0)) throw new Error(`wrk: ${output.trim().slice(-300)}`);
    if (failed !== undefined) throw new Error(`wrk: ${failed}`);
    return rate;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
