import type { Option } from './ppp.ts';

/** The option of the IPv6 Control Protocol (RFC 5072 §4.1): the lower half of the link-local address. */
export const OPTION_INTERFACE_ID = 1;

export const ofInterfaceId = (id: Uint8Array): Option => ({ type: OPTION_INTERFACE_ID, data: id });

/** Eight octets; undefined: of another length. */
export const interfaceId = (o: Option): Uint8Array | undefined => (o.data.length === 8 ? o.data : undefined);
