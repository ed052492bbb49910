import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { sierraGsm } from '../families/sierra-gsm.ts';

const card: CardSpec = {
  model: 'AC875', maker: 'Sierra Wireless', title: 'Sierra Wireless AirCard 875',
  form: ['PC-Card', 'ExpressCard', 'USB'], technologies: ['GPRS', 'EDGE', 'UMTS', 'HSDPA'],
  match: { usb: ['1199:6820', '1199:6821', '1199:6822'], ident: ['AC875', 'AirCard 875'] },
  dialect: sierraGsm,
  ports: { 0: 'command', 2: 'data' },
  storage: { usb: ['1199:0fff'], how: { kind: 'control', requestType: 0x40, request: 0x0b, value: 1, index: 0 } },
  quirks: { afterPinMs: 8000, afterRadioMs: 10_000 },
};

export default definePlugin({
  id: 'cellular-cards.ac875',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
