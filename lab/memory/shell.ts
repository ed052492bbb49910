import type { Host } from './host.ts';
import { curl } from './programs/curl.ts';
import { arp, dhcp, ip, nslookup } from './programs/network.ts';
import { natpmpc } from './programs/natpmpc.ts';
import { ping } from './programs/ping.ts';
import type { Program } from './programs/program.ts';
import { traceroute } from './programs/traceroute.ts';

export const programs: Readonly<Record<string, Program>> = {
  arp, curl, dhcp, ip, natpmpc, nslookup, ping, traceroute,
  hostname: async (host, _args, say) => { say(host.name); return 0; },
};

/** Runs a program on a virtual host; the output ends with a newline unless it is empty. */
export async function shell(host: Host, argv: readonly string[]): Promise<{ output: string; code: number }> {
  const [name = '', ...args] = argv;
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
  if (!program) return { output: `sh: ${name}: not found; there is ${Object.keys(programs).sort().join(', ')}\n`, code: 127 };
  const lines: string[] = [];
  const code = await program(host, args, line => lines.push(line));
  return { output: lines.map(l => `${l}\n`).join(''), code };
}
