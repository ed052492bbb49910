/** For the tests of plugins: a real router in one process, under virtual time, that says what a plugin left behind. */
export { arpFrame, type Between, echoFrame, ip, ipv4Frame, type Read, read, tcpFrame, udpFrame } from './frames.ts';
export { Harness, harness } from './harness.ts';
export { type End, type Line, type LineOptions, pair, type PairOptions } from './pair.ts';
export { seeded } from './random.ts';
export type { HarnessOptions } from './start.ts';
export { macOf, TestWire } from './wire.ts';
export { VirtualClock } from '../../kernel/clock.ts';
