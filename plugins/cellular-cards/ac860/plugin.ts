import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { sierraGsm } from '../families/sierra-gsm.ts';

const card: CardSpec = {
  model: 'AC860', maker: 'Sierra Wireless', title: 'Sierra Wireless AirCard 860',
  form: ['PC-Card'], technologies: ['GPRS', 'EDGE', 'UMTS', 'HSDPA'],
  match: { usb: [], pcmcia: [{ manf: '0192', card: '0710' }], ident: ['AC860', 'AirCard 860'] },
  dialect: sierraGsm,
  ports: { 0: 'data' },
  quirks: { afterPinMs: 8000, afterRadioMs: 10_000, noStatusOnline: true },
};

export default definePlugin({
  id: 'cellular-cards.ac860',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
