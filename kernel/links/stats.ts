import type { LinkStats } from '../../sdk/link.ts';

export const emptyStats = (): LinkStats =>
  ({ rxPackets: 0, rxBytes: 0, rxDropped: 0, txPackets: 0, txBytes: 0, txDropped: 0, txErrors: 0 });

export const sumStats = (a: LinkStats, b: LinkStats): LinkStats => ({
  rxPackets: a.rxPackets + b.rxPackets, rxBytes: a.rxBytes + b.rxBytes, rxDropped: a.rxDropped + b.rxDropped,
  txPackets: a.txPackets + b.txPackets, txBytes: a.txBytes + b.txBytes, txDropped: a.txDropped + b.txDropped,
  txErrors: a.txErrors + b.txErrors,
});
