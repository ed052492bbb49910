import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { novatelCdma } from '../families/novatel-cdma.ts';

const card: CardSpec = {
  model: 'V740', maker: 'Novatel Wireless', title: 'Novatel Merlin V740',
  form: ['ExpressCard'], technologies: ['1xRTT', 'EVDO-0', 'EVDO-A'],
  match: { usb: ['1410:1120'], ident: ['V740'] },
  dialect: novatelCdma({ overTheAir: 'call' }),
  ports: { 0: 'data', 1: 'diagnostic' },
  quirks: { connect: ['CONNECT CLIENT'] },
};

export default definePlugin({
  id: 'cellular-cards.v740',
  title: 'Novatel Merlin V740',
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
