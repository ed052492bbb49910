import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { sierraCdma } from '../families/sierra-cdma.ts';

const card: CardSpec = {
  model: 'AC597E', maker: 'Sierra Wireless', title: 'Sierra Wireless AirCard 597E',
  form: ['ExpressCard'], technologies: ['1xRTT', 'EVDO-0', 'EVDO-A'],
  match: { usb: ['1199:0021', '1199:0023'], ident: ['AC597E', 'AirCard 597', 'C597'] },
  dialect: sierraCdma(),
  ports: { 3: 'command', 4: 'data' },
  storage: { usb: ['1199:0fff'], how: { kind: 'control', requestType: 0x40, request: 0x0b, value: 1, index: 0 } },
  quirks: { lcpEcho: false, connect: ['CONNECT CLIENT'] },
};

export default definePlugin({
  id: 'cellular-cards.ac597e',
  title: 'Sierra Wireless AirCard 597E',
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
