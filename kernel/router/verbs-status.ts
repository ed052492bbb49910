import { z } from 'zod';
import { CliError, type CommandSpec, type Facts, type Table } from '../../sdk/cli.ts';
import type { FlowView } from '../../sdk/flow.ts';
import { type Hook, hooks } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { format4, formatMac } from '../../sdk/wire/address.ts';
import { type Level, levels, type LogLine } from '../log.ts';
import { matchesFlow, parseFilter } from './packet-filter.ts';
import type { Router } from './router.ts';

const FLOWS_SHOWN = 200;
const protocolName: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 47: 'gre', 50: 'esp' };

const endpoint = (ip: number, port: number): string => port === 0 ? format4(ip) : `${format4(ip)}:${port}`;
const seconds = (ms: number): string => `${Math.floor(ms / 1000)} s`;

export function duration(ms: number): string {
  const s = Math.floor(ms / 1000);
  const parts = [[86_400, 'd'], [3600, 'h'], [60, 'min']].map(([n, unit], i, all) => {
    const before = i === 0 ? Number.POSITIVE_INFINITY : Number(all[i - 1]![0]);
    return [Math.floor((s % before) / Number(n)), unit] as const;
  }).filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}`);
  return [...parts, `${s % 60} s`].slice(0, 3).join(' ');
}

export function flowTable(flows: readonly FlowView[], linkName: (id: number) => string): Table {
  return {
    columns: ['flow', 'protocol', 'from', 'to', 'seen outside as', 'state', 'way', 'packets', 'octets', 'ends in'],
    rows: flows.map(f => {
      const outside = f.reply.dst !== f.original.src || f.reply.dport !== f.original.sport ? endpoint(f.reply.dst, f.reply.dport) : '';
      return [f.id, protocolName[f.original.proto] ?? String(f.original.proto), endpoint(f.original.src, f.original.sport), endpoint(f.original.dst, f.original.dport), outside,
        f.state, `${f.local ? 'router' : linkName(f.inLink)} → ${f.outLink < 0 ? 'router' : linkName(f.outLink)}`, `${f.packets[0]}/${f.packets[1]}`, `${f.bytes[0]}/${f.bytes[1]}`, seconds(f.expiresInMs)];
    }),
  };
}

const logRow = (l: LogLine): (string | number)[] => [new Date(l.time).toISOString().slice(11, 23), l.level, l.name, l.msg + fieldsOf(l)];
const fieldsOf = (l: LogLine): string => {
  const words = Object.entries(l.fields).map(([k, v]) => `${k}=${typeof v === 'string' ? v : JSON.stringify(v)}`);
  return words.length > 0 ? `  (${words.join(' ')})` : '';
};

/** What the kernel itself tells: sys, link, flow, counter, stage, log. */
export function statusVerbs(router: Router, command: (spec: CommandSpec) => Disposable): void {
  const { engine, links } = router;
  const name = (id: number) => links.byId(id)?.name ?? '';

  command({ path: 'sys version', access: 'read', help: 'version and up time', run: (): Facts => ({ facts: { program: `lancell ${router.version}`, runtime: router.runtime, 'up for': duration(router.uptimeMs()) } }) });
  command({ path: 'sys status', access: 'read', help: 'load, memory, flows, what the engine does', run: (): Facts => router.status() });
  command({ path: 'sys exit', help: 'stop the router', run: () => { setTimeout(() => void router.stop(), 50); return 'the router stops'; } });

  command({
    path: 'link list', access: 'read', help: 'links with state and counts',
    run: (): Table => ({
      columns: ['link', 'kind', 'state', 'mac', 'mtu', 'packets in', 'out', 'octets in', 'out ', 'dropped'],
      rows: links.list().map(l => [l.name, l.kind, l.up ? 'up' : `down${l.why ? `: ${l.why}` : ''}`, l.framing === 'ether' ? formatMac(l.mac) : '', l.mtu,
        l.stats.rxPackets, l.stats.txPackets, l.stats.rxBytes, l.stats.txBytes, l.stats.rxDropped + l.stats.txDropped + l.stats.txErrors]),
    }),
  });
  command({
    path: 'flow list', access: 'read', help: 'flows through and to the router; a filter as for trace: host, port, tcp|udp|icmp',
    args: { filter: { schema: z.string().default(''), rest: true, help: 'host <address>, port <number>, tcp|udp|icmp' } },
    run: ({ filter }): Table => {
      const f = parseFilter(String(filter ?? ''));
      const found = engine.flows.list(v => matchesFlow(f, engine.flows.table, v.id * 2), FLOWS_SHOWN);
      return { title: `${engine.flows.size} of at most ${engine.flows.max} flows`, ...flowTable(found, name) };
    },
  });
  command({
    path: 'flow cut', help: 'end a flow; its next packet is new again', args: { flow: { schema: z.number().int().min(0), help: 'number, from flow list' } },
    run: ({ flow }) => {
      if (!engine.flows.table.alive(Number(flow))) throw new CliError(`there is no flow ${flow}; see: flow list`);
      engine.flows.cut(Number(flow), 'by hand');
      return `flow ${flow} ended`;
    },
  });
  command({
    path: 'counter list', access: 'read', help: 'named counts, mostly of drops and why', args: { text: { schema: z.string().default(''), help: 'part of the name' } },
    run: ({ text }): Table => ({ columns: ['count', 'packets'], rows: engine.counters.list().filter(c => c.name.includes(String(text ?? ''))).map(c => [c.name, c.n]) }),
  });
  command({
    path: 'stage list', access: 'read', help: "the packets' road: hooks, slots, stages and deciders in order",
    run: () => [
      { title: 'stages', columns: ['hook', 'slot', 'stage', 'plugin'], rows: (Object.keys(hooks) as Hook[]).flatMap(hook => engine.pipelines.order(hook).map(s => [hook, s.slot.slice(hook.length + 1), s.name, s.owner])) },
      { title: 'deciders', columns: ['slot', 'decider', 'plugin'], rows: engine.deciders.list().map(d => [d.slot, d.name, d.owner]) },
    ],
  });
  logVerbs(router, command);
}

function logVerbs(router: Router, command: (spec: CommandSpec) => Disposable): void {
  const args = { level: { schema: z.enum(levels).default('info'), help: 'this level and above' }, text: { schema: z.string().default(''), rest: true, help: 'somewhere in the line' } };
  command({
    path: 'log show', access: 'read', help: 'the last lines of the log', args,
    run: ({ level, text }): Table => ({ columns: ['time', 'level', 'who', 'what'], rows: router.log.ring.lines({ level: level as Level, most: 100, ...(text ? { text: String(text) } : {}) }).map(logRow) }),
  });
  command({
    path: 'log follow', access: 'read', help: 'the log as it grows, until ^C', args,
    run: ({ level, text }, io) => new Promise<void>(resolve => {
      const tail = router.log.ring.tail(line => io.write(logRow(line).join('  ')), { level: level as Level, ...(text ? { text: String(text) } : {}) });
      io.signal.addEventListener('abort', () => { void tail.dispose(); resolve(); }, { once: true });
    }),
  });
}
