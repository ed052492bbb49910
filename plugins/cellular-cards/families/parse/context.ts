import { after, allAfter, fields, int, numbers, some } from './lines.ts';

export interface Context { readonly cid: number; readonly type: string; readonly apn: string | undefined }
/** +CGDCONT: <cid>,<type>,<APN>,… (TS 27.007 §10.1.1), one a line. */
export const contexts = (lines: readonly string[]): Context[] => allAfter(lines, '+CGDCONT').flatMap(text => {
  const [cid, type, apn] = fields(text);
  const id = int(cid);
  return id === undefined ? [] : [{ cid: id, type: (some(type) ?? 'IP').toUpperCase(), apn: some(apn) }];
});

/** The ranges of +CGDCONT=?; lines without context numbers say nothing. */
export function contextRange(lines: readonly string[]): { readonly cidMin: number; readonly cidMax: number; readonly types: readonly string[] } | undefined {
  const parsed = allAfter(lines, '+CGDCONT').flatMap(text => {
    const [ids, type] = fields(text);
    const range = /^\(?\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?/.exec(ids ?? '');
    const types = (type ?? '').replace(/[()"\s]/g, '').split(',');
    return range && type !== undefined ? types.map(each => ({ min: Number(range[1]), max: Number(range[2] ?? range[1]), type: each })) : [];
  });
  const first = parsed[0];
  return first === undefined ? undefined : { cidMin: first.min, cidMax: first.max, types: parsed.map(p => p.type) };
}

/** Dotted IPv4; 0.0.0.0 means none. */
export const address = (text: string | undefined): string | undefined => {
  const trimmed = (text ?? '').replaceAll('"', '').trim();
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(trimmed) && trimmed !== '0.0.0.0' ? trimmed : undefined;
};

/** +CGCONTRDP: <cid>,<bearer>,<apn>,<address[.mask]>,[<mask>,]<gateway>,<dns>,<dns>,… (TS 27.007 §10.1.23, both editions). */
export function contextDetails(lines: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  const all = fields(after(lines, '+CGCONTRDP') ?? '');
  const cid = int(all[0]);
  if (cid === undefined) return undefined;
  const octets = (all[3] ?? '').split('.');
  const joined = octets.length === 8;
  const rest = all.slice(joined ? 4 : 5);
  return {
    cid, bearer: int(all[1]), apn: some(all[2]), ip: address(octets.slice(0, 4).join('.')), mask: address(joined ? octets.slice(4).join('.') : all[4]),
    gw: address(rest[0]), dns: [rest[1], rest[2]].flatMap(d => address(d) ?? []),
  };
}

/** +CGPADDR: <cid>,<address>…, one a line. */
export const contextAddresses = (lines: readonly string[]): { readonly cid: number; readonly ip: string | undefined }[] => allAfter(lines, '+CGPADDR').flatMap(text => {
  const [cid, ip] = fields(text);
  const id = int(cid);
  return id === undefined ? [] : [{ cid: id, ip: address(ip) }];
});

export interface PacketEvent { readonly event: string; readonly type?: string; readonly addr?: string; readonly cid?: number | undefined }
/** +CGEV (TS 27.007 §10.1.19): what the network or the card did with the attachment or a context. */
export function packetEvent(lines: readonly string[]): PacketEvent | undefined {
  const text = after(lines, '+CGEV')?.trim();
  if (text === undefined) return undefined;
  const words = /^(NW|ME|REJECT)\s*(.*)$/i.exec(text);
  if (!words) return undefined;
  const who = words[1]!.toLowerCase();
  const rest = words[2]!.trim();
  const on = (verb: string, tail: string): PacketEvent => {
    const all = fields(tail);
    if (int(all[0]) !== undefined) return { event: `${who}-${verb}-${all.length > 1 && !/^PDN/i.test(rest) ? 'secondary' : 'primary'}`, cid: int(all.length > 1 && !/^PDN/i.test(rest) ? all[1] : all[0]) };
    return { event: `${who}-${verb}-pdp`, type: all[0] ?? '', ...(all[1] === undefined ? {} : { addr: all[1] }), cid: int(all[2]) };
  };
  const act = /^(?:PDN\s+)?(ACT|DEACT|REACT|MODIFY)\s*,?\s*(.*)$/i.exec(rest);
  if (who === 'reject') return { event: 'reject', type: fields(rest)[0] ?? '', addr: fields(rest)[1] ?? '' };
  if (act) return act[1]!.toUpperCase() === 'REACT' ? { ...on('react', act[2]!), event: `${who}-react` } : on(act[1]!.toLowerCase(), act[2]!);
  return { event: `${who}-${rest.toLowerCase().split(/[\s,]+/)[0] ?? ''}` };
}

/** +CPMS of query and choice, and its ranges. */
export function messageStores(lines: readonly string[], kind: 'set' | 'query' | 'test'): Readonly<Record<string, unknown>> | undefined {
  const text = after(lines, '+CPMS');
  if (text === undefined) return undefined;
  if (kind === 'test') {
    const [mem1, mem2, mem3] = fields(text).map(group => group.replace(/[()"\s]/g, '').split(',').filter(s => s !== ''));
    return { mem1, mem2, mem3 };
  }
  const all = fields(text);
  return kind === 'query' ? { mem: some(all[0]), used: int(all[1]), total: int(all[2]) } : { used: int(all[0]), total: int(all[1]) };
}

/** Values that a test command offers, '+WS46: (12,22)'. */
export const offered = (lines: readonly string[], tag: string): number[] | undefined => {
  const text = after(lines, tag);
  return text === undefined ? undefined : numbers(text);
};
