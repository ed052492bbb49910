import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { telit } from '../families/telit.ts';

/** Ports by generation: USB ids, and the role of each interface. */
const layouts: readonly Pick<CardSpec, 'match' | 'ports'>[] = [
  { match: { usb: ['1bc7:1031', '1bc7:1033'] }, ports: { 0: 'diagnostic', 1: 'data', 2: 'command' } },
  { match: { usb: ['1bc7:1040', '1bc7:1050'] }, ports: { 0: 'diagnostic', 4: 'data', 5: 'command' } },
  { match: { usb: ['1bc7:1041', '1bc7:1051'] }, ports: { 0: 'diagnostic', 5: 'data', 6: 'command' } },
  { match: { usb: ['1bc7:1060', '1bc7:1070'] }, ports: { 0: 'diagnostic', 3: 'unused', 4: 'data', 5: 'command' } },
  { match: { usb: ['1bc7:1061', '1bc7:1071'] }, ports: { 0: 'diagnostic', 4: 'unused', 5: 'data', 6: 'command' } },
  { match: { usb: ['1bc7:1201'] }, ports: {} },
];

const cards = layouts.map((layout): CardSpec => ({
  model: 'LE, LM, LN, FN and FE series', maker: 'Telit', title: 'Telit modules', form: ['USB'], technologies: ['GSM', 'GPRS', 'EDGE', 'UMTS', 'HSPA', 'LTE', 'NR5G'], dialect: telit, ...layout,
}));

export default definePlugin({
  id: 'cellular-cards.telit',
  title: 'Telit modules',
  setup(ctx) { for (const card of cards) ctx.contribute(CardsToken, card); },
});
