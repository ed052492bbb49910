import { CliError, type CommandIo, z } from '../../sdk/index.ts';
import { format4, parse4 } from '../../sdk/wire/address.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import type { Context, Core } from './core.ts';
import type { Answer } from './probes.ts';
import { address } from './settings.ts';

const FIRST_PORT = 33_434; // traceroute's own since 1988
const MOST_SIZE = 65_507;

interface Ping { readonly count: number; readonly size: number; readonly timeoutMs: number; readonly df: boolean; readonly tos: number; readonly ttl: number }

const codes: Readonly<Record<number, string>> = {
  0: 'net unreachable', 1: 'host unreachable', 2: 'protocol unreachable', 3: 'port unreachable', 9: 'net prohibited', 10: 'host prohibited', 13: 'filtered',
};

function reason(a: Extract<Answer, { kind: 'error' }>): string {
  if (a.type === icmp.TYPE_TIME_EXCEEDED) return a.code === 0 ? 'time to live exceeded' : 'reassembly time exceeded';
  if (a.type !== icmp.TYPE_UNREACHABLE) return `ICMP type ${a.type} code ${a.code}`;
  return a.code === icmp.CODE_FRAGMENTATION_NEEDED ? `fragmentation needed, MTU ${a.mtu}` : codes[a.code] ?? `unreachable, code ${a.code}`;
}

const round = (ms: number): string => ms < 10 ? ms.toFixed(2) : ms.toFixed(1);

/** `ping`, `traceroute` and their longer spellings. */
export function probeVerbs(ctx: Context, core: Core): void {
  let session = Math.floor(Math.random() * 0x10000);
  const nextId = () => session = (session + 1) & 0xffff;

  const sourceFor = (dst: number): number => {
    const own = core.addresses.ownedBy(dst);
    const src = own ? dst : core.sourceTowards(dst);
    if (src === 0) throw new CliError(`no route to ${format4(dst)}`);
    return src;
  };

  const ping = async (host: string, opts: Ping, io: CommandIo) => {
    const dst = parse4(host) as number;
    const src = sourceFor(dst);
    const id = nextId();
    const stop = AbortSignal.any([io.signal, ctx.signal]);
    const times: number[] = [];
    let sent = 0;
    io.write(`PING ${host} from ${format4(src)}: ${opts.size} data octets`);
    while (sent < opts.count && !stop.aborted) {
      const answer = await core.probes.send({ dst, src, how: 'echo', ttl: opts.ttl, size: opts.size, df: opts.df, tos: opts.tos, a: id, b: sent & 0xffff, timeoutMs: opts.timeoutMs }, stop);
      if (stop.aborted) break;
      sent++;
      if (answer.kind === 'reply') {
        times.push(answer.ms);
        io.write(`${answer.size} octets from ${format4(answer.from)}: seq=${sent} ttl=${answer.ttl} time=${round(answer.ms)} ms`);
      } else if (answer.kind === 'error') io.write(`from ${format4(answer.from)}: seq=${sent} ${reason(answer)}`);
      else io.write(answer.kind === 'timeout' ? `seq=${sent} no answer` : `seq=${sent} not sent`);
      if (sent < opts.count) await core.pause(answer.kind === 'reply' ? Math.max(0, 1000 - answer.ms) : 0, stop);
    }
    const lost = sent === 0 ? 0 : Math.round((100 * (sent - times.length)) / sent);
    const sum = times.reduce((a, b) => a + b, 0);
    return {
      title: `ping ${host}`,
      facts: {
        sent, received: times.length, lost: `${lost} %`,
        ...(times.length ? { 'min/avg/max ms': `${round(Math.min(...times))}/${round(sum / times.length)}/${round(Math.max(...times))}` } : {}),
      },
    };
  };

  const trace = async (host: string, hops: number, waitMs: number, queries: number, io: CommandIo) => {
    const dst = parse4(host) as number;
    const src = sourceFor(dst);
    const stop = AbortSignal.any([io.signal, ctx.signal]);
    const port = 0x8000 | nextId();
    io.write(`traceroute to ${host} from ${format4(src)}, ${hops} hops at most`);
    for (let ttl = 1, n = 0; ttl <= hops && !stop.aborted; ttl++) {
      const answers = [];
      for (let q = 0; q < queries && !stop.aborted; q++, n++) {
        answers.push(await core.probes.send({ dst, src, how: 'udp', ttl, size: 32, a: port, b: (FIRST_PORT + n) & 0xffff, timeoutMs: waitMs }, stop));
      }
      io.write(`${String(ttl).padStart(2)}  ${hopLine(answers)}`);
      const end = answers.find((a) => a.kind === 'error' && a.type === icmp.TYPE_UNREACHABLE);
      if (end) return end.kind === 'error' && end.code !== icmp.CODE_PORT ? `${host}: ${reason(end)}` : undefined;
    }
    return stop.aborted ? undefined : `${host} was not reached in ${hops} hops`;
  };

  const host = { schema: address, help: 'IP address' };
  const count = { schema: z.number().int().min(1).max(100_000).optional(), help: 'how many, default 4' };
  for (const path of ['ping', 'ip ping']) {
    ctx.command({ path, help: 'sends echo requests', access: 'read', args: { host, count }, run: (a, io) => ping(a.host, { count: a.count ?? 4, size: 56, timeoutMs: 2000, df: false, tos: 0, ttl: 64 }, io) });
  }
  ctx.command({
    path: 'ip extping', help: 'echo requests with options: -n count, -l size, -w seconds, -o tos, -i ttl, -f (do not fragment)', access: 'read',
    args: { host, options: { schema: z.string().optional(), help: '-n 4 -l 56 -w 2 -o 0 -i 64 -f', rest: true } },
    run: (a, io) => ping(a.host, pingOptions(a.options ?? ''), io),
  });
  const hops = { schema: z.number().int().min(1).max(255).optional(), help: 'most hops, default 30' };
  const wait = { schema: z.number().int().min(1).max(60).optional(), help: 'seconds to wait for each, default 2' };
  const queries = { schema: z.number().int().min(1).max(10).optional(), help: 'probes per hop, default 3' };
  for (const path of ['traceroute', 'ip traceroute']) {
    ctx.command({ path, help: 'the routers on the way to a host', access: 'read', args: { host, hops, wait, queries }, run: (a, io) => trace(a.host, a.hops ?? 30, (a.wait ?? 2) * 1000, a.queries ?? 3, io) });
  }
}

/** '10.0.0.1  0.52 ms  0.48 ms  *'; the address again where another one answers. */
function hopLine(answers: readonly Answer[]): string {
  let from = -1;
  const words: string[] = [];
  for (const a of answers) {
    if (a.kind !== 'error' && a.kind !== 'reply') { words.push('*'); continue; }
    if (a.from !== from) words.push(format4(a.from));
    from = a.from;
    words.push(`${round(a.ms)} ms`);
    if (a.kind === 'error' && a.type === icmp.TYPE_UNREACHABLE && a.code !== icmp.CODE_PORT) words.push(`(${reason(a)})`);
  }
  return words.join('  ');
}

const limits = { n: [1, 100_000], l: [0, MOST_SIZE], w: [1, 60], o: [0, 255], i: [1, 255] } as const;

/** Options of `ip extping`. Throws CliError with what is allowed. */
function pingOptions(text: string): Ping {
  const values = { n: 4, l: 56, w: 2, o: 0, i: 64 };
  let df = false;
  const words = text.split(/\s+/).filter(Boolean);
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === '-f') { df = true; continue; }
    const letter = word.slice(1) as keyof typeof values;
    if (!word.startsWith('-') || !Object.hasOwn(limits, letter)) throw new CliError(`'${word}': options are -n count, -l size, -w seconds, -o tos, -i ttl, -f`);
    const [low, high] = limits[letter];
    const value = Number(words[++at]);
    if (!Number.isInteger(value) || value < low || value > high) throw new CliError(`${word}: allowed is a whole number from ${low} to ${high}`);
    values[letter] = value;
  }
  return { count: values.n, size: values.l, timeoutMs: values.w * 1000, tos: values.o, ttl: values.i, df };
}
