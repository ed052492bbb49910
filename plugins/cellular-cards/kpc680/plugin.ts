import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { cdma } from '../families/cdma.ts';

const card: CardSpec = {
  model: 'KPC680', maker: 'Kyocera', title: 'Kyocera KPC680',
  form: ['ExpressCard'], technologies: ['1xRTT', 'EVDO-0', 'EVDO-A'],
  match: { usb: ['0c88:180a'], ident: ['KPC680'] },
  dialect: cdma({ name: 'kyocera' }),
  ports: { 0: 'data' },
  quirks: { lcpEcho: false },
};

export default definePlugin({
  id: 'cellular-cards.kpc680',
  title: 'Kyocera KPC680',
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
