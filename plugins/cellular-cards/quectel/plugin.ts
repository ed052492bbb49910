import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { quectel } from '../families/quectel.ts';

/** Ports by generation: USB ids, and the role of each interface. */
const layouts: readonly Pick<CardSpec, 'match' | 'ports'>[] = [
  { match: { usb: ['2c7c:0125', '2c7c:0121', '2c7c:0306', '2c7c:0512', '2c7c:0800', '2c7c:0801', '2c7c:0191', '2c7c:0195', '2c7c:0296'] }, ports: { 0: 'diagnostic', 1: 'unused', 2: 'command', 3: 'data' } },
  { match: { usb: ['2c7c:0128'] }, ports: { 3: 'diagnostic', 4: 'unused', 5: 'data' } },
  { match: { usb: ['2c7c:030a', '2c7c:0311'] }, ports: {} },
];

const cards = layouts.map((layout): CardSpec => ({
  model: 'EC, EG, EM and RM series', maker: 'Quectel', title: 'Quectel modules', form: ['USB'], technologies: ['GSM', 'GPRS', 'EDGE', 'UMTS', 'HSDPA', 'HSUPA', 'HSPA', 'HSPA+', 'LTE', 'NR5G'], dialect: quectel, ...layout,
}));

export default definePlugin({
  id: 'cellular-cards.quectel',
  title: 'Quectel modules',
  setup(ctx) { for (const card of cards) ctx.contribute(CardsToken, card); },
});
