import type { TraceRecord } from '../../../../kernel/packet/tracer.ts';

/** One packet's way through the router, as the stream `trace` brings it. */
export type Trace = TraceRecord;
export type Step = Trace['steps'][number];

/** Steps that say nothing and did nothing: they only saw it pass. */
export const silent = (step: Step): boolean => step.words === '' && step.verdict === 'pass';
/** A decision within a stage. */
export const inner = (step: Step): boolean => step.verdict === 'decide' || step.verdict === 'refuse';
