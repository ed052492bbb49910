import type { MemoryRow } from './engine.ts';
import { type MatchRow, RULE_COUNTS } from './firewall-match.ts';
import type { FlowTableFigures } from './flow-table.ts';
import type { Sample } from './median.ts';

/** One measurement over wires, by contestant. */
export interface WireRow {
  readonly what: string;
  readonly unit: string;
  readonly by: ReadonlyMap<string, Sample>;
  /** Of the ratio lancell : kernel. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

/** Something that only this router has. */
export interface OwnRow { readonly what: string; readonly unit: string; readonly value: Sample; readonly atMost?: number; readonly atLeast?: number }

/** Something measured in turns with nobody and with browsers looking on; `ratio` is watched : alone, pair by pair. */
export interface PairRow { readonly what: string; readonly unit: string; readonly alone: Sample; readonly watched: Sample; readonly ratio?: Sample; readonly atLeast?: number }

/** A steady UDP stream and TCP through a router that is attacked; times in ms, `lost` and `offered` of all runs, `ratio` attacked : left alone, pair by pair. */
export interface AttackRow {
  readonly what: string;
  readonly offered: number;
  readonly lost: number;
  readonly gap: Sample;
  readonly gapOffered: Sample;
  readonly stay: Sample;
  readonly stay99: Sample;
  readonly mbits: Sample;
  readonly ratio?: Sample;
}

const number = (n: number): string => n >= 100 ? Math.round(n).toLocaleString('en-US') : n >= 10 ? n.toFixed(1) : n.toFixed(2);
const spread = (s: Sample): string => `${number(s.median)} (${number(s.least)}–${number(s.most)})`;
const verdict = (good: boolean): string => good ? 'reached' : 'MISSED';

export function drawMemory(rows: readonly MemoryRow[]): string {
  return draw(['in memory, 64-octet UDP', 'ns/packet (least–most)', 'net of the source', 'target'], rows.map(r =>
    [r.what, spread(r.gross), number(r.net), r.target === undefined ? '' : `≤ ${r.target} ${verdict(r.gross.median <= r.target)}`]));
}

export function drawWires(rows: readonly WireRow[], names: readonly string[]): string {
  return draw(['over veth', 'unit', ...names, 'lancell : kernel', 'target'], rows.map(r => {
    const ours = r.by.get('lancell');
    const theirs = r.by.get('kernel');
    const ratio = ours && theirs ? ours.median / theirs.median : undefined;
    const target = r.target === undefined ? '' : 'atLeast' in r.target ? `≥ ${r.target.atLeast}` : `≤ ${r.target.atMost}`;
    const reached = r.target === undefined || ratio === undefined ? '' : verdict('atLeast' in r.target ? ratio >= r.target.atLeast : ratio <= r.target.atMost);
    return [r.what, r.unit, ...names.map(n => { const s = r.by.get(n); return s ? spread(s) : '–'; }), ratio?.toFixed(2) ?? '', `${target} ${reached}`.trim()];
  }));
}

export function drawOwn(rows: readonly OwnRow[]): string {
  return draw(['this router', 'unit', 'median (least–most)', 'target'], rows.map(r =>
    [r.what, r.unit, spread(r.value), r.atMost !== undefined ? `≤ ${r.atMost} ${verdict(r.value.median <= r.atMost)}` : r.atLeast !== undefined ? `≥ ${r.atLeast} ${verdict(r.value.median >= r.atLeast)}` : '']));
}

export function drawPairs(rows: readonly PairRow[], watchers: string): string {
  return draw(['with browsers', 'unit', 'nobody watches', watchers, 'ratio of pairs', 'target'], rows.map(r =>
    [r.what, r.unit, spread(r.alone), spread(r.watched), r.ratio ? spread(r.ratio) : '', r.ratio && r.atLeast !== undefined ? againstPairs(r.ratio, r.atLeast) : '']));
}

/** `most`: ms that a packet may stay, in the worst run. */
export function drawAttacks(rows: readonly AttackRow[], most: number): string {
  return draw(['the console is attacked by', 'UDP offered', 'lost', 'longest gap, ms', 'of those offered', 'longest stay, ms', '99 %', 'target', 'TCP up, Mbit/s', 'ratio of pairs'], rows.map(r =>
    [r.what, r.offered.toLocaleString('en-US'), r.lost.toLocaleString('en-US'), spread(r.gap), spread(r.gapOffered), spread(r.stay), number(r.stay99.median),
      r.ratio ? `< ${most} ${verdict(r.stay.most < most)}` : '', spread(r.mbits), r.ratio ? spread(r.ratio) : '']));
}

const againstPairs = ({ median, runs }: Sample, atLeast: number): string => `≥ ${atLeast} ${verdict(median >= atLeast)}, ${runs.filter(n => n >= atLeast).length} of ${runs.length} pairs`;

/** What a million flows cost, against what they may. */
export function drawFlowTable(f: FlowTableFigures): string {
  const flows = f.flows.toLocaleString('en-US');
  const row = (what: string, unit: string, value: number, atMost?: number): string[] => [what, unit, number(value), atMost === undefined ? '' : `≤ ${atMost} ${verdict(value <= atMost)}`];
  return draw(['flow table', 'unit', 'value', 'target'], [
    row(`resident memory of an empty one for ${flows} flows`, 'MiB', f.emptyMiB),
    row(`resident memory, ${flows} flows`, 'octets/flow', f.octetsPerFlow, 250),
    row('new flow, memory touched first', 'ns', f.newNs),
    row('established, 10,000 flows at random, net', 'ns', f.fewNs),
    row(`established, ${flows} flows at random, net`, 'ns', f.manyNs),
    row('ratio of the two', '', f.ratio, 1.5),
    row(`breath while ${flows} flows end, the usual one`, 'ms', f.usualMs),
    row('breath while they end, the longest', 'ms', f.longestMs, 1),
    row('following TCP by its windows, per packet', 'ns', f.windowNs, 30),
  ]);
}

/** ns per match over the number of rules. */
export function drawMatches(rows: readonly MatchRow[]): string {
  const counts = RULE_COUNTS.map(n => `${n.toLocaleString('en-US')} rules`);
  return draw(['firewall rules, ns/match', ...counts, 'last : third', 'compile, ms', 'MiB'], rows.map(r =>
    [r.what, ...r.ns.map(spread), (r.ns.at(-1)!.median / r.ns.at(-2)!.median).toFixed(2), number(r.compileMs), number(r.MiB)]));
}

/** A Markdown table with columns of equal width. */
function draw(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map(r => r[i]!.length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((c, i) => c.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), line(widths.map(w => '-'.repeat(w))), ...rows.map(line)].join('\n');
}
