/** One packet's way through the router, read back from what the verb `trace packet` writes. */
export interface Step { readonly where: string; readonly who: string; readonly says: string; /** A decision within the step before. */ readonly inner: boolean }
export interface Trace { readonly number: string; readonly time: string; readonly link: string; readonly before: string; readonly steps: readonly Step[]; readonly outcome: string }

/** Undefined: this is no trace. */
export function readTrace(text: string): Trace | undefined {
  const [first = '', ...rest] = text.split('\n');
  const head = /^#(\d+)\s+(\S+)\s+in on (\S+)\s+(.*)$/.exec(first);
  if (head === null) return undefined;
  const steps: Step[] = [];
  let outcome = '';
  for (const line of rest) {
    const end = /^\s*└\s*(.*)$/.exec(line);
    if (end !== null) { outcome = end[1]!; continue; }
    const [, mark, body = ''] = /^\s*([├│])\s+(.*)$/.exec(line) ?? [];
    if (mark === undefined) continue;
    const [where = '', who = '', ...says] = body.trim().split(/\s{2,}/);
    steps.push({ where, who: who === '—' ? '' : who, says: says.join('  '), inner: mark === '│' });
  }
  return { number: head[1]!, time: head[2]!, link: head[3]!, before: head[4]!, steps, outcome };
}

/** Steps that say nothing: they only saw it pass. */
export const silent = (step: Step): boolean => step.says === '';
