import type { Disposable } from '../../../sdk/index.ts';
import * as address from '../../../sdk/wire/address.ts';
import * as icmp from '../../../sdk/wire/icmp.ts';
import type { Host } from '../host.ts';
import type { IcmpError } from '../icmp-layer.ts';
import { getopt, ms, numberIn, type Program } from './program.ts';

/** Where the probes go; nobody listens there (as in every traceroute since 1988). */
const FIRST_PORT = 33_434;
const DATA = new Uint8Array(32);

/** One probe; undefined after the time is over. */
function probe(host: Host, dst: number, dport: number, ttl: number, waitMs: number): Promise<{ readonly e: IcmpError; readonly ms: number } | undefined> {
  return new Promise(resolve => {
    const start = host.clock.now();
    let timer: Disposable | undefined;
    const end = (e: IcmpError | undefined) => {
      void timer?.dispose();
      port.close();
      resolve(e && { e, ms: host.clock.now() - start });
    };
    const port = host.udp.bind(0, { receive: () => {}, error: end });
    timer = host.clock.after(waitMs, () => end(undefined));
    port.send({ dst, dport, data: DATA, ttl });
  });
}

const marks: Readonly<Record<number, string>> = {
  [icmp.CODE_NET]: ' !N', [icmp.CODE_HOST]: ' !H', [icmp.CODE_PROTOCOL]: ' !P', [icmp.CODE_FRAGMENTATION_NEEDED]: ' !F', [icmp.CODE_ADMIN_PROHIBITED]: ' !X',
};

/** traceroute [-m hops] [-q probes] [-w seconds] host */
export const traceroute: Program = async (host, args, say) => {
  const p = getopt(args, 'm:q:w:n');
  const hops = numberIn(p, 'm', 30, 1, 255);
  const probes = numberIn(p, 'q', 3, 1, 10);
  const wait = numberIn(p, 'w', 5, 0.001, 60);
  const target = p.words[0];
  if (p.unknown || target === undefined || hops === undefined || probes === undefined || wait === undefined) {
    say('usage: traceroute [-n] [-m hops] [-q probes] [-w seconds] host');
    return 2;
  }
  const found = await host.resolver.address(target);
  if (!found.ok) { say(`${target}: ${found.why === 'nxdomain' ? 'Name or service not known' : 'Temporary failure in name resolution'}`); return 2; }
  say(`traceroute to ${target} (${address.format4(found.address)}), ${hops} hops max, 60 byte packets`);
  let dport = FIRST_PORT;
  for (let ttl = 1; ttl <= hops; ttl++) {
    let line = `${String(ttl).padStart(2)} `;
    let last: number | undefined;
    let there = false;
    for (let i = 0; i < probes; i++) {
      const got = await probe(host, found.address, dport++, ttl, wait * 1000);
      if (!got) { line += ' *'; continue; }
      const from = address.format4(got.e.from);
      if (got.e.from !== last) line += p.options.has('n') ? ` ${from} ` : ` ${from} (${from}) `;
      last = got.e.from;
      line += ` ${ms(got.ms)} ms`;
      if (got.e.type === icmp.TYPE_UNREACHABLE) {
        there = true;
        line += marks[got.e.code] ?? '';
      }
    }
    say(line);
    if (there) return 0;
  }
  return 0;
};
