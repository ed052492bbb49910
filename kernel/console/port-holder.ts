import { readdir, readFile, readlink } from 'node:fs/promises';

/** State of a listening socket in /proc/net/tcp (include/net/tcp_states.h). */
const LISTEN = '0A';

/**
 * Why a port cannot be had, for people: '443 is taken by nginx (process 812)'.
 * @param host the address of this machine; undefined: the router's own addresses, where only its own services listen
 */
export async function whyNoPort(error: unknown, port: number, host: string | undefined): Promise<string> {
  const text = error instanceof Error ? error.message : String(error);
  const code = /\bE[A-Z]{3,}\b/.exec((error as NodeJS.ErrnoException | undefined)?.code ?? text)?.[0];
  switch (code) {
    case 'EADDRINUSE': return `${port} is taken by ${host === undefined ? 'another service of this router' : (await holderOf(port)) ?? 'another program'}`;
    case 'EACCES': case 'EPERM': return `no permission to listen on ${port}${port < 1024 ? '; ports below 1024 are for root' : ''}`;
    case 'EADDRNOTAVAIL': return `${host ?? 'the address'} is no address of this machine`;
    default: return `${port} cannot be had: ${text}`;
  }
}

/** The program that listens on a TCP port of this machine, if the system tells; only root is told of the programs of others. */
export async function holderOf(port: number): Promise<string | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')));
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const sockets = new Set(tables.flatMap((table) => table.split('\n').slice(1)).map((line) => line.trim().split(/\s+/))
    .filter((f) => f[1]?.endsWith(`:${wanted}`) === true && f[3] === LISTEN).map((f) => `socket:[${f[9]}]`));
  if (sockets.size === 0) return undefined;
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      if (!sockets.has(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))) continue;
      if (Number(pid) === process.pid) return 'another service of this router';
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return name.trim() === '' ? `process ${pid}` : `${name.trim()} (process ${pid})`;
    }
  }
  return undefined;
}
