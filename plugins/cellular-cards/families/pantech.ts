import type { Dialect } from '../../../sdk/index.ts';
import { type CdmaOptions, cdma } from './cdma.ts';

/** Levels of +CSQ on PC5740 and its kin: 0, 7, 15, 23, 31 stand for 0, 1, 3, 4 and 5 bars. */
export const fiveSteps: readonly number[] = [0, 7, 15, 15, 23, 31];

/** Pantech, sold by Audiovox and Sprint: plain Qualcomm CDMA on AT, all else through the diagnostic port. */
export const pantech = (options: CdmaOptions = {}): Dialect => cdma({ name: 'pantech', init: [{ line: 'ATE0V1&F&D2&C1S0=0', port: 'data' }, { line: 'ATE0' }], ...options });
