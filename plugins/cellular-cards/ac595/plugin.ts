import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { sierraCdma } from '../families/sierra-cdma.ts';

const card: CardSpec = {
  model: 'AC595', maker: 'Sierra Wireless', title: 'Sierra Wireless AirCard 595',
  form: ['PC-Card'], technologies: ['1xRTT', 'EVDO-0', 'EVDO-A'],
  match: { usb: ['1199:0019'], ident: ['AC595', 'AirCard 595', 'AC-595'] },
  dialect: sierraCdma(),
  ports: { 3: 'command', 4: 'data' },
  quirks: { lcpEcho: false, connect: ['CONNECT CLIENT'] },
};

export default definePlugin({
  id: 'cellular-cards.ac595',
  title: 'Sierra Wireless AirCard 595',
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
