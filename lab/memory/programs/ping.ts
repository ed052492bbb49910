import * as address from '../../../sdk/wire/address.ts';
import * as icmp from '../../../sdk/wire/icmp.ts';
import type { IcmpError } from '../icmp-layer.ts';
import { getopt, ms, numberIn, pause, type Program } from './program.ts';

const unreachable: Readonly<Record<number, string>> = {
  [icmp.CODE_NET]: 'Destination Net Unreachable', [icmp.CODE_HOST]: 'Destination Host Unreachable',
  [icmp.CODE_PROTOCOL]: 'Destination Protocol Unreachable', [icmp.CODE_PORT]: 'Destination Port Unreachable',
  [icmp.CODE_NET_PROHIBITED]: 'Destination Net Prohibited', [icmp.CODE_HOST_PROHIBITED]: 'Destination Host Prohibited',
  [icmp.CODE_ADMIN_PROHIBITED]: 'Packet filtered',
};

/** What ping prints for an error. */
function errorText(e: IcmpError): string {
  if (e.type === icmp.TYPE_TIME_EXCEEDED) return 'Time to live exceeded';
  if (e.type !== icmp.TYPE_UNREACHABLE) return `ICMP type ${e.type} code ${e.code}`;
  if (e.code === icmp.CODE_FRAGMENTATION_NEEDED) return `Frag needed and DF set (mtu = ${e.mtu})`;
  return unreachable[e.code] ?? `Destination Unreachable, Bad Code: ${e.code}`;
}

/** ping [-c count] [-i seconds] [-s size] [-t ttl] [-W seconds] [-M do] host; four echoes unless told otherwise. */
export const ping: Program = async (host, args, say) => {
  const p = getopt(args, 'c:i:s:t:W:M:qn');
  const count = numberIn(p, 'c', 4, 1, 100_000);
  const interval = numberIn(p, 'i', 1, 0.001, 3600);
  const size = numberIn(p, 's', 56, 0, 65_507);
  const ttl = numberIn(p, 't', 64, 1, 255);
  const patience = numberIn(p, 'W', 2, 0.001, 3600);
  const target = p.words[0];
  if (p.unknown || target === undefined || count === undefined || interval === undefined || size === undefined || ttl === undefined || patience === undefined) {
    say('usage: ping [-c count] [-i seconds] [-s size] [-t ttl] [-W seconds] [-M do] [-q] host');
    return 2;
  }
  const found = await host.resolver.address(target);
  if (!found.ok) { say(`ping: ${target}: ${found.why === 'nxdomain' ? 'Name or service not known' : 'Temporary failure in name resolution'}`); return 2; }
  const dst = found.address;
  const at = address.format4(dst);
  const quiet = p.options.has('q');
  const tell = (line: string) => { if (!quiet) say(line); };
  say(`PING ${target} (${at}) ${size}(${size + 28}) bytes of data.`);
  const id = Math.floor(host.random() * 65_536);
  const sent = new Map<number, number>();
  const times: number[] = [];
  let errors = 0;
  const listener = host.icmp.listen(id, {
    reply: r => {
      const since = sent.get(r.seq);
      if (since === undefined) return;
      sent.delete(r.seq);
      times.push(host.clock.now() - since);
      tell(`${r.size} bytes from ${address.format4(r.from)}: icmp_seq=${r.seq} ttl=${r.ttl} time=${ms(times.at(-1) ?? 0)} ms`);
    },
    error: e => {
      errors++;
      tell(`From ${address.format4(e.from)} icmp_seq=${icmp.seq(e.inner, e.innerAt)} ${errorText(e)}`);
      sent.delete(icmp.seq(e.inner, e.innerAt));
    },
  });
  const start = host.clock.now();
  for (let seq = 1; seq <= count; seq++) {
    sent.set(seq & 0xffff, host.clock.now());
    host.icmp.echo(dst, id, seq & 0xffff, size, { ttl, df: p.options.get('M') === 'do' });
    if (seq < count) await pause(host, interval * 1000);
  }
  for (let waited = 0; sent.size > 0 && waited < patience * 1000; waited += 10) await pause(host, 10);
  listener.dispose();
  const lost = Math.round(100 * (count - times.length) / count);
  say('');
  say(`--- ${target} ping statistics ---`);
  say(`${count} packets transmitted, ${times.length} received, ${errors ? `+${errors} errors, ` : ''}${lost}% packet loss, time ${Math.round(host.clock.now() - start)}ms`);
  if (times.length > 0) {
    const mean = times.reduce((a, b) => a + b, 0) / times.length;
    const deviation = Math.sqrt(times.reduce((a, b) => a + (b - mean) ** 2, 0) / times.length);
    say(`rtt min/avg/max/mdev = ${[Math.min(...times), mean, Math.max(...times), deviation].map(n => n.toFixed(3)).join('/')} ms`);
  }
  return times.length > 0 ? 0 : 1;
};
