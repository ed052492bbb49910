import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { sierraCdma } from '../families/sierra-cdma.ts';

const card: CardSpec = {
  model: 'AC580', maker: 'Sierra Wireless', title: 'Sierra Wireless AirCard 580',
  form: ['PC-Card'], technologies: ['1xRTT', 'EVDO-0'],
  match: { usb: ['1199:0112'], ident: ['AC580', 'AirCard 580', 'AC-580'] },
  dialect: sierraCdma(),
  ports: { 3: 'command', 4: 'data' },
  quirks: { lcpEcho: false, connect: ['CONNECT CLIENT'] },
};

export default definePlugin({
  id: 'cellular-cards.ac580',
  title: 'Sierra Wireless AirCard 580',
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
