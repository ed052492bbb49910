/** The middle value; of an even number the mean of the middle two. NaN of none. */
export function median(values: readonly number[]): number {
  const v = [...values].sort((a, b) => a - b);
  const m = v.length >> 1;
  return v.length % 2 === 1 ? v[m]! : (v[m - 1]! + v[m]!) / 2;
}

/** The value that a share `q` (0–1) of all values does not exceed. NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const v = [...values].sort((a, b) => a - b);
  return v[Math.min(v.length - 1, Math.max(0, Math.ceil(q * v.length) - 1))] ?? Number.NaN;
}

/** What several runs of one measurement gave. */
export interface Sample {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly runs: readonly number[];
}

/** Undefined of no runs. */
export function sample(runs: readonly number[]): Sample | undefined {
  return runs.length === 0 ? undefined : { median: median(runs), least: Math.min(...runs), most: Math.max(...runs), runs };
}
