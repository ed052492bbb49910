import { branch, DECLARE, escapeXml, leaf, parseXml } from './xml.ts';

/** An action that somebody wants done. Arguments in the order in which they were sent. */
export interface Call { readonly service: string; readonly action: string; readonly args: ReadonlyMap<string, string> }

/** Error codes of UDA 1.1 §3.2.2 and of WANIPConnection:1 §2.4 and :2 §2.5, with the words that the standards have for them. */
export const faults = {
  401: 'Invalid Action', 402: 'Invalid Args', 501: 'Action Failed', 606: 'Action not authorized', 713: 'SpecifiedArrayIndexInvalid', 714: 'NoSuchEntryInArray',
  715: 'WildCardNotPermittedInSrcIP', 716: 'WildCardNotPermittedInExtPort', 718: 'ConflictInMappingEntry', 728: 'NoPortMapsAvailable', 729: 'ConflictWithOtherMechanisms',
  730: 'PortMappingNotFound', 732: 'WildCardNotPermittedInIntPort', 733: 'InconsistentParameters',
} as const;
export type FaultCode = keyof typeof faults;

/** What ends an action without a result. */
export class Fault extends Error {
  override name = 'Fault';
  readonly code: FaultCode;
  constructor(code: FaultCode) {
    super(faults[code]);
    this.code = code;
  }
}

const MOST_ARGS = 16;
const HEADER = /^"?(urn:[\w.-]{1,64}:service:[\w.-]{1,64}:\d{1,3})#(\w{1,64})"?$/;

/** What the SOAPACTION header and the body say; undefined: it is no call, or the two speak of different things. */
export function parseCall(header: string, body: string): Call | undefined {
  const m = HEADER.exec(header.trim());
  const envelope = m ? parseXml(body.trim()) : undefined;
  if (!m || envelope?.name !== 'Envelope') return undefined;
  const inner = envelope.children.filter(c => c.name === 'Body');
  const [action, ...more] = inner.length === 1 ? inner[0]!.children : [];
  if (!action || more.length > 0 || action.name !== m[2] || action.children.length > MOST_ARGS) return undefined;
  const args = new Map<string, string>();
  for (const arg of action.children) {
    if (arg.children.length > 0 || args.has(arg.name)) return undefined;
    args.set(arg.name, arg.text.trim());
  }
  return { service: m[1]!, action: m[2]!, args };
}

const envelope = (inner: string): string =>
  `${DECLARE}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">${branch('s:Body', inner)}</s:Envelope>\r\n`;

export const emitAnswer = (call: Pick<Call, 'service' | 'action'>, results: readonly (readonly [string, string | number])[]): string =>
  envelope(`<u:${call.action}Response xmlns:u="${escapeXml(call.service)}">${results.map(([name, value]) => leaf(name, value)).join('')}</u:${call.action}Response>`);

export const emitFault = (code: FaultCode): string => envelope(branch('s:Fault',
  leaf('faultcode', 's:Client'), leaf('faultstring', 'UPnPError'),
  branch('detail', `<UPnPError xmlns="urn:schemas-upnp-org:control-1-0">${leaf('errorCode', code)}${leaf('errorDescription', faults[code])}</UPnPError>`)));
