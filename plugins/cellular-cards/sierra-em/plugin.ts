import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { sierraModern } from '../families/sierra-modern.ts';

const card: CardSpec = {
  model: 'EM and MC series', maker: 'Sierra Wireless', title: 'Sierra Wireless EM, MC and RC modules',
  form: ['USB'], technologies: ['UMTS', 'HSDPA', 'HSUPA', 'HSPA', 'HSPA+', 'LTE', 'NR5G'],
  match: { usb: ['1199:9071', '1199:9079', '413c:81b6', '1199:9091', '1199:90d3', '1199:68c0', '1199:68a2', '1199:68aa', '1199:68a3'] },
  dialect: sierraModern,
  ports: { 0: 'diagnostic', 2: 'unused', 3: 'data' },
};

export default definePlugin({
  id: 'cellular-cards.sierra-em',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
