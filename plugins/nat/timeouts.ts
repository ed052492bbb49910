import type { FlowTimeouts } from '../../sdk/index.ts';
import type { Timeouts } from './settings.ts';

export const timeoutNames = ['gre', 'iamt', 'generic', 'reset', 'tcp', 'tcpother', 'udp'] as const;
export type TimeoutName = (typeof timeoutNames)[number];

/** RFC 4787 REQ-5: a mapping without an answer need not stay longer, so it does not. */
const UNANSWERED_UDP = 120;

/** Below these applications lose connections that they believe to have; each with where it stands. */
const least: Partial<Record<TimeoutName, readonly [number, string]>> = {
  tcp: [7440, 'RFC 5382 REQ-5'], tcpother: [240, 'RFC 5382 REQ-5'], udp: [120, 'RFC 4787 REQ-5'], generic: [60, 'RFC 5508 REQ-2'],
};

/** The flow table's timeouts that follow from NAT's settings. */
export const flowTimeouts = (t: Timeouts): Partial<FlowTimeouts> => ({
  tcpEstablished: t.tcp, tcpSyn: t.tcpother, tcpClosing: t.tcpother, tcpReset: t.reset,
  udp: Math.min(t.udp, UNANSWERED_UDP), udpAssured: t.udp, icmp: t.generic, other: t.generic, otherAssured: t.gre,
});

/** What is said about a value that is too small; undefined: it is fine. */
export function tooShort(name: TimeoutName, seconds: number): string | undefined {
  const [minimum, where] = least[name] ?? [0, ''];
  return seconds < minimum ? `${name}: ${seconds} s is less than the ${minimum} s of ${where}` : undefined;
}

export const warnings = (t: Timeouts): readonly string[] =>
  timeoutNames.map(name => tooShort(name, t[name])).filter(text => text !== undefined);
