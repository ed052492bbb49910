import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { novatelCdma } from '../families/novatel-cdma.ts';

const card: CardSpec = {
  model: 'EX720', maker: 'Novatel Wireless', title: 'Novatel Merlin EX720',
  form: ['ExpressCard'], technologies: ['1xRTT', 'EVDO-0', 'EVDO-A'],
  match: { usb: ['1410:1120'], ident: ['EX720', 'X720'] },
  dialect: novatelCdma({ overTheAir: 'iota' }),
  ports: { 0: 'data', 1: 'diagnostic' },
  quirks: { connect: ['CONNECT CLIENT'] },
};

export default definePlugin({
  id: 'cellular-cards.ex720',
  title: 'Novatel Merlin EX720',
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
