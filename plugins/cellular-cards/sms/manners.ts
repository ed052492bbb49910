import type { Dialect } from '../../../sdk/index.ts';
import type { Manner } from './manner.ts';
import { huawei } from './manner-huawei.ts';
import { pdu } from './manner-pdu.ts';
import { text } from './manner-text.ts';

const manners = { pdu, text, 'huawei-cdma': huawei };

/** How a card's family handles messages, or why it has none. */
export const mannerOf = ({ messages, system }: Dialect): Manner | { readonly none: string } => (typeof messages === 'object' ? messages : manners[messages ?? (system === 'cdma' ? 'text' : 'pdu')]);
