import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { novatelGsm } from '../families/novatel-gsm.ts';

const card: CardSpec = {
  model: 'U740', maker: 'Novatel Wireless', title: 'Novatel Merlin U740',
  form: ['PC-Card'], technologies: ['GPRS', 'EDGE', 'UMTS', 'HSDPA'],
  match: { usb: ['1410:1410', '1410:1400'], ident: ['U740', 'U730'] },
  dialect: novatelGsm,
  ports: { 0: 'data', 1: 'diagnostic' },
};

export default definePlugin({
  id: 'cellular-cards.u740',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
