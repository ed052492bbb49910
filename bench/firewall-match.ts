import { performance } from 'node:perf_hooks';
import { compile } from '../plugins/firewall/rules/compile.ts';
import { dice, env, type RuleSet, ruleSets } from './firewall-sets.ts';
import { type Sample, sample } from './median.ts';

export const RULE_COUNTS = [10, 100, 1_000, 10_000] as const;

/** One set of rules: ns per match by number of rules (RULE_COUNTS), and what the greatest costs to make and to hold. */
export interface MatchRow {
  readonly what: string;
  readonly ns: readonly Sample[];
  readonly compileMs: number;
  readonly MiB: number;
}

/** Different packets that take turns. */
const FEW = 1024;
/** More than the second-level cache has room for the tables of. */
const MANY = 8192;
/** Monday, 12:00. */
const MINUTE = 1440 + 720;

interface Rig {
  readonly compileMs: number;
  readonly octets: number;
  /** ns per match of so many. */
  run(matches: number): number;
}

function rig(set: RuleSet, n: number, different: number): Rig {
  const rules = set.rules(n);
  const begin = performance.now();
  const compiled = compile(rules, env);
  const compileMs = performance.now() - begin;
  const roll = dice(7);
  const packets = Array.from({ length: different }, () => set.packet(roll, rules));
  const field = (pick: (p: (typeof packets)[number]) => number) => Int32Array.from(packets, p => pick(p) | 0);
  const [src, dst, sport, dport, proto] = [field(p => p.src), field(p => p.dst), field(p => p.sport), field(p => p.dport), field(p => p.proto)];
  return {
    compileMs, octets: compiled.octets,
    run(matches) {
      let found = 0;
      const from = performance.now();
      for (let i = 0; i < matches; i++) {
        const k = i & different - 1;
        found += compiled.match('LAN', 'WAN', src[k]!, dst[k]!, sport[k]!, dport[k]!, proto[k]!, MINUTE);
      }
      const spent = performance.now() - from;
      if (Number.isNaN(found)) throw new Error('matches are numbers');
      return spent * 1e6 / matches;
    },
  };
}

/** The rule matching of the firewall alone. Counts take turns within each run, after an unmeasured turn. */
export function benchRules(runs: number, matches: number, progress: (text: string) => void): MatchRow[] {
  return ruleSets.flatMap((set, i) => i === 0 ? [{ set, different: FEW }, { set, different: MANY }] : [{ set, different: FEW }]).map(({ set, different }) => {
    const what = `${set.name}, ${different.toLocaleString('en-US')} different packets`;
    progress(`rules: ${what}`);
    const rigs = RULE_COUNTS.map(n => rig(set, n, different));
    const ns = rigs.map((): number[] => []);
    for (let turn = 0; turn <= runs; turn++) {
      for (const [i, r] of rigs.entries()) {
        const spent = r.run(matches);
        if (turn > 0) ns[i]!.push(spent);
      }
    }
    const last = rigs.at(-1)!;
    return { what, ns: ns.map(s => sample(s)!), compileMs: last.compileMs, MiB: last.octets / 2 ** 20 };
  });
}
