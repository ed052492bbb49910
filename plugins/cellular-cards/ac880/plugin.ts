import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { sierraGsm } from '../families/sierra-gsm.ts';

const card: CardSpec = {
  model: 'AC880', maker: 'Sierra Wireless', title: 'Sierra Wireless AirCard 880',
  form: ['PC-Card', 'ExpressCard', 'USB'], technologies: ['GPRS', 'EDGE', 'UMTS', 'HSDPA', 'HSUPA', 'HSPA'],
  match: { usb: ['1199:6850', '1199:6852', '1199:6855'], ident: ['AC880', 'AirCard 880'] },
  dialect: sierraGsm,
  ports: { 0: 'data', 2: 'command' },
  storage: { usb: ['1199:0fff'], how: { kind: 'control', requestType: 0x40, request: 0x0b, value: 1, index: 0 } },
  quirks: { afterPinMs: 8000, afterRadioMs: 10_000 },
};

export default definePlugin({
  id: 'cellular-cards.ac880',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
