/** PPP as machines: for cards, PPPoE, PPTP and dial backup, on either side of the line. */
export * from './async-line.ts';
export type { Door, Login } from './auth.ts';
export { type Timing, TIMING } from './automaton.ts';
export * from './contract.ts';
export type { IpWishes } from './ip-options.ts';
export { PppSession } from './session.ts';
